"""Description of a translation model's folder: its family, pairs and prompt, from a file or recognised.

`translation.json` in the folder:

    {"family": "opus-mt",                     or m2m100, nllb: gives all below that isn't said
     "pairs": [["en", "es"], ["es", "en"]],   which (source, target) it knows
     "prefix": [">>{target}<<"],              tokens before the source's own; `{source}` and `{target}` (also
                                              `{code}`) are the model's names of the two languages
     "suffix": [],                            tokens after them
     "target_prefix": [],                     tokens that the translation is made to begin with, not part of it
     "codes": {"es": "spa"},                  the model's names of languages, where not the subtag itself
     "source_pieces": "source.spm",           SentencePiece models, in the folder
     "target_pieces": "source.spm",
     "one_sentence": true}                    trained on single sentences: text is split, and joined again

A folder without it is recognised where nothing has to be guessed: NLLB and M2M100 by the tokens of their languages,
OPUS-MT by the languages in its `tokenizer_config.json`, or by its folder's name (`opus-mt-en-es`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines import EngineError
from pipeline.engines.translation.model_families import FAMILIES, M2M100, NLLB, OPUS_MT, Family, language_of
from pipeline.engines.translation.model_folder import SIDES, ModelFolder, read_json, read_model
from pipeline.text.language import PROMISED, is_tag, primary

FILE = "translation.json"
Pair = tuple[str, str]

_NAMED = re.compile(r"opus-mt-(?:tc-[a-z]+-)?([A-Za-z]{2,3})-([A-Za-z]{2,3})(?:[-_.].*)?")
_FLORES = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_BRACKETED = re.compile(r"<(?!0x)[^<>\s]+>")  # "<s>", "<2es>"; "<0x0A>" is a byte of text
_LISTS, _TEXTS = ("prefix", "suffix", "target_prefix"), ("family", "source_pieces", "target_pieces")
_FIELDS = {*_LISTS, *_TEXTS, "pairs", "codes", "one_sentence"}


@dataclass(frozen=True, slots=True)
class Asking:
    """Prompt of a model for one pair: tokens around the source's, and those that the target begins with."""

    prefix: tuple[str, ...]
    suffix: tuple[str, ...]
    target_prefix: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """One model folder. `family` is empty where it is none of ours; `special` are tokens that are never words."""

    folder: Path
    family: str
    asking: Mapping[Pair, Asking]
    source_pieces: Path
    target_pieces: Path
    one_sentence: bool
    special: frozenset[str]


def describe(folder: Path, family: str | None = None) -> Description:
    """The description of a model folder. Raises `EngineError` that names the folder and what to do, also where it
    holds another family than `family`."""
    model = read_model(folder)
    file = folder / FILE
    description = read_json(file) if file.is_file() else {}
    _check(description, file)
    kind = _family(model, description)
    if family is not None and kind is not None and kind.name != family:
        raise EngineError(f"{folder} holds a model of {kind.name}, no {family} model")
    if family is not None and kind is None and description:
        raise EngineError(f'{file}: it says no "family", so this is no {family} model')
    if kind is None and not description:
        raise EngineError(
            f"{folder}: it can't be told how this model is asked (no tokens of NLLB or M2M100, no languages in "
            f"tokenizer_config.json); describe it in a file {FILE} there (docs/operations.md says how)"
        )
    pairs = _pairs(description, file) if "pairs" in description else _known_pairs(model, kind)
    asking = {pair: _asking(pair, description, kind, model) for pair in pairs}
    names = kind.pieces if kind else ("", "")
    source_pieces, target_pieces = (
        _pieces(folder, description.get(f"{side}_pieces", name)) for side, name in zip(SIDES, names, strict=True)
    )
    marks = {str(model.config[name]) for name in ("bos_token", "eos_token", "unk_token") if model.config.get(name)}
    return Description(
        folder,
        kind.name if kind else "",
        asking,
        source_pieces,
        target_pieces,
        bool(description.get("one_sentence", kind is not None)),
        frozenset(marks | {token for token in model.source | model.target if _is_special(token)}),
    )


def _check(description: Mapping[str, Any], file: Path) -> None:
    if unknown := set(description) - _FIELDS:
        raise EngineError(f"{file}: there is no field {min(unknown)!r}; there are {', '.join(sorted(_FIELDS))}")
    texts = {name: [description[name]] for name in _TEXTS if name in description}
    texts |= {name: description[name] for name in _LISTS if name in description}
    texts |= {"codes": list(description["codes"].values())} if isinstance(description.get("codes", 0), dict) else {}
    wrong = [name for name, value in texts.items() if not isinstance(value, list) or not all(map(_is_text, value))]
    if wrong or not isinstance(description.get("codes", {}), dict):
        raise EngineError(f"{file}: {(wrong or ['codes'])[0]!r} is not of the right kind")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _family(model: ModelFolder, description: Mapping[str, Any]) -> Family | None:
    if description:
        name = description.get("family")
        if name is not None and name not in FAMILIES:
            raise EngineError(f"{model.folder / FILE}: family is {name!r}, not one of {', '.join(FAMILIES)}")
        return FAMILIES[name] if name is not None else None
    for family in (NLLB, M2M100):
        # Two of its languages, in both vocabularies: no other family writes tokens like these.
        if len(_languages(model, family)) >= 2:
            return family
    named = (model.folder / "tokenizer_config.json").is_file() or _NAMED.fullmatch(model.folder.name)
    return OPUS_MT if named and (model.folder / OPUS_MT.pieces[0]).is_file() else None


def _languages(model: ModelFolder, family: Family) -> list[str]:
    """Return the promised languages for which the model has tokens, in both vocabularies."""
    templates = (*family.prefix, *family.target_prefix)
    return [
        language
        for language in PROMISED
        if any(
            all(_fill(template, code, code) in model.source & model.target for template in templates)
            for code in family.codes[language]
        )
    ]


