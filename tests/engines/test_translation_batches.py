"""Many sentences of many jobs at once: each translated as it would be alone, in few runs of the library."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import starter
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.speech import Translate
from pipeline.text.segmenter import LONGEST
from tests.kit.random_translation_models import SAID, random_model

TOKENS = {
    "m2m100": ["__en__", "__es__", "__fr__"],
    "nllb": ["eng_Latn", "spa_Latn", "fra_Latn"],
    "opus-mt": [">>spa<<", ">>fra<<"],
}
BOOK = [
    ("Where is the train station?", "en", "es"),
    ("Quisiera un café, por favor.", "es", "en"),
    ("I lost my passport. Where is the bank? Good morning.", "en", "es"),
    ("Hi.", "en", "es"),
    ("¿Dónde está el banco?", "es", "en"),
    ("", "en", "es"),
    ("My grandmother used to knit sweaters for penguins that lived far away from every train station", "en", "es"),
]


def jobs(pairs: list[tuple[str, str]]) -> list[Translate]:
    """Return jobs of one word up to forty, with one sentence or three."""
    chance = random.Random(7)
    words = " ".join(SAID).split()
    texts = [" ".join(chance.choices(words, k=n)) for n in (1, 2, 3, 5, 8, 13, 25, 40)] * 2
    texts[3] = f"{texts[3]}. {texts[1]}. {texts[6]}"
    return [Translate(text, *chance.choice(pairs)) for text in texts]


@pytest.mark.parametrize("compute_type", ["int8", "float32"])
def test_the_bundled_model_gives_the_same_alone_and_together(compute_type: str) -> None:
    engine = CTranslate(str(starter.MT), compute_type=compute_type)
    asked = [Translate(*row) for row in BOOK]
    assert list(engine.translate(asked * 6)) == [engine.translate([job])[0] for job in asked] * 6


@pytest.mark.parametrize("beam", [1, 2])
@pytest.mark.parametrize("compute_type", ["int8", "float32"])
@pytest.mark.parametrize("family", TOKENS)
def test_every_family_gives_the_same_alone_and_together(
    tmp_path: Path, family: str, compute_type: str, beam: int
) -> None:
    folder = random_model(tmp_path / "opus-mt-en-mul", family, TOKENS[family], quantize=compute_type == "int8")
    engine = CTranslate(str(folder), compute_type=compute_type, beam=beam)
    asked = jobs(sorted(engine.pairs))
    alone = [engine.translate([job])[0] for job in asked]
    assert len({told.text for told in alone}) > len(alone) / 2, "texts by which a mix-up would be seen"
    # By chance two words may be equally likely, and how sums are rounded, which depends on the processor and on what
    # else is in the batch, then decides in int8.
    least = len(alone) * (3 / 4 if compute_type == "int8" else 1)
    shuffled = random.Random(3).sample(range(len(asked)), len(asked))
    for order in (range(len(asked)), shuffled):
        told = engine.translate([asked[n] for n in order])
        unlike = [one for one, n in zip(told, order, strict=True) if one != alone[n]]
        assert len(told) - len(unlike) >= least
        assert not any(one in alone for one in unlike), "another's"


def test_all_sentences_of_all_jobs_are_one_run(library: Callable[[CTranslate], list[int]]) -> None:
    engine = CTranslate(str(starter.MT))
    runs = library(engine)
    several = (
        Translate("Hi. Where is the bank? Yes.", "en", "es"),
        Translate("Sí. No.", "es", "en"),
        Translate(" ", "en", "es"),
    )
    engine.translate(several)
    assert runs == [5]
    engine.translate([Translate(" ", "en", "es")])
    assert runs == [5], "nothing to do"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[CTranslate], list[int]]:
    """Counts the sentences of each run of the library."""

    def watch(engine: CTranslate) -> list[int]:
        (model,) = engine._models
        runs: list[int] = []

        class Counting:
            def __init__(self, inner: Any) -> None:
                self._inner = inner

            def translate_batch(self, sources: list[list[str]], **options: Any) -> Any:
                runs.append(len(sources))
                return self._inner.translate_batch(sources, **options)

        monkeypatch.setattr(model, "_model", Counting(model._model))
        return runs

    return watch


def test_an_endless_sentence_is_cut_and_nothing_of_it_is_lost(library: Callable[[CTranslate], list[int]]) -> None:
    engine = CTranslate(str(starter.MT))
    runs = library(engine)
    (model,) = engine._models
    text = "where is the old bridge " * 60
    cuts = model._pieces(text)
    assert [piece for cut in cuts for piece in cut] == model._source.encode(text, out_type=str)
    assert all(80 <= len(cut) <= 160 for cut in cuts[:-1]) and all(cut[0].startswith("▁") for cut in cuts)
    engine.translate([Translate(text, "en", "es")])
    assert len(text) / LONGEST <= runs[0] < len(text) / LONGEST + 3, "and it is one run all the same"
