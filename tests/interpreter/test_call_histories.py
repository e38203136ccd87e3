"""Thousands of conversations that nobody thought of: any voice and silence, any revision, delay and failure. The laws
hold in all of them; and where engines work, every word that was said is in the finals, once and in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.delivery.stages import DeliveryOptions
from pipeline.events import (
    Event,
    Outcome,
    Speculated,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import Transcribe, Transcript, Word
from testing.virtual_clock import virtually
from tests.kit.extent import extent
from tests.kit.interpreter_scene import Scene
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Recogniser, Said, Script, Translating, Voice, plain, plain_word

SEEDS = st.integers(0, 2**48)


@dataclass
class History:
    """One speaker's half of a conversation, and the engines' moods, all from one seed."""

    seed: int
    faults: bool = False
    """True if engines may fail, hang, and misunderstand finals."""
    restarts: bool = False
    """True if the speaker starts over now and then."""
    script: Script = field(default_factory=Script)
    passes: int = 0
    word_s: float = 0.05
    """Duration of a word in the interpreter's voice."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.values = self.random.random() < 0.2
        self.turns = [self._sentence() for _ in range(self.random.randint(1, 7))]
        self.slow = self.random.choice([0.0, 0.0, 0.1, 0.4, 0.8])
        self.doubt = self.random.choice([0.0, 0.2, 0.6])
        self.noise = self.random.choice([0.0, 0.3, 0.7])
        self.fault = self.random.choice([0.0, 0.05, 0.2]) if self.faults else 0.0
        self.stops = {word.number for word in self.script.words if self.random.random() < 0.1}
        self.typed: list[str] = []

    def _sentence(self) -> list[Said]:
        words = []
        for _ in range(self.random.randint(1, 12)):
            mark = self.random.choices(["", ","], [8, 1])[0]
            words.append(self._word(mark))
        return [*words, self._word(self.random.choice([".", ".", "?", "!", "", "..."]))]

    def _word(self, mark: str) -> Said:
        number = len(self.script.words)
        text = f"w{number}" if self.values else plain_word(number)
        return self.script.add(f"{text}{mark}", self.random.randrange(160, 500, 20))

    def pause_ms(self, last: bool) -> int:
        kind = self.random.choices(["none", "breath", "pause", "end"], [1, 1, 1, 2] if last else [30, 3, 1, 0.3])[0]
        ranges = {"none": (0, 1), "breath": (20, 200), "pause": (200, 900), "end": (900, 2500)}
        return self.random.randrange(*ranges[kind]) // 20 * 20

    def happened(self, event: Event) -> None:
        """A fact was told."""

    # engines

    def translating(self) -> Translating:
        return Translating(pairs=[("en", "es"), ("en", "fr")])

    def misheard(self, words: list[Word], job: Transcribe) -> list[Word]:
        """An interim errs in its last words, each time otherwise; a final only where there are faults."""
        if job.final and not self.faults:
            return words
        self.passes += 1
        heard = []
        for word in words:
            young = word.end_ms > len(job.audio) / 32 - 700
            if young and self.random.random() < self.noise:
                text = self.random.choice([f" e{self.passes}", f" e{self.passes}.", f"{word.text}{self.passes}"])
                heard.append(replace(word, text=text))
            else:
                heard.append(word)
        return heard

    def verdict(self, heard: Transcript, job: Transcribe) -> Transcript:
        self.fail()
        certain = self.random.random() >= self.doubt
        understood = heard.understood
        if (self.faults or not job.final) and self.random.random() < self.doubt / 3:
            understood = False
        confidence = self.random.choice([0.3, 0.6, 0.9]) if self.doubt else 0.9
        timed = self.random.random() > 0.02 or not self.faults
        words = heard.words if timed else ()
        return replace(heard, certain=certain, understood=understood, confidence=confidence, words=words)

    def fail(self) -> None:
        if self.random.random() < self.fault:
            raise RuntimeError("a fault of this history")

    def moody(self, engine: Any, seconds: float) -> Any:
        """The engine, slow and faulty."""

        async def run(job: Any) -> Any:
            await asyncio.sleep(self.random.random() * seconds)
            self.fail()
            if self.random.random() < self.fault / 20:
                await asyncio.get_running_loop().create_future()  # it hangs
            return await engine(job)

        run.languages, run.pairs = engine.languages, engine.pairs  # type: ignore[attr-defined]
        return run

    # the conversation

    def ears(self) -> list[Ear]:
        ears = [Ear("bob", "es")]
        ears += [Ear(name, language) for name, language in (("cy", "fr"), ("dee", "es")) if self.random.random() < 0.2]
        if self.faults and self.random.random() < 0.2:
            ears[0].already_ms = self.random.choice([1000.0, 3900.0, 9000.0])
        return ears

    def interpreting(self) -> InterpreterOptions:
        if self.random.random() < 0.7:
            return InterpreterOptions()
        return self.random.choice(
            [
                InterpreterOptions(passes=RecognitionOptions(ahead=False)),
                InterpreterOptions(passes=RecognitionOptions(trim_ms=1500)),
                InterpreterOptions(passes=RecognitionOptions(interim_every_s=0.1, first_interim_s=0.1, trim_ms=3000)),
                InterpreterOptions(pace=DeliveryOptions(queue=1)),
                InterpreterOptions(
                    endpointing=EndpointingOptions(pause_ms=60, soft_end_ms=100, late_ms=160, hangover_ms=200)
                ),
            ]
        )

    async def live(self) -> Scene:
        self.voice = Voice(word_s=self.word_s)
        stt = Recogniser(
            self.script,
            seconds=lambda audio: self.random.random() * self.slow,
            stops=self.stops,
            noise=self.misheard,
            verdict=self.verdict,
        )
        mt = self.moody(self.translating(), self.slow / 2)
        tts = self.moody(self.voice, self.slow / 2)
        async with Scene(stt=stt, mt=mt, tts=tts, ears=self.ears(), settings=self.interpreting()) as scene:
            scene.on_event = self.happened
            scene.frames_at_once = self.random.choice([1, 2, 3])
            for turn in self.turns:
                await self._say(scene, turn)
            await scene.caught_up()
            await scene.silence(0.1)
            self.nothing_left(scene)
        return scene

    async def _say(self, scene: Scene, turn: list[Said]) -> None:
        for word in turn:
            await scene.say([word])
            if self.faults and self.random.random() < 0.02:
                scene.interpreter.end_utterance()
            if self.restarts and self.random.random() < 0.1:
                scene.interpreter.start_over()
            pause: Callable[[float], Any] = scene.unsent if self.random.random() < 0.3 else scene.silence
            await pause(self.pause_ms(word is turn[-1]) / 1000)
        if self.random.random() < 0.1:
            scene.interpreter.end_utterance()
        if self.random.random() < 0.1:
            self.typed.append(f"Typed {len(self.typed)}t. And more.")
            scene.interpreter.say(self.typed[-1], scene.media_ms)

    def nothing_left(self, scene: Scene) -> None:
        """All has ended, and the interpreter holds nothing of it."""
        targets = {ear.language for ear in scene.ears}
        assert len(scene.of(UtteranceEnded)) == len(targets) * len(scene.of(UtteranceStarted))
        interpreter = scene.interpreter
        assert not interpreter.audience.flows and not interpreter.audience.computing
        assert not interpreter.machine.pending and not interpreter.delivery.speculating


