"""A client of stock aiortc with a tone for a microphone and ears for every line, and a room with scripted engines."""

from __future__ import annotations

import asyncio
import fractions
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from media.events import Answer, MediaConnected, RoomEvent
from media.room import MediaOptions, Room
from media.webrtc.network import NetworkOptions
from pipeline.engines.scripted import (
    ScriptedSynthesizer,
    ScriptedTranscriber,
    ScriptedTranslator,
    in_loop,
    strongest_hz,
)
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from tests.kit.contract import channel_message

RATE = 48_000
_SLOT = RATE // 50


class Microphone(MediaStreamTrack):
    """20 ms frames in real time: digital silence, or a tone while `hz` is set."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.hz: float | None = None
        self._count = 0
        self._start: float | None = None

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._start = self._start or loop.time()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - loop.time()))
        at = (np.arange(_SLOT) + self._count * _SLOT) / RATE
        wave = np.zeros(_SLOT) if self.hz is None else 8000 * np.sin(2 * np.pi * self.hz * at)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._count * _SLOT, fractions.Fraction(1, RATE)
        self._count += 1
        return frame


class Client:
    """`async with Client() as client: await client.join(room, "ann")`."""

    def __init__(self, lines: int = 2) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration([]))
        self.microphone = Microphone()
        self.messages: list[dict[str, Any]] = []
        self.answer: Answer | None = None
        self._ears: list[asyncio.Task[None]] = []
        self._heard: list[list[np.ndarray]] = []
        self._lines = lines

    async def __aenter__(self) -> Self:
        self.channel = self.pc.createDataChannel("subtitles")
        self.channel.on("message", lambda text: self.messages.append(channel_message(text)))
        self.pc.on("track", self._listen)
        self.pc.addTrack(self.microphone)
        for _ in range(self._lines - 1):
            self.pc.addTransceiver("audio", "recvonly")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.pc.close()
        await asyncio.gather(*self._ears)

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def join(self, room: Room, participant: str, negotiation: int = 1, last_seq: int = 0) -> None:
        """Returns when media and subtitles are up; an offer that is refused raises OfferRefused."""
        self.answer = await room.offer(participant, negotiation, await self.offer())
        await self.pc.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        await until(lambda: self.pc.connectionState == "connected" and self.channel.readyState == "open")
        self.send(type="resume", lastSeq=last_seq)

    def send(self, **message: Any) -> None:
        self.channel.send(json.dumps(message))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def tones(self, line: int) -> set[int]:
        """The tones heard on a line so far, to 20 Hz, in whole stretches of 200 ms."""
        return set(self._stretches(line))

    def distant_tones(self, line: int) -> set[int]:
        """The tones heard on a line so far, where none that may be heard is within 40 Hz of another.

        A stretch in which the phase jumps, since a packet came too late for the client, is heard 10 Hz beside its tone:
        it counts as the neighbour that was heard more often.
        """
        heard = self._stretches(line)
        return {hz for hz, count in heard.items() if count >= max(heard[hz - 20], heard[hz + 20])}

    def _stretches(self, line: int) -> Counter[int]:
        frames = self._heard[line] if line < len(self._heard) else []
        whole = [np.concatenate(frames[at : at + 10]) for at in range(0, len(frames) - 9, 5)]
        found = (strongest_hz(part.tobytes(), RATE) for part in whole)
        return Counter(round(hz / 20) * 20 for hz in found if hz is not None)

    def _listen(self, track: MediaStreamTrack) -> None:
        heard: list[np.ndarray] = []
        self._heard.append(heard)

        async def listen() -> None:
            try:
                while True:
                    frame = await track.recv()
                    heard.append(frame.to_ndarray().reshape(-1, 2)[:, 0])
            except MediaStreamError:
                return

        self._ears.append(asyncio.ensure_future(listen()))


class Scene:
    """A room of ann (en) and bob (es) over scripted engines, and what it told. Leaves no task behind."""

    def __init__(
        self,
        languages: Sequence[tuple[str, str]] = (("ann", "en"), ("bob", "es")),
        network: NetworkOptions | None = None,
        barge_in: bool = False,
        **engines: Any,
    ) -> None:
        facts = self.facts = list[RoomEvent]()
        self._observers = ((lambda context, event: facts.append(event)),)
        run = {
            "stt": ScriptedTranscriber(),
            "mt": ScriptedTranslator(),
            "tts": ScriptedSynthesizer(seconds=0.6),
        } | engines
        self._languages = languages
        self._left = False
        self._network = network or NetworkOptions()
        self._interpreting = InterpreterOptions(activity=Loudness, barge_in=barge_in)
        self._stages = EngineSet(*(InLoopLane(in_loop(run[kind])) for kind in ("stt", "mt", "tts")))

    async def __aenter__(self) -> Self:
        self._before = asyncio.all_tasks()
        await self._stages.__aenter__()
        self.room = Room(
            "s-1",
            self._stages,
            self._observers,
            MediaOptions(self._network, interpreting=self._interpreting),
        )
        await self.room.__aenter__()
        for participant, language in self._languages:
            self.room.add(participant, language)
        return self

    def begin(self) -> None:
        self.room.begin(round(time.time() * 1000))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._left:
            await self.leave(kind, error, trace)

    async def leave(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Out of the room, soon and without a trace."""
        self._left = True
        began = asyncio.get_running_loop().time()
        await self.room.__aexit__(kind, error, trace)
        await self._stages.__aexit__(kind, error, trace)
        assert asyncio.get_running_loop().time() - began < 4
        await asyncio.sleep(0)
        since = asyncio.all_tasks() - self._before
        ours = [task for task in since if "media" in str(task.get_coro()) or "pipeline" in str(task.get_coro())]
        assert kind is not None or not ours, f"tasks left: {ours}"

    def of(self, kind: type) -> list[Any]:
        return [fact for fact in self.facts if type(fact) is kind]

    @property
    def connected(self) -> list[str]:
        return [fact.participant for fact in self.of(MediaConnected)]


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
