"""Translators: OPUS-MT, M2M100-418M and NLLB-200-distilled-600M.

OPUS-MT is Marian's "transformer-base" with Helsinki-NLP's usual vocabulary; the sizes of the others are those of
Meta's published configurations (`facebook/m2m100_418M`, `facebook/nllb-200-distilled-600M`): 12 layers in each half,
normalised before, ReLU, embeddings scaled by the root of their width, one table for source, target and output.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ctranslate2.specs
import numpy as np
from ctranslate2.specs.common_spec import Activation

from bench.weights.filling import Filling, end_after, quiet, save, sinusoids, tied, whole
from bench.weights.pieces import pieces, trained
from pipeline.engine_contract.texts import SENTENCES

LANGUAGES = tuple(sorted(SENTENCES))


@dataclass(frozen=True, slots=True)
class Size:
    """`tokens` is the whole vocabulary's size; Marian normalises behind its layers, fairseq's models before."""

    width: int
    heads: int
    layers: int
    inner: int
    tokens: int
    pre_norm: bool
    activation: Activation
    positions: int

    def small(self, tokens: int) -> Size:
        """The same architecture, a few narrow layers of it."""
        return replace(self, width=64, heads=2, layers=2, inner=256, tokens=tokens)


OPUS = Size(512, 8, 6, 2048, 65_000, False, Activation.SWISH, 512)
M2M100 = Size(1024, 16, 12, 4096, 128_112, True, Activation.RELU, 1024)
NLLB = Size(1024, 16, 12, 4096, 256_206, True, Activation.RELU, 1024)

_FIRM = 3  # how much longer its embedding of an end is, so that what it hears can't drown it
_HEARD = 4  # how much more a tiny decoder looks at the source, so that other texts get other translations

NLLB_CODES = {
    "ar": "arb_Arab", "de": "deu_Latn", "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "hi": "hin_Deva",
    "it": "ita_Latn", "ja": "jpn_Jpan", "ko": "kor_Hang", "nl": "nld_Latn", "pl": "pol_Latn", "pt": "por_Latn",
    "ru": "rus_Cyrl", "tr": "tur_Latn", "zh": "zho_Hans",
}  # fmt: skip
"""NLLB's names (FLORES-200) of our languages."""


def opus(
    folder: Path, pairs: Sequence[tuple[str, str]] = (("en", "es"),), *, tiny: bool = False, says: int = 15
) -> Path:
    """An OPUS-MT model, as converted from Marian's own files; made if it isn't there. It answers any sentence with
    `says` tokens. One with several target languages is told which by `>>es<<`."""
    targets = sorted({target for _, target in pairs})
    marks = [f">>{target}<<" for target in targets] if len(targets) > 1 else []
    told = {
        "family": "opus-mt",
        "pairs": [list(pair) for pair in pairs],
        "prefix": [">>{code}<<"] if marks else [],
        "source_pieces": "source.spm",
        "target_pieces": "target.spm",
        "one_sentence": True,
    }
    config = {"decoder_start_token": "</s>", "add_source_eos": True}
    return _make(folder, OPUS, ["</s>", "<unk>"], marks, told, config, tiny=tiny, says=says, forced=0)


def m2m100(folder: Path, languages: Iterable[str] = LANGUAGES, *, tiny: bool = False, says: int = 15) -> Path:
    """An M2M100-418M. The source's language stands before its text, the target's begins the answer: `__es__`."""
    codes = {language: f"__{language}__" for language in languages}
    return _fairseq(folder, M2M100, "m2m100", codes, tiny=tiny, says=says)


def nllb(folder: Path, languages: Iterable[str] = LANGUAGES, *, tiny: bool = False, says: int = 15) -> Path:
    """An NLLB-200-distilled-600M. The source's language stands before its text, the target's begins the answer:
    `spa_Latn`."""
    codes = {language: NLLB_CODES[language] for language in languages}
    return _fairseq(folder, NLLB, "nllb", codes, tiny=tiny, says=says)


def _fairseq(folder: Path, size: Size, family: str, codes: dict[str, str], *, tiny: bool, says: int) -> Path:
    told = {
        "family": family,
        "pairs": [list(pair) for pair in itertools.permutations(codes, 2)],
        "suffix": ["</s>"],
        "source_pieces": "sentencepiece.bpe.model",
        "target_pieces": "sentencepiece.bpe.model",
        "one_sentence": True,
    }
    config = {"decoder_start_token": "</s>"}
    first, marks = ["<s>", "<pad>", "</s>", "<unk>"], list(codes.values())
    return _make(folder, size, first, marks, told, config, tiny=tiny, says=says, forced=1)


def _make(
    folder: Path,
    size: Size,
    first: list[str],
    marks: list[str],
    told: dict[str, Any],
    config: dict[str, Any],
    *,
    tiny: bool,
    says: int,
    forced: int,
) -> Path:
    """Write the model and the files beside it. `forced` tokens of an answer are given to the decoder."""
    if (folder / "model.bin").is_file():
        return folder
    known = pieces(except_for=first)
    words = [*first, *known, *marks]
    if tiny:
        size = size.small(len(words))
    vocabulary = [*words, *(f"t{number}" for number in range(size.tokens - len(words)))]
    fill = Filling(2, 0.5 / size.width**0.5 if tiny else 0.02)
    spec = _spec(size, fill)
    decoder = spec.decoder
    decoder.start_from_zero_embedding = not size.pre_norm  # Marian's decoder starts from nothing
    end = vocabulary.index("</s>")
    if tiny:
        _enliven(decoder, size, fill, end)
        quiet(decoder.embeddings, (vocabulary.index(token) for token in [*first, *marks] if token != "</s>"))
    end_after(decoder, says + forced, end)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    for name, value in config.items():
        setattr(spec.config, name, value)
    with whole(folder) as part:
        for name in {told["source_pieces"], told["target_pieces"]}:
            (part / name).write_bytes(trained())
        (part / "translation.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        save(spec, part, dict.fromkeys(("decoder/embeddings", "decoder/projection"), "encoder/embeddings_0"))
    return folder


def _enliven(decoder: Any, size: Size, fill: Filling, end: int) -> None:
    """Set the decoder's weights so that its words vary.

    Without this, a decoder of a few narrow layers says the same word again and again.
    """
    decoder.position_encodings.encodings = 16 * fill.floats(size.positions, size.width)
    for layer in decoder.layer:
        layer.attention.linear[1].weight_scale[size.width :] /= _HEARD  # the values, not the keys
    if not size.pre_norm:
        decoder.embeddings.weight_scale[end] /= _FIRM
        decoder.position_encodings.encodings -= decoder.embeddings.weight[end].astype(np.float32) / 64


def _spec(size: Size, fill: Filling) -> Any:
    spec = ctranslate2.specs.TransformerSpec.from_config(
        (size.layers, size.layers), size.heads, pre_norm=size.pre_norm, activation=size.activation
    )
    encoder, decoder = spec.encoder, spec.decoder
    fill.weight(encoder.embeddings[0], size.tokens, size.width)
    tied(decoder.embeddings, encoder.embeddings[0])
    tied(decoder.projection, encoder.embeddings[0])
    decoder.projection.bias = np.zeros(size.tokens, np.float32)
    for half, cross in ((encoder, False), (decoder, True)):
        half.scale_embeddings = float(size.width**0.5)
        half.position_encodings.encodings = sinusoids(size.positions, size.width)
        for part in half.layer:
            fill.layer(part, size.width, size.inner, cross=cross)
        if size.pre_norm:
            fill.norm(half.layer_norm, size.width)
    return spec
