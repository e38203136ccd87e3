"""Strips what surely is wrapped around a translation: prefaces, notes, quotes, JSON, fences, markdown. Pure.

A wrapper that the source has too is left alone: somebody may say a list, or a quotation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from pipeline.text.translation_checks import wrapper_patterns as found_by
from pipeline.text.translation_checks.model_talk import ABOUT_TRANSLATING, SAID_OF_TRANSLATING
from pipeline.text.translation_checks.tokens import has_words, size, words

_LAYERS = 6
"""Wrappers around each other that are stripped at most: preface, fence, JSON, quotes."""
_KEYS = ("translation", "translated_text", "translatedtext", "translated", "text", "say", "target", "output", "result")
_NOT_LATIN = frozenset({"ru", "ar", "zh", "ja", "ko", "hi"})
_LEAST_OF_A_CHOICE = 0.4
"""Size of the first of several translations, in sizes of the source. A smaller one is a part of a translation."""


def mended(answer: str, said: str, target: str) -> str:
    """Return the translation of `said` on one line, without what is wrapped around it. `target`: a primary subtag."""
    text = found_by.EMPTY_LINES.sub("\n\n", found_by.BLANKS.sub(" ", answer.strip()))
    for _ in range(_LAYERS):
        before = text
        for strip in _STRIPS:
            text = strip(text, said, target).strip()
        if text == before:
            break
    return " ".join(line.strip(" ") for line in found_by.LINE_ENDS.split(text)).strip()


def known(text: str) -> tuple[str, bool]:
    """Return the text without signs of unknown words, and True if there were any."""
    spaced = text.replace("▁", " ")
    kept = found_by.UNKNOWN.sub(" ", spaced)
    if kept == spaced:
        return spaced, False
    return re.sub(r" +(?=[,.;:!?])", "", re.sub(" {2,}", " ", kept)).strip(), True


def _tokens(text: str, said: str, target: str) -> str:
    return found_by.END.sub("", found_by.BEGIN.sub("", found_by.EMPTY_THOUGHT.sub("", text)))


def _fence(text: str, said: str, target: str) -> str:
    found = found_by.FENCE.match(text)
    return found[2] if found and "```" not in said else text


def _from_json(text: str, said: str, target: str) -> str:
    """Return the one text of a JSON value."""
    if not text.startswith(("{", "[", '"')) or said.startswith(("{", "[", '"')):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        texts = {str(key).casefold(): one for key, one in value.items() if isinstance(one, str)}
        named = [texts[key] for key in (target, *_KEYS) if key in texts]
        value = named[0] if named else next(iter(texts.values())) if len(texts) == 1 else None
    return value if isinstance(value, str) else text


def _tags(text: str, said: str, target: str) -> str:
    return text if "<" in said else found_by.TAG.sub(" ", text)


def _preface(text: str, said: str, target: str) -> str:
    """Cut what is said before the translation about it, with a colon: "Here is the translation: …"."""
    found = found_by.PREFACE.match(text)
    if found is None or text.startswith("{") or not has_words(text[found.end() :]):
        return text
    about = ABOUT_TRANSLATING.search(found[0]) and not SAID_OF_TRANSLATING.search(said)
    cued = target != "en" and found_by.CUE.search(found[0])
    return text[found.end() :] if about or cued else text


def _label(text: str, said: str, target: str) -> str:
    """Cut a label: "Spanish: …", "English: … Spanish: …"."""
    if re.search("[:：]", said):
        return text
    parts = found_by.LABELLED.split(text)
    if len(parts) > 2 and not has_words(parts[0]):
        return next((part for part in parts[1:] if words(part) != words(said)), text)
    return found_by.LABEL.sub("", text)


def _echoed(text: str, said: str, target: str) -> str:
    """Cut the source that stands before its translation: "Good morning. → Buenos días."."""
    if not found_by.ARROW.search(said):
        parts = [part for part in found_by.ARROW.split(text) if has_words(part)]
        if len(parts) == 2 and words(parts[0]) == words(said):
            return parts[1]
    lines = [line for line in text.split("\n") if has_words(line)]
    if len(lines) == 2 and words(lines[0]) == words(said) != words(lines[1]):
        return lines[1]
    return text


def _chatter(text: str, said: str, target: str) -> str:
    """Cut an English assistant's first and last words around a translation into another language."""
    if target == "en" or found_by.ASSENT.match(said):
        return text
    kept = found_by.PARTING.sub("", found_by.ASSENT.sub("", text))
    return kept if has_words(kept) else text


def _notes(text: str, said: str, target: str) -> str:
    """Cut notes behind the translation, and the Latin spelling of another script."""
    bracketed = any(mark in said for mark in "([（")
    kept = found_by.RULE.split(text)[0]
    kept = kept if bracketed else found_by.BRACKETED_NOTE.sub("", kept)
    if not re.search("[:：]", said):
        kept = found_by.NOTE.sub("", kept)
    latin = None if bracketed else found_by.ROMANISED.search(kept)
    if latin and _says_it_again(latin["latin"], kept[: latin.start()], said, target):
        kept = kept[: latin.start()]
    return kept if has_words(kept) else text


def _says_it_again(bracket: str, text: str, said: str, target: str) -> bool:
    """Return True if a bracket has the source, or the translation in Latin letters."""
    return words(bracket) == words(said) or (target in _NOT_LATIN and size(bracket) > size(text) / 2)


def _first_choice(text: str, said: str, target: str) -> str:
    """Return the first of several translations: of a list, or of those between slashes."""
    items = list(found_by.ITEM.finditer(text))
    numbers = [item["number"] for item in items]
    listed = numbers == [str(n + 1) for n in range(len(items))] or not any(numbers)
    if len(items) > 1 and listed and not items[0].start() and not found_by.SAID_ITEM.search(said):
        first = text[items[0].end() : items[1].start()].strip(" \n*_;")
    elif " / " in text and "/" not in said:
        first = text.split(" / ")[0]
    else:
        return text
    return first if size(first) >= size(said) * _LEAST_OF_A_CHOICE else text


def _markdown(text: str, said: str, target: str) -> str:
    if any(mark in said for mark in "*_`#>"):
        return text
    text = re.sub(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text, flags=re.DOTALL)
    text = re.sub(r"^\*(?=\S)(.+?)(?<=\S)\*$", r"\1", text, flags=re.DOTALL)
    return re.sub(r"(?:^|\n)(?:#{1,6}|>|[-*•])\s+", "\n", text)


def _quotes(text: str, said: str, target: str) -> str:
    """Cut quotes around all of it. A full stop may stand behind them."""
    if said[:1] in found_by.QUOTING:
        return text
    stop = text[-1] if text.endswith((".", "。")) else ""
    inner = text.removesuffix(stop)
    for pair in found_by.QUOTES:
        opening, closing = pair[0], pair[1]
        if len(inner) > 2 and inner[0] == opening and inner[-1] == closing:
            within = inner[1:-1]
            if opening not in within and closing not in within:
                return within if within.rstrip()[-1:] in ".!?…。！？" else within + stop
    return text


_STRIPS: tuple[Callable[[str, str, str], str], ...] = (
    _tokens,
    _fence,
    _from_json,
    _tags,
    _preface,
    _label,
    _echoed,
    _chatter,
    _notes,
    _first_choice,
    _markdown,
    _quotes,
)
