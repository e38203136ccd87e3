"""In a call: among which languages a speaker's is looked for, and that one that is found is told upward."""

import asyncio
from collections.abc import Mapping

from media.call import Call
from media.events import LanguageChanged, RoomEvent
from media.participant import Participant
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranslator, in_loop, tone
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import FRAME_BYTES, SAMPLE_RATE, Frame, Transcribe, Transcript
from testing.virtual_clock import virtually

PAIRS = frozenset({("en", "es"), ("es", "en"), ("fr", "es"), ("fr", "en"), ("de", "en")})


class Judge:
    """Takes all that it is asked about for Spanish."""

    languages = frozenset({"en", "es", "fr", "de"})
    pairs = frozenset[tuple[str, str]]()

    def __init__(self) -> None:
        self.jobs: list[Transcribe] = []

    async def __call__(self, job: Transcribe) -> Transcript:
        self.jobs.append(job)
        return Transcript("Hola.", job.language, spoken=(("es", 0.97),) if job.candidates else ())


class Scene:
    """Ann speaks English, Bob what is said; `said` is an utterance of Ann's, without any network."""

    def __init__(self, bob: str = "en", *, detects: bool = False) -> None:
        self.facts: list[RoomEvent] = []
        self.stt = Judge()
        self.bob, self.detects = bob, detects
        self.media_ms = 0

    async def __aenter__(self) -> "Scene":
        loop = asyncio.get_running_loop()
        self.stages = EngineSet(
            InLoopLane(self.stt),
            InLoopLane(in_loop(ScriptedTranslator()), pairs=PAIRS),
            InLoopLane(in_loop(ScriptedSynthesizer()), languages=Judge.languages),
        )
        await self.stages.__aenter__()
        spoken = {"ann": "en", "bob": self.bob}
        self.people = [Participant(name, tag, "s", loop.time, lambda: 0) for name, tag in spoken.items()]
        self.ann = self.people[0]
        self.ann.detects_language = self.detects
        self.call = Call(
            self.people,
            stages=self.stages,
            emit=self.facts.append,
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

    async def said(self) -> None:
        pcm = tone(440, 2.4, SAMPLE_RATE) + bytes(SAMPLE_RATE * 4)
        for at in range(0, len(pcm), FRAME_BYTES):
            self.call.interpreters["ann"].hear(Frame(self.media_ms, pcm[at : at + FRAME_BYTES]))
            self.media_ms += 20
            await asyncio.sleep(0.02)
            self.call.tick(asyncio.get_running_loop().time())

    @property
    def changed(self) -> list[LanguageChanged]:
        return [fact for fact in self.facts if isinstance(fact, LanguageChanged)]


@virtually
async def test_it_is_looked_for_among_what_can_be_interpreted_to_who_listens() -> None:
    wanted: Mapping[str, tuple[str, ...]] = {"en": ("de", "en", "es", "fr"), "es": ("en", "es", "fr"), "pl": ("en",)}
    for bob, candidates in wanted.items():
        async with Scene(bob, detects=True) as scene:
            await scene.said()
            asked = {job.candidates for job in scene.stt.jobs if job.final}
            assert asked == {candidates if len(candidates) > 1 else ()}, bob


@virtually
async def test_by_default_it_is_not() -> None:
    async with Scene() as scene:
        for _ in range(3):
            await scene.said()
        assert {job.candidates for job in scene.stt.jobs} == {()}
        assert scene.changed == []


@virtually
async def test_what_is_found_is_told_and_holds_once_it_is_set() -> None:
    async with Scene(detects=True) as scene:
        await scene.said()
        assert scene.changed == []
        await scene.said()
        assert scene.changed == [LanguageChanged("ann", "es", detect=True, detected=True)]
        scene.call.set_language(scene.ann, "es")
        await scene.said()
        assert scene.stt.jobs[-1].language == "es"
        assert len(scene.changed) == 1


@virtually
async def test_it_is_switched_on_and_off_while_the_call_runs() -> None:
    async with Scene() as scene:
        scene.call.set_detection(scene.ann, True)
        await scene.said()
        scene.call.set_detection(scene.ann, False)
        await scene.said()
        await scene.said()
        assert scene.changed == []
        assert scene.stt.jobs[0].candidates == () and scene.stt.jobs[-1].candidates == ()
        assert any(job.candidates for job in scene.stt.jobs)
