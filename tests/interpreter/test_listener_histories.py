"""Sound at the ear in random conversations: sentences that are spoken in chunks, engines that fail,
listeners whose connection goes and comes, and who take the word from the interpreter. The invariants hold, as in
`test_call_histories`; the ears are real participants with their playout, and the tests' own."""

import asyncio
from dataclasses import dataclass, field, replace
from itertools import groupby
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline.events import Event, SpeechPlayed, Translated
from pipeline.speech import Translate, Translation
from pipeline.text.segmenter import chunks
from testing.virtual_clock import virtually
from tests.interpreter.test_call_histories import SEEDS, History
from tests.kit.extent import extent
from tests.kit.interpreter_scene import Scene
from tests.kit.real_participant import Person
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Said, Translating, plain_word

Place = tuple[str, int]


class WithCommas(Translating):
    """A comma behind every fourth word: a long segment is spoken in chunks."""

    async def __call__(self, job: Translate) -> Translation:
        plain = await super().__call__(job)
        words = plain.text.split()
        return replace(plain, text=" ".join(f"{w}," if n % 4 == 3 < len(words) - 1 else w for n, w in enumerate(words)))


@dataclass
class Heard(History):
    """Long sentences, and restless listeners."""

    kind: type[Any] = Person
    people: list[Any] = field(default_factory=list)
    translated_at: dict[Place, float] = field(default_factory=dict)
    was_away: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chance = Random(self.seed + 1)
        self.word_s = self.chance.choice([0.05, 0.3, 0.6, 1.2])
        self.restless = self.chance.choice([0.0, 1.0, 1.0])

    def _sentence(self) -> list[Said]:
        words = [self._word("") for _ in range(self.random.randint(2, 20))]
        return [*words, self._word(".")]

    def _word(self, mark: str) -> Said:
        return self.script.add(f"{plain_word(len(self.script.words))}abcdefghij{mark}", 160)

    def translating(self) -> Translating:
        return WithCommas(pairs=[("en", "es")])

    async def _say(self, scene: Scene, turn: list[Said]) -> None:
        """Half of it is typed: sentences that come with no pause between them."""
        if self.chance.random() < 0.5:
            words = [*turn, *self._sentence(), *self._sentence()]
            scene.interpreter.say(" ".join(word.text for word in words), scene.media_ms)
            await scene.silence(self.chance.choice([0.1, 1.0, 4.0]))
        else:
            await super()._say(scene, turn)

    def ears(self) -> list[Any]:
        self.people = [self.kind("bob", "es")]
        self.people += [self.kind(name, "es") for name in ("cy", "dee") if self.chance.random() < 0.3]
        return self.people

    def happened(self, event: Event) -> None:
        if isinstance(event, Translated):
            self.translated_at[event.utterance, event.segment.index] = asyncio.get_running_loop().time()
        for person in self.people:
            if isinstance(person, Person):
                person.show(event)

    async def live(self) -> Scene:
        disturbing = asyncio.ensure_future(self._disturb())
        try:
            return await super().live()
        finally:
            disturbing.cancel()
            await asyncio.wait({disturbing})

    async def _disturb(self) -> None:
        while self.restless:
            await asyncio.sleep(self.chance.random() * 2)
            person = self.chance.choice(self.people)
            if self.chance.random() < 0.3:
                self.was_away = True
                person.leave()
                await asyncio.sleep(self.chance.choice([0.3, 2.0, 20.0]))
                person.come_back()
            elif person.spoken_to:
                person.interrupt()


def nothing_from_its_middle(history: Heard, scene: Scene, person: Person) -> None:
    """Each segment is heard from its beginning, in order; each frame while it is told to be; and after they took the
    word nothing of what was translated by then."""
    names = {number: text for text, number in history.voice._numbers.items()}
    heard = [
        (names[int.from_bytes(speech.pcm[:2], "little")], place)
        for (_, speech), place in zip(person.heard_pcm, person.amid, strict=True)
    ]
    by_place: dict[Place | None, list[str]] = {}
    for (text, place), _ in groupby(heard):
        by_place.setdefault(place, []).append(text)
    assert None not in by_place, "nothing is heard that is not told of"
    texts = {(e.utterance, e.segment.index): e.text for e in scene.of(Translated)}
    for place, pieces in by_place.items():
        assert place is not None and pieces == chunks(texts[place], "es")[: len(pieces)]
    told = [e for e in scene.of(SpeechPlayed) if e.listener == person.participant]
    assert {(e.utterance, e.segment) for e in told if e.state == "start"} == set(by_place)
    undisturbed = not (person.interrupted_at or history.was_away or scene.failed("tts"))
    if undisturbed:
        assert all(pieces == chunks(texts[place], "es") for place, pieces in by_place.items() if place)
    assert {e.reason for e in told} <= {None, "behind", "tts", *(["interrupted"] if person.interrupted_at else [])}
    for at in person.interrupted_at:
        later = {place for (when, _), place in zip(person.heard_pcm, person.amid, strict=True) if when > at}
        assert all(history.translated_at[place] >= at for place in later if place), "the word was theirs"


@pytest.mark.parametrize("kind", [Person, Ear])
@settings(max_examples=extent(90, 1500), deadline=None)
@given(SEEDS)
def test_whatever_happens_at_an_ear_the_laws_hold(kind: type[Any], seed: int) -> None:
    history = Heard(seed, faults=True, kind=kind)
    scene: Scene = virtually(history.live)()
    for person in history.people:
        if isinstance(person, Person):
            nothing_from_its_middle(history, scene, person)
