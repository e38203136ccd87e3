"""Budget of the stages: a call on a virtual clock, whose spans add up to the first sound but for 60 ms of our own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from clients.sound.opus import FRAME, Decoder, Encoder, level
from media.call import Call
from media.connection import Connection
from media.events import RoomEvent
from media.observers import context_of
from media.participant import Participant
from media.rtp import packets
from media.rtp.forwarder import Forwarder
from media.rtp.sender import SenderStream, VoiceSender
from pipeline.context import Context, bound
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, in_loop
from pipeline.events import Outcome, UtteranceEnded
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation
from pipeline.timings import Timing
from server.observe.spans import Span
from server.observe.utterance_traces import UtteranceTraces
from testing.virtual_clock import virtually
from tests.kit.tones import packets as tone

SLOT_S = 0.02
OURS_MS = 60.0
STT_S, MT_S, TTS_S = 0.2, 0.15, 0.3
SPOKEN_S, HEARD_S = 1.0, 5.0
VOICED_DB = -50.0
ONE_AFTER_ANOTHER = InterpreterOptions(
    activity=Loudness, passes=RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9, ahead=False)
)
"""No work is done before the end of the speech is certain: stages follow one another, and their times add up."""
STAGES = ("endpointing", "recognition", "translation", "synthesis")


class Ear:
    """Wire to a listener: notes when the first sound left for them."""

    connected = True

    def __init__(self) -> None:
        self.sound_at: float | None = None
        self._decoder = Decoder()

    def send(self, data: bytes) -> None:
        loud = level(self._decoder.decode(packets.parse(data).payload)) > VOICED_DB
        if loud and self.sound_at is None:
            self.sound_at = asyncio.get_running_loop().time()


class BudgetedCall:
    """Ann (en) says one tone to Bob (es), from a microphone whose packets come `phase_s` behind the pacer's slots."""

    def __init__(self, phase_s: float, settings: InterpreterOptions) -> None:
        self._phase_s, self._settings = phase_s, settings
        self._traces = UtteranceTraces(lambda: 1_700_000_000_000_000_000)
        self.ear = Ear()
        self.spans: list[Span] = []
        self.ends: list[UtteranceEnded] = []
        self.voiced_at = 0.0
        """Loop time at which the last packet with voice came."""

    @property
    def first_sound_ms(self) -> float:
        """Time from the last voice that came to the first sound that left."""
        assert self.ear.sound_at is not None
        return (self.ear.sound_at - self.voiced_at) * 1000

    def took_ms(self, name: str) -> float:
        """Return the time of the only span of that name."""
        (found,) = [span for span in self.spans if span.name == name]
        return (found.ended_ns - found.began_ns) / 1e6

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._zero = loop.time()
        people = [self._person(name, language) for name, language in (("ann", "en"), ("bob", "es"))]
        self._wire(people[0], Ear())
        self._wire(people[1], self.ear)
        stt, mt, tts = (
            ScriptedTranscriber(delay_s=STT_S),
            ScriptedTranslator(delay_s=MT_S),
            ScriptedSynthesizer(delay_s=TTS_S),
        )
        async with EngineSet(
            InLoopLane[Transcribe, Transcript](in_loop(stt), languages=stt.languages),
            InLoopLane[Translate, Translation](in_loop(mt), pairs=mt.pairs),
            InLoopLane[Synthesize, Speech](in_loop(tts), languages=tts.languages),
        ) as stages:
            stages.timings.observe(self._time)
            call = Call(
                people,
                stages=stages,
                emit=self._observe,
                now=loop.time,
                session_ms=self._session_ms,
                options=self._settings,
            )
            with bound("s-1", participant="ann"):
                running = [asyncio.ensure_future(one.run()) for one in call.interpreters.values()]
            self._speak(people[0])
            for slot in range(round((SPOKEN_S + HEARD_S) / SLOT_S)):
                await asyncio.sleep(max(0.0, self._zero + slot * SLOT_S - loop.time()))
                for person in people:
                    person.tick(loop.time(), 0, self._session_ms(loop.time()))
                call.tick(loop.time())
            for task in running:
                task.cancel()
            for task in running:
                with suppress(asyncio.CancelledError):
                    await task

    def _session_ms(self, now: float) -> float:
        return (now - self._zero) * 1000

    def _person(self, name: str, language: str) -> Participant:
        return Participant(name, language, "s-1", asyncio.get_running_loop().time, lambda: 0)

    def _wire(self, person: Participant, ear: Ear) -> None:
        peer: Any = ear
        streams = [
            SenderStream(1, 111, packets.HeaderExtensions(), ear.send),
            SenderStream(2, 111, packets.HeaderExtensions(), lambda data: None),  # the original voice
        ]
        forwards = tuple(Forwarder(stream) for stream in streams)
        person.connection = Connection(peer, 1, ("0", "1"), VoiceSender(streams[0]), forwards)

    def _speak(self, speaker: Participant) -> None:
        """Have the microphone's packets come: half a second of silence, the tone, silence to the end."""
        loop, encoder = asyncio.get_running_loop(), Encoder()
        quiet = [encoder.encode(np.zeros(FRAME, np.int16)) for _ in range(round(HEARD_S / SLOT_S))]
        voiced = tone(500, SPOKEN_S)
        before, spoken = 25, round(SPOKEN_S / SLOT_S)
        self.voiced_at = self._zero + (before + spoken - 1) * SLOT_S + self._phase_s
        for number, payload in enumerate([*quiet[:before], *voiced, *quiet]):
            packet = packets.RtpPacket(111, number, number * FRAME, 7, number == 0, payload)
            loop.call_at(self._zero + number * SLOT_S + self._phase_s, self._arrive, speaker, packet)

    def _arrive(self, speaker: Participant, packet: packets.RtpPacket) -> None:
        now = asyncio.get_running_loop().time()
        speaker.receive_packet(packet, now, self._session_ms(now))

    def _observe(self, event: RoomEvent) -> None:
        if isinstance(event, UtteranceEnded):
            self.ends.append(event)
        now = asyncio.get_running_loop().time()
        self.spans += self._traces.observe(context_of("s-1", event), event, now)

    def _time(self, context: Context, timing: Timing) -> None:
        self.spans += self._traces.time(context, timing)


