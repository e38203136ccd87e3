"""Outbox of one listener's subtitles: numbers them, keeps them, resends them after a reconnection.

`seq` rises by one through the whole session, whichever connection carries it. A restarted server goes on from the
number that the client names.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from media.events import RefusalCode
from media.subtitles.server_messages import Message, is_lasting

KEPT_MESSAGES = 1000
KEPT_SECONDS = 300.0
RESUME_WAIT = 2.0
"""Seconds after which a client that doesn't say `resume` is sent all that is kept."""

_GAP: Message = {"type": "error", "code": RefusalCode.GAP, "message": "Messages before this one are lost."}

Post = Callable[[str], bool]
"""Sends text on the open channel; False where it could not."""


@dataclass(frozen=True, slots=True)
class _Kept:
    seq: int
    at: float
    lasting: bool
    text: str


class SubtitlesOutbox:
    """Numbers, keeps and sends the messages of one participant."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seq = 0
        self._kept: deque[_Kept] = deque(maxlen=KEPT_MESSAGES)
        self._post: Post | None = None
        self._opened_at: float | None = None
        self._resumed = False
        self._sent = 0

    def open(self, post: Post) -> None:
        """Use a new channel, on which nothing is sent until the client says where it left off."""
        self._post = post
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
        self._seq += 1
        text = json.dumps({**message, "seq": self._seq}, ensure_ascii=False, separators=(",", ":"))
        self._kept.append(_Kept(self._seq, self._now(), lasting, text))
        self._discard_old()
        if self._open:
            self._deliver(self._seq, text)

    def resume(self, last_seq: int) -> None:
        """Send all that came after `last_seq`, which is the last that the client has; a hole is named by `gap`."""
        if self._post is None:
            return
        self._discard_old()
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
            self._deliver(first - 1, json.dumps({**_GAP, "seq": first - 1}, separators=(",", ":")))
        for kept in missed:
            if self._resumed and kept.lasting:
                self._deliver(kept.seq, kept.text)

    def tick(self) -> None:
        """Begin to serve a client that doesn't say `resume`, and go on with one that had stopped reading."""
        if self._post is None or self._resumed:
            return
        if self._opened_at is None:
            self.resume(self._sent)
        elif self._now() - self._opened_at > RESUME_WAIT:
            self.resume(self._kept[0].seq - 1 if self._kept else self._seq)

    def _deliver(self, seq: int, text: str) -> None:
        assert self._post is not None
        if self._post(text):
            self._sent = seq
        else:
            self._resumed = False  # it does not read: what is kept waits for it

    @property
    def _open(self) -> bool:
        return self._post is not None and self._resumed

    def _discard_old(self) -> None:
        oldest = self._now() - KEPT_SECONDS
        while self._kept and self._kept[0].at < oldest:
            self._kept.popleft()
