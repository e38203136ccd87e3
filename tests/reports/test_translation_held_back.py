"""A translator's answer that is none, or may be wrong, and a voice that goes on: the course of a call."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence

import pytest

from media.subtitles.server_messages import ServerMessages
from pipeline.context import Context
from pipeline.engines import EngineError
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranslator
from pipeline.engines.translation.openai import OpenAiHttp
from pipeline.events import EngineFailed, SpeechPlayed, Translated, UtteranceEnded
from pipeline.lanes.fallback import FallbackLane
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.speech_cache import SpeechCache
from pipeline.lanes.translation_cache import CachingLane, TranslationCache
from pipeline.speech import VOICE_RATE, Speech, Synthesize, Translate, Translation, Voice
from pipeline.text.segmenter import segment
from pipeline.text.speaking_time import longest_s
from pipeline.text.translation_checks.verdict import Doubt, HeldReason, judged
from server.call_admission import Admission
from server.engine_choice.from_settings import engine_set
from server.observe.event_log import log_failures
from server.observe.metrics import Metrics
from server.settings import Settings
from testing.virtual_clock import virtually
from tests.kit.completions_server import Server, serving, translated
from tests.kit.interpreter_scene import Scene
from tests.kit.sample_sentences import LANGUAGES, SENTENCES
from tests.kit.speaking_scene import Live

SPOKEN, HELD = ("spoken", None), ("failed", "held")
LINE = "good day, please add the file to the exceptions"
LOOP = ("I'm sorry, but " * 40)[:600]
GOOD = "buenos días, añada el archivo a las excepciones"
SHORT_VOICE = {"seconds": 0.2, "word_seconds": 0.25}


def scene_with(texts: dict[str, str]) -> Scene:
    return Scene(mt=ScriptedTranslator(texts), tts=ScriptedSynthesizer(**SHORT_VOICE))


async def say(scene: Scene, *lines: str) -> None:
    for line in lines:
        assert scene.interpreter.say(line, scene.media_ms)
        await scene.silence(0.3)
    await scene.caught_up()


def shown(scene: Scene) -> list[tuple[str, HeldReason | None, tuple[Doubt, ...]]]:
    return [(event.text, event.held, event.unsure) for event in scene.of(Translated)]


# a loop of the translator


@virtually
async def test_a_looping_translation_is_shown_as_it_was_said_and_not_spoken() -> None:
    async with scene_with({LINE: LOOP}) as scene:
        await say(scene, LINE, "the next line")
        assert scene.outcomes == [HELD, SPOKEN], "and the next line is not late"
        assert shown(scene) == [(LINE, HeldReason.REPEATS, ()), ("the next line", None, ())]
        assert [job.text for job in scene.tts.jobs] == ["the next line"]
        assert next((e.state, e.reason) for e in scene.of(SpeechPlayed)) == ("skipped", "held")
        assert not scene.failed("mt"), "no engine has failed"


@virtually
async def test_a_good_translation_is_spoken() -> None:
    async with scene_with({LINE: GOOD}) as scene:
        await say(scene, LINE, "the next line")
        assert scene.outcomes == [SPOKEN, SPOKEN]
        assert shown(scene)[0] == (GOOD, None, ())
        assert [job.text for job in scene.tts.jobs] == [GOOD, "the next line"]


@virtually
async def test_one_segment_that_is_held_back_leaves_the_others() -> None:
    async with scene_with({"Bad one.": "no sé " * 50, "One.": "Uno.", "Three.": "Tres."}) as scene:
        await say(scene, "One. Bad one. Three.")
        assert scene.outcomes == [SPOKEN]
        assert shown(scene) == [("Uno.", None, ()), ("Bad one.", HeldReason.REPEATS, ()), ("Tres.", None, ())]
        assert [job.text for job in scene.tts.jobs] == ["Uno.", "Tres."]


@virtually
async def test_what_is_prepared_ahead_of_time_is_judged_too() -> None:
    class Looping:
        languages: frozenset[str] = frozenset()
        pairs = frozenset({("en", "es")})

        async def __call__(self, job: Translate) -> Translation:
            return Translation("gracias " * 40, job.source, job.target)

    async with Live(mt=Looping()) as scene:
        await scene.speak_up("Thank you very much.")
        assert scene.voice.texts == [], "not a sound was made of it"
        assert scene.outcomes == [HELD]
        assert {event.held for event in scene.of(Translated)} == {HeldReason.REPEATS}


# something is missing

SAID = "I did not send 15, I sent 50 to Ms Ng."


@pytest.mark.parametrize(
    ("answer", "text", "held", "unsure", "outcome"),
    [
        ("Envié 15.", "Envié 15.", None, {Doubt.NUMBER, Doubt.NEGATION, Doubt.INCOMPLETE}, SPOKEN),
        ("Envié 15, envié 50 a la señora Ng.", "Envié 15, envié 50 a la señora Ng.", None, {Doubt.NEGATION}, SPOKEN),
        ("<unk> ⁇ <unk> 50 ⁇", SAID, HeldReason.EMPTY, set(), HELD),
        ("", SAID, HeldReason.EMPTY, set(), HELD),
        ("No envié 15, envié 50 a la señora Ng.", "No envié 15, envié 50 a la señora Ng.", None, set(), SPOKEN),
    ],
)
@virtually
async def test_what_is_missing_is_marked_and_nothing_is_a_failure(
    answer: str, text: str, held: HeldReason | None, unsure: set[Doubt], outcome: tuple[str, str | None]
) -> None:
    async with scene_with({SAID: answer}) as scene:
        await say(scene, SAID)
        ((found, reason, doubts),) = shown(scene)
        assert (found, reason, set(doubts)) == (text, held, unsure)
        assert scene.outcomes == [outcome]
        assert [job.text for job in scene.tts.jobs] == ([] if held else [text])


# a language model


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def asked(server: Server, said: str, answer: str) -> Translation | EngineError:
    """Return what the engine makes of a server's answer."""
    server.answer = translated(lambda _: answer)
    engine = OpenAiHttp(url=server.url, model="m", languages=["en", "es"])
    try:
        return engine.translate([Translate(said, "en", "es")])[0]
    finally:
        engine.close()


