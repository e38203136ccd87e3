"""The observers at a room's edge, who are called with each event: metrics, logs, signaling, history."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from media.events import (
    ClientStatusChanged,
    FailureContained,
    LanguageChanged,
    MediaConnected,
    MediaLost,
    MicrophoneFaulted,
    Observer,
    RoomEvent,
    Seam,
    TracksChanged,
)
from pipeline.context import Context
from pipeline.events import LanguageDetected, LoadChanged, PlaybackFailed, Speculated, SpeechPlayed, Translated

log = logging.getLogger(__name__)


class Observers:
    """The list of one session's observers, who are called in order.

    An observer that raises is logged, and counted by the others. It keeps nobody else from the event: not another
    observer, not the speaker's interpreter, not a participant.
    """

    def __init__(self, session: str, observers: Iterable[Observer]) -> None:
        self._session = session
        self._observers = tuple(observers)

    def emit(self, event: RoomEvent) -> None:
        """Call each observer with `event` and its context."""
        context = context_of(self._session, event)
        failed = [observer for observer in self._observers if not self._called(observer, context, event)]
        if failed and not isinstance(event, FailureContained):
            contained = FailureContained(context.participant or "", Seam.OBSERVER)
            for observer in self._observers:
                if observer not in failed:
                    self._called(observer, context, contained)

    def _called(self, observer: Observer, context: Context, event: RoomEvent) -> bool:
        """Call an observer. Returns False where it raised."""
        try:
            observer(context, event)
        except Exception:  # the boundary between the room and those who watch it
            log.exception("an observer failed", extra={"session": self._session, "event": type(event).__name__})
            return False
        return True


def context_of(session: str, event: RoomEvent) -> Context:
    """Return the names of the work that `event` belongs to; its participant is the speaker, where there is one."""
    match event:
        case MediaConnected() | MediaLost() | TracksChanged() | LanguageChanged() | FailureContained():
            return Context(session, event.participant)
        case ClientStatusChanged() | MicrophoneFaulted():
            return Context(session, event.participant)
        case Speculated() | LanguageDetected() | LoadChanged():
            return Context(session, event.speaker)
        case Translated():
            return Context(session, event.speaker, event.utterance, event.segment.index)
        case SpeechPlayed() | PlaybackFailed():
            return Context(session, event.speaker, event.utterance, event.segment)
        case _:
            return Context(session, event.speaker, event.utterance)
