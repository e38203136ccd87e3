"""The `subtitles` channel as one listener sees it: each message once, and the outcome of each utterance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]


class Subtitles:
    """Takes messages in the order of their arrival, over as many channels as it takes.

    `keep(message)` gets every new message, once.
    """

    def __init__(self, keep: Callable[[Message], None]) -> None:
        self._keep = keep
        self.last_seq = 0
        self.duplicates = 0
        self.holes = 0  # numbers that never came on one and the same channel
        self.kinds: Counter[str] = Counter()
        self.final_transcriptions = 0
        self.final_translations = 0
        self.errors: list[Message] = []
        self.ends: list[Message] = []  # the utterance_end messages
        self._me: str | None = None
        self._mine_open: set[str] = set()
        self._mine_ended: set[str] = set()
        self._theirs_open: set[str] = set()
        self._theirs_ended: set[str] = set()
        self._spoken_to_me = 0
        self._resumed = False

    def identify(self, participant_id: str) -> None:
        """Who we are, so that our own utterances are known."""
        self._me = participant_id

    def resume(self) -> int:
        """The last number we saw; what is missing up to the next message was left out on purpose."""
        self._resumed = True
        return self.last_seq

    def take(self, message: Message) -> bool:
        """False when it was a repetition."""
        seq = message.get("seq")
        if isinstance(seq, int):
            if seq <= self.last_seq:
                self.duplicates += 1
                return False
            if not self._resumed:
                self.holes += seq - self.last_seq - 1
            self._resumed = False
            self.last_seq = seq
        self._account(message)
        self._keep(message)
        return True

    def _account(self, message: Message) -> None:
        kind = str(message.get("type"))
        self.kinds[kind] += 1
        if kind == "transcription":
            self._open(message)
            self.final_transcriptions += bool(message.get("final"))
        elif kind == "translation":
            self._open(message)
            self.final_translations += bool(message.get("final"))
        elif kind == "speech_audio":
            starts = message.get("state") == "start" and message.get("targetUserId") == self._me
            self._spoken_to_me += starts
        elif kind == "utterance_end":
            self.ends.append(message)
            mine = message.get("sourceUserId") == self._me
            utterance = str(message.get("utteranceId"))
            (self._mine_open if mine else self._theirs_open).discard(utterance)
            (self._mine_ended if mine else self._theirs_ended).add(utterance)
        elif kind == "error":
            self.errors.append(message)

    def _open(self, message: Message) -> None:
        utterance = str(message.get("utteranceId"))
        if message.get("sourceUserId") == self._me:
            if utterance not in self._mine_ended:
                self._mine_open.add(utterance)
        elif utterance not in self._theirs_ended:
            self._theirs_open.add(utterance)

    @property
    def mine_ended(self) -> int:
        """How many utterances of ours are over."""
        return len(self._mine_ended)

    @property
    def settled(self) -> bool:
        """Whether every utterance that began is over."""
        return not self._mine_open and not self._theirs_open

    @property
    def came(self) -> bool:
        """Whether there was at least one final text."""
        return self.final_transcriptions + self.final_translations > 0

    @property
    def voice_expected(self) -> bool:
        """Whether the interpreter was said to speak to us."""
        return self._spoken_to_me > 0

    def summary(self) -> dict[str, Any]:
        return {
            "lastSeq": self.last_seq,
            "duplicates": self.duplicates,
            "holes": self.holes,
            "messages": dict(self.kinds),
            "finalTranscriptions": self.final_transcriptions,
            "finalTranslations": self.final_translations,
            "unfinished": sorted(self._mine_open | self._theirs_open),
            "utteranceEnds": self.ends,
            "errors": self.errors,
        }
