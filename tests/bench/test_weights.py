"""Models with random weights are what they say: of the published size, with their family's tokens, and no longer than
asked in what they say."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import ctranslate2
import faster_whisper
import numpy as np
import pytest
import sentencepiece

from bench import weights
from pipeline.engine_contract.texts import SENTENCES
from pipeline.engine_contract.transcriber import babble
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe

MILLIONS = {"tiny": 39, "base": 74, "small": 244, "medium": 769, "large-v3": 1550, "turbo": 809,
            "distil-small.en": 166, "distil-large-v3": 756}  # fmt: skip
"""Parameters, as their makers publish them."""


def parameters(size: weights.WhisperSize) -> int:
    """Return the number of parameters of the architecture: layers of that width, and the tables around."""
    width = size.width
    attention, feed = 4 * width**2, 8 * width**2
    tokens = size.text + len(weights.specials(size)) + 1501
    tables = tokens * width + 448 * width + 1500 * width + (size.mels + width) * 3 * width
    return size.encoder_layers * (attention + feed) + size.decoder_layers * (2 * attention + feed) + tables


@pytest.mark.parametrize("name", sorted(weights.WHISPER))
def test_a_whisper_has_the_published_size(name: str) -> None:
    assert parameters(weights.WHISPER[name]) / 1e6 == pytest.approx(MILLIONS[name], rel=0.04)
    tokens = {"distil-small.en": 51_864}.get(name, 51_866 if weights.WHISPER[name].mels == 128 else 51_865)
    assert weights.WHISPER[name].text + len(weights.specials(weights.WHISPER[name])) + 1501 == tokens


def test_a_byte_for_each_parameter_is_written(tmp_path: Path) -> None:
    size = weights.whisper("tiny", tmp_path).joinpath("model.bin").stat().st_size
    assert size == pytest.approx(parameters(weights.WHISPER["tiny"]), rel=0.1)


@pytest.mark.parametrize("name", ["tiny", "large-v3", "turbo", "distil-small.en"])
def test_a_small_whisper_is_made_at_once_and_knows_what_its_family_knows(name: str, tmp_path: Path) -> None:
    began = time.process_time()
    folder = weights.whisper(name, tmp_path / "model", tiny=True)
    assert time.process_time() - began < 2
    model = faster_whisper.WhisperModel(str(folder), device="cpu", local_files_only=True)
    size = weights.WHISPER[name]
    assert model.model.n_mels == size.mels == model.feature_extractor.mel_filters.shape[0]
    assert model.model.is_multilingual == (not name.endswith(".en"))
    known = {code for code in faster_whisper.tokenizer._LANGUAGE_CODES if model.hf_tokenizer.token_to_id(f"<|{code}|>")}
    assert len(known) == size.languages and set(SENTENCES) <= known
    assert ("yue" in known) == (size.mels == 128), "Cantonese came with large-v3"
    made = (folder / "model.bin").stat()
    assert weights.whisper(name, folder, tiny=True) == folder
    assert (folder / "model.bin").stat() == made, "one that is there is left as it is"


def test_a_transcript_is_as_long_as_asked_and_depends_on_what_is_heard(tmp_path: Path) -> None:
    for says in (4, 15):
        whisper = Whisper.of(str(weights.whisper("base", tmp_path / str(says), tiny=True, says=says)), margin=30)
        heard = whisper.transcribe([Transcribe(babble(2.0, seed), "en") for seed in (1, 2, 3)])
        assert [len(one.text.split()) for one in heard] == [says] * 3
    assert len({one.text for one in heard}) == 3
    assert whisper.transcribe([Transcribe(babble(2.0, 1), "es")])[0].text != heard[0].text, "and on the language"


FAMILIES = {"opus": weights.opus, "m2m100": weights.m2m100, "nllb": weights.nllb}


def translated(folder: Path, texts: list[list[str]], prefix: list[str]) -> list[list[str]]:
    model = ctranslate2.Translator(str(folder), compute_type="int8", intra_threads=1)
    given = {"target_prefix": [prefix] * len(texts)} if prefix else {}
    return [result.hypotheses[0] for result in model.translate_batch(texts, beam_size=1, **given)]


@pytest.mark.parametrize(
    ("family", "before", "after", "prefix"),
    [
        ("opus", [], [], []),
        ("m2m100", ["__en__"], ["</s>"], ["__es__"]),
        ("nllb", ["eng_Latn"], ["</s>"], ["spa_Latn"]),
    ],
)
def test_a_translation_is_as_long_as_asked(
    family: str, before: list[str], after: list[str], prefix: list[str], tmp_path: Path
) -> None:
    folder = FAMILIES[family](tmp_path, tiny=True, says=7)
    told = json.loads((folder / "translation.json").read_text("utf-8"))
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / told["source_pieces"]))
    texts = [[*before, *pieces.encode(text, out_type=str), *after] for text in SENTENCES["en"]]
    found = translated(folder, texts, prefix)
    assert [one[: len(prefix)] for one in found] == [prefix] * 2
    assert [len(one) - len(prefix) for one in found] == [7, 7]
    assert found[0] != found[1]
    vocabulary = json.loads((folder / "shared_vocabulary.json").read_text("utf-8"))
    assert {*before, *after, *prefix} <= set(vocabulary), "the tokens by which it is asked are tokens to it"
    assert len(set(vocabulary)) == len(vocabulary)
    unknown = [piece for text in texts for piece in text if piece not in vocabulary]
    assert not unknown


def test_each_family_knows_what_it_is_asked_for(tmp_path: Path) -> None:
    every = {tuple(pair) for pair in itertools.permutations(SENTENCES, 2)}
    for family in ("m2m100", "nllb"):
        folder = FAMILIES[family](tmp_path / family, tiny=True)
        told = json.loads((folder / "translation.json").read_text("utf-8"))
        assert {tuple(pair) for pair in told["pairs"]} == every
    several = weights.opus(tmp_path / "several", (("en", "es"), ("en", "fr")), tiny=True)
    vocabulary = json.loads((several / "shared_vocabulary.json").read_text("utf-8"))
    assert {">>es<<", ">>fr<<"} <= set(vocabulary)


def test_sizes_of_translators_are_the_published_ones() -> None:
    """Parameters: attention and feed-forward of each layer, and one table of embeddings."""
    for size, millions in ((weights.OPUS, 77), (weights.M2M100, 484), (weights.NLLB, 615)):
        layer = 4 * size.width**2 + 2 * size.width * size.inner
        both = size.layers * (2 * layer + 4 * size.width**2)
        assert (both + size.tokens * size.width) / 1e6 == pytest.approx(millions, rel=0.02)


def test_no_two_weights_of_a_model_are_the_same(tmp_path: Path) -> None:
    """Else the library would keep but one of them, and be quicker than with real ones."""
    from bench.weights.filling import Filling

    fill = Filling(1, 0.02)
    arrays = [fill.quantised(64, 64) for _ in range(600)]
    assert len({array.tobytes() for array in arrays}) == 600
    assert np.std(fill.floats(1000, 100)) == pytest.approx(0.02, rel=0.05)
