"""Decides which sentence the overlay shows now, from the messages of the `subtitles` channel."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from clients.desktop.languages import blank, same
from clients.desktop.sentences import last_sentence

Message = dict[str, Any]

LINGER_S = 6.0
"""Time for which a caption stays after its last change."""
MOST_UTTERANCES = 16
TAKEN_BACK = frozenset({"nothing_said", "refused"})
"""Outcomes of an utterance of which nothing may stay on the screen.

An utterance that its speaker started over leaves its final text: the last transcription holds it.
"""


@dataclass(frozen=True, slots=True)
class Caption:
    """One sentence. `sure` is false where the server doubts the translation; `final` is true once it cannot change."""

    text: str
    sure: bool = True
    final: bool = False


@dataclass(slots=True)
class _Line:
    """The texts of one utterance. `segments`: its translations by number. `dropped`: it was started over."""

    speaker: str
    dropped: bool = False
    continues: str | None = None
    said: Caption | None = None
    segments: dict[int, Caption] = field(default_factory=dict)


class Captions:
    """One sentence at a time, in the language `reads`.

    `own`: true if my own words are shown. `others`: true if those of others are. Call `identify` before `receive`.
    """

    def __init__(self, reads: str, *, own: bool, others: bool) -> None:
        self._reads = reads
        self._own = own
        self._others = others
        self._me: str | None = None
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._shown: str | None = None  # the utterance whose text changed last
        self._until = 0.0
        self.caption: Caption | None = None

    def __repr__(self) -> str:
        return f"<Captions in {self._reads}: {len(self._lines)} utterances, {'one' if self.caption else 'none'} shown>"

    def identify(self, participant_id: str) -> None:
        """Set my participant id. Lines of an earlier session are forgotten."""
        self._me = participant_id
        self._lines.clear()
        self.clear()

    def receive(self, message: Message, now: float) -> bool:
        """Receive a message at loop time `now`, s. Return True if the caption changed."""
        utterance = str(message.get("utteranceId"))
        if not (self._own if message.get("sourceUserId") == self._me else self._others):
            return False
        match message.get("type"):
            case "transcription":
                return self._transcribed(utterance, message, now)
            case "translation":
                return self._translated(utterance, message, now)
            case "utterance_end" if message.get("outcome") in TAKEN_BACK and message.get("reason") != "start_over":
                return self._take_back(utterance)
        return False

    def expire(self, now: float) -> bool:
        """Take away a caption that has stood long enough. Return True if there was one."""
        return self.caption is not None and now >= self._until and self.clear()

    def clear(self) -> bool:
        """Take away the caption. Return True if there was one."""
        shown, self.caption, self._shown = self.caption, None, None
        return shown is not None

    def start_over(self) -> None:
        """Take away my last caption, and show nothing more of it. Captions of others stay, and my earlier ones."""
        mine = [name for name, line in self._lines.items() if line.speaker == self._me]
        if mine:
            self._lines[mine[-1]].dropped = True
            if self._shown == mine[-1]:
                self.clear()

    def _transcribed(self, utterance: str, message: Message, now: float) -> bool:
        text, final = str(message.get("text", "")), bool(message.get("final"))
        if final and not text.strip():
            return self._take_back(utterance)
        line = self._line(utterance, message)
        if not same(str(message.get("language", "")), self._reads):
            return False
        self._join(line, utterance, message)
        line.said = Caption(text, final=final)
        return self._show(utterance, now)

    def _translated(self, utterance: str, message: Message, now: float) -> bool:
        if not same(str(message.get("targetLanguage", "")), self._reads):
            return False
        segment = message.get("segment")
        line = self._line(utterance, message)
        self._join(line, utterance, message)
        line.segments[segment if isinstance(segment, int) else 0] = Caption(
            str(message.get("translatedText", "")),
            sure=not (message.get("held") or message.get("unsure")),
            final=bool(message.get("final")),
        )
        return self._show(utterance, now)

    def _line(self, utterance: str, message: Message) -> _Line:
        line = self._lines.get(utterance)
        if line is None:
            line = self._lines[utterance] = _Line(str(message.get("sourceUserId")))
            while len(self._lines) > MOST_UTTERANCES:
                self._lines.popitem(last=False)
        return line

    def _join(self, line: _Line, utterance: str, message: Message) -> None:
        before = message.get("continues")
        if isinstance(before, str) and before != utterance:  # a translation may go on its own utterance
            line.continues = before

    def _take_back(self, utterance: str) -> bool:
        line = self._lines.get(utterance)
        # A dropped caption stays my last one: another press drops nothing before it.
        if line and line.dropped:
            line.said = None
            line.segments.clear()
        else:
            self._lines.pop(utterance, None)
        return self._shown == utterance and self.clear()

    def _show(self, utterance: str, now: float) -> bool:
        if self._lines[utterance].dropped:
            return False
        pieces = self._pieces(utterance)
        whole = blank(self._reads).join(piece.text.strip() for piece in pieces)
        text = last_sentence(whole)
        if not text:
            return False
        last = pieces[-1]
        caption = Caption(text, sure=all(piece.sure for piece in pieces[-2:]), final=last.final)
        self._until = now + LINGER_S
        self._shown = utterance
        changed = caption != self.caption
        self.caption = caption
        return changed

    def _pieces(self, utterance: str) -> list[Caption]:
        """Return the texts of a line of utterances that go on each other, the oldest first."""
        pieces: list[Caption] = []
        name: str | None = utterance
        for _ in range(MOST_UTTERANCES):  # a circle of `continues` would never end
            line = self._lines.get(name) if name else None
            if line is None:
                break
            own = [line.segments[number] for number in sorted(line.segments)] or ([line.said] if line.said else [])
            pieces = [piece for piece in own if piece.text.strip()] + pieces
            name = line.continues
        return pieces
