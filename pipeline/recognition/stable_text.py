"""Stable prefix of a growing transcript: LocalAgreement-2 over clauses decides what is final. Pure.

Every recognition pass hears a window of audio anew, from the last place where all text was final. In speech that goes
on, a clause is final when two passes agree on it and on what follows its mark (LocalAgreement-2, Liu et al. 2020,
arXiv:2005.11185). It is final, too, when its words ended a while before the window's edge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.recognition.final_words import count_final, line, line_of, says_more
from pipeline.recognition.opening_number import OpeningNumber, opening_number, with_number
from pipeline.speech import Segment, Transcript, Word
from pipeline.text.segmenter import Boundary, boundaries, is_sentence, segment, unspaced
from pipeline.text.values import Ending, common, ending, equal


@dataclass(frozen=True, slots=True)
class StabilityOptions:
    """Conditions that make a clause final in the middle of speech."""

    agreement: bool = True
    """True if two passes in a row must give a clause and the word after it."""
    age_ms: int | None = 1000
    """Time from a clause's last word to the window's edge that suffices, too, if a word follows. None: no age does."""
    clause_chars: int = 20
    """Least length of a clause that a comma-class mark ends; a third of it where words are not spaced."""
    clause_lookahead: int = 3
    """Words that must follow a comma: a sentence that ends soon after it is translated better whole."""
    longest_ms: int = 5000
    """Length of agreed speech without a mark from which on it is cut at the best place."""


@dataclass(slots=True)
class StableText:
    """Text of one utterance: a final prefix that only grows, and a tail that passes may revise.

    `revise` with each pass; `finalize_clauses` and `finalize` make segments final, each once.
    """

    language: str
    rules: StabilityOptions = field(default_factory=StabilityOptions)
    final: str = ""
    segments: list[Segment] = field(default_factory=list)
    """All final segments; they tile `final`."""
    tail: list[Word] = field(default_factory=list)
    """Words of the last pass behind `final`; times count from the window's first sample."""
    repeated: bool = False
    """True if the last two passes gave the same tail, to the mark."""
    mark_doubted: bool = False
    """True if the last pass ended a sentence, and the one before gave the same words without that mark."""
    cut_ms: int | None = None
    """Place in the window where its final words end. None if the last pass could not tell."""
    clear: bool = True
    """True if the last pass was understood. If not, only words that it has in common with the one before are text."""
    final_end_ms: int = 0
    """Place in the window where the last final word ends."""
    unchanged_since_ms: int = 0
    """Length of the window when a pass first gave the tail's words as they are; marks may have come later."""
    other_until_ms: int = 0
    """Length of the window of the pass before that, which gave other words; 0 if there was none."""
    _final_words: list[str] = field(default_factory=list)
    _final_timed: bool = False
    _agreed: int = 0
    _edge_ms: int = 0
    _opening: OpeningNumber | None = None
    """A number with which the tail begins, and that two passes gave."""

    @property
    def text(self) -> str:
        """The whole text as of now; `final` is its prefix."""
        return self.final + (self._tail_text if self.clear else self._written(self.tail[: self._agreed]))

    @property
    def complete(self) -> bool:
        """True if the tail is one or more whole sentences."""
        return bool(self.tail) and is_sentence(self._tail_text, self.language)

    @property
    def ending(self) -> Ending:
        """The kind of the tail's end: a value, the beginning of one, or none."""
        return ending(self._tail_text, self.language)

    def reaches_over(self, transcript: Transcript) -> bool:
        """Return True if more of the window is final than a transcript says."""
        final = line(tuple(self._final_words), self.language)
        return says_more(final, line_of(words_of(transcript, 0), self.language))

    def is_final(self, transcript: Transcript) -> bool:
        """Return True if all that a transcript says of the window is final, and no more."""
        final = line(tuple(self._final_words), self.language)
        return equal(final.reading, line_of(words_of(transcript, 0), self.language).reading)

    @property
    def final_words(self) -> int:
        """Number of the window's words that are final."""
        return len(self._final_words)

    @property
    def _tail_text(self) -> str:
        return self._written(self.tail)

    def _written(self, words: Sequence[Word]) -> str:
        text = "".join(word.text for word in words).rstrip()
        if not self.final:
            return text.lstrip()
        return text if not text or text[0].isspace() or unspaced(self.language) else " " + text

    def revise(self, transcript: Transcript, window_length_ms: int) -> None:
        """Replace the tail by what a pass over the window gave, whose length was `window_length_ms`."""
        words = words_of(transcript, window_length_ms)
        skip = self._skip(words)
        tail = words[skip:]
        if self._opening is not None:
            tail = with_number(tail, self._opening, self.final, self.language)
        before, after = line_of(self.tail, self.language), line_of(tail, self.language)
        alike = common(before.reading, after.reading)
        self._agreed = after.words_of(alike[1])
        self._opening = opening_number(self.tail, tail, self.language) or self._opening
        self.repeated = bool(tail) and alike == (len(before.reading), len(after.reading))
        same_words = equal(before.reading, after.reading, marks=False)
        unmarked = bool(self.tail) and not self.complete
        if not self.unchanged_since_ms or not same_words:
            self.other_until_ms = self._edge_ms if self.unchanged_since_ms else 0
            self.unchanged_since_ms = window_length_ms
        self.cut_ms = None
        timed = skip == len(words) or words[skip].start_ms < window_length_ms
        if skip > 0 and self._agreed > 0 and words[skip - 1].end_ms < window_length_ms and timed:
            ended = words[skip - 1].end_ms
            later = max(ended, words[skip].start_ms if skip < len(words) else ended + 100)
            ended = max(ended, min(self.final_end_ms, later))  # a last final word may be missing in this pass
            self.cut_ms = (ended + later) // 2
        self.tail, self._edge_ms, self.clear = tail, window_length_ms, transcript.understood
        self.mark_doubted = same_words and unmarked and self.complete

    def finalize_clauses(self) -> list[Segment]:
        """Make clauses final although speech goes on. Returns their segments."""
        count = max((self._words_to(mark.end) for mark in self._marks() if self._is_ripe(mark)), default=0)
        return self._give(count or self._forced())

    def finalize(self) -> list[Segment]:
        """Make all of the tail final, and begin a new window. Returns the segments."""
        given = self._give(len(self.tail))
        self.renew()
        return given

    def discard_tail(self) -> None:
        """Give up the tail: it was not understood. A new window begins."""
        self.tail, self.clear, self._opening = [], True, None
        self.renew()

    def renew(self) -> None:
        """Begin a new window, without the audio of final words."""
        self._final_words = []
        self._agreed = self.unchanged_since_ms = self.other_until_ms = 0
        self.repeated = self.mark_doubted = False
        self.cut_ms = None

    def reopen(self, words: Sequence[Word]) -> None:
        """Begin a new window that starts with these words, which are final already."""
        self.renew()
        self._final_words = [word.text for word in words]
        self._final_timed = _timed(words)
        self.final_end_ms = words[-1].end_ms if words else 0

    def shift(self, count: int, until_ms: int) -> None:
        """Follow a window whose first `until_ms` were cut off, with `count` final words."""
        self._final_words = self._final_words[count:]
        self.tail = [replace(w, start_ms=w.start_ms - until_ms, end_ms=w.end_ms - until_ms) for w in self.tail]
        self.final_end_ms -= until_ms
        self.unchanged_since_ms = max(0, self.unchanged_since_ms - until_ms)
        self.other_until_ms = max(0, self.other_until_ms - until_ms)
        self._edge_ms -= until_ms

    def opening(self, *, over: bool = False) -> str | None:
        """Return the first segment of the tail if it is worth translating ahead of time, or else None.

        It is where it looks like a whole one, or where all is `over`.
        """
        found = segment(self._tail_text, self.language)
        if found and (over or len(found) > 1 or self.complete):
            return found[0].text.strip()
        return None

    def _give(self, count: int) -> list[Segment]:
        if not count:
            return []
        text, self._opening = self._written(self.tail[:count]), None
        self.final_end_ms = self.tail[count - 1].end_ms
        base = len(self.final)
        given = [
            replace(one, before_ms=max(0, self.final_end_ms - self.tail[self._words_to(one.end - base) - 1].end_ms))
            for one in segment(text, self.language, base=base, first=len(self.segments))
        ]
        self.cut_ms = None  # until a pass has heard the window with these in it
        self._final_words += [word.text for word in self.tail[:count]]
        self._final_timed = _timed(self.tail[:count])
        self.tail = self.tail[count:]
        self._agreed = max(0, self._agreed - count)
        if given:
            self.final += text
            self.segments += given
        return given

    def _marks(self) -> list[Boundary]:
        """Return the marks of the tail that end a clause long enough."""
        floor = self.rules.clause_chars // 3 if unspaced(self.language) else self.rules.clause_chars
        found: list[Boundary] = []
        start = 0
        for mark in boundaries(self._tail_text, self.language):
            if mark.sentence or mark.end - start >= floor:
                found.append(mark)
                start = mark.end
        return found

    def _words_to(self, end: int) -> int:
        """Return the number of the tail's words before place `end` of `_tail_text`."""
        for count in range(1, len(self.tail) + 1):
            if len(self._written(self.tail[:count])) >= end:
                return count
        return len(self.tail)

    def _is_ripe(self, mark: Boundary) -> bool:
        count = self._words_to(mark.end)
        ahead = 1 if mark.sentence else self.rules.clause_lookahead
        if len(self.tail) < count + ahead:
            return False
        return (self.rules.agreement and self._agreed >= count + ahead) or self._aged(count)

    def _aged(self, count: int) -> bool:
        return self.rules.age_ms is not None and self.tail[count - 1].end_ms <= self._edge_ms - self.rules.age_ms

    def _forced(self) -> int:
        """Return how many words to make final of speech without a mark: up to the longest gap in its later half."""
        stable = self._agreed if self.rules.agreement else 0
        while stable < len(self.tail) and self.rules.age_ms is not None and self._aged(stable + 1):
            stable += 1
        if stable < 4 or self.tail[stable - 1].end_ms - self.tail[0].start_ms < self.rules.longest_ms:
            return 0
        tail = line_of(self.tail, self.language)
        places = [n for n in range(stable // 2, stable) if not tail.splits(n)] or range(stable // 2, stable)
        return max(places, key=lambda n: (self.tail[n].start_ms - self.tail[n - 1].end_ms, n))

    def _skip(self, words: Sequence[Word]) -> int:
        """Return the number of the window's words that are final already."""
        timed = self._final_timed and _timed(words)
        return count_final(
            self._final_words, words, self.language, lambda count: self._astray_ms(words, count), timed=timed
        )

    def _astray_ms(self, words: Sequence[Word], count: int) -> int:
        """Return how far the first `count` words reach over the end of the final words, or the others before it."""
        over = words[count - 1].end_ms - self.final_end_ms if count else 0
        before = self.final_end_ms - words[count].start_ms if count < len(words) else 0
        return max(0, over) + max(0, before)


def joined(first: Transcript, rest: Transcript, at_ms: int, window_length_ms: int) -> Transcript:
    """Return both as one transcript of a window in which the rest begins at `at_ms`."""
    words = words_of(first, at_ms)
    for word in words_of(rest, window_length_ms - at_ms):
        spaced = unspaced(rest.language) or word.text[:1].isspace() or not words
        text = word.text if spaced else " " + word.text
        words.append(replace(word, text=text, start_ms=word.start_ms + at_ms, end_ms=word.end_ms + at_ms))
    return replace(rest, text="".join(word.text for word in words).strip(), words=tuple(words))


def later(transcript: Transcript, by_ms: int) -> Transcript:
    """Return the transcript with all times moved by `by_ms`, which may be negative."""
    at = ((word, max(0, word.start_ms + by_ms), max(0, word.end_ms + by_ms)) for word in transcript.words)
    return replace(transcript, words=tuple(replace(word, start_ms=start, end_ms=end) for word, start, end in at))


def _timed(words: Sequence[Word]) -> bool:
    """Return True if an engine gave times with the words."""
    return any(word.start_ms < word.end_ms for word in words)


def words_of(transcript: Transcript, window_length_ms: int) -> list[Word]:
    """Return the words with the space before each. Without times from the engine, they are at the window's edge."""
    if transcript.words and "".join(word.text for word in transcript.words).strip() == transcript.text.strip():
        return list(transcript.words)
    pattern = r"\s*\S" if unspaced(transcript.language) else r"\s*\S+"
    return [
        Word(text, window_length_ms, window_length_ms, transcript.confidence)
        for text in re.findall(pattern, transcript.text)
    ]
