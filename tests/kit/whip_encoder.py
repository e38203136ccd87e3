"""An encoder of stock aiortc that publishes a tone into a room, as a WHIP client does it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from media.room import Room
from tests.kit.aiortc_peer import Microphone, until


class WhipEncoder:
    """`async with WhipEncoder() as encoder: await encoder.publish(room, "ann", "w_1")`."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration([]))
        self.microphone = Microphone()

    async def __aenter__(self) -> Self:
        self.pc.addTransceiver(self.microphone, "sendonly")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.pc.close()

    async def publish(self, room: Room, participant: str, name: str) -> None:
        """Returns when media is up here."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await room.publish(participant, name, self.pc.localDescription.sdp)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await until(lambda: self.pc.connectionState == "connected")