def told_and_heard(history: History, scene: Scene) -> None:
    """The ears heard the translations that were told to be spoken, and nothing else: no guess that missed."""
    skipped = {(e.listener, e.utterance, e.segment) for e in scene.of(SpeechPlayed) if e.state == "skipped"}
    for ear in scene.ears:
        told = [
            event.text
            for event in scene.of(Translated)
            if ear.participant in event.listeners
            and (ear.participant, event.utterance, event.segment.index) not in skipped
        ]
        assert plain(history.voice.read(speech) for speech in ear.heard) == plain(told)
    for event in scene.of(Translated):
        assert event.text == event.segment.text.strip().upper(), "a segment's translation is its own"


def heard_is_what_was_told(history: History, scene: Scene) -> None:
    """The same, and each guess that hit became a segment."""
    told_and_heard(history, scene)
    hits = sum(event.hit for event in scene.of(Speculated))
    assert hits <= len(scene.of(Translated))


@settings(max_examples=extent(150, 10_000), deadline=None)
@given(SEEDS)
def test_every_word_that_was_said_is_told_once_and_in_order(seed: int) -> None:
    history = History(seed)
    scene: Scene = virtually(history.live)()
    spoken = [text for text in scene.finals if "Typed" not in text]
    assert plain(spoken) == plain(word.text for word in history.script.words)
    assert [text for text in scene.finals if "Typed" in text] == history.typed
    es = [event.segment.text for event in scene.of(Translated) if event.target == "es"]
    assert plain(es) == plain(scene.finals), "and all of it is translated"
    heard_is_what_was_told(history, scene)


@settings(max_examples=extent(150, 10_000), deadline=None)
@given(SEEDS)
def test_whatever_fails_the_laws_hold(seed: int) -> None:
    history = History(seed, faults=True)
    scene: Scene = virtually(history.live)()
    assert len(scene.finals) <= len(scene.of(UtteranceStarted))
    if not scene.failed("tts"):  # the rest of a segment may be lost
        heard_is_what_was_told(history, scene)


@settings(max_examples=extent(20, 10_000), deadline=None)
@given(SEEDS)
def test_whenever_they_start_over_the_laws_hold(seed: int) -> None:
    history = History(seed, faults=seed % 2 == 1, restarts=True)
    scene: Scene = virtually(history.live)()
    ended = scene.of(UtteranceEnded)
    assert all(one.outcome is Outcome.REFUSED for one in ended if one.reason == "start_over")
    texts = {one.utterance: one for one in scene.of(Transcribed) if one.final}
    typed = {name for name, one in texts.items() if "Typed" in one.text}
    dropped = {one.utterance for one in ended if one.reason == "start_over"}
    assert not dropped & typed, "what was typed is never taken back"
    for segment in scene.of(Translated):
        assert segment.segment.text in texts[segment.utterance].text
    for one in scene.of(SpeechPlayed):
        assert one.reason != "start_over" or one.utterance in dropped
    if not scene.failed("tts"):
        told_and_heard(history, scene)
