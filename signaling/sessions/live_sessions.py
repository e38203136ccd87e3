"""Sessions that live in this process: made, joined, found, restored after a restart, shut down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.refusal import RESTART, SHUTDOWN, Code, Refusal
from signaling.session_states import SessionState, SessionStep
from signaling.sessions.call_records import withdraw_again
from signaling.sessions.departure import Departure
from signaling.sessions.directory import Directory, Here, Load
from signaling.sessions.placing import Placing
from signaling.sessions.registry import SessionRegistry, SnapshotSink, random_id
from signaling.sessions.session import Session
from signaling.sessions.solo import Solo
from signaling.sessions.viewing import Viewing
from signaling.tokens import AccessClaims, Grant, ResumeClaims, Tokens
from signaling.websocket.client_messages import JoinSession
from signaling.websocket.connection import ClientConnection
from storage.records import EndedRecord, ParticipantRecord, SessionRecord
from storage.session_snapshots import SessionSnapshots

log = logging.getLogger(__name__)

ROOM_CLOSING_S = 5.0
"""Time for a room to close, beyond the time that its last sentences get."""
READERS_END_S = 1.0
"""Time for viewers to take the end of their streams."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may act in a live session."""

    session: Session
    record: SessionRecord
    person: ParticipantRecord


class LiveSessions:
    """Live sessions, each in a task of `tasks`. These tasks never fail.

    `tasks` is a group of whoever runs the server: await `shutdown` before its scope is left.
    """

    def __init__(
        self,
        options: SignalingOptions,
        dependencies: Dependencies,
        *,
        tasks: asyncio.TaskGroup,
        snapshots: SessionSnapshots,
        directory: Directory,
        tokens: Tokens,
    ) -> None:
        self.tokens = tokens
        self._options = options
        self._dependencies = dependencies
        self._tasks = tasks
        self._snapshots = snapshots
        self._directory = directory
        self._registry = SessionRegistry(options, SnapshotSink(snapshots.save, self._record_end))
        self.placing = Placing(directory, self, self._registry)
        self.viewing = Viewing(dependencies, self._registry, tokens, options.longest_session_s)
        self._live: dict[str, Session] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.connections: set[ClientConnection] = set()
        """Every open connection, joined or not: WebSockets and event streams."""
        self._closing = False
        self.silent_at = float("-inf")  # the time from which `shutdown` lets no sentence go on
        self._departure: Departure | None = None
        directory.attend(self)

    @property
    def closing(self) -> bool:
        """True once `shutdown` has begun."""
        return self._closing

    def __len__(self) -> int:
        """Return the number of sessions that live, or whose room is still closing."""
        return len(self._live)

    def by_state(self) -> dict[SessionState, int]:
        """Return the number of sessions that wait for the second person, and of active ones."""
        return self._registry.by_state()

    @property
    def load(self) -> Load:
        """Share of the sessions that this server may hold, and if it takes new ones."""
        takes = not self._closing and self._dependencies.ready() and self._dependencies.has_room()
        return Load(len(self._registry) / (most := self._options.limits.sessions), takes, 1 / most)

    async def restore(self) -> None:
        """Take back the sessions that a killed process left behind; the grace of their people begins now."""
        live, ended = await self._snapshots.load(self._registry.forget_before(self._dependencies.now_ms()))
        self._registry.restore((), ended)
        self.withdraw_again(ended)
        for record in live:
            await self._directory.claim(record.id, record.code)
            self.take(record)
        if live:
            log.info("sessions restored", extra={"count": len(live)})

    @asynccontextmanager
    async def claim_place(self, *, coded: bool) -> AsyncIterator[Here]:
        """Reserve the id of a new session, and its code if it is `coded`; free again where `create` is not called."""
        place = await self.placing.claim(random_id("s"), None if coded else "")
        try:
            yield place
        finally:
            if not self.lives(place.session):
                self._directory.release(place.session)

    def create(
        self, place: Here, access: AccessClaims, language: str, admit: bool, solo: Solo | None = None
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """Make the session for which `place` is reserved.

        `solo`: the wish of somebody who stays alone. Raises Refusal `at_capacity`, `unsupported_language`, and what
        `Solo.require` raises.
        """
        self._require_open()
        if not self._dependencies.has_room():
            raise Refusal(Code.AT_CAPACITY, "this server holds all the calls that it can keep on time", retry_after=15)
        self._dependencies.languages().require(language)
        if solo is not None:
            solo.require(language, self._dependencies)
        record, creator = self._registry.create(
            place.session, place.code, access.user, access.name, language, admit, self._dependencies.now_ms(), solo
        )
        self._begin(record)
        log.info("session created", extra={"session": record.id, "admit": admit, "solo": solo is not None})
        return record, creator

    async def locate_code(self, code: str) -> Here:
        """Return the place of the live session with this code.

        Raises Refusal `at_capacity`, or `session_not_found` or `session_ended`, which the caller counts as a guess.
        """
        self._require_open()
        place = await self.placing.by_code(code)
        record = self._registry.by_code(code)
        return place or Here(record.id, code)

    def join(self, session: str, access: AccessClaims, language: str) -> tuple[SessionRecord, ParticipantRecord]:
        """Let a user join by the code, or find the user who has joined.

        Raises Refusal `own_session`, `not_admitted`, `session_full`, `unsupported_language` or `unsupported_pair`.
        """
        record = self._registry.get(session)
        languages = self._dependencies.languages()
        languages.require(language)
        languages.require_pair(record.participants[0].language, language)
        before = len(record.participants)
        record, joiner = self._registry.join(record, access.user, access.name, language, self._dependencies.now_ms())
        if len(record.participants) > before:
            log.info("session joined", extra={"session": record.id, "admitted": joiner.admitted})
            self._live[record.id].request_admission(joiner.id)
        return record, joiner

    def take(self, record: SessionRecord, unread: str = "") -> None:
        """Go on with a session of another process; the grace of its people begins now."""
        self._registry.restore([record], ())
        self._begin(record, unread).await_return(restored=True)

    def withdraw_again(self, ended: Sequence[EndedRecord]) -> None:
        """Withdraw from the histories of ended sessions what their people withdrew: it may not have been done."""
        withdraw_again(self._dependencies.history, ended)

    def rearm(self) -> None:
        """Give everybody who has vanished the whole grace again: they could not come back for a while."""
        for session in self._live.values():
            session.await_return(restored=False)

    def give_up(self, session: str, websocket_url: str | None) -> None:
        """End this copy of a session that another node has: its clients go to `websocket_url`, or come back here."""
        live = self._live.get(session)
        if live is not None:
            live.hand_over(websocket_url)
        self._registry.forget(session)

    def lives(self, session: str) -> bool:
        """True if the session has not ended, or its room is still closing."""
        return session in self._live

    def takes_part(self, user: str) -> bool:
        """True if the user has been let into a live session."""
        return self._registry.takes_part(user)

    def expel(self, user: str) -> None:
        """End every live session of a user who is deleted; where the user was not let in, only the request ends."""
        for session, person in self._registry.participations(user):
            live = self._live.get(session)
            if live is None:  # handed over; the next process is not to restore it
                self._registry.end(session, SessionStep.DELETED, self._dependencies.now_ms())
            elif person.admitted:
                live.end(SessionStep.DELETED, person.id)
            else:
                live.leave(person.id)

    async def attach(self, join: JoinSession, connection: ClientConnection) -> Member:
        """Bind `connection` to the participant whom the token of `join` names. Raises Refusal."""
        grant = self.tokens.read(join.token, self._dependencies.wall())
        await self.placing.here(join.session, grant)
        member = self.member(join.session, grant)
        if connection.owner not in (None, member.person.id):
            raise Refusal(Code.FORBIDDEN, "this connection was opened by another participant")
        member.session.attach(member.person.id, connection, join.language, join.detect)
        return member

    def member(self, session: str, grant: Grant) -> Member:
        """Return the participant of `session` whom `grant` names.

        Raises Refusal `session_not_found`, `session_ended`, `not_admitted`, `forbidden` or `at_capacity`.
        """
        if isinstance(grant, ResumeClaims) and grant.session != session:
            raise Refusal(Code.FORBIDDEN, "that token is of another session")
        record = self._registry.get(session)
        if isinstance(grant, ResumeClaims):
            person = record.participant(grant.participant)
        else:
            person = record.of_user(grant.user)
            if grant.user in record.refused:
                raise Refusal(Code.NOT_ADMITTED, "the other person did not let you in")
        if person is None:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        live = self._live.get(session)
        if live is None:
            raise Refusal(Code.AT_CAPACITY, "the server is restarting, and will know this session again", retry_after=1)
        return Member(live, record, person)

    def ended(self, session: str) -> EndedRecord | None:
        """Return the record of an ended session; None where there is none, or none any more."""
        return self._registry.find_ended(session)

    async def flush(self) -> None:
        """Return once every change until now is in the snapshots."""
        await self._snapshots.flush()

    async def shutdown(self, timeout: float, *, goes_on: bool = False) -> None:
        """Refuse new sessions, let sentences in flight finish for at most `timeout` seconds, end every session.

        Every participant gets `session_ended` `shutdown`. With `goes_on` no session ends: sockets are closed by 1012 at
        the same time, for another process. Where other nodes are, they take the sessions, by `moved`. Idempotent.
        """
        self._closing, self.silent_at = True, self._dependencies.steady() + timeout
        if (goes_on or self._directory.has_others) and self._departure is None:
            self._departure = Departure(self._live, self._directory.leave)
        for session in self._live.values():
            session.stop(timeout, self._departure)
        if self._departure is not None:
            await self._departure.lead(timeout + ROOM_CLOSING_S)
        running = list(self._running)
        if running:
            _, late = await asyncio.wait(running, timeout=timeout + ROOM_CLOSING_S)
            for task in late:
                log.error("session did not close", extra={"task": task.get_name()})
                task.cancel()
        self.close_connections(RESTART if self._departure is not None else SHUTDOWN)
        await self.viewing.finish(READERS_END_S)

    def close_connections(self, code: int = SHUTDOWN) -> None:
        """Close every socket; the sessions stay as they are."""
        for connection in self.connections:
            connection.close(code)

    def _require_open(self) -> None:
        if self._closing:
            raise Refusal(Code.AT_CAPACITY, "the server is shutting down", retry_after=30)
        if not self._dependencies.ready():
            raise Refusal(Code.AT_CAPACITY, "an engine of the server is still loading, or does not work", retry_after=5)

    def _begin(self, record: SessionRecord, unread: str = "") -> Session:
        dependencies = self.viewing.begin(record)
        session = Session(record.id, self._options, dependencies, self._registry, self.tokens, unread)
        self._live[record.id] = session
        task = self._tasks.create_task(self._run(session), name=f"session {record.id}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return session

    async def _run(self, session: Session) -> None:
        try:
            await session.run()
        finally:
            del self._live[session.id]
            self.viewing.end(session.id)
            if self._departure is not None:
                self._departure.finished(session.id)

    def _record_end(self, ended: EndedRecord) -> None:
        self._directory.release(ended.id)
        self._snapshots.end(ended, self._registry.forget_before(ended.ended_at))