@pytest.mark.parametrize("phase_ms", [0, 1, 9, 19])
def test_the_stages_add_up_to_the_first_sound_but_for_little_of_our_own(phase_ms: int) -> None:
    @virtually
    async def budgeted() -> None:
        call = BudgetedCall(phase_ms / 1000, ONE_AFTER_ANOTHER)
        await call.run()
        (end,) = call.ends
        assert end.outcome is Outcome.SPOKEN
        took = {name: call.took_ms(name) for name in STAGES}
        assert [took[name] for name in STAGES[1:]] == pytest.approx([STT_S * 1e3, MT_S * 1e3, TTS_S * 1e3], abs=1)
        ours = call.first_sound_ms - sum(took.values())
        print(f"\n{took}, first sound {call.first_sound_ms:.0f} ms: {ours:.0f} ms of our own")
        assert 0 <= ours <= OURS_MS
        assert end.latency.first_audio_ms == pytest.approx(call.first_sound_ms, abs=SLOT_S * 1e3)

    budgeted()


@virtually
async def test_work_ahead_of_time_takes_what_it_can_out_of_the_budget() -> None:
    """By default it begins in the pause: the sound comes once the end is certain, or the stages are done."""
    call = BudgetedCall(0.009, InterpreterOptions(activity=Loudness))
    await call.run()
    assert call.first_sound_ms <= call.took_ms("endpointing") + (STT_S + MT_S + TTS_S) * 1e3 - 100
