"""Decides who may read the subtitles of which session without taking part, and ends their reading."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from media.events import Observer, RoomEvent
from pipeline.context import Context
from pipeline.events import Transcribed, Translated, UtteranceEnded
from signaling.ports import Dependencies, OpenRoom, Room, WriteSubtitles
from signaling.refusal import Code, Refusal
from signaling.sessions.registry import SessionRegistry, random_id
from signaling.sessions.subtitles_log import Line, SubtitlesLog
from signaling.tokens import Tokens, ViewerClaims
from storage.records import ParticipantRecord, SessionRecord

log = logging.getLogger(__name__)

MOST_VIEWERS = 8
"""Tokens of one participant that are good at a time: one more takes the place of the oldest."""
MOST_READERS = 4
"""Streams of one token at a time."""
LOOK_EVERY_S = 0.02


class ReadingEnd(StrEnum):
    """Reason why a stream ends."""

    SESSION_ENDED = "session_ended"
    REVOKED = "revoked"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who may read one session's subtitles, and nothing else."""

    id: str
    token: str
    expires_at: int
    """Unix epoch ms; the session's end comes first."""


class Stream(Protocol):
    """A reader's connection: `signaling.http.event_stream.EventStream`."""

    @property
    def gone(self) -> bool:
        """True once nobody takes the stream any more."""
        ...

    def abort(self) -> None:
        """Drop the connection."""
        ...


@dataclass(slots=True, eq=False)
class Reader:
    """One stream of a viewer."""

    viewer: str
    stream: Stream
    log: SubtitlesLog
    cursor: int
    """Number of the last line that was read."""
    over: ReadingEnd | None = None
    """Reason why there is nothing more to read; None while it goes on."""

    async def next(self) -> Line | None:
        """Return the next line. None once the reading is over: at once where it is revoked, else when all was read."""
        while self.over is not ReadingEnd.REVOKED:
            line = self.log.first_after(self.cursor)
            if line is not None:
                self.cursor = line.seq
                return line
            if self.over is not None:
                return None
            await self.log.changed()
        return None


