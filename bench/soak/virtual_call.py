"""A long call on a virtual clock, without sockets."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from typing import Any

import numpy as np

from bench.soak.process_size import process_size
from media.call import Call
from media.connection import Connection
from media.participant import Participant
from media.rtp import packets
from media.rtp.forwarder import Forwarder
from media.rtp.opus import Encoder
from media.rtp.sender import SenderStream, VoiceSender
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, in_loop
from pipeline.events import Transcribed, UtteranceEnded
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation
from testing.virtual_clock import VirtualLoop

SLOT = 0.02

PACKET_TICKS = 960

CLOCK_ERROR = 80e-6  # the senders' crystals: 80 parts per million fast and slow

TALK, CYCLE = 2.0, 5.0  # s: everybody speaks for 2 s of every 5, half a cycle apart


class _Wire:
    """Stands for a connected peer: counts what would be sent, and checks that its clock never stops."""

    connected = True

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.sent = 0
        self.worst_clock_ms = 0.0
        self._anchor: tuple[int, float] | None = None

    def send(self, data: bytes) -> None:
        packet = packets.parse(data)
        self.sent += 1
        now = self._loop.time()
        if self._anchor is None:
            self._anchor = packet.timestamp, now
        start, then = self._anchor
        media = ((packet.timestamp - start) & 0xFFFFFFFF) / packets.CLOCK_RATE
        self.worst_clock_ms = max(self.worst_clock_ms, abs(media - (now - then)) * 1000)


def _voice_packets(tone: int) -> list[bytes]:
    """A second of a tone, encoded."""
    encoder = Encoder(48_000)
    at = np.arange(48_000) / 48_000
    sound = (6000 * np.sin(2 * np.pi * tone * at)).astype(np.int16).tobytes()
    return [encoder.encode(sound[i : i + 1920]) for i in range(0, len(sound), 1920)]


class _Speaker:
    """Sends packets on a crystal of its own, with jitter, loss and DTX pauses, from a seeded script."""

    def __init__(self, person: Participant, number: int, session: float) -> None:
        self._person = person
        self._number = number
        self._session = session
        self._packets = _voice_packets(440 + 180 * number)
        self._random = np.random.default_rng(number)
        self._rate = 1 + (CLOCK_ERROR if number else -CLOCK_ERROR)
        self.sent_at: dict[int, float] = {}

    async def run(self, until: float) -> None:
        loop = asyncio.get_running_loop()
        index, sequence = 0, 65_000 + self._number  # the sequence number wraps soon
        while (due := self._session + index * SLOT / self._rate) < until:
            await asyncio.sleep(max(0.0, due - loop.time()))
            phase = (index * SLOT + self._number * CYCLE / 2) % CYCLE
            if phase < TALK:
                sequence += 1
                if self._random.random() > 0.01:  # one packet in a hundred is lost
                    packet = packets.RtpPacket(
                        111, sequence & 0xFFFF, (index * PACKET_TICKS) & 0xFFFFFFFF, 7 + self._number,
                        phase < SLOT, self._packets[index % len(self._packets)], 20,
                    )  # fmt: skip
                    delay = float(self._random.gamma(2, 0.004))
                    loop.call_later(delay, self._arrive, packet)
            index += 1

    def _arrive(self, packet: packets.RtpPacket) -> None:
        now = asyncio.get_running_loop().time()
        self._person.receive_packet(packet, now, (now - self._session) * 1000)


async def virtual_call(minutes: float) -> dict[str, Any]:
    """A two-party call through the whole media path and pipeline, without sockets, on the loop's own clock."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    people = [
        Participant(name, language, "s", loop.time, lambda: round(loop.time() * 1000))
        for name, language in (("a", "en"), ("b", "es"))
    ]
    wires = [[_Wire(loop), _Wire(loop)] for _ in people]
    for person, (first, second) in zip(people, wires, strict=True):
        streams = [
            SenderStream(1 + i, 111, packets.HeaderExtensions(), wire.send) for i, wire in enumerate((first, second))
        ]
        forwards = tuple(Forwarder(stream) for stream in streams)
        person.connection = Connection(first, 1, ("0", "1"), VoiceSender(streams[0]), forwards)  # type: ignore[arg-type]
    ends: list[UtteranceEnded] = []
    lags: dict[str, list[float]] = {"a": [], "b": []}

    def tell(event: object) -> None:
        if isinstance(event, UtteranceEnded):
            ends.append(event)
        if isinstance(event, Transcribed) and event.final:
            lags[event.speaker].append((loop.time() - began) * 1000 - event.end_ms)

    stt, mt, tts = (
        ScriptedTranscriber(delay_s=0.05),
        ScriptedTranslator(delay_s=0.02),
        ScriptedSynthesizer(delay_s=0.02),
    )
    marks: list[dict[str, int]] = []
    async with EngineSet(
        InLoopLane[Transcribe, Transcript](in_loop(stt), languages=stt.languages),
        InLoopLane[Translate, Translation](in_loop(mt), pairs=mt.pairs),
        InLoopLane[Synthesize, Speech](in_loop(tts), languages=tts.languages),
    ) as stages:
        call = Call(
            people, stages=stages, emit=tell, now=loop.time, session_ms=lambda now: (now - began) * 1000,
            options=InterpreterOptions(activity=Loudness),
        )  # fmt: skip
        until = began + minutes * 60
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(interpreter.run()) for interpreter in call.interpreters.values()]
            for number, person in enumerate(people):
                group.create_task(_Speaker(person, number, began).run(until))
            slot = 0
            while loop.time() < until + 3:
                await asyncio.sleep(max(0.0, began + slot * SLOT - loop.time()))
                for person in people:
                    person.tick(loop.time(), 0, (loop.time() - began) * 1000)
                call.tick(loop.time())
                slot += 1
                if slot % 15_000 == 0:  # five minutes
                    marks.append(_mark(call))
            for task in running:
                task.cancel()
    spoken = sum(end.outcome == "spoken" for end in ends)
    expected = 2 * int(minutes * 60 / CYCLE)
    drifts = [float(np.median(of[len(of) // 2 :]) - np.median(of[: len(of) // 2])) for of in lags.values()]
    worst: float = max(drifts, key=abs)
    return {
        "virtualMinutes": minutes,
        "expected": expected,
        "utterances": len(ends),
        "spoken": spoken,
        "mediaTimeDriftMs": round(worst, 1),
        "worstOutgoingClockMs": round(max(wire.worst_clock_ms for pair in wires for wire in pair[:1]), 1),
        "packetsSent": sum(wire.sent for pair in wires for wire in pair),
        "memoryGrowthKb": (marks[-1]["kb"] - marks[1]["kb"]) if len(marks) > 2 else None,
        "tasks": [mark["tasks"] for mark in marks],
    }


def _mark(call: Call) -> dict[str, int]:
    gc.collect()
    return {"kb": process_size(os.getpid())["rss"], "tasks": len(asyncio.all_tasks())}


def run_virtual(minutes: float) -> dict[str, Any]:
    """`virtual_call` on a loop of its own."""
    began = time.monotonic()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        figures = runner.run(virtual_call(minutes))
    return figures | {"timesRealTime": round(minutes * 60 / (time.monotonic() - began), 1)}
