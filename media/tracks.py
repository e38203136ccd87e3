"""Tracks of each participant's connection: which m-line carries the interpreter, which a partner's voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from media.boundary import Boundary
from media.call import Call
from media.connection import Connection
from media.events import Seam, TrackKind, TrackMapping, TracksChanged
from media.observers import Observers
from media.participant import Participant


class Tracks:
    """Keeps each client informed of the voices on its m-lines."""

    def __init__(self, people: Mapping[str, Participant], observers: Observers, boundary: Boundary) -> None:
        self._people = people
        self._observers = observers
        self._boundary = boundary
        self._call: Call | None = None

    def begin(self, call: Call) -> None:
        """Map m-lines to the partners in `call` from now on."""
        self._call = call
        self.review()

    def of(self, person: Participant, connection: Connection) -> tuple[TrackMapping, ...]:
        """Return the voices on a connection's m-lines now."""
        call = self._call
        if call is None:
            return map_tracks(connection.mids, person, (), lambda speaker, listener: True)
        return map_tracks(connection.mids, person, call.partners(person), call.interprets)

    def review(self) -> None:
        """Emit `TracksChanged` for each connection whose voices have changed."""
        for person in self._people.values():
            self._boundary.contain(Seam.CONNECTION, person.participant, self._review, person)

    def _review(self, person: Participant) -> None:
        connection = person.connection
        if connection is not None and (tracks := self.of(person, connection)) != connection.tracks:
            connection.tracks = tracks
            self._observers.emit(TracksChanged(person.participant, tracks))


def map_tracks(
    mids: Sequence[str],
    listener: Participant,
    partners: Sequence[Participant],
    interprets: Callable[[Participant, Participant], bool],
) -> tuple[TrackMapping, ...]:
    """Map the first m-line to the interpreter, and the others to the partners' own voices in order.

    A client with a single m-line gets the original on it whenever nothing is interpreted.
    """
    tracks = []
    for index, mid in enumerate(mids):
        partner = partners[max(0, index - 1)] if max(0, index - 1) < len(partners) else None
        alone = index == 0 and len(mids) == 1 and partner is not None and not interprets(partner, listener)
        kind = TrackKind.ORIGINAL if index > 0 or alone else TrackKind.INTERPRETER
        tracks.append(TrackMapping(mid, kind, None if partner is None else partner.participant))
    return tuple(tracks)
