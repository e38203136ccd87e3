"""Outbox of one listener's subtitles: numbers them, keeps them, resends them after a reconnection.

`seq` rises by one through the whole session, whichever connection carries it. A server that takes the session over
goes on from what the one before it has handed on, and a restarted one from the number that the client names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from media.events import RefusalCode
from media.subtitles.fitting import fitted, written
from media.subtitles.kept_messages import KEPT_SECONDS, Kept, KeptMessages
from media.subtitles.server_messages import Message, is_lasting

RESUME_WAIT = 2.0
"""Seconds after which a client that doesn't say `resume` is sent all that is kept.

After the same time a channel is tried again that took nothing at all."""

HANDED_ON_S = 60.0
"""Age up to which messages are handed on: who has been away for longer is told of a gap."""
HANDED_ON_BYTES = 1 << 16
HIGHEST_SEQ = 2**53 - 1
"""Highest number that is the same for every reader of JSON."""

_GAP: Message = {"type": "error", "code": RefusalCode.GAP, "message": "Messages before this one are lost."}

log = logging.getLogger(__name__)

Post = Callable[[str], bool]
"""Sends text on the open channel; False where it could not. Raises where this channel can't carry it at all."""


def _log_failure(error: Exception) -> None:
    """Stand for the callback where there is none."""
    log.error("a message could not be sent", exc_info=error)


class SubtitlesOutbox:
    """Numbers, keeps and sends the messages of one participant. No method raises an error of their channel."""

    def __init__(self, now: Callable[[], float], failed: Callable[[Exception], None] = _log_failure) -> None:
        """`failed` is called with each error of a channel."""
        self._now = now
        self._failed = failed
        self._seq = 0
        self._kept = KeptMessages()
        self._post: Post | None = None
        self._limit = 0
        self._opened_at: float | None = None
        self._resumed = False
        self._sent = 0
        self._retry_at = 0.0
        self._handed_on = False

    def open(self, post: Post, limit: int = 0) -> None:
        """Use a new channel, on which nothing is sent until the client says where it left off.

        `limit` is the bytes that it takes in a message; 0 is any number. Longer ones are shortened (`fitting`).
        After `hand_on` nothing is sent at all.
        """
        self._post = None if self._handed_on else post
        self._limit = limit
        self._retry_at = 0.0
        self._opened_at = self._now()
        self._resumed = False

    def close(self, post: Post) -> None:
        """Send nothing more by `post`; a newer channel that has taken its place stays open."""
        if self._post is post:
            self._post = None

    def put(self, message: Message) -> None:
        """Number, keep and, where possible, send."""
        lasting = is_lasting(message)
        if not lasting and not self._open:
            return  # never numbered, never missed
        text = written({**message, "seq": self._seq + 1})
        self._seq += 1
        self._kept.add(Kept(self._seq, self._now(), lasting, text))
        self._kept.discard_old(self._now())
        if self._open and not self._deliver(self._seq, text):
            if lasting:
                self._tell_gap(self._seq)
            else:
                self._kept.take_back()
                self._seq -= 1

    def note_loss(self) -> None:
        """Tell the client by `gap` that a message could not even be written."""
        self.put(_GAP)

    @property
    def is_open(self) -> bool:
        """True if a message is sent at once: the channel is open, and the client has said where it left off."""
        return self._open

    def resume(self, last_seq: int) -> None:
        """Send all that came after `last_seq`, which is the last that the client has; a hole is named by `gap`."""
        if self._post is None:
            return
        self._kept.discard_old(self._now())
        self._resumed = True
        self._opened_at = None
        self._sent = last_seq
        if last_seq > self._seq:  # we were restarted: nobody knows what was lost
            self._kept.clear()
            self._seq = last_seq
            self.put(_GAP)
            return
        missed = [kept for kept in self._kept if kept.seq > last_seq]
        first = missed[0].seq if missed else self._seq + 1
        if first > last_seq + 1:  # the gap takes the number of the last message that is lost
            self._tell_gap(first - 1)
        for kept in missed:
            if self._open and kept.lasting and not self._deliver(kept.seq, kept.text):
                self._tell_gap(kept.seq)

    def hand_on(self) -> list[Any]:
        """Return the last number and the newest messages, as plain JSON, for the `go_on` of another process.

        Nothing is sent from here on: that process gives the next number.
        """
        self._handed_on, self._post = True, None
        newest, size, now = [], 0, self._now()
        for kept in reversed(self._kept):
            size += len(kept.text.encode())
            if size > HANDED_ON_BYTES or now - kept.at > HANDED_ON_S:
                break
            newest.append([kept.seq, round(now - kept.at, 3), kept.text if kept.lasting else ""])
        return [self._seq, newest[::-1]]

    def go_on(self, handed: Any) -> None:
        """Go on from what another process has handed on, before anything is put. Pass over all else."""
        now = self._now()
        try:
            seq, messages = _number(handed[0]), handed[1]
            kept = [Kept(_number(one), now - _age(age), bool(text), _text(text)) for one, age, text in messages]
        except (TypeError, ValueError, LookupError, OverflowError):
            log.warning("subtitles of another process can't be read")
            return
        if [one.seq for one in kept] != list(range(seq - len(kept) + 1, seq + 1)):
            log.warning("subtitles of another process have holes")
            return
        self._seq = seq
        for one in kept:
            self._kept.add(one)

    def tick(self) -> None:
        """Begin to serve a client that doesn't say `resume`, and go on with one that had stopped reading."""
        if self._post is None or self._resumed or self._now() < self._retry_at:
            return
        if self._opened_at is None:
            self.resume(self._sent)
        elif self._now() - self._opened_at > RESUME_WAIT:
            first = self._kept.first_seq
            self.resume(self._seq if first is None else first - 1)

    def _deliver(self, seq: int, text: str) -> bool:
        """Send a message, or let it wait. Returns False where this channel can't carry it at all."""
        sent = self._posted(text)
        if sent:
            self._sent = seq
        elif sent is False:
            self._resumed = False  # it does not read: what is kept waits for it
        return sent is not None

    def _posted(self, text: str) -> bool | None:
        """Return True once sent, False where the channel takes nothing now, None where it can't carry this."""
        assert self._post is not None
        fit = fitted(text, self._limit)
        if fit is None:
            return None
        try:
            return self._post(fit)
        except Exception as error:  # noqa: BLE001 - the boundary to a client's channel: `failed` logs it
            self._failed(error)
            return None

    def _tell_gap(self, seq: int) -> None:
        """Send `gap` in place of the message `seq`. A channel that takes not even that is left alone for a while."""
        if not self._deliver(seq, written({**_GAP, "seq": seq})):
            self._resumed = False
            self._retry_at = self._now() + RESUME_WAIT

    @property
    def _open(self) -> bool:
        return self._post is not None and self._resumed


def _number(value: Any) -> int:
    """Return a `seq` that another process has handed on. Raises TypeError or ValueError."""
    if not isinstance(value, int) or not 0 <= value <= HIGHEST_SEQ:
        raise ValueError("no number of a message")
    return value


def _age(value: Any) -> float:
    """Return an age in seconds. Raises TypeError, ValueError or OverflowError."""
    age = float(value)
    if not 0 <= age <= KEPT_SECONDS:
        raise ValueError("no age")
    return age


def _text(value: Any) -> str:
    """Return a text that UTF-8 can carry. Raises TypeError or ValueError."""
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()
    return value
