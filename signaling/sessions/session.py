"""A live session: the acts of its participants, the messages between them, and its end."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from media.events import ClientStatusChanged, LanguageChanged, MediaConnected, MediaLost, RoomEvent, TracksChanged
from pipeline.context import Context
from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.refusal import ENDED, SHUTDOWN, Code, Refusal
from signaling.session_states import REASONS, SessionState, SessionStep, state_of
from signaling.sessions.admission import Admission
from signaling.sessions.call_records import CallRecords
from signaling.sessions.departure import Departure
from signaling.sessions.joining import Joining
from signaling.sessions.participants import Participants
from signaling.sessions.publications import Publications
from signaling.sessions.registry import SessionRegistry
from signaling.sessions.room_driver import RoomDriver
from signaling.sessions.session_info import SessionInfo
from signaling.tokens import Tokens
from signaling.websocket import server_messages
from signaling.websocket.client_messages import Offer
from signaling.websocket.connection import ClientConnection
from signaling.websocket.negotiation import Negotiation
from signaling.websocket.server_messages import ServerMessage
from storage.records import ParticipantRecord

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 30.0
"""Wall clocks are set: a wait for a time of theirs must look again now and then."""


class Session:
    """A live session. Everything but `run` is synchronous, and so atomic on the event loop."""

    def __init__(
        self,
        id: str,
        options: SignalingOptions,
        dependencies: Dependencies,
        registry: SessionRegistry,
        tokens: Tokens,
        unread: str = "",
    ) -> None:
        self.id = id
        self._dependencies = dependencies
        self._registry = registry
        self._participants = Participants(id, registry, options.grace_s, dependencies.tally)
        self._admission = Admission(id, self._participants, registry)
        self._records = CallRecords(id, self._participants, registry, dependencies)
        self.info = SessionInfo(options, dependencies, registry, self._participants, self._records)
        self._room = RoomDriver(id, dependencies.open_room, unread)
        self.publications = Publications(self._participants, self._room, dependencies.steady)
        self._joining = Joining(
            options, dependencies, registry, tokens, self._participants, self._admission, self._records, self._room
        )
        self._over = False
        self._finish_timeout: float | None = None
        self._departure: Departure | None = None
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        state = SessionState.ENDED if self._over else state_of(self._participants.record)
        return f"<Session {self.id} {state}, {len(self._participants.connections())} connections>"

    def connected(self, participant: str) -> bool:
        """True if the participant has a socket and media."""
        return self._participants.connected(participant)

    def await_return(self, *, restored: bool) -> None:
        """Begin the grace anew for every missing participant. After a restart all consents to history are void, too."""
        if not self._over:
            self._participants.rearm(self._dependencies.steady())
            if restored:
                self._records.restored()
            self._changed.set()

    def attach(self, participant: str, connection: ClientConnection, language: str, detect: bool) -> None:
        """Let `connection` speak for the participant: see `LiveParticipant.connect`."""
        person = self._participants.person(participant)
        self._require_language(person, language)
        live = self._participants[participant]
        live.connect(connection)
        live.presence.socket_up(self._dependencies.steady())
        self.set_language(participant, language, detect)
        if person.admitted:
            self._joining.join(participant)
        self._changed.set()

    def detach(self, participant: str, connection: ClientConnection) -> None:
        """Count the participant's socket as lost, unless another one has taken over before."""
        if self._over or self._participants.record.participant(participant) is None:
            return
        live = self._participants[participant]
        if live.connection is connection:
            live.connection = None
            live.presence.socket_down(self._dependencies.steady())
            self._participants.announce_presence(participant, "socket")
            self._changed.set()

    def negotiation(self, participant: str) -> Negotiation:
        """Return the participant's negotiation. Raises Refusal `not_admitted` before the creator's answer."""
        self._participants.require_admitted(participant)
        return self._participants[participant].negotiation

    def offer(self, participant: str, connection: ClientConnection, offer: Offer) -> None:
        """Negotiate a new media connection. Raises Refusal `not_admitted` or `rate_limited`."""
        negotiation = self.negotiation(participant)
        self._participants.count_offer(participant, self._dependencies.steady())
        negotiation.offer(connection, offer)

    def set_language(self, participant: str, language: str, detect: bool = False) -> None:
        """Speak and hear `language` from the next utterance on; with `detect`, until speech shows another language.

        The record is the authority. A wish from the subtitles channel comes here as an event, and goes back to the
        room as an order. Raises Refusal `unsupported_language`.
        """
        person = self._participants.person(participant)
        self._require_language(person, language)
        live = self._participants[participant]
        if live.detects_language != detect:
            live.detects_language = detect
            self._room.order(participant, lambda room: room.set_detection(participant, detect))
        if person.language != language:
            self._registry.update(self.id, participant, language=language)
            self._room.order(participant, lambda room: room.set_language(participant, language))
            if person.admitted:
                message = server_messages.partner_language(participant, language)
                self._participants.send_to_partners(participant, message)
        self._changed.set()

    def set_voice(self, participant: str, voice: str) -> None:
        """Let the participant hear `voice` from the next sentence on. Raises Refusal `not_found`."""
        self._dependencies.require_voice(voice)
        self._registry.update(self.id, participant, voice=voice)
        self._room.order(participant, lambda room: room.set_voice(participant, voice))
        self._changed.set()

    def set_history(self, participant: str, on: bool) -> None:
        """Give or withdraw consent to history, which is kept while all consent. Raises Refusal `not_admitted`."""
        self._participants.require_admitted(participant)
        self._records.consent(participant, on)
        self._changed.set()

    def request_admission(self, participant: str) -> None:
        """Ask the creator to let in a participant who has joined by code."""
        self._admission.request(participant)

    def admit(self, by: str, participant: str, accept: bool) -> None:
        """Carry out the creator's answer to `join_request`. Raises Refusal `forbidden` or `not_found`."""
        let_in = self._admission.answer(by, participant, accept)
        if let_in and self._participants[participant].connection is not None:
            self._joining.join(participant)
        self._changed.set()

    def leave(self, participant: str) -> None:
        """End the session for everyone, or only the request of a participant who was not let in yet."""
        if self._participants.person(participant).admitted:
            self.end(SessionStep.HUNG_UP, participant)
        else:
            self._admission.withdraw(participant)

    def end(self, step: SessionStep, by: str | None = None) -> ServerMessage:
        """End the session for everyone and return its metrics. The room closes when `run` has left it."""
        metrics = server_messages.metrics(self._room.metrics())
        self._over = True
        self._records.end(step, metrics)
        self._registry.end(self.id, step, self._dependencies.now_ms())
        log.info("session ended", extra={"session": self.id, "step": step.value})
        self._participants.say_goodbye(by, REASONS[step], metrics)
        self._participants.close(SHUTDOWN if step in (SessionStep.SHUT_DOWN, SessionStep.CRASHED) else ENDED)
        self._changed.set()
        return metrics

    def hand_over(self, websocket_url: str | None) -> None:
        """Leave the session to another process, or to the node at `websocket_url`. Nothing once the session is over."""
        if not self._over:
            self._over = True
            self._records.hand_over()
            self._participants.depart(websocket_url)
            self._changed.set()

    def stop(self, timeout: float, departure: Departure | None = None) -> None:
        """Let the sentences in flight finish, for `timeout` seconds at most. Then end, or leave with the others."""
        self._finish_timeout, self._departure = timeout, departure
        self._changed.set()

    async def run(self) -> None:
        """Live until the session is over and its room is closed. Never fails."""
        try:
            while not self._room.wanted and await self._wait():
                pass
            if not self._over:
                await self._room.run(self._observe, self._wait)
        # The room's boundary: a failure of the room costs this session and no other.
        except Exception:
            log.exception("room failed", extra={"session": self.id})
            self._fail()

    async def _wait(self) -> bool:
        """Wait until something changes or a deadline passes, and act on the deadline. False at the session's end."""
        if not (self._over or self._finish_timeout is not None):
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_deadline()):
                    await self._changed.wait()
            self._changed.clear()
        if self._finish_timeout is not None and not self._over:
            await self._room.finish(self._finish_timeout)
            if self._departure is not None:
                self.hand_over(await self._departure.of_all(self.id, self._room.unread))
            if not self._over:
                self.end(SessionStep.SHUT_DOWN)
        if not self._over:
            self._act_on_deadlines()
        if not self._over:
            self.info.changed()
        return not self._over

    def _until_deadline(self) -> float:
        """Return the seconds until a participant's grace, or the session, runs out."""
        now = self._dependencies.steady()
        expires = (self._registry.expires_at(self.id) - self._dependencies.now_ms()) / 1000
        graces = [deadline - now for deadline, _ in self._participants.deadlines() if self._dependencies.takes_back()]
        return max(0.0, min([LONGEST_WAIT_S, expires, *graces]))

    def _act_on_deadlines(self) -> None:
        if self._dependencies.now_ms() >= self._registry.expires_at(self.id):
            self.end(SessionStep.EXPIRED)
            return
        now = self._dependencies.steady()
        overdue = [person for deadline, person in self._participants.deadlines() if deadline <= now]
        for person in overdue if self._dependencies.takes_back() else ():
            if person.admitted:
                self.end(SessionStep.LOST, person.id)
                return
            self.leave(person.id)

    def _fail(self) -> None:
        self._room.abandon()
        if not self._over:
            for _, connection in self._participants.connections():
                connection.send(server_messages.error(Code.INTERNAL, "the call's room has failed", fatal=True))
            self.end(SessionStep.CRASHED)

    def _observe(self, context: Context, event: RoomEvent) -> None:
        """Act on an event of the room; an `Observer`. Subtitles and metrics are the room's own affair."""
        if self._over:
            return
        try:
            self._act_on(event)
        finally:
            if not self._over:
                self._records.observe(event)  # last: a history that fails costs nobody their presence

    def _act_on(self, event: RoomEvent) -> None:
        match event:
            case MediaConnected(participant):
                self._participants[participant].presence.media_up(self._dependencies.steady())
                self._participants.announce_presence(participant, "")
            case MediaLost(participant, reason):
                self._participants[participant].presence.media_down(self._dependencies.steady())
                self._participants.announce_presence(participant, reason)
            case ClientStatusChanged(participant, reason, over, message, shown=False):
                self._participants.send(participant, server_messages.status(reason, over=over, message=message))
                return
            case TracksChanged(participant, tracks):
                self._participants.send(participant, server_messages.tracks(tracks))
            case LanguageChanged(participant, detected=True) if not self._participants[participant].detects_language:
                return  # the participant has set a language meanwhile
            case LanguageChanged(participant, language, detect, detected):
                self._change_language(participant, language, detect, detected)
            case _:
                return
        self._changed.set()

    def _change_language(self, participant: str, language: str, detect: bool, detected: bool) -> None:
        """Set a language that was asked for on the subtitles channel, or that was detected."""
        try:
            self.set_language(participant, language, detect)
        except Refusal as problem:
            code, message = problem.code.value, problem.message
            self._room.order(participant, lambda room: room.refuse(participant, code, message))
        else:
            if detected:
                self._participants.send(participant, server_messages.language_detected(language))

    def _require_language(self, person: ParticipantRecord, language: str) -> None:
        """Raise Refusal `unsupported_language`, but not for the language that the person had before.

        After a restart the engines may still be loading: a returning person is let in whatever they can do now.
        """
        if language != person.language:
            self._dependencies.languages().require(language)
