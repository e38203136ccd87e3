"""The participants of one live session: their sockets, whether they are here, and what each is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from signaling.rate_limits import Rate, Window
from signaling.refusal import Code, Refusal
from signaling.sessions.presence import Presence
from signaling.sessions.registry import SessionRegistry
from signaling.websocket import server_messages
from signaling.websocket.connection import ClientConnection
from signaling.websocket.negotiation import Negotiation
from signaling.websocket.server_messages import Notice
from storage.records import ParticipantRecord, SessionRecord

OFFERS = Rate(60, 60)
"""Each offer makes a peer connection, with keys and sockets: a client that loses its network all the time
needs one in a second, a hostile one would make twenty."""


@dataclass(slots=True)
class LiveParticipant:
    """A participant's place in the live session. `reported` is what their partner was told last."""

    presence: Presence
    negotiation: Negotiation = field(default_factory=Negotiation)
    offers: Window = field(default_factory=lambda: Window(OFFERS))
    socket: ClientConnection | None = None
    reported: bool = False


class Participants:
    """One for each participant of the record, made when it is first asked for."""

    def __init__(self, session: str, lobby: SessionRegistry, grace: float) -> None:
        self._session = session
        self._lobby = lobby
        self._grace = grace
        self._seats: dict[str, LiveParticipant] = {}

    @property
    def record(self) -> SessionRecord:
        return self._lobby.get(self._session)

    @property
    def creator(self) -> str:
        return self.record.participants[0].id

    def __getitem__(self, participant: str) -> LiveParticipant:
        seat = self._seats.get(participant)
        if seat is None:
            seat = self._seats[participant] = LiveParticipant(Presence(self._grace))
        return seat

    def person(self, participant: str) -> ParticipantRecord:
        """Raises Refusal `forbidden` for somebody who is no participant, or no longer one."""
        person = self.record.participant(participant)
        if person is None:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        return person

    def require_admitted(self, participant: str) -> None:
        if not self.person(participant).admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")

    def connected(self, participant: str) -> bool:
        seat = self._seats.get(participant)
        return seat is not None and seat.presence.connected

    def all_here(self) -> bool:
        """Two people, let in, each with a socket."""
        people = self.record.participants
        return len(people) > 1 and all(one.admitted and self[one.id].socket is not None for one in people)

    def partner_of(self, participant: str) -> Notice | None:
        """The other one, as `session_joined` shows them: nobody before the session is active."""
        if self.record.started_at is None:
            return None
        others = [one for one in self.record.participants if one.id != participant]
        return server_messages.person(others[0], self.connected(others[0].id)) if others else None

    def sockets(self) -> list[tuple[str, ClientConnection]]:
        return [(one, seat.socket) for one, seat in self._seats.items() if seat.socket is not None]

    def tell(self, participant: str, notice: Notice) -> None:
        """To their socket, if they have one: who comes back reads the state in `session_joined`."""
        socket = self[participant].socket
        if socket is not None:
            socket.send(notice)

    def tell_partners(self, participant: str, notice: Notice) -> None:
        """To everyone else who has been let in."""
        for one in self.record.participants:
            if one.id != participant and one.admitted:
                self.tell(one.id, notice)

    def report(self, participant: str, reason: str) -> None:
        """Tell the partner if the participant's media, or the way to them, has just come or gone."""
        seat = self[participant]
        connected = seat.presence.connected
        if connected == seat.reported:
            return
        seat.reported = connected
        if self.record.started_at is None:
            return
        if connected:
            self.tell_partners(participant, server_messages.partner_connected(participant))
        else:
            self.tell_partners(participant, server_messages.partner_disconnected(participant, reason))

    def remove(self, participant: str) -> ClientConnection | None:
        """Take the seat away; the socket that sat there is for the caller to close."""
        seat = self._seats.pop(participant, None)
        return seat.socket if seat is not None else None

    def clear(self) -> None:
        """The session is over: nobody sits here."""
        self._seats.clear()

    def rearm(self, now: float) -> None:
        """Whoever misses something has the full grace from now on."""
        for one in self.record.participants:
            self[one.id].presence.rearm(now)

    def deadlines(self) -> list[tuple[float, ParticipantRecord]]:
        """When whom is given up on. A session that still waits keeps the seats of those who were let in."""
        waiting = self.record.started_at is None
        found: list[tuple[float, ParticipantRecord]] = []
        for one in self.record.participants:
            deadline = self[one.id].presence.deadline
            if deadline is not None and not (waiting and one.admitted):
                found.append((deadline, one))
        return found