@dataclass(slots=True)
class _Viewed:
    """Viewing of one session."""

    write: WriteSubtitles
    log: SubtitlesLog
    wanted: bool
    """True while somebody may read: for nobody, nothing is written."""
    readers: list[Reader] = field(default_factory=list)

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Write an event of the room, if viewers may read of it; an `Observer`."""
        if not self.wanted:
            return
        key: Hashable
        match event:
            case Transcribed():
                key = "transcription", event.utterance
            case Translated():
                key = "translation", event.utterance, event.segment.index, event.target
            case UtteranceEnded():
                key = "utterance_end", event.utterance, event.target
            case _:
                return
        message = self.write(event)
        if message is not None:
            self.log.put(key, message)

    def end(self, why: ReadingEnd, readers: Iterable[Reader]) -> None:
        """End these streams."""
        for reader in readers:
            reader.over = why
        self.log.wake()


class Viewing:
    """Viewers and readers of all sessions of this process."""

    def __init__(
        self, dependencies: Dependencies, registry: SessionRegistry, tokens: Tokens, lifetime_s: float
    ) -> None:
        """`lifetime_s`: the longest time that a session may last."""
        self._dependencies = dependencies
        self._registry = registry
        self._tokens = tokens
        self._lifetime_s = lifetime_s
        self._sessions: dict[str, _Viewed] = {}
        self._open: set[Reader] = set()

    def __repr__(self) -> str:
        return f"<Viewing {len(self._sessions)} sessions, {self.readers} readers>"

    @property
    def readers(self) -> int:
        """Number of open streams."""
        return len(self._open)

    def begin(self, record: SessionRecord) -> Dependencies:
        """Let a session be viewed. Return what it depends on, with rooms that are watched from here, too."""
        write, lines = self._dependencies.subtitles(record.id), SubtitlesLog(self._dependencies.now_ms)
        viewed = _Viewed(write, lines, wanted=record.viewers > 0)
        self._sessions[record.id] = viewed
        open_room = _watched(self._dependencies.open_room, viewed.observe)
        return replace(self._dependencies, open_room=open_room)

    def end(self, session: str) -> None:
        """End all reading of a session that has left this process."""
        viewed = self._sessions.pop(session)
        ended = self._registry.find_ended(session) is not None
        viewed.end(ReadingEnd.SESSION_ENDED if ended else ReadingEnd.RESTART, viewed.readers)

    async def finish(self, timeout_s: float) -> None:
        """Let readers take the end of their streams, for `timeout_s` at most, and drop those who do not."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._open:  # noqa: ASYNC110 - an end in a second at most
                    await asyncio.sleep(LOOK_EVERY_S)
        for reader in self._open:
            reader.stream.abort()

    def admit(self, session: str, person: ParticipantRecord) -> Viewer:
        """Make a viewer by the act of a participant. Raises Refusal `at_capacity` while the server restarts."""
        viewed = self._viewed(session)
        viewed.wanted = True
        claims = ViewerClaims(session, random_id("v"), viewed.log.mark())
        dead, kept = person.viewers[: 1 - MOST_VIEWERS], (*person.viewers[1 - MOST_VIEWERS :], claims.viewer)
        self._registry.update(session, person.id, viewers=kept)
        log.info("viewer made", extra={"session": session, "participant": person.id})
        viewed.end(ReadingEnd.REVOKED, [one for one in viewed.readers if one.viewer in dead])
        token = self._tokens.issue_viewer(claims, self._dependencies.wall(), self._lifetime_s)
        return Viewer(claims.viewer, token, self._dependencies.now_ms() + int(self._lifetime_s * 1000))

    def revoke(self, session: str, person: ParticipantRecord, viewer: str | None) -> bool:
        """Take back a viewer whom a participant has made; None: all of them. Their tokens are dead, their streams end.

        Return True if there were any. Raises Refusal `not_found` for a viewer who is none of theirs, and `at_capacity`
        while the server restarts.
        """
        viewed = self._viewed(session)
        dead = person.viewers if viewer is None else [one for one in person.viewers if one == viewer]
        if viewer is not None and not dead:
            raise Refusal(Code.NOT_FOUND, "you have made no such viewer, or have taken it back")
        kept = tuple(one for one in person.viewers if one not in dead)
        self._registry.update(session, person.id, viewers=kept)
        viewed.wanted = self._registry.get(session).viewers > 0
        viewed.end(ReadingEnd.REVOKED, [one for one in viewed.readers if one.viewer in dead])
        if dead:
            log.info("viewers taken back", extra={"session": session, "participant": person.id, "viewers": len(dead)})
        return bool(dead)

    @contextmanager
    def reading(self, session: str, token: str, last: int | None, stream: Stream) -> Iterator[Reader]:
        """Read as the viewer of `token`, from what comes now on, or from behind the line `last`.

        Nothing is read that was said before the token was made. Raises Refusal `unauthorized`, `forbidden`,
        `session_not_found`, `session_ended`, or `at_capacity` for a stream too many and while the server restarts.
        """
        claims = self._tokens.read_viewer(token, self._dependencies.wall())
        if claims.session != session:
            raise Refusal(Code.FORBIDDEN, "that token is of another session")
        if not any(claims.viewer in one.viewers for one in self._registry.get(session).participants):
            raise Refusal(Code.UNAUTHORIZED, "the token is not valid any more")
        viewed = self._viewed(session)
        if sum(one.viewer == claims.viewer and not one.stream.gone for one in viewed.readers) >= MOST_READERS:
            raise Refusal(Code.AT_CAPACITY, "too many streams of this viewer at a time", retry_after=10)
        viewed.log.reach(claims.since)
        if last is None:
            last = viewed.log.last
        elif last > viewed.log.last:
            last = 0  # of a clock that was set back since: nobody knows what was lost
        reader = Reader(claims.viewer, stream, viewed.log, max(last, claims.since))
        viewed.readers.append(reader)
        self._open.add(reader)
        try:
            yield reader
        finally:
            viewed.readers.remove(reader)
            self._open.discard(reader)

    def _viewed(self, session: str) -> _Viewed:
        viewed = self._sessions.get(session)
        if viewed is None:
            raise Refusal(Code.AT_CAPACITY, "the server is restarting, and will know this session again", retry_after=1)
        return viewed


def _watched(open_room: OpenRoom, observer: Observer) -> OpenRoom:
    """Return `open_room` for rooms whose events go to `observer`, too, after the session itself."""

    def opened(session: str, own: Observer) -> AbstractAsyncContextManager[Room]:
        def both(context: Context, event: RoomEvent) -> None:
            try:
                own(context, event)
            finally:
                observer(context, event)

        return open_room(session, both)

    return opened
