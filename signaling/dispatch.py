"""What one client says on its WebSocket, message by message, and who it turns out to be."""

from __future__ import annotations

from aiohttp import web

from signaling.refusal import Code, Refusal
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
    SetHistory,
    SetLanguage,
    SetVoice,
    parse,
)
from signaling.websocket.connection import ClientConnection


class Dispatch:
    """Before `join_session` every refusal is fatal; afterwards none is, and nothing else is disturbed."""

    def __init__(self, switchboard: LiveSessions, socket: ClientConnection) -> None:
        self._switchboard = switchboard
        self._socket = socket
        self._member: Member | None = None

    def heard(self, text: str | None) -> None:
        """One message; None stands for a binary one, of which the protocol has none."""
        try:
            if text is None:
                raise Refusal(Code.BAD_REQUEST, "messages are text")
            message = parse(text)
            if self._member is None:
                self._member = self._join(message)
            else:
                self._act(self._member, message)
        except Refusal as problem:
            if self._member is None:
                self._socket.refuse(problem)
            else:
                self._socket.send(server_messages.refusal(problem, fatal=False))

    def gone(self) -> None:
        """The socket is closed, whoever closed it."""
        if self._member is not None:
            self._member.session.detach(self._member.person.id, self._socket)

    def _join(self, message: Message) -> Member:
        if not isinstance(message, JoinSession):
            raise Refusal(Code.BAD_REQUEST, "the first message must be join_session")
        return self._switchboard.attach(message, self._socket)

    def _act(self, member: Member, message: Message) -> None:
        session, me = member.session, member.person.id
        match message:
            case Heartbeat(id):
                self._socket.send(server_messages.heartbeat(id))
            case Offer():
                session.offer(me, self._socket, message)
            case Candidate():
                session.negotiation(me).candidate(self._socket, message)
            case SetLanguage(language, detect):
                session.speak(me, language, detect)
            case SetVoice(voice):
                session.choose_voice(me, voice)
            case SetHistory(on):
                session.consent(me, on)
            case Admit(participant, accept):
                session.admit(me, participant, accept)
            case LeaveSession():
                session.leave(me)
            case JoinSession():
                raise Refusal(Code.BAD_REQUEST, "this socket has joined already")


async def converse(request: web.Request, switchboard: LiveSessions, socket: ClientConnection) -> web.StreamResponse:
    """GET /ws, from the upgrade to the close."""
    conversation = Dispatch(switchboard, socket)
    switchboard.sockets.add(socket)
    try:
        await socket.talk(request, conversation.heard)
    finally:
        conversation.gone()
        switchboard.sockets.discard(socket)
    await socket.hang_up(request)
    socket.release()
    return socket.response
