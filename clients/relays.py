"""Chooses the way into the TURN relay that is open (UDP, else TCP, else TLS), for one relayed candidate.

aioice tries the first URL only, and waits 5 s for it where UDP is blocked. Here each further way is tried when
the one before has not answered for a moment (as RFC 8305 does with addresses), and the first answer counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import StunProtocol, TransportPolicy, relayed_candidate
from aioice.stun import TransactionError

HEAD_START = 0.5  # s for each way before the next one is tried too
RELAY_NEEDED = 6.0  # s that we wait for a relay where only a relay may be used
RELAY_WELCOME = 3.0  # s where there are other candidates
MOST = 6


@dataclass(frozen=True, slots=True)
class Relay:
    """One way into a relay."""

    host: str
    port: int
    transport: str  # "udp", "tcp" or "tls"
    username: str
    credential: str


def relays(servers: list[dict[str, Any]]) -> list[Relay]:
    """The relays of a server's `iceServers`, the best way first. What can't be read is left out."""
    found: list[Relay] = []
    for entry in servers:
        urls = entry.get("urls") or []
        for url in [urls] if isinstance(urls, str) else urls:
            relay = _relay(str(url), str(entry.get("username", "")), str(entry.get("credential", "")))
            if relay is not None:
                found.append(relay)
    return sorted(found, key=lambda relay: ("udp", "tcp", "tls").index(relay.transport))[:MOST]


def _relay(url: str, username: str, credential: str) -> Relay | None:
    scheme, _, rest = url.partition(":")
    address, _, query = rest.partition("?")
    if scheme not in ("turn", "turns"):
        return None
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, "5349" if scheme == "turns" else "3478"
    transport = "tls" if scheme == "turns" else query.removeprefix("transport=") or "udp"
    if not port.isdecimal() or transport not in ("udp", "tcp", "tls") or (scheme, query) == ("turns", "transport=udp"):
        return None
    return Relay(host.strip("[]"), int(port), transport, username, credential)


async def gather(connection: Connection, component: int, ways: list[Relay]) -> tuple[Candidate, Relay] | None:
    """Allocate on the first way that answers, for `connection`; None when none does."""
    only = connection._transport_policy is TransportPolicy.RELAY
    found: tuple[Candidate, StunProtocol, Relay] | None = None

    async def allocate(relay: Relay, wait: float) -> None:
        nonlocal found
        await asyncio.sleep(wait)
        try:
            candidate, protocol = await relayed_candidate(
                component=component,
                hide_related_address=only,
                protocol_factory=lambda: StunProtocol(connection),
                turn_server=(relay.host, relay.port),
                turn_username=relay.username,
                turn_password=relay.credential,
                turn_ssl=relay.transport == "tls",
                turn_transport="udp" if relay.transport == "udp" else "tcp",
            )
        except (OSError, TransactionError):
            return
        if found is None:
            found = candidate, protocol, relay
            for task in attempts:
                if task is not asyncio.current_task():
                    task.cancel()
        else:
            protocol.transport.close()

    try:
        async with asyncio.timeout(RELAY_NEEDED if only else RELAY_WELCOME), asyncio.TaskGroup() as group:
            attempts = [group.create_task(allocate(way, HEAD_START * n)) for n, way in enumerate(ways)]
    except TimeoutError:
        pass
    if found is None:
        return None
    candidate, protocol, relay = found
    connection._protocols.append(protocol)
    return candidate, relay
