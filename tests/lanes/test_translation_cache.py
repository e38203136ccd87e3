"""Repeated texts are translated once: by engine, model, pair and glossary, within bounds, and no more
of it is kept than that."""

from collections.abc import Sequence
from pathlib import Path

import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec, make
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.lanes.engine_set import open_stages
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.translation_cache import LONGEST, CachingLane, Key, TranslationCache
from pipeline.speech import Translate, Translation


class Counting:
    """Translates by itself, and counts."""

    pairs = frozenset({("en", "es"), ("es", "en"), ("en", "pt")})

    def __init__(self, identity: str = "one") -> None:
        self.identity = identity
        self.asked: list[str] = []

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]:
        self.asked += [job.text for job in jobs]
        return [
            EngineError("no") if job.text == "bad" else Translation(f"{job.target} {job.text}", job.source, job.target)
            for job in jobs
        ]


class Here(InLoopLane[Translate, Translation], CachingLane):
    """Both: the engine in this loop, and the memory before its line."""

    def __init__(self, engine: Counting, memory: TranslationCache | None = None) -> None:
        InLoopLane.__init__(self, engine)
        self.memory = TranslationCache() if memory is None else memory


async def say(lane: Here, *texts: str, source: str = "en", target: str = "es") -> list[str]:
    return [(await lane.do(Translate(text, source, target))).text for text in texts]


async def test_a_segment_is_remembered_from_its_second_time_on() -> None:
    engine = Counting()
    async with Here(engine) as lane:
        assert await say(lane, "Yes.", "Yes.", "Yes.", "No.", "Yes.") == ["es Yes."] * 3 + ["es No.", "es Yes."]
        assert engine.asked == ["Yes.", "Yes.", "No."]
        assert (lane.counters.remembered, lane.counters.jobs, len(lane.memory)) == (2, 3, 1)


async def test_languages_are_kept_apart_and_tags_as_they_were_asked() -> None:
    engine = Counting()
    async with Here(engine) as lane:
        await say(lane, *["No."] * 3)
        assert await say(lane, "No.", source="es", target="en") == ["en No."]
        assert await say(lane, "No.", target="pt-BR") == ["pt-BR No."]
        assert await say(lane, "No.", target="pt-PT") == ["pt-PT No."]
        assert len(engine.asked) == 5
        await say(lane, "No.", target="es-MX")
        told = await lane.do(Translate("No.", "EN", "ES"))
        assert told == Translation("es No.", "EN", "ES") and len(engine.asked) == 6


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "My number is 5.", "٣ أشخاص", "Room ⅲ"])
async def test_what_is_long_or_holds_a_number_is_never_kept(text: str) -> None:
    engine = Counting()
    async with Here(engine) as lane:
        await say(lane, *[text] * 4)
        assert len(engine.asked) == 4 and len(lane.memory) == 0


async def test_what_is_said_once_leaves_no_text() -> None:
    async with Here(Counting()) as lane:
        await say(lane, *(f"My name is {name}." for name in ("Ana", "Ben", "Cem")))
        assert len(lane.memory) == lane.memory.bytes == 0
        assert "Ana" not in repr(vars(lane.memory))


async def test_an_engine_that_does_not_say_who_it_is_is_asked_every_time() -> None:
    engine = Counting("")
    async with Here(engine) as lane:
        await say(lane, *["Yes."] * 4)
        assert len(engine.asked) == 4


async def test_another_model_or_glossary_is_asked_anew() -> None:
    memory = TranslationCache()
    for identity in ("model a", "model b", "model a glossary 1"):
        engine = Counting(identity)
        async with Here(engine, memory) as lane:
            await say(lane, *["Yes."] * 3)
            assert len(engine.asked) == 2


async def test_failures_are_not_kept() -> None:
    engine = Counting()
    async with Here(engine) as lane:
        for _ in range(3):
            with pytest.raises(EngineError):
                await say(lane, "bad")
        assert len(engine.asked) == 3 and len(lane.memory) == 0


async def test_a_closed_lane_answers_nothing() -> None:
    async with Here(Counting()) as lane:
        await say(lane, *["Yes."] * 3)
    with pytest.raises(EngineError, match="closed"):
        await say(lane, "Yes.")


def key(text: str) -> Key:
    return "engine", "en", "es", text


def test_it_is_bounded_by_number_and_forgets_what_is_used_least() -> None:
    memory = TranslationCache(most=3)
    for text in ("a", "b", "c"):
        for _ in range(2):
            memory.put(key(text), text.upper())
    assert memory.get(key("a")) == "A"
    for _ in range(2):
        memory.put(key("d"), "D")
    assert [memory.get(key(text)) for text in "abcd"] == ["A", None, "C", "D"]
    for n in range(1000):
        memory.put(key(f"once {n}"), "x")
    assert len(memory) == 3 and len(memory._once) <= 3


def test_it_is_bounded_by_bytes() -> None:
    memory = TranslationCache(most=1000, most_bytes=10_000)
    for n in range(1000):
        for _ in range(2):
            memory.put(key(f"сегмент {n}"), "перевод" * 10)
    assert memory.bytes <= 10_000 and 20 < len(memory) < 100
    held = sum(len(part.encode()) for one, text in memory._kept.items() for part in (*one, text))
    assert memory.bytes == held
    memory.put(key("сегмент 999"), "x")
    assert memory.get(key("сегмент 999")) == "x" and memory.bytes < held
    for _ in range(2):
        memory.put(key("far too much"), "x" * 20_000)
    assert memory.bytes <= 10_000 and memory.get(key("far too much")) is None


def test_none_is_none() -> None:
    memory = TranslationCache(most=0)
    for _ in range(3):
        memory.put(key("a"), "A")
    assert len(memory) == memory.bytes == len(memory._once) == 0 and memory.get(key("a")) is None


def test_who_the_bundled_translator_is_depends_on_all_that_its_answers_depend_on(tmp_path: Path) -> None:
    def identity(**options: object) -> str:
        return str(make(EngineSpec("mt", "starter", options)).identity)  # type: ignore[union-attr]

    table = tmp_path / "terms.csv"
    seen = {identity(), identity(beam=2), identity(compute_type="float32")}
    for text in ("en,es\ncat,gato\n", "en,es\ncat,michi\n"):
        table.write_text(text)
        seen.add(identity(glossary=str(table)))
    assert len(seen) == 5 and identity() in seen
    copy = tmp_path / "model"
    copy.mkdir()
    for file in starter.MT.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    before = CTranslate(str(copy)).identity
    assert before not in seen
    assert CTranslate(str(copy)).identity == before
    told = (copy / "translation.json").read_text()
    (copy / "translation.json").write_text(told + " ")
    assert CTranslate(str(copy)).identity != before


async def test_with_the_bundled_translator_in_its_process() -> None:
    scripted = EngineSpec("stt", "scripted")
    stages = open_stages({"stt": scripted, "mt": EngineSpec("mt", "starter"), "tts": EngineSpec("tts", "scripted")})
    async with stages:
        await stages.wait_ready()
        texts = [(await stages.mt.do(Translate("I lost my passport.", "en", "es"))).text for _ in range(4)]
        assert texts == ["Perdí mi pasaporte."] * 4
        assert (stages.mt.counters.jobs, stages.mt.counters.remembered) == (2, 2)
