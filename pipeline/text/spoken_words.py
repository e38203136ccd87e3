"""Decides which words of a recogniser's text were said: annotations, control tokens and music signs were not. Pure.

A recogniser that learned from subtitles writes `[Music]`, `(coughs)`, `*sighs*`, `♪`. Others write `<unk>` or
`<|nospeech|>`. Brackets may also hold what somebody said. `verdict` judges by evidence: words for sounds, digits, a
letter right beside the bracket, the number of words, a sentence mark. A bracket around all there is means that nothing
was said, unless it holds a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pipeline.speech import Transcript
from pipeline.text.annotation_words import LANGUAGES, LOST, SCENES, SOUND_ENDINGS, SOUNDS, SPEAKERS, SPEAKING, SPEECH
from pipeline.text.characters import Edit, has_words, hidden

GAP = "…"
"""Mark in the place of words that were said and are lost."""
LONGEST = 5
"""Words of an annotation at most."""
LONGEST_BESIDE = 3
"""Words at most of an unknown annotation in square brackets beside words."""
LONGEST_ROUND = 2
"""Words at most of an unknown annotation in round brackets, without any other word."""

_LOST_TOKEN = re.compile(r"⁇|\ufffd|<unk>|<inaudible>|<unintelligible>|\[UNK\]", re.IGNORECASE)
_TOKEN = re.compile(
    r"<\|[^<>|]{0,40}\|>"  # <|nospeech|>, <|0.00|>
    r"|</?[^\W\d][\w.:#-]{0,40}/?>|<(?:v|c|font|span)\b[^<>]{0,60}>"  # <noise>, <v Ana>
    r"|[\[(]\d[\d:.,]*\s*-->\s*\d[\d:.,]*[\])]"  # [00:00.000 --> 00:02.000]
    r"|(?:^\s*|(?<=[.!?…] ))>{2,3}(?=\s|[^\W\d])"  # >> Hello: another speaker
    r"|(?<!\S)(?:SPEAKER|Speaker)[_ ]\d{1,2}:"
    r"|▁"
)
_NOTE = re.compile("[♩-♬\U0001f3b5\U0001f3b6\U0001f3bc\U0001d11e]")
_BRACKET = re.compile(r"([\[(（［【〔〖｛{⟦])([^\[\](){}（）［］【】〔〕〖〗｛｝⟦⟧]*)([\])）］】〕〗｝}⟧]|$)")
_STARS = re.compile(
    r"(?<![\w*])(\*{1,2})(?:(?=\S)|(?<=^\*)|(?<=^\s\*))([^*]+?)(?:(?<=\S)|(?=\*\s*$))(\*{1,2})(?![\w*])"
)
_SENTENCE_MARK = re.compile(r"(?<!\.)\.(?!\.)|[!?。！？؟।]")
_WORD = re.compile(r"[^\s_,.;:!?…。、，！？\"«»“”()\[\]/–—-]+")
_WIDE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of words that no space parts: two of them count as a word."""
_LEADING_MARKS = re.compile(r"(?:[\s:;。、，：]|[.,](?!\d)|[-–—](?=\s))*")


class Verdict(Enum):
    """Decision on a bracket."""

    SPEECH = "speech"
    """True words: the bracket stays as it is."""
    SENTENCE = "sentence"
    """True words, without the bracket."""
    ANNOTATION = "annotation"
    """No words: nothing of it was said."""
    LOST = "lost"
    """A mark for words that were said."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket or a pair of asterisks, with what is needed to judge it."""

    content: str
    shape: str
    """The opening sign."""
    alone: bool
    """True if there is no word outside of brackets."""
    attached: bool = False
    """True if a letter or digit of a spaced script stands right beside it, as in `f(x)`."""
    closed: bool = True

    @property
    def round(self) -> bool:
        """True for the brackets of ordinary prose."""
        return self.shape in ("(", "（")

    @property
    def words(self) -> list[str]:
        """The words in it, folded."""
        return [word.casefold() for word in _WORD.findall(self.content) if has_words(word)]


def spoken(transcript: Transcript) -> Transcript:
    """Return the transcript of what was said alone. Without a word left, nothing was understood.

    It is not certain where a mark stands for words that are lost.
    """
    parts = [word.text for word in transcript.words]
    timed = bool(parts) and "".join(parts).strip() == transcript.text.strip()
    before = parts = parts if timed else [transcript.text]
    lost = False
    for step in _STEPS:
        edits = list(step("".join(parts)))
        lost = lost or any(instead == GAP for _, _, instead in edits)
        parts = _edited(parts, edits) if edits else parts
    if not has_words("".join(parts)):
        if not transcript.text.strip():
            return transcript
        return replace(transcript, text="", confidence=0.0, understood=False, words=(), spoken=())
    if parts == before:
        return transcript
    pairs = zip(transcript.words, parts, strict=True) if timed else ()
    words = tuple(replace(word, text=part) for word, part in pairs if part.strip())
    text = "".join(word.text for word in words) if timed else parts[0]
    return replace(transcript, text=text.strip(), words=words, certain=transcript.certain and not lost)