MODELS = [
    ("Good morning.", "Here is the translation: Buenos días.", "Buenos días."),
    ("Good morning.", "Claro, aquí tienes la traducción: Buenos días.", "Buenos días."),
    ("Good morning.", "Here are a few translation options:\n1. Buenos días.\n2. Buen día.", "Buenos días."),
    ("Good morning.", "Buenos días. / Buen día.", "Buenos días."),
    ("Stop.", 'Para.\n\n(Note: depending on context, "Alto" may be better.)', "Para."),
    ("I will kill this bug.", "I'm sorry, but I can't help with that.", HeldReason.NOT_A_TRANSLATION),
    ("Hm?", "Please provide the text you would like translated.", HeldReason.NOT_A_TRANSLATION),
    ("I want to ask you some questions.", "I want to ask you some questions.", HeldReason.UNTRANSLATED),
    ("What's the capital of France?", "París.", HeldReason.NOT_A_TRANSLATION),
    ("Good morning.", '{"translation": "Buenos días."}', "Buenos días."),
    ("Good morning.", "```\nBuenos días.\n```", "Buenos días."),
    ("Good morning.", "**Buenos días.**", "Buenos días."),
    ("Good morning.", '"Buenos días."', "Buenos días."),
    ("How are you today, my dear old friend at our school?", "Buenos días. " * 25, HeldReason.REPEATS),
    ("Good morning.", "[THINK]The user greets[/THINK]Buenos días.", None),
    ("Good morning.", "◁think▷The user greets◁/think▷Buenos días.", None),
    ("Good morning.", "<|channel|>analysis<|message|>A greeting.", None),
    ("Good morning.", "<think>A greeting.</think>Buenos días.", None),
    ("Good morning.", "<thinking>A greeting.</thinking>Buenos días.", None),
    ("Good morning.", "Buenos días.", "Buenos días."),
]


@pytest.mark.parametrize(("said", "answer", "becomes"), MODELS)
def test_a_models_answer_is_stripped_or_held_back(
    server: Server, said: str, answer: str, becomes: str | HeldReason | None
) -> None:
    found = asked(server, said, answer)
    if becomes is None:
        assert isinstance(found, EngineError) and "thinks" in str(found)
        return
    assert isinstance(found, Translation)
    verdict = judged(Translate(said, "en", "es"), found)
    if isinstance(becomes, HeldReason):
        assert (verdict.held, verdict.text) == (becomes, said)
    else:
        assert (verdict.held, verdict.text, verdict.unsure) == (None, becomes, ())


# what is kept

JOB = Translate("Thank you.", "en", "es")


class Answering:
    """Answers in turn, the last for ever."""

    pairs = frozenset({("en", "es")})
    identity = "one"

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        return [
            Translation(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0], job.source, job.target)
            for job in jobs
        ]


class Remembering(InLoopLane[Translate, Translation], CachingLane):
    def __init__(self, engine: Answering) -> None:
        InLoopLane.__init__(self, engine)
        self.memory = TranslationCache()


