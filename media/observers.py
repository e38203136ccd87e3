"""The observers at a room's edge, who are called with each event: metrics, logs, signaling, history."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from media.boundary import is_logged
from media.events import (
    ClientStatusChanged,
    DatagramsRefused,
    FailureContained,
    HeardLatencyReported,
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
        self._failures: Counter[int] = Counter()
        """Errors of each observer, by its place."""

    def emit(self, event: RoomEvent) -> None:
        """Call each observer with `event` and its context."""
        context = context_of(self._session, event)
        places = range(len(self._observers))
        failed = {place for place in places if not self._called(place, context, event)}
        if failed and not isinstance(event, FailureContained):
            contained = FailureContained(context.participant or "", Seam.OBSERVER)
            for place in places:
                if place not in failed:
                    self._called(place, context, contained)

    def _called(self, place: int, context: Context, event: RoomEvent) -> bool:
        """Call an observer. Returns False where it raised."""
        try:
            self._observers[place](context, event)
        except Exception as error:  # the boundary between the room and those who watch it
            self._failures[place] += 1
            if is_logged(count := self._failures[place]):
                extra = {"session": self._session, "event": type(event).__name__, "count": count}
                log.error("an observer failed", exc_info=error, extra=extra)
            return False
        return True


def context_of(session: str, event: RoomEvent) -> Context:
    """Return the names of the work that `event` belongs to; its participant is the speaker, where there is one."""
    match event:
        case MediaConnected() | MediaLost() | TracksChanged() | LanguageChanged() | FailureContained():
            return Context(session, event.participant)
        case ClientStatusChanged() | MicrophoneFaulted() | DatagramsRefused() | HeardLatencyReported():
            return Context(session, event.participant)
        case Speculated() | LanguageDetected() | LoadChanged():
            return Context(session, event.speaker)
        case Translated():
            return Context(session, event.speaker, event.utterance, event.segment.index)
        case SpeechPlayed() | PlaybackFailed():
            return Context(session, event.speaker, event.utterance, event.segment)
        case _:
            return Context(session, event.speaker, event.utterance)
