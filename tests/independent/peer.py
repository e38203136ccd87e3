"""One RTCPeerConnection of the client: microphone, received lines, and the `subtitles` channel."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from numpy.typing import NDArray

from tests.kit.contract import channel_message

from .inbox import Inbox, Message

RATE = 48_000
FRAME = 960
Pcm = NDArray[np.int16]


class Microphone(MediaStreamTrack):
    """Sends queued 48 kHz mono samples in real time, and zeros while the queue is empty."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[Pcm] = deque()
        self._drained = asyncio.Event()
        self._drained.set()
        self._started = 0.0
        self._sent = 0

    def play(self, pcm: Pcm) -> None:
        """Queue samples; the last frame is filled up with zeros."""
        padded = np.pad(pcm, (0, -len(pcm) % FRAME))
        self._frames.extend(padded.reshape(-1, FRAME))
        if self._frames:
            self._drained.clear()

    async def drained(self) -> None:
        """Return when the last queued frame has been handed to the encoder."""
        await self._drained.wait()

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if not self._sent:
            self._started = now
        await asyncio.sleep(max(0.0, self._started + self._sent * FRAME / RATE - now))
        pcm = self._frames.popleft() if self._frames else np.zeros(FRAME, np.int16)
        if not self._frames:
            self._drained.set()
        frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._sent * FRAME
        self._sent += 1
        return frame


@dataclass(frozen=True)
class Heard:
    """One decoded frame: arrival (`time.monotonic`), RTP time in 1/48000 s, left-channel samples."""

    at: float
    pts: int
    pcm: Pcm

    @property
    def rms(self) -> float:
        return float(np.sqrt(np.mean(np.square(self.pcm.astype(np.float64)))))


@dataclass
class Line:
    """One downward audio line and all that was received on it."""

    mid: str
    heard: list[Heard] = field(default_factory=list, repr=False)  # the event loop prints what a task returned

    def loud(self, since: float = 0.0, until: float = float("inf"), rms: float = 150.0) -> list[Heard]:
        """The frames with a voice in them that arrived in this span of `time.monotonic`."""
        return [h for h in self.heard if since <= h.at < until and h.rms > rms]

    async def listen(self, track: MediaStreamTrack) -> None:
        """Collect frames until the track ends."""
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, AudioFrame) and frame.pts is not None
            samples = frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)]
            self.heard.append(Heard(time.monotonic(), frame.pts, samples.astype(np.int16)))


class Peer:
    """A stock peer connection with one microphone, `lines` audio m-lines and the channel.

    The first m-line is `sendrecv`, the others `recvonly`.
    """

    def __init__(self, ice_servers: list[Message], lines: int = 2) -> None:
        servers = [RTCIceServer(s["urls"], s.get("username"), s.get("credential")) for s in ice_servers]
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self.microphone = Microphone()
        self.connection.addTrack(self.microphone)
        for _ in range(lines - 1):
            self.connection.addTransceiver("audio", direction="recvonly")
        self.channel = self.connection.createDataChannel("subtitles")
        self.inbox = Inbox()
        self.lines: list[Line] = []
        self.answer: Message = {}
        self.gone = asyncio.Event()  # media or channel has closed, here or at the server
        self._ready = asyncio.Event()
        self.channel.on("message", lambda data: self.inbox.put(channel_message(data)))
        self.channel.on("open", self._changed)
        self.channel.on("close", self.gone.set)
        self.connection.on("connectionstatechange", self._changed)

    def _changed(self) -> None:
        if self.connection.connectionState == "connected" and self.channel.readyState == "open":
            self._ready.set()
        elif self.connection.connectionState in {"failed", "closed"}:
            self.gone.set()

    async def offer(self) -> str:
        """Gather, and return the offer with its candidates."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: Message, tasks: asyncio.TaskGroup, *, timeout: float = 15.0) -> None:
        """Apply the server's answer; return once media and channel are open."""
        self.answer = answer
        await self.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        for transceiver in self.connection.getTransceivers():
            self.lines.append(Line(str(transceiver.mid)))
            if transceiver.receiver.track is not None:
                tasks.create_task(self.lines[-1].listen(transceiver.receiver.track))
        self._changed()
        async with asyncio.timeout(timeout):
            await self._ready.wait()

    def send(self, type_: str, **fields: Any) -> None:
        """Send one message on the `subtitles` channel."""
        self.channel.send(json.dumps({"type": type_, **fields}))

    async def packets(self, line: int) -> int:
        """RTP packets received so far on this line, by the connection's statistics."""
        report = await self.connection.getTransceivers()[line].receiver.getStats()
        return sum(s.packetsReceived for s in report.values() if s.type == "inbound-rtp")

    async def close(self) -> None:
        self.microphone.stop()
        await self.connection.close()


def split_candidates(sdp: str) -> tuple[str, list[Message]]:
    """An offer as a trickling client sends it (RFC 8840): without candidates, and these one by one."""
    head, *sections = re.split(r"(?m)^(?=m=)", sdp)
    candidates: list[Message] = []
    for index, section in enumerate(sections):
        mid = re.search(r"(?m)^a=mid:(\S+)", section)
        assert mid is not None
        candidates += [
            {"candidate": found, "sdpMid": mid[1], "sdpMLineIndex": index}
            for found in re.findall(r"(?m)^a=(candidate:[^\r\n]*)", section)
        ]
    bare = head + "".join(sections)
    for pattern, instead in (
        (r"(?m)^a=(candidate:.*|end-of-candidates)\r?\n", ""),
        (r"(?m)^(m=\w+) \d+", r"\1 9"),
        (r"(?m)^c=IN IP.*\S", "c=IN IP4 0.0.0.0"),
    ):
        bare = re.sub(pattern, instead, bare)
    return bare, candidates
