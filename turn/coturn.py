"""Hardened configuration of coturn (4.6 or later), for a relay that reaches the media server only.

A relay that forwards to any address is a way into its own network. Ours has one use: to carry a client's media to
the media server. It refuses every other peer address. coturn 4.6 decides about a peer address in this order:
multicast is refused, loopback is refused, `allowed-peer-ip` allows, `denied-peer-ip` refuses, and all the rest is
allowed. Hence the denial of everything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

# Characters that coturn's line parser passes through as they are: no spaces, quotes or comment signs.
_SECRET = re.compile(r"[A-Za-z0-9+/=_.~-]{16,256}")
_REALM = re.compile(r"[A-Za-z0-9.-]{1,127}")
_PATH = re.compile(r"/[A-Za-z0-9/._-]+")


@dataclass(frozen=True, slots=True)
class Coturn:
    """Options of coturn: its addresses, its users, its peers and its limits.

    Rates are in bytes per second, each way: one voice in one direction is about 6 kB/s. Without a certificate there
    is no TLS and no DTLS.
    """

    secret: str = field(repr=False)
    """Secret with which `turn.credentials` signs."""
    realm: str
    peers: Sequence[str]
    """Addresses of the media server as the relay sees them, or networks such as `10.1.0.0/29`."""
    former_secret: str | None = field(default=None, repr=False)
    """Earlier secret whose credentials are still good, so that a secret can be replaced while calls go on."""
    listening_ip: str | None = None
    """None: every address of the machine."""
    listening_port: int = 3478
    relay_ip: str | None = None
    external_ip: str | None = None
    """Public address of a relay behind a one-to-one NAT."""
    relay_ports: tuple[int, int] = (49152, 65535)
    certificate: str | None = None
    private_key: str | None = None
    tls_listening_port: int = 5349
    allocations_of_one_user: int = 8
    allocations: int = 2000
    rate_of_one_allocation: int = 64_000
    rate_of_all: int = 50_000_000
    state_folder: str = "/var/lib/turn"
    """Writable folder for coturn's (empty) database and its process number."""


def render(coturn: Coturn) -> str:
    """Return the text of `turnserver.conf`. It holds the secret: keep the file readable by coturn only.

    Raises ValueError for a value that coturn would misread. The same for one that would open the relay to
    everyone.
    """
    return "".join(f"{line}\n" for line in _lines(coturn))


def _lines(coturn: Coturn) -> list[str]:
    return [
        "# Written by Dragoman; changes made here are lost.",
        *_listening(coturn),
        "",
        "# Users: holders of a time-limited credential (draft-uberti-behave-turn-rest).",
        "fingerprint",
        "use-auth-secret",
        *(f"static-auth-secret={secret}" for secret in _secrets(coturn)),
        f"realm={_matching(_REALM, coturn.realm, 'realm')}",
        "stale-nonce=600",
        "max-allocate-lifetime=3600",
        "",
        "# Peers: the media server only, over UDP. An allowed address outranks a denied one.",
        *(f"allowed-peer-ip={peer}" for peer in _peers(coturn.peers)),
        "denied-peer-ip=0.0.0.0-255.255.255.255",
        "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "no-multicast-peers",
        "no-dynamic-ip-list",
        "no-tcp-relay",
        "",
        "# Limits.",
        f"user-quota={_positive(coturn.allocations_of_one_user, 'allocations_of_one_user')}",
        f"total-quota={_positive(coturn.allocations, 'allocations')}",
        f"max-bps={_positive(coturn.rate_of_one_allocation, 'rate_of_one_allocation')}",
        f"bps-capacity={_positive(coturn.rate_of_all, 'rate_of_all')}",
        "",
        "# Nothing that is not needed: no remote console, no old STUN, no answers larger than the questions.",
        "no-cli",
        "no-rfc5780",
        "no-stun-backward-compatibility",
        "response-origin-only-with-rfc5780",
        "no-software-attribute",
        "",
        f"userdb={_matching(_PATH, coturn.state_folder, 'state_folder')}/turndb",
        f"pidfile={coturn.state_folder}/turnserver.pid",
        "log-file=stdout",
        "simple-log",
    ]


def _listening(coturn: Coturn) -> list[str]:
    first, last = coturn.relay_ports
    if _port(first) > _port(last):
        raise ValueError(f"the relay ports end before they begin: {first}-{last}")
    lines = [f"listening-port={_port(coturn.listening_port)}"]
    if coturn.listening_ip is not None:
        lines.append(f"listening-ip={ip_address(coturn.listening_ip)}")
    if coturn.relay_ip is not None:
        lines.append(f"relay-ip={ip_address(coturn.relay_ip)}")
    if coturn.external_ip is not None:
        lines.append(f"external-ip={ip_address(coturn.external_ip)}")
    lines += [f"min-port={first}", f"max-port={last}"]
    if coturn.certificate is None and coturn.private_key is None:
        return [*lines, "no-tls", "no-dtls"]
    if coturn.certificate is None or coturn.private_key is None:
        raise ValueError("TLS needs both a certificate and its private key")
    return [
        *lines,
        f"tls-listening-port={_port(coturn.tls_listening_port)}",
        f"cert={_matching(_PATH, coturn.certificate, 'certificate')}",
        f"pkey={_matching(_PATH, coturn.private_key, 'private_key')}",
        "no-tlsv1",
        "no-tlsv1_1",
    ]


def _secrets(coturn: Coturn) -> list[str]:
    given = [coturn.secret] if coturn.former_secret is None else [coturn.secret, coturn.former_secret]
    return [_matching(_SECRET, secret, "secret", show=False) for secret in given]


def _peers(peers: Sequence[str]) -> list[str]:
    """Write each peer as coturn reads it: one address, or the first and last of a range."""
    if not peers:
        raise ValueError("the relay needs the media server's address: without one it could reach nothing")
    return [_range(ip_network(peer)) for peer in peers]


def _range(network: IPv4Network | IPv6Network) -> str:
    if network.prefixlen < (16 if network.version == 4 else 48):
        raise ValueError(f"{network} is no media server: it would open the relay to everyone")
    first, last = network.network_address, network.broadcast_address
    return str(first) if first == last else f"{first}-{last}"


def _matching(pattern: re.Pattern[str], value: str, name: str, show: bool = True) -> str:
    if pattern.fullmatch(value) is None:
        raise ValueError(f"coturn's {name} must match {pattern.pattern}" + (f": {value!r}" if show else ""))
    return value


def _port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise ValueError(f"not a port: {port}")
    return port


def _positive(number: int, name: str) -> int:
    if number <= 0:
        raise ValueError(f"coturn takes a {name} of 0 as no limit at all; it must be positive, not {number}")
    return number
