"""Records of one session: its call, its usage, and its history while everyone who was let in consents to it."""

from __future__ import annotations

from collections.abc import Iterable

from media.events import RoomEvent
from signaling.history_off import HistoryOff
from signaling.ports import Dependencies, History
from signaling.session_states import REASONS, SessionStep
from signaling.sessions.participants import Participants
from signaling.sessions.registry import SessionRegistry
from signaling.websocket import server_messages
from signaling.websocket.server_messages import ServerMessage
from storage.records import EndedRecord


class CallRecords:
    """Consents of one session's participants, over the server's history and its log of calls."""

    def __init__(
        self, session: str, participants: Participants, registry: SessionRegistry, dependencies: Dependencies
    ) -> None:
        self._session = session
        self._participants = participants
        self._registry = registry
        self._history = dependencies.history
        self._calls = dependencies.call_log
        self._tally = dependencies.tally
        self._now_ms = dependencies.now_ms
        self._restored = False
        self._history.open(session, self._history_changed)

    @property
    def consented(self) -> bool:
        """True if two people at least were let in, and all of them have consented."""
        admitted = self._participants.admitted
        return len(admitted) > 1 and all(one.keeps_history for one in admitted)

    @property
    def worth_telling(self) -> bool:
        """True if `history` goes to who joins: somebody has consented, or may have before a restart."""
        return self._restored or any(one.keeps_history for one in self._participants.record.participants)

    def consent(self, participant: str, on: bool) -> None:
        """Give or withdraw a participant's consent, and notify everybody. Withdrawn, what they said is deleted."""
        if on:
            self._registry.update(self._session, participant, keeps_history=True, withdrew=False)
        else:
            now = self._now_ms()
            self._registry.update(self._session, participant, keeps_history=False, withdrew=True, withdrew_at=now)
            self._history.withdraw(self._session, participant)
        self._notify()

    def restored(self) -> None:
        """After a restart, withdraw again what may not have been deleted, and let everybody consent anew.

        A withdrawal is told before it is on disk: a consent that is read there may not be the last word.
        """
        record = self._participants.record
        self._restored = self.worth_telling or self._history.off(self._session) is not HistoryOff.NOT_OFFERED
        for one in record.participants:
            if record.started_at is not None and (one.withdrew or one.withdrew_at is not None):
                self._history.withdraw(self._session, one.id, None if one.withdrew else one.withdrew_at)
            self._registry.update(self._session, one.id, keeps_history=False)

    def paired(self) -> None:
        """Record that the call began."""
        self._calls.paired(self._participants.record)

    def observe(self, event: RoomEvent) -> None:
        """Hand an event of the room to the log of calls, and to the history if all have consented."""
        record = self._participants.record
        try:
            self._calls.observe(record, event)
        finally:
            if self.consented:
                self._history.append(record, event)

    def hand_over(self) -> None:
        """Leave the call to another process: what this one knows of it is written."""
        self._history.close(self._session)
        self._calls.handed_over(self._participants.record)

    def end(self, step: SessionStep, metrics: ServerMessage) -> None:
        """Record the end of the session, which is still in the registry."""
        record, now = self._participants.record, self._now_ms()
        self._tally.ended(step, None if record.started_at is None else (now - record.started_at) / 1000)
        self._history.close(self._session)
        self._calls.ended(record, now, REASONS[step][1], metrics)

    def message(self) -> ServerMessage:
        """Return the `history` message."""
        off = self._history.off(self._session)
        consents = [one.id for one in self._participants.admitted if one.keeps_history]
        return server_messages.history(self.consented and off is None, consents, off)

    def _notify(self) -> None:
        for one in self._participants.admitted:
            self._participants.send(one.id, self.message())

    def _history_changed(self) -> None:
        if self.consented:
            self._notify()


def withdraw_again(history: History, ended: Iterable[EndedRecord]) -> None:
    """Withdraw from the histories of ended sessions what their people withdrew: it may not have been done."""
    for one in ended:
        for participant in one.withdrawn:
            history.withdraw(one.id, participant)
        for participant, until in one.withdrawn_until:
            history.withdraw(one.id, participant, until)
