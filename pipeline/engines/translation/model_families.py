"""Families of translation models (OPUS-MT, M2M100, NLLB): prompt tokens and language codes of each.

Templates: `{source}` and `{target}` are the model's own names of the two languages. Sources: the model cards and
tokenizers of Helsinki-NLP/opus-mt-* (Tiedemann and Thottingal 2020), facebook/m2m100_418M (Fan et al. 2020, table
of codes in its tokenizer) and facebook/nllb-200-distilled-600M (FLORES-200 codes, NLLB Team 2022), and what
CTranslate2's converters for them document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.text.language import PROMISED

_ISO_639_3 = {
    "en": ("eng",),
    "es": ("spa",),
    "fr": ("fra", "fre"),
    "de": ("deu", "ger"),
    "it": ("ita",),
    "pt": ("por",),
    "ru": ("rus",),
    "ar": ("ara", "arb", "ara_Arab"),
    "zh": ("cmn_Hans", "zho_Hans", "cmn", "zho", "chi"),
    "ja": ("jpn", "jpn_Jpan"),
    "ko": ("kor", "kor_Hang"),
    "hi": ("hin", "hin_Deva"),
    "tr": ("tur",),
    "nl": ("nld", "dut"),
    "pl": ("pol",),
}
_FLORES_200 = {
    "en": "eng_Latn",
    "es": "spa_Latn",
    "fr": "fra_Latn",
    "de": "deu_Latn",
    "it": "ita_Latn",
    "pt": "por_Latn",
    "ru": "rus_Cyrl",
    "ar": "arb_Arab",
    "zh": "zho_Hans",
    "ja": "jpn_Jpan",
    "ko": "kor_Hang",
    "hi": "hin_Deva",
    "tr": "tur_Latn",
    "nl": "nld_Latn",
    "pl": "pol_Latn",
}


@dataclass(frozen=True, slots=True)
class Family:
    """`prefix` goes before the source's pieces, `target_prefix` is what the decoder is made to begin with; it is
    no part of the translation. `codes` are the names that models of this family use for a language, the best first:
    the first whose token a model has is meant. `pieces` are the SentencePiece models of source and target."""

    name: str
    prefix: tuple[str, ...]
    target_prefix: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    pieces: tuple[str, str]


OPUS_MT = Family(
    "opus-mt",
    prefix=(">>{target}<<",),  # of models with several targets only
    target_prefix=(),
    codes={language: (*codes, language) for language, codes in _ISO_639_3.items()},
    pieces=("source.spm", "target.spm"),
)
M2M100 = Family(
    "m2m100",
    prefix=("__{source}__",),
    target_prefix=("__{target}__",),
    codes={language: (language,) for language in PROMISED},
    pieces=("sentencepiece.bpe.model",) * 2,
)
NLLB = Family(
    "nllb",
    prefix=("{source}",),
    target_prefix=("{target}",),
    codes={language: (code,) for language, code in _FLORES_200.items()},
    pieces=("sentencepiece.bpe.model",) * 2,
)
FAMILIES: Mapping[str, Family] = {family.name: family for family in (OPUS_MT, M2M100, NLLB)}


def language_of(code: str) -> str | None:
    """The primary subtag that OPUS-MT's name of a language means; None for a group ("roa", "mul") and others."""
    for language, codes in OPUS_MT.codes.items():
        if code in codes:
            return language
    return None
