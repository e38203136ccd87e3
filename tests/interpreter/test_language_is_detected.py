"""A speaker whose language is detected: who asks the recogniser for it, when it is believed, and what changes then."""

from collections.abc import Collection

from pipeline.engines.scripted import strongest_hz
from pipeline.events import LanguageDetected, SpeechPlayed, Transcribed, Translated
from pipeline.speech import Segment, Transcribe, Transcript
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene

ENGLISH, SPANISH, HUM = 440, 660, 990
SURE = {ENGLISH: (("en", 0.95), ("es", 0.04)), SPANISH: (("es", 0.94), ("en", 0.05)), HUM: (("es", 0.5), ("en", 0.5))}


class Polyglot:
    """Hears tones as languages; what it hears in another language than it is asked for it doesn't understand."""

    languages = frozenset({"en", "es", "fr"})
    pairs = frozenset[tuple[str, str]]()

    def __init__(self, *, says_more: bool = False) -> None:
        self.says_more = says_more
        """The longer the audio, the longer the sentence."""

    async def __call__(self, job: Transcribe) -> Transcript:
        hz = min(SURE, key=lambda hz: abs(hz - strongest_hz(job.audio)))
        spoken = SURE[hz] if job.candidates else ()
        understood = spoken[:1] == () or spoken[0][0] == job.language
        more = " and on" * (len(job.audio) // 16_000) if self.says_more else ""
        return Transcript(f"This is tone {hz}{more}.", job.language, 0.9, understood, spoken=spoken)


def scene(*, says_more: bool = False) -> Scene:
    return Scene(stt=Polyglot(says_more=says_more), language="en-GB")


async def said(scene: Scene, *tones: int, seconds: float = 2.2) -> None:
    for hz in tones:
        await scene.tone(hz, seconds)
        await scene.caught_up()


def detect(scene: Scene, *languages: str) -> None:
    def allowed() -> Collection[str]:
        return set(languages)

    scene.interpreter.detect(allowed)


def told(scene: Scene) -> list[str]:
    return [event.language for event in scene.of(LanguageDetected)]


@virtually
async def test_nobody_asks_unless_it_is_wished() -> None:
    async with scene() as one:
        await said(one, SPANISH, SPANISH, SPANISH)
        assert one.stt.jobs and all(job.candidates == () for job in one.stt.jobs)
        assert told(one) == []


@virtually
async def test_only_passes_that_may_be_the_last_are_asked() -> None:
    async with scene() as one:
        detect(one, "en", "es")
        await said(one, ENGLISH)
        assert {job.final: job.candidates for job in one.stt.jobs} == {True: ("en", "es"), False: ()}
        detect(one, "en")
        one.stt.jobs.clear()
        await said(one, ENGLISH)
        assert {job.candidates for job in one.stt.jobs} == {()}, "one language is no question"


@virtually
async def test_two_utterances_in_another_language_are_told_once_and_the_next_is_heard_in_it() -> None:
    async with scene() as one:
        detect(one, "en", "es", "fr")
        await said(one, ENGLISH, SPANISH)
        assert told(one) == []
        await said(one, SPANISH)
        assert told(one) == ["es"]
        assert {job.language for job in one.stt.jobs} == {"en-GB"}, "it changes nothing by itself"
        one.interpreter.language = "es"
        one.stt.jobs.clear()
        await said(one, SPANISH, SPANISH)
        assert {job.language for job in one.stt.jobs} == {"es"}
        assert told(one) == ["es"]
        assert [event.language for event in one.of(Transcribed) if event.final][-1] == "es"


@virtually
async def test_short_utterances_and_doubtful_ones_do_not_count() -> None:
    async with scene() as one:
        detect(one, "en", "es")
        await said(one, *[SPANISH] * 8, seconds=0.7)
        await said(one, *[HUM] * 4)
        assert told(one) == []


@virtually
async def test_a_pause_within_an_utterance_does_not_make_two_of_it() -> None:
    async with scene(says_more=True) as one:
        detect(one, "en", "es")
        for _ in range(3):
            await one.tone(SPANISH, 1.4)
            await one.silence(0.3)
        await one.caught_up()
        assert told(one) == []
        await said(one, SPANISH)
        assert told(one) == ["es"]


@virtually
async def test_the_languages_are_those_of_the_moment() -> None:
    possible = {"en"}
    async with scene() as one:
        one.interpreter.detect(lambda: possible)
        await said(one, SPANISH, SPANISH)
        possible.add("es")
        await said(one, SPANISH)
        assert told(one) == [], "what was said before was not judged"
        await said(one, SPANISH)
        assert told(one) == ["es"]


@virtually
async def test_switched_off_it_stays_as_it_is_set() -> None:
    async with scene() as one:
        detect(one, "en", "es")
        await said(one, SPANISH)
        one.interpreter.detect(None)
        await said(one, SPANISH, SPANISH)
        detect(one, "en", "es")
        await said(one, SPANISH)
        assert told(one) == [], "and what was gathered before is forgotten"


@virtually
async def test_who_sets_the_language_begins_anew() -> None:
    async with scene() as one:
        detect(one, "en", "es", "fr")
        await said(one, SPANISH)
        one.interpreter.language = "fr"
        await said(one, SPANISH)
        assert told(one) == []
        await said(one, SPANISH)
        assert told(one) == ["es"]


@virtually
async def test_the_interpreters_own_voice_from_a_loudspeaker_is_nobodys_language() -> None:
    async with scene() as one:
        detect(one, "en", "es")
        for number in range(3):
            said = Segment(0, "Esto es un tono.", 0, 16)
            spoken = f"This is tone {SPANISH}."
            one.interpreter.overhear(Translated(f"u{number}", "bob", ("ann",), said, 0, True, spoken, "es", "en", 0.0))
            one.interpreter.overhear(SpeechPlayed(f"u{number}", "bob", "ann", 0, "start"))
            await one.tone(SPANISH, 2.2)
            one.interpreter.overhear(SpeechPlayed(f"u{number}", "bob", "ann", 0, "end"))
            await one.caught_up()
        assert [reason for _, reason in one.outcomes] == ["echo"] * 3
        assert told(one) == []
