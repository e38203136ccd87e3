"""Dispatch of one client's messages to its session, whatever carries them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from accounts.audit_events import OK
from signaling.refusal import Code, Refusal
from signaling.sessions.directory import Elsewhere, LivesElsewhere
from signaling.sessions.live_sessions import LiveSessions, Member
from signaling.websocket import server_messages
from signaling.websocket.client_messages import (
    Admit,
    Candidate,
    Heartbeat,
    JoinSession,
    LeaveSession,
    Message,
    Offer,
    SessionInfo,
    SetHistory,
    SetLanguage,
    SetVoice,
    parse,
)
from signaling.websocket.connection import ClientConnection

Joined = Callable[[str, str | None, str], None]
"""(session, user, outcome) of a `join_session`."""
HandOn = Callable[[Elsewhere, tuple[str, str] | None, str], Awaitable[bool]]
"""(node, `who` as of `LivesElsewhere`, first message) → True if that node goes on with the client's socket.

Else the client goes there, if it can.
"""
Withdrew = Callable[[str, str], None]
"""(session, user) of a `set_history` by which somebody's words are deleted."""


class Dispatch:
    """Messages of one connection. Refusals are fatal before `join_session`; afterwards none is."""

    def __init__(
        self,
        sessions: LiveSessions,
        connection: ClientConnection,
        joined: Joined,
        withdrew: Withdrew,
        node: str | None = None,
        hand_on: HandOn | None = None,
    ) -> None:
        """`joined` is called once a client has joined, or was refused, with the code.

        `node`: the node to which the client wanted to go; None where it did not say. `hand_on`: None for a client that
        has no socket, or whose socket was handed on before.
        """
        self._hand_on = hand_on
        self._sessions = sessions
        self._joined = joined
        self._withdrew = withdrew
        self._connection = connection
        self._node = node
        self._member: Member | None = None

    async def receive(self, text: str | None) -> None:
        """Act on one message. None stands for a binary one, which the protocol does not have."""
        try:
            if text is None:
                raise Refusal(Code.BAD_REQUEST, "messages are text")
            message = parse(text)
            if self._member is None:
                self._member = await self._join(message)
            else:
                self._act(self._member, message)
        except LivesElsewhere as elsewhere:
            await self._send_on(elsewhere, text or "")
        except Refusal as problem:
            if self._member is None:
                self._connection.refuse(problem)
            else:
                self._connection.send(server_messages.refusal(problem, fatal=False))

    async def _send_on(self, elsewhere: LivesElsewhere, text: str) -> None:
        """Hand the client's socket on to the node that has the session, or send the client there.

        A client that came here because it could not get to that node is told to try again.
        """
        place = elsewhere.place
        came_in_vain = place.websocket_url is not None and place.node == self._node
        if not came_in_vain and self._hand_on is not None and await self._hand_on(place, elsewhere.who, text):
            self._connection.hand_on()
        elif not came_in_vain and place.websocket_url is not None:
            self._connection.move(place.websocket_url)
        else:
            self._connection.refuse(
                Refusal(Code.AT_CAPACITY, "the server that has the session does not answer", retry_after=1)
            )

    def connection_lost(self) -> None:
        """Tell the session that the connection is closed, whichever side closed it."""
        if self._member is not None:
            self._member.session.detach(self._member.person.id, self._connection)

    async def _join(self, message: Message) -> Member:
        if not isinstance(message, JoinSession):
            raise Refusal(Code.BAD_REQUEST, "the first message must be join_session")
        try:
            member = await self._sessions.attach(message, self._connection)
        except Refusal as problem:
            self._joined(message.session, None, problem.code.value)
            raise
        self._joined(message.session, member.person.user, OK)
        return member

    def _act(self, member: Member, message: Message) -> None:
        session, me = member.session, member.person.id
        match message:
            case Heartbeat(id):
                self._connection.send(server_messages.heartbeat(id))
            case Offer():
                session.offer(me, self._connection, message)
            case Candidate():
                session.negotiation(me).candidate(self._connection, message)
            case SetLanguage(language, detect):
                session.set_language(me, language, detect)
            case SetVoice(voice):
                session.set_voice(me, voice)
            case SetHistory(on):
                session.set_history(me, on)
                if not on:
                    self._withdrew(session.id, member.person.user)
            case Admit(participant, accept):
                session.admit(me, participant, accept)
            case SessionInfo():
                session.info.ask(me, self._connection)
            case LeaveSession():
                session.leave(me)
            case JoinSession():
                raise Refusal(Code.BAD_REQUEST, "this connection has joined already")


async def serve_client(
    sessions: LiveSessions,
    connection: ClientConnection,
    joined: Joined,
    withdrew: Withdrew,
    node: str | None,
    hand_on: HandOn | None,
) -> None:
    """Serve a client from the opening of its connection to the close, or until its socket is handed on.

    `node`, `hand_on`: as of `Dispatch`.
    """
    dispatch = Dispatch(sessions, connection, joined, withdrew, node, hand_on)
    sessions.connections.add(connection)
    try:
        await connection.run(dispatch.receive)
    finally:
        dispatch.connection_lost()
        sessions.connections.discard(connection)
    await connection.finish()
