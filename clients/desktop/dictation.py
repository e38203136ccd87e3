"""Decides what is typed of what I say: the text of my running utterances, revised in place until it is final."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clients.desktop.edits import Edit, NotErasable, edit
from clients.desktop.languages import blank, same
from clients.desktop.typeable import erasable_prefix, prefix_of_utf16, tidy

Message = dict[str, Any]

MOST_OPEN = 16
MOST_KNOWN = 64


class Typed(StrEnum):
    """The language of the typed text."""

    SPOKEN = "spoken"
    TRANSLATED = "translated"


@dataclass(slots=True)
class _Utterance:
    """The text of one utterance. `sure`: the part that never changes. `guessed`: the part behind it, which may."""

    sure: str = ""
    guessed: str = ""
    ended: bool = False
    segments: dict[int, tuple[str, bool]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text to type now: what may have to be taken back holds only what one BackSpace a character takes back."""
        sure = tidy(self.sure).lstrip()
        guessed = tidy(self.guessed)
        return sure + (erasable_prefix(guessed if sure else guessed.lstrip()) if not self.ended else guessed)


class Dictation:
    """The text of my running utterances: as it stands in the editor, and as it should.

    The owner asks for `edit()`, makes its first key, and says so by `typed` or `erased`; then it asks again, since what
    is wanted may have changed. An utterance is typed if it began while `active`. `translated`: the language into which
    my words are translated.
    """

    def __init__(self, typed: Typed, spoken: str, translated: str) -> None:
        self.kind = typed
        self.active = False
        self._spoken = spoken
        self._translated = translated
        self._me: str | None = None
        self._open: OrderedDict[str, _Utterance] = OrderedDict()
        self._let_be: OrderedDict[str, None] = OrderedDict()  # utterances that are not typed, or not any more
        self._standing = ""  # typed of the open utterances
        self._before = ""  # the last character that stands before it, where it is ours

    def __repr__(self) -> str:
        state = "active" if self.active else "resting"
        return f"<Dictation {self.kind}, {state}: {len(self._open)} open, {len(self._standing)} characters stand>"

    @property
    def empty(self) -> bool:
        """True if nothing stands that may still change."""
        return not self._standing

    def identify(self, participant_id: str) -> None:
        """Set my participant id. Utterances of an earlier session are let be."""
        self.let_be()
        self._me = participant_id

    def choose(self, typed: Typed) -> None:
        """Type in the other language from the next utterance on."""
        if typed is not self.kind:
            self.let_be()
            self.kind = typed

    def receive(self, message: Message) -> bool:
        """Receive a message. Return True if what is wanted may have changed."""
        kind = message.get("type")
        if message.get("sourceUserId") != self._me or kind not in ("transcription", "translation", "utterance_end"):
            return False
        name = str(message.get("utteranceId"))
        utterance = self._utterance(name)
        if utterance is None:
            return False
        if kind == "utterance_end":
            utterance.ended = True
        elif kind == "transcription" and not str(message.get("text", "")).strip() and message.get("final"):
            utterance.sure = utterance.guessed = ""
            utterance.segments.clear()
            utterance.ended = True
        elif kind == "transcription" and self.kind is Typed.SPOKEN:
            text = str(message.get("text", ""))
            stable = message.get("stableLength")
            final = bool(message.get("final"))
            utterance.sure = text if final else prefix_of_utf16(text, stable if isinstance(stable, int) else 0)
            utterance.guessed = text[len(utterance.sure) :]
            utterance.ended = utterance.ended or final
        elif kind == "translation" and self.kind is Typed.TRANSLATED:
            self._take_segment(utterance, message)
        else:
            return False
        self._close_finished()
        return True

    def edit(self) -> Edit | None:
        """Return the keys that are missing; None where all stands as it should."""
        try:
            missing = edit(self._standing, self._wanted())
        except NotErasable:
            self.let_be()
            return None
        return missing if missing.erase or missing.insert else None

    def typed(self, character: str) -> None:
        """Note that a character was typed."""
        self._standing += character
        self._close_finished()

    def erased(self) -> None:
        """Note that one BackSpace was typed."""
        self._standing = self._standing[:-1]
        self._close_finished()

    def let_be(self) -> None:
        """Touch nothing more of what stands: the cursor is elsewhere, or nothing more is to be typed."""
        for name in self._open:
            self._forget(name)
        self._open.clear()
        self._standing = self._before = ""

    def elsewhere(self) -> None:
        """Note that the cursor is at another place than that of the last utterance."""
        self._before = ""

    def start_over(self) -> None:
        """Take back what stands of what I said last, and nothing before it, however often it is called."""
        for name, utterance in reversed(self._open.items()):
            if name not in self._let_be and utterance.ended and not utterance.text:
                continue  # a noise
            utterance.sure = utterance.guessed = ""
            utterance.segments.clear()
            utterance.ended = True
            self._forget(name)
            break
        self._close_finished()

    def _utterance(self, name: str) -> _Utterance | None:
        """Return an open utterance, a new one if it begins now; None for one that is not typed."""
        if name in self._let_be:
            return None
        if name not in self._open:
            if not self.active:
                self._forget(name)
                return None
            self._open[name] = _Utterance()
            if len(self._open) > MOST_OPEN:
                self.let_be()
                return None
        return self._open[name]

    def _forget(self, name: str) -> None:
        self._let_be[name] = None
        while len(self._let_be) > MOST_KNOWN:
            self._let_be.popitem(last=False)

    def _take_segment(self, utterance: _Utterance, message: Message) -> None:
        if not same(str(message.get("targetLanguage", "")), self._translated):
            return
        number = message.get("segment")
        text = "" if message.get("held") else str(message.get("translatedText", ""))  # what is held is no translation
        utterance.segments[number if isinstance(number, int) else 0] = (text.strip(), bool(message.get("final")))
        between = blank(self._translated)
        sure: list[str] = []
        guessed: list[str] = []
        for _, (text, final) in sorted(utterance.segments.items()):
            if text:
                (guessed if guessed or not final else sure).append(text)
        utterance.sure = between.join(sure)
        utterance.guessed = between.join(guessed)
        if sure and guessed:
            utterance.guessed = between + utterance.guessed

    def _wanted(self) -> str:
        """Return the text of all open utterances, with a blank between two.

        Behind an utterance that may still change stands only what can be taken back.
        """
        between = blank(self._spoken if self.kind is Typed.SPOKEN else self._translated)
        whole, before, sure = "", self._before, True
        for utterance in self._open.values():
            text = utterance.text if sure else erasable_prefix(utterance.text)
            if text:
                whole += between + text if before and not before.isspace() else text
                before = text[-1]
            if text != utterance.text:
                break
            sure = sure and utterance.ended
        return whole

    def _close_finished(self) -> None:
        """Drop the first utterances that have ended, as soon as their text stands."""
        while self._open:
            name, first = next(iter(self._open.items()))
            if not first.ended:
                return
            rest = self._open.copy()
            self._open = OrderedDict({name: first})
            text = self._wanted()
            self._open = rest
            alone = len(self._open) == 1
            if not self._standing.startswith(text) or (alone and self._standing != text):
                return
            del self._open[name]
            self._forget(name)
            self._standing = self._standing[len(text) :]
            self._before = text[-1:] or self._before
