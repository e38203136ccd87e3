"""A translator around another one: every term of the glossary is said as the glossary has it.

A sentence with terms becomes the first of these that holds; all of them are translated in one batch:

1. The plain translation, if it has the terms already.
2. The translation of the sentence with placeholders, if each of them came through exactly and the rest agrees with
   the plain translation: then the sentence is built around the term.
3. The plain translation with the term in the place of what the translator says instead: the term as it was said,
   or its word for the term alone, where that stands in the sentence, or the words that change when nothing but the
   term is changed.
4. The plain translation, and the term in brackets behind it.

So a term is always said, and no word of the plain translation is lost but those that the term replaces.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.engines import EngineError, Translator
from pipeline.engines.translation.term_placement import (
    agrees,
    changed,
    closed_up,
    insert,
    occurrences,
    punctuated,
    spelled,
)
from pipeline.speech import Translate, Translation
from pipeline.text.glossary import FoundTerm, Glossary, fold
from pipeline.text.language import primary
from pipeline.text.segmenter import joined, sentences

_MASKS = ("QX", "ZQ", "XK")
_MOST_TERMS = 4  # different terms of one sentence that are looked for one by one: each is asked for several times


@dataclass(slots=True)
class _Sentence:
    """A sentence, and where in the batch its translations are: `plain` (-1: it needs none), `whole` with all terms
    masked, and what each mask stands for; `single` with one term masked and `alone` the term by itself, both by
    what is wanted in its place."""

    text: str
    found: list[FoundTerm]
    plain: int
    whole: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    single: dict[str, list[int]] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)


class Glossed:
    """A `Translator`. Jobs without any term of the glossary go to `inner` as they are."""

    def __init__(self, inner: Translator, glossary: Glossary) -> None:
        self._inner = inner
        self._glossary = glossary
        self.pairs = inner.pairs
        self.pivoted: frozenset[tuple[str, str]] = frozenset(getattr(inner, "pivoted", ()))
        self.gist: frozenset[tuple[str, str]] = frozenset(getattr(inner, "gist", ()))
        identity = getattr(inner, "identity", "")
        self.identity = f"{identity} glossary {glossary.version}" if identity else ""

    def warm_up(self) -> None:
        warm_up = getattr(self._inner, "warm_up", None)
        if warm_up is not None:
            warm_up()

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]:
        jobs = [replace(job, text=unicodedata.normalize("NFC", job.text)) for job in jobs]
        batch = list(jobs)
        plans: dict[int, list[_Sentence]] = {}
        for n, job in enumerate(jobs):
            if self._glossary.find(job.text, job.source, job.target):
                alone = replace(job, begun=None)  # it is asked for by its parts, which carry nothing on
                plans[n] = [self._plan(text, alone, batch) for text in self._parts(job)]
        # A job with terms is asked for by its sentences; its own place is not needed any more.
        wanted = [n for n in range(len(batch)) if n not in plans]
        translations: dict[int, Translation | EngineError] = dict(
            zip(wanted, self._inner.translate([batch[n] for n in wanted]), strict=True)
        )
        return [
            self._result(job, plans[n], translations) if n in plans else translations[n] for n, job in enumerate(jobs)
        ]

    def _parts(self, job: Translate) -> list[str]:
        """The job's sentences; or all of it, where a term goes over the end of one ("Yahoo! Japan")."""
        parts = sentences(job.text, job.source)
        found = sum(len(self._glossary.find(part, job.source, job.target)) for part in parts)
        whole = found < len(self._glossary.find(job.text, job.source, job.target))
        return [job.text.strip()] if whole else parts

    def _plan(self, text: str, job: Translate, batch: list[Translate]) -> _Sentence:
        def ask(asked: str) -> int:
            batch.append(replace(job, text=asked))
            return len(batch) - 1

        found = self._glossary.find(text, job.source, job.target)
        sentence = _Sentence(text, found, ask(text) if punctuated(text, found, job.target) is None else -1)
        if sentence.plain < 0:
            return sentence
        terms = list(dict.fromkeys(one.wanted for one in found))[:_MOST_TERMS]
        taken = fold(text + " ".join(terms), "")
        for mask in [mask for mask in _MASKS if mask.lower() not in taken][:2]:
            names = {wanted: f"{mask}{chr(ord('A') + n)}" for n, wanted in enumerate(terms)}
            if set(terms) == {one.wanted for one in found}:
                number = ask(insert(text, found, names))
                sentence.whole.append((number, {name: wanted for wanted, name in names.items()}))
            for wanted in terms:
                same = len(terms) == 1 and sentence.whole
                number = sentence.whole[-1][0] if same else ask(insert(text, found, {wanted: names[wanted]}))
                sentence.single.setdefault(wanted, []).append(number)
        for one in found:
            if one.wanted in terms and one.wanted not in sentence.alone:
                sentence.alone[one.wanted] = ask(text[one.start : one.end])
        return sentence

    def _result(
        self, job: Translate, plan: Sequence[_Sentence], translations: Mapping[int, Translation | EngineError]
    ) -> Translation | EngineError:
        texts = []
        for sentence in plan:
            made = punctuated(sentence.text, sentence.found, job.target) if sentence.plain < 0 else None
            if made is None:
                plain = translations[sentence.plain]
                if isinstance(plain, EngineError):
                    return plain
                made = _enforced(sentence, plain.text, _texts(translations), primary(job.target))
            texts.append(made)
        return Translation(joined(texts, job.target), job.source, job.target)


