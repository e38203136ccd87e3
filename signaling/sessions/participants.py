"""Participants of one live session: their sockets, their presence, and the messages that they get."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from signaling.ports import Tally
from signaling.rate_limits import Rate, SlidingWindow, retry_after
from signaling.refusal import RESTART, Code, Refusal
from signaling.sessions.presence import Presence
from signaling.sessions.registry import SessionRegistry
from signaling.websocket import server_messages
from signaling.websocket.connection import ClientConnection
from signaling.websocket.negotiation import Negotiation
from signaling.websocket.server_messages import ServerMessage
from storage.records import ParticipantRecord, SessionRecord

log = logging.getLogger(__name__)

OFFERS = Rate(60, 60)
"""Each offer makes a peer connection, with keys and sockets. A client that loses its network all the time needs one
in a second; a hostile one would make twenty."""


@dataclass(slots=True)
class LiveParticipant:
    """Live state of a participant, beside the record."""

    presence: Presence
    negotiation: Negotiation = field(default_factory=Negotiation)
    offers: SlidingWindow = field(default_factory=lambda: SlidingWindow(OFFERS))
    connection: ClientConnection | None = None
    detects_language: bool = False
    """True if the participant's language is detected from speech."""
    announced: bool = False
    """Presence as the partner was last sent it."""
    was_reached: bool = False
    """True once there were a socket and media."""

    def connect(self, connection: ClientConnection) -> None:
        """Let `connection` speak; the one that did so before is closed.

        Raises Refusal `taken_over` where a client that came later speaks already: this one had to wait, for its place
        or for a process that stood still.
        """
        taken_over = Refusal(Code.TAKEN_OVER, "another connection of yours has taken over")
        if self.connection is not None:
            if connection.came < self.connection.came:
                raise taken_over
            self.connection.refuse(taken_over)
        self.connection = connection
        self.negotiation.begin_again()


class Participants:
    """Live state of each participant of the record, made when it is first asked for."""

    def __init__(self, session: str, registry: SessionRegistry, grace_s: float, tally: Tally) -> None:
        self._session = session
        self._tally = tally
        self._registry = registry
        self._grace_s = grace_s
        self._live: dict[str, LiveParticipant] = {}

    @property
    def record(self) -> SessionRecord:
        return self._registry.get(self._session)

    @property
    def creator(self) -> str:
        return self.record.participants[0].id

    @property
    def admitted(self) -> list[ParticipantRecord]:
        return [one for one in self.record.participants if one.admitted]

    def __getitem__(self, participant: str) -> LiveParticipant:
        live = self._live.get(participant)
        if live is None:
            live = self._live[participant] = LiveParticipant(Presence(self._grace_s))
        return live

    def __len__(self) -> int:
        """Return the number of participants with live state."""
        return len(self._live)

    def person(self, participant: str) -> ParticipantRecord:
        """Return the participant's record. Raises Refusal `forbidden` for an id that is none, or none any more."""
        person = self.record.participant(participant)
        if person is None:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        return person

    def require_admitted(self, participant: str) -> None:
        """Raise Refusal `not_admitted` while the creator has not answered."""
        if not self.person(participant).admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")

    def require_live(self) -> None:
        """Raise Refusal `session_ended` once the session has ended."""
        if self._registry.find_ended(self._session) is not None:
            raise Refusal(Code.SESSION_ENDED, "the session has ended")

    def count_offer(self, participant: str, now: float) -> None:
        """Count an offer of a new peer connection. Raises Refusal `rate_limited` for one too many."""
        wait = self[participant].offers.consume(now)
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, "too many offers", retry_after=retry_after(wait))

    def connected(self, participant: str) -> bool:
        """True if the participant has a socket and media."""
        live = self._live.get(participant)
        return live is not None and live.presence.connected

    def all_joined(self) -> bool:
        """True if everybody is there whom the session is for, let in, each with a socket."""
        record = self.record
        here = [one for one in record.participants if one.admitted and self[one.id].connection is not None]
        return len(here) == record.size

    def partner_of(self, participant: str) -> ServerMessage | None:
        """Return the other person as `session_joined` shows one; None before the session is active."""
        if self.record.started_at is None:
            return None
        others = [one for one in self.record.participants if one.id != participant]
        return server_messages.person(others[0], self.connected(others[0].id)) if others else None

    def connections(self) -> list[tuple[str, ClientConnection]]:
        """Return (participant, socket) for each participant who has a socket."""
        return [(one, live.connection) for one, live in self._live.items() if live.connection is not None]

    def send(self, participant: str, message: ServerMessage) -> None:
        """Send to the participant's socket, if there is one: a client that comes back reads `session_joined`.

        An error stays with the receiver: it doesn't reach the participant whose act the message tells.
        """
        connection = self[participant].connection
        if connection is None:
            return
        try:
            connection.send(message)
        except Exception:  # the boundary between one participant's act and another's socket
            log.exception("a message could not be sent", extra={"session": self._session, "participant": participant})

    def send_to_partners(self, participant: str, message: ServerMessage) -> None:
        """Send to every other participant who has been let in."""
        for one in self.admitted:
            if one.id != participant:
                self.send(one.id, message)

    def announce_viewers(self) -> None:
        """Send everybody who has been let in the number of viewers."""
        for one in self.admitted:
            self.send(one.id, server_messages.viewers(self.record.viewers))

    def announce_presence(self, participant: str, reason: str) -> None:
        """Send the partner `partner_connected` or `partner_disconnected` if that has changed."""
        live = self[participant]
        connected = live.presence.connected
        if connected == live.announced:
            return
        live.announced = connected
        if connected:
            self._tally.reached(again=live.was_reached)
            live.was_reached = True
        else:
            self._tally.lost()
        if self.record.started_at is None:
            return
        if connected:
            self.send_to_partners(participant, server_messages.partner_connected(participant))
        else:
            self.send_to_partners(participant, server_messages.partner_disconnected(participant, reason))

    def remove(self, participant: str) -> ClientConnection | None:
        """Forget a participant. Returns the socket, if there is one: closing it is the caller's."""
        live = self._live.pop(participant, None)
        return live.connection if live is not None else None

    def say_goodbye(self, by: str | None, reasons: tuple[str, str], metrics: ServerMessage) -> None:
        """Send `session_ended` to everybody: with the first reason to `by`, whose act it is, else with the second."""
        for participant, _ in self.connections():
            self.send(participant, server_messages.session_ended(reasons[participant != by], metrics))

    def close(self, code: int) -> None:
        """Close every socket, and forget all participants: the session is over here."""
        for _, connection in self.connections():
            connection.close(code)
        self._live.clear()

    def depart(self, websocket_url: str | None) -> None:
        """Close every socket for its client to come back: to the node at `websocket_url`, or here without one."""
        for _, connection in self.connections():
            if websocket_url is None:
                connection.close(RESTART)
            else:
                connection.move(websocket_url)
        self._live.clear()

    def rearm(self, now: float) -> None:
        """Give the full grace from `now` on to every participant who misses something."""
        for one in self.record.participants:
            self[one.id].presence.rearm(now)

    def deadlines(self) -> list[tuple[float, ParticipantRecord]]:
        """Return (deadline, participant) for each participant whose grace period is running.

        A session that still waits for the second person gives up nobody who was let in.
        """
        waiting = self.record.started_at is None
        found: list[tuple[float, ParticipantRecord]] = []
        for one in self.record.participants:
            deadline = self[one.id].presence.deadline
            if deadline is not None and not (waiting and one.admitted):
                found.append((deadline, one))
        return found