def _known_pairs(model: ModelFolder, family: Family | None) -> frozenset[Pair]:
    if family is None:
        raise EngineError(f"{model.folder / FILE}: it names no pairs")
    if family is OPUS_MT:
        return _opus_pairs(model)
    languages = _languages(model, family)
    return frozenset((one, other) for one in languages for other in languages if one != other)


def _opus_pairs(model: ModelFolder) -> frozenset[Pair]:
    """By what the model's makers say of it: neither its words nor its tokens tell which way it goes."""
    named = _NAMED.fullmatch(model.folder.name)
    settings = read_json(config) if (config := model.folder / "tokenizer_config.json").is_file() else {}
    by_file = settings.get("source_lang"), settings.get("target_lang")
    codes = by_file if all(by_file) else named.groups() if named else (None, None)
    if (
        all(by_file)
        and named
        and any(
            language_of(one) and language_of(other) and language_of(one) != language_of(other)
            for one, other in zip(map(str, by_file), named.groups(), strict=True)
        )
    ):
        raise EngineError(
            f"{model.folder}: its name says {named[1]} to {named[2]}, its tokenizer_config.json "
            f"{by_file[0]} to {by_file[1]}; say in {FILE} which pairs it knows"
        )
    source, target = (language_of(str(code)) for code in codes)
    if source is None:
        raise EngineError(
            f"{model.folder}: it can't be told from which languages it translates ({codes[0]!r}); "
            f'say so in a file {FILE} there, such as {{"family": "opus-mt", "pairs": [["fr", "en"]]}}'
        )
    targets = [target] if target else [one for one in PROMISED if one != source and _token(model, one)]
    if not targets:
        raise EngineError(
            f"{model.folder}: it can't be told into which languages it translates ({codes[1]!r}); say so in {FILE}"
        )
    return frozenset((source, one) for one in targets)


def _token(model: ModelFolder, target: str) -> str | None:
    """OPUS-MT's name of a target, of which the model has a token."""
    return next((code for code in OPUS_MT.codes[target] if f">>{code}<<" in model.source), None)


def _pairs(description: Mapping[str, Any], file: Path) -> frozenset[Pair]:
    pairs = description["pairs"]
    if not isinstance(pairs, list) or not pairs:
        raise EngineError(f'{file}: "pairs" is no list of pairs')
    for pair in pairs:
        tags = pair if isinstance(pair, list) else ()
        if len(tags) != 2 or not all(isinstance(tag, str) and is_tag(tag) for tag in tags):
            raise EngineError(f'{file}: {pair!r} is no pair of languages, such as ["en", "es"]')
        if primary(pair[0]) == primary(pair[1]):
            raise EngineError(f"{file}: {pair!r} is one language twice")
    return frozenset((primary(source), primary(target)) for source, target in pairs)


def _asking(pair: Pair, description: Mapping[str, Any], family: Family | None, model: ModelFolder) -> Asking:
    """Checked against the vocabularies: a token that the model doesn't have would be an unknown word to it, and the
    translation silently into another language."""
    source, target = (_code(language, description, family, model) for language in pair)
    prefix = description.get("prefix", family.prefix if family else [])
    if family is OPUS_MT and "prefix" not in description and not any(map(_is_choice, model.source)):
        prefix = ()  # one target only
    asking = Asking(
        _filled(prefix, source, target, model),
        tuple(description["suffix"]) if "suffix" in description else model.suffix if family else (),
        _filled(description.get("target_prefix", family.target_prefix if family else []), source, target, model),
    )
    for tokens, vocabulary, side in (
        ((*asking.prefix, *asking.suffix), model.source, "source"),
        (asking.target_prefix, model.target, "target"),
    ):
        for token in tokens:
            if token not in vocabulary:
                raise EngineError(
                    f"{model.folder}: for {pair[0]} → {pair[1]} it would be asked with {token!r}, "
                    f"which is not in its {side} vocabulary"
                )
    return asking


def _code(language: str, description: Mapping[str, Any], family: Family | None, model: ModelFolder) -> str:
    codes = description.get("codes", {})
    if language in codes:
        return str(codes[language])
    if family is None or language not in family.codes:
        return language
    if family is OPUS_MT:
        return _token(model, language) or language
    return family.codes[language][0]


def _filled(templates: Iterable[str], source: str, target: str, model: ModelFolder) -> tuple[str, ...]:
    try:
        return tuple(_fill(template, source, target) for template in templates)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise EngineError(
            f"{model.folder / FILE}: a prefix may hold {{source}} and {{target}} in braces, not {error}"
        ) from None


def _fill(template: str, source: str, target: str) -> str:
    return template.format(source=source, target=target, code=target)


def _is_choice(token: str) -> bool:
    return token.startswith(">>") and token.endswith("<<")


def _is_special(token: str) -> bool:
    """Tokens that stand for no text: they come neither from what somebody says nor into what is spoken."""
    return (
        _is_choice(token)
        or (len(token) > 4 and token.startswith("__") and token.endswith("__"))
        or token.startswith("madeupword")
        or _FLORES.fullmatch(token) is not None
        or _BRACKETED.fullmatch(token) is not None
    )


def _pieces(folder: Path, name: object) -> Path:
    if not isinstance(name, str) or not name:
        raise EngineError(f'{folder / FILE}: "source_pieces" and "target_pieces" must name the SentencePiece models')
    if not (folder / name).is_file():
        raise EngineError(
            f"{folder / name} is missing: copy it from where the model came "
            f"(ct2-transformers-converter does so with --copy_files {name})"
        )
    return folder / name
