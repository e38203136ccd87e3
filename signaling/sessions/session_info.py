"""Decides when a client is told what holds in its session: when it asks, and from then on at each change."""

from __future__ import annotations

import logging

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.sessions.call_records import CallRecords
from signaling.sessions.participants import Participants
from signaling.sessions.registry import SessionRegistry
from signaling.websocket import server_messages
from signaling.websocket.connection import ClientConnection
from signaling.websocket.server_messages import ServerMessage
from storage.records import SessionRecord

log = logging.getLogger(__name__)


class SessionInfo:
    """`session_info` of one session, each of its clients its own."""

    def __init__(
        self,
        options: SignalingOptions,
        dependencies: Dependencies,
        registry: SessionRegistry,
        participants: Participants,
        records: CallRecords,
    ) -> None:
        self._options = options
        self._dependencies = dependencies
        self._registry = registry
        self._participants = participants
        self._records = records
        self._askers: dict[str, tuple[ClientConnection, ServerMessage]] = {}
        """The connection of each participant whose client has asked, and what it was told last."""

    def ask(self, participant: str, connection: ClientConnection) -> None:
        """Tell the client, and again at each change while `connection` is the participant's.

        Raises Refusal `not_admitted` before the creator's answer.
        """
        self._participants.require_admitted(participant)
        self._tell(participant, connection, self._message(participant))

    def announce_viewers(self) -> None:
        """Tell everybody how many may read the subtitles without taking part."""
        self._participants.announce_viewers()
        self.changed()

    def changed(self) -> None:
        """Tell those clients that have asked, where something is different from what they were told last."""
        for participant, (connection, last) in list(self._askers.items()):
            if self._participants[participant].connection is not connection:
                del self._askers[participant]  # the next client has not asked
                continue
            try:
                now = self._message(participant)
            except Exception:  # the boundary between what a client has asked for and the session, which goes on
                log.exception("session_info failed", extra={"session": self._participants.record.id})
                del self._askers[participant]
                continue
            if now != last:
                self._tell(participant, connection, now)

    def _tell(self, participant: str, connection: ClientConnection, message: ServerMessage) -> None:
        self._askers[participant] = connection, message
        self._participants.send(participant, message)

    def _message(self, participant: str) -> ServerMessage:
        record, person = self._participants.record, self._participants.person(participant)
        admitted = self._participants.admitted
        limits = self._options.limits
        return server_messages.session_info(
            record,
            person,
            detects=self._participants[participant].detects_language,
            expires_at=self._registry.expires_at(record.id),
            people=[server_messages.person(one, self._participants.connected(one.id)) for one in admitted],
            interpretation=self._interpretation(record),
            voices=self._dependencies.voices(person.language),
            history=self._records.message(),
            limits={
                "sessionMs": round(limits.session_length_s * 1000),
                "graceMs": round(self._options.grace_s * 1000),
                "messageBytes": limits.message_bytes,
            },
        )

    def _interpretation(self, record: SessionRecord) -> list[ServerMessage]:
        """Return what is interpreted from each speaker to each listener."""
        languages = self._dependencies.languages()
        people = self._participants.admitted
        ways = [(one, other.id, other.language) for one in people for other in people if one is not other]
        if record.solo:
            ways = [(one, one.id, record.solo) for one in people]
        return [
            server_messages.interpretation(
                speaker.id, listener, language, languages.interpretation(speaker.language, language)
            )
            for speaker, listener, language in ways
        ]