def _texts(translations: Mapping[int, Translation | EngineError]) -> Mapping[int, str]:
    """Return the text of a translation. One that failed has none."""
    return {n: "" if isinstance(one, EngineError) else one.text for n, one in translations.items()}


def _enforced(sentence: _Sentence, plain: str, translations: Mapping[int, str], language: str) -> str:
    """The sentence's translation with its terms."""
    needed = Counter(one.wanted for one in sentence.found)
    missing = {wanted: n for wanted, n in needed.items() if len(occurrences(plain, wanted, language)) < n}
    if not missing:
        return spelled(plain, needed, language)
    words = sum(len(sentence.text[one.start : one.end].split()) for one in sentence.found)
    for number, names in sentence.whole:
        around = translations[number]
        counts = {names[name]: len(occurrences(around, name, language)) for name in names}
        if counts == dict(needed) and agrees(around, list(names), plain, words, language):
            for name, wanted in names.items():
                around = _replaced(around, name, wanted, language)
            return spelled(closed_up(around, language), needed, language)
    text, unplaced = plain, []
    for wanted, n in missing.items():
        said = _said(sentence, plain, wanted, translations, language)
        if said and len(occurrences(text, said, language)) == n:
            text = _replaced(text, said, wanted, language)
        else:
            unplaced.append(wanted)
    text = spelled(text, needed, language)
    return f"{text} ({', '.join(unplaced)})".lstrip() if unplaced else text


def _said(sentence: _Sentence, plain: str, wanted: str, translations: Mapping[int, str], language: str) -> str:
    """Return the words that the translator has in the term's place. Empty if that is not plain to see."""
    n = sum(one.wanted == wanted for one in sentence.found)
    others = {one.wanted for one in sentence.found} - {wanted}
    alone = translations[sentence.alone[wanted]].strip(" .。!?¿¡") if wanted in sentence.alone else ""
    written = {sentence.text[one.start : one.end] for one in sentence.found if one.wanted == wanted}
    shortest = 2 if language in ("zh", "ja", "ko") else 4  # a short word stands there for many reasons
    for said in (*sorted(written), alone):  # a name is often left as it is
        if len(said) >= shortest and len(occurrences(plain, said, language)) == n:
            return said
    if n > 1 or wanted not in sentence.single:
        return ""
    words = max(len(sentence.text[one.start : one.end].split()) for one in sentence.found if one.wanted == wanted)
    spans = [changed(plain, translations[number], language) for number in sentence.single[wanted]]
    said = _agreed(spans, words, language)
    return "" if any(occurrences(said, other, language) for other in others) else said


def _agreed(spans: Sequence[str], words: int, language: str) -> str:
    """The words that changed, if both attempts say so, or if they are no more than the term's own."""
    sizes = {span: len(span) / 4 if language in ("zh", "ja") else len(span.split()) for span in spans if span}
    for span, size in sizes.items():
        if size <= (2 * words + 2 if spans.count(span) > 1 else words):
            return span
    return ""


def _replaced(text: str, old: str, new: str, language: str) -> str:
    for start, end in reversed(occurrences(text, old, language)):
        said = new
        if not any(char.isalnum() for char in text[:start]) and text[start].isupper():
            said = new[:1].upper() + new[1:]
        text = text[:start] + said + text[end:]
    return text
