"""The smallest echo server on our media classes: decoded to 16 kHz as for the recogniser, encoded, sent back."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import uvloop

from bench.peers.front import front
from media.rtp.opus import Encoder
from media.rtp.packets import CLOCK_RATE, RtpPacket
from media.rtp.receiver import Receiver
from media.rtp.sender import audio_level
from media.rtp.statistics import ReportBlock
from media.webrtc.peer import Peer, PeerListener, PeerLost
from media.webrtc.sdp_offer import SdpOffer, parse_offer
from pipeline.speech import SAMPLE_RATE, Frame


class Echo(PeerListener):
    """One peer that hears itself."""

    def __init__(self, offer: SdpOffer) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self._began = self._now()
        self.receiver = Receiver(self._hear)
        self._encoder = Encoder(SAMPLE_RATE)
        self._silent = True
        self._timer: asyncio.TimerHandle | None = None
        self.peer = Peer(offer)

    def reception_report(self) -> ReportBlock | None:
        return self.receiver.statistics.report()

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        self.receiver.receive(packet, now, (now - self._began) * 1000)
        self._mind_holes()

    def _mind_holes(self) -> None:
        """A packet is missing: give it up when its time is over."""
        if self.receiver.deadline is not None and self._timer is None:
            self._timer = self._loop.call_at(self.receiver.deadline, self._poll)

    def _poll(self) -> None:
        self._timer = None
        now = self._now()
        self.receiver.poll(now, (now - self._began) * 1000)
        self._mind_holes()

    def _hear(self, frame: Frame) -> None:
        stream = self.peer.streams[0]
        if stream is None or not self.peer.connected:
            return
        if not frame.pcm:
            self._silent = True
            return
        stream.emit(
            self._encoder.encode(frame.pcm),
            stream.next_sequence,
            frame.start_ms * CLOCK_RATE // 1000 & 0xFFFFFFFF,
            self._now(),
            marker=self._silent,
            level=audio_level(frame.pcm),
        )
        self._silent = False


async def main() -> None:
    """Every offer becomes an echo, until standard input ends."""

    async def serve(echo: Echo, answered: asyncio.Future[str]) -> None:
        with contextlib.suppress(PeerLost):
            async with echo.peer as peer:
                answered.set_result(await peer.answer(["echo"]))
                await peer.serve(echo)

    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:

        async def answer(posted: dict[str, Any]) -> str:
            answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            tasks.append(group.create_task(serve(Echo(parse_offer(posted["sdp"])), answered)))
            return await answered

        await front(answer)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(main())
