"""One relayed candidate over the best open transport to the TURN relay: UDP, else TCP, else TLS.

aioice tries the first URL only, and waits 5 s for it where UDP is blocked. Here the next URL is tried when the
previous one has not answered for a moment (as RFC 8305 does with addresses). The first answer counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import StunProtocol, TransportPolicy, relayed_candidate
from aioice.stun import TransactionError

HEAD_START_S = 0.5
"""Time that each relay has before the next one is tried, too."""
RELAY_ONLY_TIMEOUT_S = 6.0
"""Longest wait for a relay where no other candidate may be used."""
RELAY_TIMEOUT_S = 3.0
"""Longest wait where there are other candidates."""
MAX_RELAYS = 6


class Transport(StrEnum):
    """Transports to a relay, the best one first."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Relay:
    """One URL of a TURN relay."""

    host: str
    port: int
    transport: Transport
    username: str
    credential: str


def relays(servers: list[dict[str, Any]]) -> list[Relay]:
    """Return the relays of a server's `iceServers`, the best transport first. Unreadable URLs are left out."""
    found: list[Relay] = []
    for entry in servers:
        urls = entry.get("urls") or []
        for url in [urls] if isinstance(urls, str) else urls:
            relay = _relay(str(url), str(entry.get("username", "")), str(entry.get("credential", "")))
            if relay is not None:
                found.append(relay)
    return sorted(found, key=lambda relay: list(Transport).index(relay.transport))[:MAX_RELAYS]


def _relay(url: str, username: str, credential: str) -> Relay | None:
    scheme, _, rest = url.partition(":")
    address, _, query = rest.partition("?")
    if scheme not in ("turn", "turns"):
        return None
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, "5349" if scheme == "turns" else "3478"
    transport = "tls" if scheme == "turns" else query.removeprefix("transport=") or "udp"
    if not port.isdecimal() or transport not in list(Transport) or (scheme, query) == ("turns", "transport=udp"):
        return None
    return Relay(host.strip("[]"), int(port), Transport(transport), username, credential)


async def gather(connection: Connection, component: int, candidates: list[Relay]) -> tuple[Candidate, Relay] | None:
    """Allocate a candidate for `connection` on the first relay that answers. None when none does."""
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
                turn_ssl=relay.transport is Transport.TLS,
                turn_transport="udp" if relay.transport is Transport.UDP else "tcp",
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
        async with asyncio.timeout(RELAY_ONLY_TIMEOUT_S if only else RELAY_TIMEOUT_S), asyncio.TaskGroup() as group:
            attempts = [group.create_task(allocate(relay, HEAD_START_S * n)) for n, relay in enumerate(candidates)]
    except TimeoutError:
        pass
    if found is None:
        return None
    candidate, protocol, relay = found
    connection._protocols.append(protocol)
    return candidate, relay
