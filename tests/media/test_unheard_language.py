"""A participant whose language nobody here recognises: they type and listen, and no word is made of their voice."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from media.boundary import Boundary
from media.call import Call
from media.client_watches import ClientWatches
from media.connection import Connection
from media.events import ClientStatusChanged, RoomEvent, StatusReason
from media.participant import Participant
from media.rtp.packets import RtpPacket
from pipeline.engines.registry import EngineSpec
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, in_loop, tone
from pipeline.events import Transcribed, Translated
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet, open_stages
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import FRAME_BYTES, SAMPLE_RATE, Frame
from server.dependencies import languages_of
from testing.virtual_clock import virtually


class Scene:
    """Ann speaks English, which is all that is recognised; Luis speaks Spanish. There is no network."""

    def __init__(self) -> None:
        self.events: list[RoomEvent] = []
        self.media_ms = {"ann": 0, "luis": 0}

    async def __aenter__(self) -> Scene:
        loop = asyncio.get_running_loop()
        self.stages = EngineSet(
            InLoopLane(in_loop(ScriptedTranscriber(languages=["en"]))),
            InLoopLane(in_loop(ScriptedTranslator())),
            InLoopLane(in_loop(ScriptedSynthesizer())),
        )
        await self.stages.__aenter__()
        await self.stages.wait_ready()
        self.ann, self.luis = (
            Participant(name, language, "s", loop.time, lambda: 0) for name, language in (("ann", "en"), ("luis", "es"))
        )
        self.call = Call(
            [self.ann, self.luis],
            stages=self.stages,
            emit=self.events.append,
            now=loop.time,
            session_ms=lambda now: now * 1000,
            options=InterpreterOptions(activity=Loudness),  # type: ignore[arg-type]
        )
        self.running = [asyncio.ensure_future(one.run()) for one in self.call.interpreters.values()]
        return self

    async def __aexit__(self, *error: object) -> None:
        for one in self.running:
            one.cancel()
        await asyncio.wait(self.running)
        self.call.detach()
        await self.stages.__aexit__(None, None, None)

    async def say(self, who: str, seconds: float = 1.5, quiet_s: float = 3.0) -> None:
        pcm = tone(440, seconds, SAMPLE_RATE) + bytes(round(SAMPLE_RATE * quiet_s) * 2)
        for at in range(0, len(pcm) // FRAME_BYTES * FRAME_BYTES, FRAME_BYTES):
            self.call.interpreters[who].hear(Frame(self.media_ms[who], pcm[at : at + FRAME_BYTES]))
            self.media_ms[who] += 20
            await asyncio.sleep(0.02)
            now = asyncio.get_running_loop().time()
            self.call.tick(now)
            for person in (self.ann, self.luis):
                person.tick(now, 0, now * 1000)

    def of(self, kind: type[Any], who: str) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind) and getattr(one, "speaker", None) == who]


@virtually
async def test_what_they_say_is_not_recognised_and_what_they_hear_is_interpreted() -> None:
    async with Scene() as scene:
        await scene.say("luis")
        assert scene.events == [], "not even an utterance"
        await scene.say("ann")
        assert [one.text for one in scene.of(Translated, "ann") if one.final] == ["tone 440"]


@virtually
async def test_what_they_type_is_translated_and_spoken() -> None:
    async with Scene() as scene:
        assert scene.stages.pairs() == {("en", "es"), ("es", "en")}
        assert scene.call.interpreters["luis"].say("tone 600", 0)
        await scene.say("ann", 0.0)
        (text,) = [one for one in scene.of(Translated, "luis") if one.final]
        assert (text.source, text.target, text.text) == ("es", "en", "tone 600")


@virtually
async def test_they_are_recognised_once_they_speak_a_language_that_is() -> None:
    async with Scene() as scene:
        await scene.say("luis")
        scene.call.set_language(scene.luis, "en")
        await scene.say("luis")
        assert [one.text for one in scene.of(Transcribed, "luis") if one.final] == ["tone 440"]
        scene.call.set_language(scene.luis, "es")
        count = len(scene.events)
        await scene.say("luis")
        assert len(scene.events) == count


class Wire:
    """The interpreter's voice in an ear, and the partner's own."""

    def __init__(self) -> None:
        self.own: list[RtpPacket] = []
        self.spoken = 0

    def speak(self, frame: object, now: float) -> None:
        self.spoken += 1

    def send(self, packet: RtpPacket, now: float) -> None:
        self.own.append(packet)

    def rest(self) -> None: ...


@virtually
async def test_on_one_line_their_own_voice_comes_but_never_into_the_interpreter() -> None:
    async with Scene() as scene:
        wire: Any = Wire()
        peer: Any = SimpleNamespace(connected=True)
        scene.ann.connection = Connection(peer, 1, ("0",), wire, (wire,))
        packet = RtpPacket(1, 111, 0, 0, False, b"x" * 40, None)
        scene.call.forward(scene.luis, packet, 0.0)
        assert wire.own == [packet]
        assert scene.call.interpreters["luis"].say("tone 600", 0)
        mixed = 0
        for _ in range(150):
            now = asyncio.get_running_loop().time()
            before = wire.spoken, len(wire.own)
            scene.ann.tick(now, 0, now * 1000)
            scene.call.tick(now)
            scene.call.forward(scene.luis, packet, now)
            mixed += wire.spoken > before[0] and len(wire.own) > before[1]
            await asyncio.sleep(0.02)
        assert wire.spoken > 5 and len(wire.own) > 50
        assert mixed <= 1, "the slot in which it ends"


@pytest.mark.parametrize("language", ["es", "es-MX"])
def test_their_client_is_shown_it_once_and_once_it_is_over(language: str) -> None:
    now, events = 20.0, list[RoomEvent]()
    person = Participant("luis", language, "s", lambda: now, lambda: 0)
    source = SimpleNamespace(foreign=0, unplaced=0, unknown=0, elsewhere=0)
    peer: Any = SimpleNamespace(connected=True, unauthenticated=0, refused=0, microphone=source, channel_open=True)
    watches = ClientWatches({"luis": person}, lambda: now, lambda tag: tag == "en")

    def pass_seconds(seconds: int) -> list[tuple[StatusReason, bool]]:
        nonlocal now
        events.clear()
        for _ in range(50 * seconds):
            now += 0.02
            watches.tick(now, events.append, Boundary("s", events.append))
        return [(one.reason, one.over) for one in events if isinstance(one, ClientStatusChanged)]

    assert pass_seconds(5) == [], "nobody is there"
    person.connection = Connection(peer, 1, ("0",), None, (None,))
    assert pass_seconds(5) == [(StatusReason.NOT_INTERPRETED, False)]
    assert pass_seconds(30) == []
    person.connection = Connection(peer, 2, ("0",), None, (None,))
    assert pass_seconds(5) == [(StatusReason.NOT_INTERPRETED, False)], "a page that was loaded anew knows nothing"
    person.language = "en"
    assert pass_seconds(5) == [(StatusReason.NOT_INTERPRETED, True)]
    assert pass_seconds(30) == []


@virtually
async def test_a_source_that_nobody_can_type_here_makes_no_pair() -> None:
    """Welsh is neither heard nor a target: nobody of that language is let in."""
    mt = ScriptedTranslator(pairs=[("en", "es"), ("es", "en"), ("cy", "en")])
    lanes = in_loop(ScriptedTranscriber(languages=["en"])), in_loop(mt), in_loop(ScriptedSynthesizer())
    async with EngineSet(*(InLoopLane(one) for one in lanes)) as stages:  # type: ignore[arg-type]
        assert not stages.hears("cy")
        assert stages.pairs() == {("en", "es"), ("es", "en")}
        assert languages_of(stages).as_json()["pairs"] == [["en", "es"], ["es", "en"]]


def test_nobody_is_unheard_while_the_recogniser_is_loading() -> None:
    scripted = {kind: EngineSpec(kind, "scripted") for kind in ("stt", "mt", "tts")}
    assert open_stages(scripted).hears("es")  # type: ignore[arg-type]