async def test_an_answer_that_is_held_back_is_not_remembered() -> None:
    async with Remembering(Answering(["gracias " * 30] * 3 + ["Gracias."])) as lane:
        answers = [(await lane.do(JOB)).text for _ in range(3)]
        assert all(text.startswith("gracias gracias") for text in answers) and len(lane.memory) == 0
        assert [(await lane.do(JOB)).text for _ in range(3)] == ["Gracias."] * 3
        assert len(lane.memory) == 1 and lane.counters.remembered == 1


# a voice that goes on


class Babbling:
    """A voice that says `seconds` whatever the text is."""

    languages = frozenset({"en", "es"})

    def __init__(self, seconds: float, voice: str = "a") -> None:
        self.voices = (Voice(voice, "es", voice, "CC0"),)
        self.speech = Speech(bytes(2 * int(seconds * VOICE_RATE)))

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]:
        return [self.speech for _ in jobs]


@pytest.mark.parametrize(("seconds", "outcome"), [(30.0, ("subtitles_only", "tts")), (1.2, SPOKEN)])
@virtually
async def test_speech_far_longer_than_its_text_is_not_played(seconds: float, outcome: tuple[str, str | None]) -> None:
    async with Scene(mt=ScriptedTranslator({"Yes.": "Sí."}), tts=ScriptedSynthesizer(seconds=seconds)) as scene:
        await say(scene, "Yes.")
        assert scene.outcomes == [outcome]
        assert len(scene.ears[0].heard) == (outcome == SPOKEN)
        assert scene.failed("tts") == (outcome != SPOKEN)


async def test_the_next_voice_speaks_where_one_goes_on() -> None:
    good, cache = Babbling(1.0, "b"), SpeechCache()
    lanes = [InLoopLane[Synthesize, Speech](engine) for engine in (Babbling(30.0), good)]
    async with FallbackLane(lanes, cache=cache) as speaking:
        await speaking.wait_ready()
        for _ in range(3):
            assert await speaking.do(Synthesize("Sí.", "es")) is good.speech
        assert speaking.stand_ins >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slow_speaker_is_taken_for_a_voice_that_goes_on(language: str) -> None:
    """Four characters a second, or two signs, is slower than any voice; ten times the text is too much."""
    signs = 2 if language in ("zh", "ja", "ko") else 4
    for text in (*SENTENCES[language], "1234567890", "50 %"):
        assert longest_s(text) > len(text) / (1 if text[:1].isdigit() else signs)
        assert longest_s(text) < 10 + 1.3 * len(text)
        assert longest_s(text, 0.5) == 2 * longest_s(text) and longest_s(text, 2.0) == longest_s(text)


# who is told


def test_the_messages_have_the_marks_only_where_there_are_any() -> None:
    (part,) = segment("Yes.")
    base = ("u-1", "ann", ("bob",), part, 0, True)
    wire = ServerMessages("s-1", "bob", now=lambda: 1.0, wall_ms=lambda: 1)
    plain = wire.write(Translated(*base, "Sí.", "en", "es", 0.5))
    held = wire.write(Translated(*base, "Yes.", "en", "es", 0.5, held=HeldReason.TOO_LONG))
    unsure = wire.write(Translated(*base, "No.", "en", "es", 0.5, unsure=(Doubt.NUMBER, Doubt.NEGATION)))
    assert plain is not None and held is not None and unsure is not None
    assert not {"held", "unsure"} & plain.keys()
    assert held == {**plain, "translatedText": "Yes.", "held": "too_long"}
    assert unsure == {**plain, "translatedText": "No.", "unsure": ["number", "negation"]}


@virtually
async def test_held_and_doubtful_answers_are_counted_and_the_held_ones_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics = Metrics(engine_set(Settings(models="scripted")), Admission())
    texts = {LINE: LOOP, SAID: "Envié 15, envié 50 a la señora Ng.", "Yes.": "Sí."}
    async with scene_with(texts) as scene:
        await say(scene, LINE, SAID, "Yes.")
        with caplog.at_level(logging.WARNING):
            for event in scene.events:
                metrics.observe(Context("s-1"), event)
                log_failures(Context("s-1"), event)
    page = metrics.exposition().decode()
    assert 'dragoman_translations_held_total{reason="repeats"} 1.0' in page
    assert 'dragoman_translations_unsure_total{doubt="negation"} 1.0' in page
    for counter in ("held", "unsure"):
        counted = re.findall(rf"^dragoman_translations_{counter}_total\{{.*\}} (.+)$", page, re.MULTILINE)
        assert sum(map(float, counted)) == 1.0
    logged = [record for record in caplog.records if record.message == "translation held back"]
    assert [record.__dict__["detail"] for record in logged] == ["repeats"]
    assert not scene.of(EngineFailed) and LINE not in caplog.text and "sorry" not in caplog.text
    assert len(scene.of(UtteranceEnded)) == 3
