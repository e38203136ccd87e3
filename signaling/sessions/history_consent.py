"""Consent to history in one session: events are kept while everyone who was let in consents."""

from __future__ import annotations

from media.events import RoomEvent
from signaling.ports import History
from signaling.sessions.participants import Participants
from signaling.websocket import server_messages
from signaling.websocket.server_messages import ServerMessage


class HistoryConsent:
    """Consents of one session's participants, over the server's history."""

    def __init__(self, participants: Participants, history: History) -> None:
        self._participants = participants
        self._history = history

    @property
    def on(self) -> bool:
        """True if this server keeps history at all, and everyone who was let in has consented."""
        return self._history.keeps and all(one.keeps_history for one in self._participants.admitted)

    @property
    def given(self) -> bool:
        """True if anybody has consented."""
        return any(one.keeps_history for one in self._participants.record.participants)

    def append(self, event: RoomEvent) -> None:
        """Hand an event of the room to the history, if all have consented."""
        if self.on:
            self._history.append(self._participants.record, event)

    def message(self) -> ServerMessage:
        """Return the `history` message."""
        consents = [one.id for one in self._participants.admitted if one.keeps_history]
        return server_messages.history(self.on, consents)
