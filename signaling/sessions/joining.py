"""Joining of a session by an admitted participant's socket: the first messages, and the entry into the room."""

from __future__ import annotations

import logging

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.sessions.admission import Admission
from signaling.sessions.call_records import CallRecords
from signaling.sessions.participants import Participants
from signaling.sessions.registry import SessionRegistry
from signaling.sessions.room_driver import RoomDriver
from signaling.tokens import ResumeClaims, Tokens
from signaling.websocket import server_messages
from storage.records import SessionRecord

log = logging.getLogger(__name__)


class Joining:
    """Joining of one session. The last participant to join makes the session active."""

    def __init__(
        self,
        options: SignalingOptions,
        dependencies: Dependencies,
        registry: SessionRegistry,
        tokens: Tokens,
        participants: Participants,
        admission: Admission,
        records: CallRecords,
        room: RoomDriver,
    ) -> None:
        self._options = options
        self._dependencies = dependencies
        self._registry = registry
        self._tokens = tokens
        self._participants = participants
        self._admission = admission
        self._records = records
        self._room = room

    def join(self, participant: str) -> None:
        """Send `session_joined`, and `session_paired` to the other person if this makes the session active."""
        pairs = self._participants.record.started_at is None and self._participants.all_joined()
        if pairs:
            started = self._registry.start(self._participants.record.id, self._dependencies.now_ms())
            self._participants.rearm(self._dependencies.steady())
            log.info("session paired", extra={"session": started.id})
            self._records.paired()
        record, person = self._participants.record, self._participants.person(participant)
        self._enter_room(record, participant)
        self._participants.send(
            participant,
            server_messages.session_joined(
                record,
                person,
                self._participants.partner_of(participant),
                self._dependencies.ice_servers(person.user).servers,
                self._resume_token(record, participant),
            ),
        )
        if pairs and record.started_at is not None:
            me = server_messages.person(person, self._participants.connected(participant))
            self._participants.send_to_partners(participant, server_messages.session_paired(me, record.started_at))
        self._participants.announce_presence(participant, "")
        if self._records.worth_telling:
            self._participants.send(participant, self._records.message())
        if record.viewers:
            self._participants.send(participant, server_messages.viewers(record.viewers))
        if participant == self._participants.creator:
            self._admission.repeat_requests()

    def _enter_room(self, record: SessionRecord, participant: str) -> None:
        """Let the participant enter the room; everyone, once the session is active."""
        for one in record.participants:
            if one.id == participant or record.started_at is not None:
                live = self._participants[one.id]
                self._room.enter(one.id, one.language, live.detects_language, one.voice, live.negotiation)
        if record.solo:
            self._room.hear_self(participant, record.solo)
        if record.started_at is not None:
            self._room.begin(record.started_at)

    def _resume_token(self, record: SessionRecord, participant: str) -> str:
        """Return a resume token that outlasts the session: the session's end ends it."""
        resume, longest = ResumeClaims(record.id, participant), self._options.longest_session_s
        return self._tokens.issue_resume(resume, self._dependencies.wall(), longest)
