"""Two interpreters on a virtual clock, and what one microphone hears of the other one's speaker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from pipeline.engines.scripted import ScriptedTranscriber
from pipeline.events import LanguageDetected, Transcribed, Translated
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.recognition.voice_origin import KEPT, TABLE, Origin, VoiceOrigin, Words
from pipeline.speech import Segment, Transcribe, Transcript
from testing.speech_material import phrases
from testing.virtual_clock import virtually
from tests.kit.bundled_engines import bundled
from tests.kit.interpreter_scene import Scene
from tests.kit.two_microphones import Microphone, length_ms, said
from tests.kit.virtual_listener import Ear

SENTENCE, VOICE = "The train station is behind the beach.", "en-us+m6"
PLACES = ((-12, 15), (-18, 15), (-25, 25), (-14, 200))
AT_MS = 500
NOISE = 8
NOT_INTERPRETED = {("refused", "echo"), ("refused", None), ("nothing_said", None)}


def duet(stt: Any = None, mt: Any = None) -> tuple[Scene, Scene]:
    """Return Ana, who speaks and hears English, and Ben, who speaks and hears Spanish."""
    scenes = [
        Scene(
            stt=stt or bundled("stt"),
            mt=mt or bundled("mt"),
            language=language,
            speaker=name,
            ears=[Ear(other, theirs)],
            activity=VoiceActivity(),
        )
        for name, language, other, theirs in (("ana", "en", "ben", "es"), ("ben", "es", "ana", "en"))
    ]
    scenes[0].partner, scenes[1].partner = scenes[1], scenes[0]
    return scenes[0], scenes[1]


async def call(ana: Scene, ben: Scene, anas: Microphone, bens: Microphone, *, compared: bool = True) -> None:
    """Let both microphones be heard at the same time, until all is heard. `compared`: as in a call."""
    if compared:
        ana.interpreter.origin.others = [ben.interpreter.origin]
        ben.interpreter.origin.others = [ana.interpreter.origin]
    for action in (lambda one, sound: one.sound(sound.pcm), lambda one, sound: one.caught_up()):
        async with asyncio.TaskGroup() as group:
            for scene, microphone in ((ana, anas), (ben, bens)):
                group.create_task(action(scene, microphone))


def microphones(db: float, delay_ms: float, ms: int = 4500) -> tuple[Microphone, Microphone]:
    """Return Ana's microphone, into which she says the sentence, and Ben's, which hears it."""
    sound = said(SENTENCE, VOICE)
    ana = Microphone.of(ms).add(sound, AT_MS)
    return ana, Microphone.of(ms, NOISE, 1).add(sound, AT_MS + delay_ms, db)


def shown(scene: Scene) -> list[str]:
    return [event.text for event in scene.of(Transcribed)]


# the entry, on the bundled engines


@pytest.mark.parametrize(("db", "delay_ms"), PLACES)
@virtually
async def test_the_partner_in_my_microphone_is_not_interpreted_back(db: float, delay_ms: float) -> None:
    ana, ben = duet()
    async with ana, ben:
        await call(ana, ben, *microphones(db, delay_ms))
        assert ben.outcomes == [("refused", "echo")]
        assert ben.translations == [] and ben.ears[0].heard == [] and ben.finals in ([], [""])
        assert ana.outcomes == [("spoken", None)] and ana.finals == [SENTENCE]


@virtually
async def test_control_where_nobody_compares_it_is_interpreted_back() -> None:
    ana, ben = duet()
    async with ana, ben:
        await call(ana, ben, *microphones(-12, 15), compared=False)
        assert ben.outcomes == [("spoken", None)] and ben.ears[0].heard


@virtually
async def test_control_where_bens_microphone_is_off_only_he_hears() -> None:
    ana, ben = duet()
    async with ana, ben:
        await call(ana, ben, microphones(-12, 15)[0], Microphone.of(4500))
        assert ana.outcomes == [("spoken", None)] and ben.outcomes == []


@virtually
async def test_a_recogniser_that_translates_what_it_hears_is_not_believed() -> None:
    ana, ben = duet(ScriptedTranscriber({"en": SENTENCE, "es": "Buenos días a todos."}))
    async with ana, ben:
        await call(ana, ben, *microphones(-12, 15))
        assert ben.outcomes == [("refused", "echo")] and ben.translations == []
        assert ana.outcomes == [("spoken", None)]


# what must not be lost


@pytest.mark.parametrize("db", [-8, -14, -24])
@virtually
async def test_both_talk_at_once_and_hear_each_other(db: float) -> None:
    ana, ben = duet(ScriptedTranscriber({"en": SENTENCE, "es": "Son dos personas."}))
    own = phrases("es")[2]
    async with ana, ben:
        anas, bens = microphones(db, 30)
        bens.add(said(own.clause.text, own.voice), AT_MS + 250)
        anas.add(said(own.clause.text, own.voice), AT_MS + 280, db)
        await call(ana, ben, anas, bens)
        assert ana.outcomes == ben.outcomes == [("spoken", None)]


@pytest.mark.parametrize("gap_ms", [300, 700])
@virtually
async def test_an_answer_behind_the_partners_words_is_interpreted_alone(gap_ms: int) -> None:
    """Ana's words and Ben's answer are one utterance of his microphone, or nearly."""
    ana, ben = duet()
    own = phrases("es")[3]
    async with ana, ben:
        anas, bens = microphones(-12, 15, ms=8000)
        bens.add(said(own.clause.text, own.voice), AT_MS + length_ms(said(SENTENCE, VOICE)) + gap_ms)
        await call(ana, ben, anas, bens)
        assert "".join(ben.finals) == own.clause.text
        assert ana.finals == [SENTENCE] and ana.outcomes == [("spoken", None)]


@pytest.mark.parametrize("after_ms", [500, 2500])
@virtually
async def test_who_repeats_the_sentence_is_interpreted(after_ms: int) -> None:
    ana, ben = duet(ScriptedTranscriber({"en": SENTENCE, "es": SENTENCE}))
    async with ana, ben:
        anas, bens = Microphone.of(9000), Microphone.of(9000, NOISE, 1)
        anas.add(said(SENTENCE, VOICE), AT_MS)
        bens.add(said(SENTENCE, "en-us+f5"), AT_MS + length_ms(said(SENTENCE, VOICE)) + after_ms)
        await call(ana, ben, anas, bens)
        assert ana.outcomes == ben.outcomes == [("spoken", None)]


class Judging:
    """A recogniser that is asked for languages and knows English for what it is."""

    languages = frozenset({"en", "es"})
    pairs = frozenset[tuple[str, str]]()

    async def __call__(self, job: Transcribe) -> Transcript:
        spoken = (("en", 0.97), ("es", 0.02)) if job.candidates else ()
        return Transcript(SENTENCE, job.language, 0.9, spoken=spoken)


@virtually
async def test_the_partners_language_in_my_microphone_does_not_change_mine() -> None:
    ana, ben = duet(Judging())
    sound = said(SENTENCE, VOICE)
    async with ana, ben:
        ben.interpreter.detect(lambda: {"en", "es"})
        anas, bens = Microphone.of(16_000), Microphone.of(16_000, NOISE, 1)
        for number in range(4):
            anas.add(sound, AT_MS + 3900 * number)
            bens.add(sound, AT_MS + 3900 * number + 20, -15)
        await call(ana, ben, anas, bens)
        assert ben.of(LanguageDetected) == []
        assert {outcome for outcome, _ in ben.outcomes} == {"refused"}
        assert {outcome for outcome, _ in ana.outcomes} == {"spoken"}


# the table


FACTS = sorted({name for row in TABLE for name in row.conditions})


def test_every_case_has_an_origin_and_every_row_its_case_and_its_reason() -> None:
    used = set()
    for values in product((False, True), repeat=len(FACTS)):
        facts = dict(zip(FACTS, values, strict=True))
        used.add(next(n for n, row in enumerate(TABLE) if all(facts[k] == v for k, v in row.conditions.items())))
    assert used == set(range(len(TABLE)))
    assert all(row.reason.endswith(".") for row in TABLE)


def speech(text: str, *, spoken: Sequence[tuple[str, float]] = (), since_ms: int = 10_200, ms: int = 2600) -> Words:
    return Words(text, "es", 0.0, ms / 1000, ((since_ms, since_ms + ms),), tuple(spoken))


def overheard() -> VoiceOrigin:
    """Return what Ben's side knows once Ana has said the sentence from 10 to 12.6 s, and it was translated."""
    origin = VoiceOrigin("ben")
    origin.overhear(Transcribed("u-1", "ana", 0, SENTENCE, 0, True, "en", 10_000, 12_600, 0.9), 1.0)
    segment = Segment(0, SENTENCE, 0, len(SENTENCE))
    text = "La estación de tren está detrás de la playa."
    origin.overhear(Translated("u-1", "ana", ("ben",), segment, 0, True, text, "en", "es", 1.0), 1.0)
    return origin


