"""Clients of stock aiortc whose offers are changed on their way, as another client would have written them."""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCSessionDescription

from media.room import Room
from tests.kit.aiortc_peer import Client, until

Change = Callable[[str], str]


def unchanged(sdp: str) -> str:
    return sdp


async def join(
    client: Client,
    room: Room,
    participant: str,
    change: Change = unchanged,
    restore: Change = unchanged,
    *,
    negotiation: int = 1,
) -> str:
    """Let the client join by its changed offer; it is given the answer restored. Returns the answer as it came.

    Raises OfferRefused.
    """
    answer = await room.offer(participant, negotiation, change(await client.offer()))
    await client.pc.setRemoteDescription(RTCSessionDescription(restore(answer.sdp), "answer"))
    await until(lambda: client.pc.connectionState == "connected" and client.channel.readyState == "open")
    client.send(type="resume", lastSeq=0)
    return answer.sdp
