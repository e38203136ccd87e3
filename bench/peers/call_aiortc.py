"""The call by stock aiortc's own means: a relay to the partner, a resampler to 16 kHz, an interpreter's track.

Two offers with the same `call` are answered together, once both microphones are known. The interpreter is an
`AudioStreamTrack` as aiortc's documentation has it: it speaks 1.5 of every 5 seconds and is silent between.
`--quiet` makes it wait instead, so that nothing is sent while there is nothing to say.
"""

from __future__ import annotations

import asyncio
import fractions
import math
import sys
import time
from typing import Any

import av
from aiortc import AudioStreamTrack, MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from front import front

RATE = 48_000
FRAME = 960
CYCLE, SPEAKING = 250, 75  # frames of 20 ms: 30 %
TONE = b"".join(
    round(9000 * math.sin(2 * math.pi * 600 * n / RATE)).to_bytes(2, sys.byteorder, signed=True) for n in range(FRAME)
)


class Interpreter(AudioStreamTrack):
    """20 ms frames on the wall clock's pace, as `AudioStreamTrack.recv` paces its silence."""

    def __init__(self, quiet: bool) -> None:
        super().__init__()
        self._quiet = quiet
        self._frame = 0
        self._began = time.time()

    async def recv(self) -> av.AudioFrame:
        while True:
            number, self._frame = self._frame, self._frame + 1
            await asyncio.sleep(max(0.0, self._began + number * 0.02 - time.time()))
            speaks = number % CYCLE < SPEAKING
            if speaks or not self._quiet:
                break
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(TONE if speaks else bytes(FRAME * 2))
        frame.sample_rate = RATE
        frame.pts = number * FRAME
        frame.time_base = fractions.Fraction(1, RATE)
        return frame


async def recognise(track: MediaStreamTrack) -> None:
    """Decode for a recogniser: 16 kHz mono, collected and forgotten every two seconds."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
    heard = bytearray()
    try:
        while True:
            received = await track.recv()
            assert isinstance(received, av.AudioFrame)
            for frame in resampler.resample(received):
                heard += bytes(frame.planes[0])[: frame.samples * 2]
            if len(heard) > 64_000:
                heard.clear()
    except MediaStreamError:
        return


async def main() -> None:
    """Pairs of offers become calls, until standard input ends."""
    quiet = "--quiet" in sys.argv
    relay = MediaRelay()
    waiting: dict[str, tuple[RTCPeerConnection, MediaStreamTrack, asyncio.Future[None]]] = {}
    kept: list[Any] = []

    async def answer(posted: dict[str, Any]) -> str:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tracks: list[MediaStreamTrack] = []
        connection.on("track", tracks.append)
        await connection.setRemoteDescription(RTCSessionDescription(posted["sdp"], "offer"))
        microphone = tracks[0]
        kept.append((connection, tracks, asyncio.ensure_future(recognise(relay.subscribe(microphone)))))
        if (partner := waiting.pop(posted["call"], None)) is None:
            both = asyncio.get_running_loop().create_future()
            waiting[posted["call"]] = connection, microphone, both
            await both
        else:
            for mine, theirs in ((connection, partner[1]), (partner[0], microphone)):
                mine.addTrack(Interpreter(quiet))
                mine.addTrack(relay.subscribe(theirs))
            partner[2].set_result(None)
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    await front(answer)


if __name__ == "__main__":
    asyncio.run(main())
