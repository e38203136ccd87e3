"""A live session: what its participants may do, what they tell one another, and when it is over."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from media.events import CallMetrics, LanguageChanged, MediaConnected, MediaLost, RoomEvent, TracksChanged
from pipeline.context import Context
from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.rate_limits import retry_after
from signaling.refusal import ENDED, SHUTDOWN, Code, Refusal
from signaling.session_states import REASONS, SessionStep
from signaling.sessions.participants import Participants
from signaling.sessions.registry import SessionRegistry
from signaling.sessions.room_driver import RoomDriver
from signaling.tokens import ResumeClaims, Tokens
from signaling.websocket import server_messages
from signaling.websocket.client_messages import Offer
from signaling.websocket.connection import ClientConnection
from signaling.websocket.negotiation import Negotiation
from signaling.websocket.server_messages import Notice
from storage.records import ParticipantRecord, SessionRecord

log = logging.getLogger(__name__)

# Wall clocks are set, and a timer that waits for one of their hours must look again now and then.
LONGEST_NAP = 30.0


class Session:
    """Everything but `run` is synchronous, and so atomic on the event loop."""

    def __init__(
        self, id: str, config: SignalingOptions, ports: Dependencies, lobby: SessionRegistry, tokens: Tokens
    ) -> None:
        self.id = id
        self._config = config
        self._ports = ports
        self._lobby = lobby
        self._tokens = tokens
        self._seats = Participants(id, lobby, config.grace)
        self._host = RoomDriver(id, ports.open_room)
        self._over = False
        self._finish: float | None = None
        self._changed = asyncio.Event()

    def connected(self, participant: str) -> bool:
        return self._seats.connected(participant)

    def await_return(self) -> None:
        """After a restart: the grace of everyone who was here runs from now on."""
        self._seats.rearm(self._ports.steady())

    def attach(self, participant: str, socket: ClientConnection, language: str, detect: bool = False) -> None:
        """A socket speaks for the participant from now on; the one that did so before is sent away."""
        person = self._seats.person(participant)
        self._require_new(person, language)
        seat = self._seats[participant]
        if seat.socket is not None:
            seat.socket.refuse(Refusal(Code.TAKEN_OVER, "another connection of yours has taken over"))
        seat.socket = socket
        seat.negotiation.begin_again()
        seat.presence.socket_up(self._ports.steady())
        self.speak(participant, language, detect)
        if person.admitted:
            self._welcome(participant)
        self._changed.set()

    def detach(self, participant: str, socket: ClientConnection) -> None:
        """The socket is gone; nothing happens if another one has taken over before."""
        if self._over or self._seats.record.participant(participant) is None:
            return
        seat = self._seats[participant]
        if seat.socket is socket:
            seat.socket = None
            seat.presence.socket_down(self._ports.steady())
            self._seats.report(participant, "socket")
            self._changed.set()

    def negotiation(self, participant: str) -> Negotiation:
        """Raises Refusal `not_admitted` while the creator has not answered."""
        self._seats.require_admitted(participant)
        return self._seats[participant].negotiation

    def offer(self, participant: str, socket: ClientConnection, offer: Offer) -> None:
        """A new connection of theirs. Raises Refusal `not_admitted` or `rate_limited`."""
        negotiation = self.negotiation(participant)
        wait = self._seats[participant].offers.take(self._ports.steady())
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, "too many offers", retry_after=retry_after(wait))
        negotiation.offer(socket, offer)

    def speak(self, participant: str, language: str, detect: bool = False) -> None:
        """Speak and hear `language` from the next utterance on; with `detect`, until what they say shows another.
        Raises Refusal `unsupported_language`."""
        person = self._seats.person(participant)
        self._require_new(person, language)
        self._host.set_detection(participant, detect)
        if person.language != language:
            self._lobby.set_language(self.id, participant, language)
            self._host.set_language(participant, language)
            if person.admitted:
                self._seats.tell_partners(participant, server_messages.partner_language(participant, language))
        self._changed.set()

    def choose_voice(self, participant: str, voice: str) -> None:
        """The voice in which others' words reach them, from the next sentence on. Raises Refusal `not_found`."""
        self._ports.require_voice(voice)
        self._lobby.set_voice(self.id, participant, voice)
        self._host.set_voice(participant, voice)
        self._changed.set()

    def _require_new(self, person: ParticipantRecord, language: str) -> None:
        """Raises Refusal `unsupported_language`. Who returns with the language they had is let in whatever
        the engines can do now: after a restart they may still be loading."""
        if language != person.language:
            self._ports.languages().require(language)

    def consent(self, participant: str, on: bool) -> None:
        """Consent to history, or no longer: it is kept while all consent. Raises Refusal `not_admitted`."""
        self._seats.require_admitted(participant)
        self._lobby.set_history(self.id, participant, on)
        for one in self._seats.record.participants:
            if one.admitted:
                self._seats.tell(one.id, self._history())

    def ask_admission(self, participant: str) -> None:
        """Somebody has joined by code: the creator hears of it at once, before they open a socket."""
        person = self._seats.person(participant)
        if not person.admitted:
            self._seats.tell(self._seats.creator, server_messages.join_request(person))

    def admit(self, by: str, participant: str, accept: bool) -> None:
        """The creator's answer to `join_request`. Raises Refusal `forbidden` or `not_found`."""
        if by != self._seats.creator:
            raise Refusal(Code.FORBIDDEN, "only who made the session lets somebody in")
        person = self._seats.record.participant(participant)
        if person is None or participant == by:
            raise Refusal(Code.NOT_FOUND, "nobody with that participantId asks to be let in")
        if person.admitted:
            return
        if accept:
            self._lobby.admit(self.id, participant)
            if self._seats[participant].socket is not None:
                self._welcome(participant)
        else:
            self._lobby.turn_away(self.id, participant)
            self._send_away(participant)
        self._changed.set()

    def leave(self, participant: str) -> None:
        """Hang up. Who was not let in yet only gives the seat back."""
        if self._seats.person(participant).admitted:
            self.end(SessionStep.HUNG_UP, participant)
        else:
            self._lobby.give_up(self.id, participant)
            socket = self._seats.remove(participant)
            if socket is not None:
                socket.send(server_messages.session_ended("left", server_messages.metrics(CallMetrics())))
                socket.close(ENDED)

    def end(self, step: SessionStep, by: str | None = None) -> Notice:
        """End the session for everyone; its metrics are returned. The room closes when `run` has left it."""
        figures = server_messages.metrics(self._host.metrics())
        self._over = True
        self._lobby.end(self.id, step, self._ports.now_ms())
        log.info("session ended session=%s step=%s", self.id, step)
        to_them, to_others = REASONS[step]
        for participant, socket in self._seats.sockets():
            socket.send(server_messages.session_ended(to_them if participant == by else to_others, figures))
            socket.close(SHUTDOWN if step in (SessionStep.SHUT_DOWN, SessionStep.CRASHED) else ENDED)
        self._seats.clear()
        self._changed.set()
        return figures

    def stop(self, timeout: float) -> None:
        """Let the sentences in flight finish, for `timeout` seconds at most, and then end."""
        self._finish = timeout
        self._changed.set()

    async def run(self) -> None:
        """The session's life; returns when it is over and its room is closed."""
        try:
            while not self._host.wanted and await self._pause():
                pass
            if not self._over:
                await self._host.run(self._observe, self._pause)
        # The room's boundary: whatever fails in there costs this session and no other.
        except Exception:
            log.exception("room failed session=%s", self.id)
            self._fail()

    async def _pause(self) -> bool:
        """Until something changes, or a deadline comes; what is due then is done. False when it is over."""
        if not (self._over or self._finish is not None):
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_due()):
                    await self._changed.wait()
            self._changed.clear()
        if self._finish is not None and not self._over:
            await self._host.finish(self._finish)
            if not self._over:
                self.end(SessionStep.SHUT_DOWN)
        if not self._over:
            self._do_what_is_due()
        return not self._over

    def _until_due(self) -> float:
        """Seconds until somebody's grace, or the session, runs out."""
        now = self._ports.steady()
        expires = (self._lobby.expires_at(self.id) - self._ports.now_ms()) / 1000
        graces = [deadline - now for deadline, _ in self._seats.deadlines()]
        return max(0.0, min([LONGEST_NAP, expires, *graces]))

    def _do_what_is_due(self) -> None:
        if self._ports.now_ms() >= self._lobby.expires_at(self.id):
            self.end(SessionStep.EXPIRED)
            return
        now = self._ports.steady()
        for deadline, person in self._seats.deadlines():
            if deadline > now:
                continue
            if person.admitted:
                self.end(SessionStep.LOST, person.id)
                return
            self.leave(person.id)

    def _fail(self) -> None:
        self._host.abandon()
        if not self._over:
            for _, socket in self._seats.sockets():
                socket.send(server_messages.error(Code.INTERNAL, "the call's room has failed", fatal=True))
            self.end(SessionStep.CRASHED)

    def _observe(self, context: Context, event: RoomEvent) -> None:
        """React to an event of the room; an `Observer`. Subtitles and metrics are the room's own affair."""
        if self._over:
            return
        match event:
            case MediaConnected(participant):
                self._seats[participant].presence.media_up(self._ports.steady())
                self._seats.report(participant, "")
            case MediaLost(participant, reason):
                self._seats[participant].presence.media_down(self._ports.steady())
                self._seats.report(participant, reason)
            case TracksChanged(participant, lines):
                self._seats.tell(participant, server_messages.tracks(lines))
            case LanguageChanged(participant, detected=True) if not self._host.detects(participant):
                return  # they have set one themselves meanwhile
            case LanguageChanged(participant, language, detect, detected):
                try:
                    self.speak(participant, language, detect)
                except Refusal as problem:
                    self._host.refuse(participant, problem)  # on the channel, where it was asked
                else:
                    if detected:
                        self._seats.tell(participant, server_messages.language_detected(language))
            case _:
                return
        self._changed.set()

    def _welcome(self, participant: str) -> None:
        """`session_joined`, and `session_paired` to who waited if this makes the session active."""
        pairs = self._seats.record.started_at is None and self._seats.all_here()
        if pairs:
            self._lobby.start(self.id, self._ports.now_ms())
            self._seats.rearm(self._ports.steady())
            log.info("session paired session=%s", self.id)
        record, person = self._seats.record, self._seats.person(participant)
        self._enter_room(record, participant)
        self._seats.tell(
            participant,
            server_messages.session_joined(
                record,
                person,
                self._seats.partner_of(participant),
                self._ports.ice_servers(person.user).servers,
                self._resume_token(record, participant),
            ),
        )
        if pairs and record.started_at is not None:
            me = server_messages.person(person, self.connected(participant))
            self._seats.tell_partners(participant, server_messages.session_paired(me, record.started_at))
        self._seats.report(participant, "")
        if any(one.keeps_history for one in record.participants):
            self._seats.tell(participant, self._history())
        if participant == self._seats.creator:
            for one in record.participants:
                if not one.admitted:
                    self._seats.tell(participant, server_messages.join_request(one))

    def _enter_room(self, record: SessionRecord, participant: str) -> None:
        for one in record.participants:
            if one.id == participant or record.started_at is not None:
                self._host.enter(one.id, one.language, one.voice, self._seats[one.id].negotiation)
        if record.started_at is not None:
            self._host.begin(record.started_at)

    def _history(self) -> Notice:
        """Kept while all consent, and only by a server that keeps history at all."""
        people = [one for one in self._seats.record.participants if one.admitted]
        consents = [one.id for one in people if one.keeps_history]
        return server_messages.history(self._config.keeps_history and len(consents) == len(people), consents)

    def _resume_token(self, record: SessionRecord, participant: str) -> str:
        """Its own lifetime only has to outlast the session: the session's end ends it."""
        longest = self._config.limits.session_length + self._config.code_lifetime
        return self._tokens.issue_resume(ResumeClaims(record.id, participant), self._ports.wall(), longest)

    def _send_away(self, participant: str) -> None:
        socket = self._seats.remove(participant)
        if socket is not None:
            socket.refuse(Refusal(Code.NOT_ADMITTED, "the other person did not let you in"))
