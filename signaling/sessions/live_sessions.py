"""The sessions that live in this process: made, joined, found, taken back after a restart, shut down."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.refusal import SHUTDOWN, Code, Refusal
from signaling.sessions.registry import SessionRegistry, SnapshotSink
from signaling.sessions.session import Session
from signaling.tokens import AccessClaims, Grant, ResumeClaims, Tokens
from signaling.websocket.client_messages import JoinSession
from signaling.websocket.connection import ClientConnection
from storage.records import EndedRecord, ParticipantRecord, SessionRecord
from storage.sqlite import SqliteSessions

log = logging.getLogger(__name__)

# What a room may take to close, beyond the time that its last sentences were given.
CLOSING_TIME = 5.0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may act in a live session."""

    session: Session
    record: SessionRecord
    person: ParticipantRecord


class LiveSessions:
    """Each session lives in a task of `tasks`, a group of whoever runs the server; they never fail.

    `shutdown` must be awaited before that group's scope is left.
    """

    def __init__(
        self,
        config: SignalingOptions,
        ports: Dependencies,
        *,
        tasks: asyncio.TaskGroup,
        store: SqliteSessions,
        tokens: Tokens,
    ) -> None:
        self.tokens = tokens
        self._config = config
        self._ports = ports
        self._tasks = tasks
        self._store = store
        self._lobby = SessionRegistry(config, SnapshotSink(store.save, self._forget))
        self._live: dict[str, Session] = {}
        self._holding: set[asyncio.Task[None]] = set()
        self._sockets: set[ClientConnection] = set()
        self._closing = False

    @property
    def closing(self) -> bool:
        return self._closing

    def __len__(self) -> int:
        """How many sessions live, or have a room that is still closing."""
        return len(self._live)

    @property
    def sockets(self) -> set[ClientConnection]:
        """Every open WebSocket, joined or not."""
        return self._sockets

    async def restore(self) -> None:
        """Take back the sessions that a killed process left behind; their grace runs from now on."""
        live, ended = await self._store.load(self._lobby.forget_before(self._ports.now_ms()))
        self._lobby.restore(live, ended)
        for record in live:
            self._begin(record).await_return()
        if live:
            log.info("sessions restored count=%d", len(live))

    def create(self, access: AccessClaims, language: str, admit: bool) -> tuple[SessionRecord, ParticipantRecord]:
        """Raises Refusal `at_capacity` or `unsupported_language`."""
        self._require_open()
        if not self._ports.has_room():
            raise Refusal(Code.AT_CAPACITY, "this server holds all the calls that it can keep on time", retry_after=15)
        self._ports.languages().require(language)
        record, creator = self._lobby.create(access.user, access.name, language, admit, self._ports.now_ms())
        self._begin(record)
        log.info("session created session=%s admit=%s", record.id, admit)
        return record, creator

    def by_code(self, code: str) -> SessionRecord:
        """Raises Refusal `session_not_found` or `session_ended`: the caller counts wrong codes."""
        self._require_open()
        return self._lobby.by_code(code)

    def join(
        self, record: SessionRecord, access: AccessClaims, language: str
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """Raises Refusal `own_session`, `not_admitted`, `session_full` or `unsupported_…`."""
        languages = self._ports.languages()
        languages.require(language)
        languages.require_pair(record.participants[0].language, language)
        before = len(record.participants)
        record, joiner = self._lobby.join(record, access.user, access.name, language, self._ports.now_ms())
        if len(record.participants) > before:
            log.info("session joined session=%s admitted=%s", record.id, joiner.admitted)
            self._live[record.id].ask_admission(joiner.id)
        return record, joiner

    def lives(self, session: str) -> bool:
        """Whether the session has not ended, or its room is still closing."""
        return session in self._live

    def takes_part(self, user: str) -> bool:
        """Whether they have been let into a live session."""
        return self._lobby.takes_part(user)

    def attach(self, join: JoinSession, socket: ClientConnection) -> Member:
        """`join_session` on `socket`. Raises Refusal."""
        member = self.member(join.session, self.tokens.read(join.token, self._ports.wall()))
        member.session.attach(member.person.id, socket, join.language, join.detect)
        return member

    def member(self, session: str, grant: Grant) -> Member:
        """Who `grant` is in `session`. Raises Refusal `session_not_found`, `session_ended` or `forbidden`."""
        if isinstance(grant, ResumeClaims) and grant.session != session:
            raise Refusal(Code.FORBIDDEN, "that token is of another session")
        record = self._lobby.get(session)
        if isinstance(grant, ResumeClaims):
            person = record.participant(grant.participant)
        else:
            person = record.of_user(grant.user)
            if grant.user in record.refused:
                raise Refusal(Code.NOT_ADMITTED, "the other person did not let you in")
        if person is None:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        return Member(self._live[session], record, person)

    def ended(self, session: str) -> EndedRecord | None:
        return self._lobby.find_ended(session)

    async def settled(self) -> None:
        """Returns when every change until now is in the file."""
        await self._store.settled()

    async def shutdown(self, timeout: float) -> None:
        """Refuse what is new, let sentences in flight finish for at most `timeout` seconds, say goodbye.

        Every participant gets `session_ended` `shutdown`. Idempotent.
        """
        self._closing = True
        for session in self._live.values():
            session.stop(timeout)
        holding = list(self._holding)
        if holding:
            _, late = await asyncio.wait(holding, timeout=timeout + CLOSING_TIME)
            for task in late:
                log.error("session did not close task=%s", task.get_name())
                task.cancel()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every socket; the sessions stay as they are."""
        for socket in self._sockets:
            socket.close(SHUTDOWN)

    def _require_open(self) -> None:
        if self._closing:
            raise Refusal(Code.AT_CAPACITY, "the server is shutting down", retry_after=30)
        if not self._ports.ready():
            raise Refusal(Code.AT_CAPACITY, "the server's engines are still loading", retry_after=5)

    def _begin(self, record: SessionRecord) -> Session:
        session = Session(record.id, self._config, self._ports, self._lobby, self.tokens)
        self._live[record.id] = session
        task = self._tasks.create_task(self._hold(session), name=f"session {record.id}")
        self._holding.add(task)
        task.add_done_callback(self._holding.discard)
        return session

    async def _hold(self, session: Session) -> None:
        try:
            await session.run()
        finally:
            del self._live[session.id]

    def _forget(self, ended: EndedRecord) -> None:
        self._store.end(ended, self._lobby.forget_before(ended.ended_at))