def verdict(bracket: Bracket) -> Verdict:
    """Return the decision on a bracket by the first evidence that there is."""
    content, words, alone = bracket.content.strip(), bracket.words, bracket.alone
    if not words:
        return Verdict.ANNOTATION if bracket.closed and not bracket.attached else Verdict.SPEECH
    size = sum((len(word) + 1) // 2 if _WIDE.match(word) else 1 for word in words)
    people = not SPEECH.isdisjoint(words)
    if size <= LONGEST and not (bracket.round and SPEECH.intersection(words[:2])):
        if words[0] in SPEAKERS and (_is_number(words[1:]) or (len(words) == 1 and not bracket.round)):
            return Verdict.ANNOTATION
        if not LOST.isdisjoint(words) or (words[0] in SPEAKING and words[-1] in LANGUAGES):
            return Verdict.ANNOTATION if alone else Verdict.LOST
        if _names_a_sound(words):
            return Verdict.ANNOTATION
    if bracket.attached or not bracket.closed:
        return Verdict.SPEECH
    if any(char.isdigit() for char in content):
        return Verdict.SENTENCE if alone else Verdict.SPEECH
    sentence = _SENTENCE_MARK.search(content) is not None
    if alone:
        longest = LONGEST_ROUND if bracket.round else LONGEST
        said = sentence or size > longest or (people and size > LONGEST_ROUND)
        return Verdict.SENTENCE if said else Verdict.ANNOTATION
    if "*" in bracket.shape:
        return Verdict.SENTENCE
    if bracket.round or sentence or size > LONGEST_BESIDE or len(content) == 1:
        return Verdict.SPEECH
    return Verdict.LOST if content.isupper() else Verdict.ANNOTATION


def _names_a_sound(words: Sequence[str]) -> bool:
    if any(word in SOUNDS or word.endswith(SOUND_ENDINGS) for word in words):
        return True
    return len(words) > 1 and SCENES.issuperset(words)


def _is_number(words: Sequence[str]) -> bool:
    return len(words) == 1 and (words[0].isdigit() or len(words[0]) == 1)


def _lost_tokens(text: str) -> Iterator[Edit]:
    for found in _LOST_TOKEN.finditer(text):
        yield (*found.span(), GAP)


def _control_tokens(text: str) -> Iterator[Edit]:
    for found in _TOKEN.finditer(text):
        yield (*found.span(), " ") if found[0] == "▁" else _without(text, *found.span())


def _notes(text: str) -> Iterator[Edit]:
    """Take out music signs. Words between them are lyrics, and were sung, unless all of them name sounds."""
    lyrics = _NOTE.sub(" ", text)
    if lyrics == text:
        return
    words = Bracket(lyrics, "♪", alone=True).words
    if words and all(word in SOUNDS or word in SCENES or word.endswith(SOUND_ENDINGS) for word in words):
        yield 0, len(text), ""
        return
    for found in _NOTE.finditer(text):
        yield _without(text, *found.span())


def _brackets(text: str) -> Iterator[Edit]:
    alone = not has_words(_BRACKET.sub("", text))
    for found in _BRACKET.finditer(text):
        bracket = Bracket(found[2], found[1], alone, _is_attached(text, *found.span()), bool(found[3]))
        yield from _edits(text, found, verdict(bracket))


def _stars(text: str) -> Iterator[Edit]:
    outside = has_words(_STARS.sub("", text))
    for found in _STARS.finditer(text):
        emphasis = len(found[1]) > 1  # Markdown: what is in it was said
        yield from _edits(text, found, verdict(Bracket(found[2], found[1], not (outside or emphasis))))


def _edits(text: str, found: re.Match[str], decision: Verdict) -> Iterator[Edit]:
    match decision:
        case Verdict.ANNOTATION:
            yield _without(text, *found.span())
        case Verdict.LOST:
            yield (*found.span(), GAP)
        case Verdict.SENTENCE:
            yield (*found.span(1), "")
            yield (*found.span(3), "")
        case Verdict.SPEECH:
            pass


def _is_attached(text: str, start: int, end: int) -> bool:
    """Return True if a letter or digit of a spaced script stands right beside a place."""
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(char.isalnum() and not _WIDE.match(char) for char in beside)


def _without(text: str, start: int, end: int) -> Edit:
    """Return the edit that takes out a place, with the space and the marks that belong to it."""
    before = len(text[:start].rstrip())
    if not before:
        found = _LEADING_MARKS.match(text, end)
        return start, found.end() if found else end, ""
    if text[end : end + 1] == ":":
        end += 1
    return (start if text[end : end + 1].isalnum() else before), end, ""


def _edited(parts: Sequence[str], edits: Iterable[Edit]) -> list[str]:
    """Return the parts of a text after edits of the whole. Inserted words go to the part in which their edit begins."""
    chars = list("".join(parts))
    for start, end, instead in edits:
        if start < end:
            chars[start:end] = [instead, *[""] * (end - start - 1)]
    made: list[str] = []
    at = 0
    for part in parts:
        made.append("".join(chars[at : at + len(part)]))
        at += len(part)
    return made


_STEPS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    hidden,
    _lost_tokens,
    _control_tokens,
    _notes,
    _brackets,
    _brackets,
    _brackets,
    _stars,
)
"""Three rounds of brackets: annotations are nested at times."""
