"""The `subtitles` channel of one listener: each message once, and the state of each utterance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]


class Subtitles:
    """Receives messages in the order of their arrival, over all channels of a call.

    `on_message(message)` receives every new message, once.
    """

    def __init__(self, on_message: Callable[[Message], None]) -> None:
        self._on_message = on_message
        self.last_seq = 0
        self.duplicates = 0
        self.holes = 0  # numbers that are missing within one channel
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
        """Set our participant id, by which our own utterances are known."""
        self._me = participant_id

    def resume(self) -> int:
        """Return the last number received. A gap before the next message is then no hole."""
        self._resumed = True
        return self.last_seq

    def receive(self, message: Message) -> bool:
        """Receive a message. Return False for a repetition."""
        seq = message.get("seq")
        if isinstance(seq, int):
            if seq <= self.last_seq:
                self.duplicates += 1
                return False
            if not self._resumed:
                self.holes += seq - self.last_seq - 1
            self._resumed = False
            self.last_seq = seq
        self._count(message)
        self._on_message(message)
        return True

    def _count(self, message: Message) -> None:
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
        """Number of our utterances that have ended."""
        return len(self._mine_ended)

    @property
    def all_ended(self) -> bool:
        """True if no utterance is open."""
        return not self._mine_open and not self._theirs_open

    @property
    def any_final(self) -> bool:
        """True once a final text was received."""
        return self.final_transcriptions + self.final_translations > 0

    @property
    def voice_expected(self) -> bool:
        """True once the server announced the interpreter's voice for us."""
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