ENGLISH, SPANISH = (("en", 0.9), ("es", 0.1)), (("es", 0.9), ("en", 0.1))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (speech(SENTENCE, spoken=ENGLISH), Origin.PARTNER),
        (speech("the train station is behind a beach", spoken=ENGLISH), Origin.PARTNER),
        (speech("La estación de tren está detrás de la playa.", spoken=ENGLISH), Origin.PARTNER),
        (speech(SENTENCE, spoken=SPANISH), Origin.SPEAKER),
        (speech(SENTENCE), Origin.SPEAKER),
        (speech(SENTENCE, spoken=ENGLISH, since_ms=16_000), Origin.SPEAKER),
        (speech("Where is it?", spoken=ENGLISH, ms=700), Origin.SPEAKER),
        (speech("The train.", spoken=ENGLISH, ms=700), Origin.SPEAKER),
        (speech(SENTENCE, spoken=(("fr", 0.9), ("es", 0.1))), Origin.SPEAKER),
    ],
)
def test_words_in_the_partners_language_at_the_same_time_are_the_partners(words: Words, expected: Origin) -> None:
    assert overheard().of(words) is expected


def test_ones_own_words_are_no_evidence_against_oneself() -> None:
    origin = VoiceOrigin("ana")
    origin.overhear(Transcribed("u-1", "ana", 0, SENTENCE, 0, True, "en", 10_000, 12_600, 0.9), 1.0)
    assert origin.of(speech(SENTENCE, spoken=ENGLISH)) is Origin.SPEAKER


def test_what_is_known_of_partners_is_bounded_and_the_latest_revision_holds() -> None:
    origin = VoiceOrigin("ben")
    for number in range(1000):
        for revision in range(3):
            text = f"{SENTENCE} {'again ' * revision}"
            event = Transcribed(f"u-{number}", "ana", revision, text, 0, False, "en", 10_000, 12_600, 0.9)
            origin.overhear(event, 1.0)
    assert repr(origin) == "<VoiceOrigin ben <BandLevels up to row None, 0 pending> voiced_ms=-700 others=0>"
    assert len(origin._times) == KEPT and len(origin.partners._order) == len(origin.partners._lines) <= 32
    assert origin.partners._lines["u-999"][0].endswith("again again ")
