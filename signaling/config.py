"""Options of signaling: public names, limits and waiting times."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from signaling.rate_limits import Rate


@dataclass(frozen=True, slots=True)
class SignalingLimits:
    """Limits of docs/protocol.md, section 5."""

    message_bytes: int = 64 * 1024
    requests_of_user: Rate = field(default=Rate(100, 60))
    requests_of_address: Rate = field(default=Rate(1000, 60))
    paced_of_address: Rate = field(default=Rate(18_000, 60))
    """Requests of every kind, pages and probes among them: those that come faster wait for one another."""
    guests_of_address: Rate = field(default=Rate(30, 3600))
    sessions_of_user: Rate = field(default=Rate(5, 3600))
    wrong_codes_of_address: Rate = field(default=Rate(10, 60))
    wrong_codes_of_site: Rate = field(default=Rate(100, 60))
    """The same for an IPv6 /48, which holds 65536 addresses as we count them (/64)."""
    logins_of_address: Rate = field(default=Rate(10, 60))
    """Attempts to sign in, and what else has passwords hashed or sends letters."""
    logins_of_site: Rate = field(default=Rate(100, 60))
    """The same for an IPv6 /48."""
    accounts_of_address: Rate = field(default=Rate(30, 3600))
    refreshes_of_address: Rate = field(default=Rate(60, 60))
    """Each of them leaves an entry in the audit log, and a spent token for 7 days."""
    letters_to_person: Rate = field(default=Rate(3, 3600))
    """Letters to one address of e-mail."""
    messages_of_socket: Rate = field(default=Rate(200, 10))
    sessions: int = 100
    """Live sessions at a time."""
    address_share: float = 0.5
    """Part of `sessions` that may come from one address, or one IPv6 /48, lest a single one fill the server."""
    session_length_s: float = 4 * 3600
    """Longest life of an active session."""


@dataclass(frozen=True, slots=True)
class SignalingOptions:
    """Options of one signaling server."""

    public_url: str | None = None
    """Name of this server for clients, such as `https://call.example`; None: the host of each request."""
    allowed_origins: frozenset[str] = frozenset()
    """Origins of pages that may connect besides this server's own."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies whose X-Forwarded-For, -Proto and -Host are believed."""
    hsts_s: int = 365 * 24 * 3600
    """Time for which browsers that came by HTTPS come by nothing else (RFC 6797); 0 has them forget it."""
    operator_token: str | None = field(default=None, repr=False)
    """Token for the operator's calls; None: there are none."""
    limits: SignalingLimits = field(default_factory=SignalingLimits)
    code_digits: int = 6
    """Digits of a session code, 6 to 10."""
    code_lifetime_s: float = 600
    """Time for the second person to join by the code; after that, again, to open a socket."""
    grace_s: float = 30
    """Time for a participant who vanished to come back."""
    first_message_s: float = 5
    """Time for a new socket to send `join_session`."""
    ping_every_s: float = 10
    close_handshake_s: float = 2
    """Time for a client to answer a close frame."""
    remember_ended_s: float = 24 * 3600
    """Time for which an ended session is answered by `session_ended`, not `session_not_found`."""

    @property
    def longest_session_s(self) -> float:
        """Return the longest time from a session's making to its end."""
        return self.limits.session_length_s + self.code_lifetime_s
