"""The settings of signaling: public names, limits and patience. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from signaling.rate_limits import Rate


@dataclass(frozen=True, slots=True)
class SignalingLimits:
    """PROTOCOL section 5."""

    message_bytes: int = 64 * 1024
    requests_of_user: Rate = field(default=Rate(100, 60))
    requests_of_address: Rate = field(default=Rate(1000, 60))
    guests_of_address: Rate = field(default=Rate(30, 3600))
    sessions_of_user: Rate = field(default=Rate(5, 3600))
    wrong_codes_of_address: Rate = field(default=Rate(10, 60))
    wrong_codes_of_site: Rate = field(default=Rate(100, 60))
    """Of an IPv6 /48, which holds 65536 of our addresses."""
    messages_of_socket: Rate = field(default=Rate(200, 10))
    sessions: int = 100
    address_share: float = 0.5
    """Of `sessions`: what one address may have made of those that live. Else a single one could fill the server."""
    session_length: float = 4 * 3600


@dataclass(frozen=True, slots=True)
class SignalingOptions:
    """`public_url` (`https://call.example`) names this server to clients; without it the request's own host
    does. `trusted_proxies` may speak for their clients by X-Forwarded-For and -Proto; nobody else may."""

    public_url: str | None = None
    allowed_origins: frozenset[str] = frozenset()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    limits: SignalingLimits = field(default_factory=SignalingLimits)
    code_lifetime: float = 600
    grace: float = 30
    first_message: float = 5
    ping_every: float = 10
    close_handshake: float = 2
    remember_ended: float = 24 * 3600
    keeps_history: bool = False
