"""Watches every participant's connection and voice, and emits which client is deaf or mute, and each fault counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from media.boundary import Boundary
from media.client_faults import LOOK_EVERY_S, Change, Evidence, SilentConnection, VoiceInVain
from media.connection import Connection
from media.events import (
    ClientStatusChanged,
    DatagramsRefused,
    HeardLatencyReported,
    MicrophoneFault,
    MicrophoneFaulted,
    RoomEvent,
    Seam,
    StatusReason,
)
from media.participant import Participant
from media.subtitles.client_messages import ClientStats
from pipeline.context import Context
from pipeline.events import LoadChanged, SpeechPlayed, Transcribed, UtteranceEnded, UtteranceStarted
from pipeline.overload import OverloadLevel

MESSAGES = {
    StatusReason.MEDIA_NOT_AUTHENTICATED: "Your audio arrives, but none of it can be decrypted.",
    StatusReason.AUDIO_NOT_DECODED: "Your audio arrives, but it can't be decoded: send Opus.",
    StatusReason.NOTHING_UNDERSTOOD: "Your voice arrives, but no word of it is understood.",
    StatusReason.NO_SUBTITLES_CHANNEL: "There is no data channel labelled `subtitles`: no subtitles can be shown.",
    StatusReason.WRONG_AUDIO_LINE: "Your audio arrives on another line than the first: the microphone is not heard.",
    StatusReason.NOT_INTERPRETED: "Your language is not recognised here: what you say is not interpreted. Type it.",
    StatusReason.OTHER_MICROPHONE: "Another program publishes your microphone: the one of this program is not heard.",
}
"""For clients that have no words of their own."""

Emit = Callable[[RoomEvent], None]


@dataclass(slots=True)
class _Watched:
    """One participant's watches, and what was counted of their faults before."""

    voice: VoiceInVain = field(default_factory=VoiceInVain)
    load: LoadChanged | None = None
    """Load of the interpreter of this participant's words, where it is not as usual."""
    uninterpreted: bool = False
    published: bool = False
    connection: Connection | None = None
    silent: SilentConnection | None = None
    counted: dict[MicrophoneFault, int] = field(default_factory=dict)
    foreign: int = 0
    unknown: int = 0
    refused: int = 0
    reported: ClientStats | None = None
    """The client's last report that was looked at."""


class ClientWatches:
    """The watches of a room. `observe` is one of its observers, `tick` is called in each slot."""

    def __init__(
        self,
        people: Mapping[str, Participant],
        now: Callable[[], float],
        hears: Callable[[str], bool] = lambda language: True,
    ) -> None:
        """`now` returns loop time in seconds, `hears` is True if speech in a language can be recognised."""
        self._people = people
        self._hears = hears
        self._now = now
        self._watched: dict[str, _Watched] = {}
        self._look_at = 0.0

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Note what is understood of a speaker, and what is played to a listener."""
        if isinstance(event, UtteranceStarted | Transcribed | UtteranceEnded | LoadChanged):
            watched = self._of(event.speaker)
            watched.voice.observe(event, self._now())
            if isinstance(event, LoadChanged):
                watched.load = event if event.level != OverloadLevel.OK else None
        elif isinstance(event, SpeechPlayed):
            self._of(event.listener).voice.observe(event, self._now())

    def tick(
        self,
        now: float,
        emit: Emit,
        boundary: Boundary,
        hears_a_partner: Callable[[str], bool] = lambda participant: False,
    ) -> None:
        """Look at each participant twice a second.

        `hears_a_partner` is True if the voice in a participant's microphone is a partner's. It is not kept: it may
        belong to the room, which is to be freed at once when it is closed.
        """
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        for name, person in list(self._people.items()):
            boundary.contain(Seam.CONNECTION, name, self._look, person, self._of(name), now, emit, hears_a_partner)

    def _of(self, participant: str) -> _Watched:
        watched = self._watched.get(participant)
        if watched is None:
            watched = self._watched[participant] = _Watched()
        return watched

    def _look(
        self, person: Participant, watched: _Watched, now: float, emit: Emit, hears_a_partner: Callable[[str], bool]
    ) -> None:
        connection = person.connection
        if connection is None or not connection.peer.connected:
            return
        evidence = _evidence(person, connection)
        again: list[Change] = []
        if watched.silent is None or watched.connection is not connection:
            holding = watched.silent.holding if watched.silent is not None else []
            watched.connection, watched.silent = connection, SilentConnection(evidence, now, holding)
            watched.foreign = watched.unknown = watched.refused = 0
            # Shown anew: a client that joins again, or anew, has forgotten all of it.
            watched.uninterpreted = watched.published = False
            again = [(StatusReason.NOTHING_UNDERSTOOD, True)] if watched.voice.holds else []
            for load in [one.load for one in self._watched.values() if one.load is not None]:
                person.show(load)
            watched.counted.pop(MicrophoneFault.NOT_AUTHENTICATED, None)
        changes = again + watched.silent.look(evidence, now)
        if (holds := watched.voice.look(now, partial(hears_a_partner, person.participant))) is not None:
            changes.append((StatusReason.NOTHING_UNDERSTOOD, holds))
        if (uninterpreted := not self._hears(person.language)) is not watched.uninterpreted:
            watched.uninterpreted = uninterpreted
            changes.append((StatusReason.NOT_INTERPRETED, uninterpreted))
        if (published := person.published is not None) is not watched.published:
            watched.published = published
            changes.append((StatusReason.OTHER_MICROPHONE, published))
        for reason, holds in changes:
            message = MESSAGES[reason]
            shown = person.show_status(reason, over=not holds, message=message)
            emit(ClientStatusChanged(person.participant, reason, not holds, message, shown))
        self._count(person, connection, watched, emit)

    def _count(self, person: Participant, connection: Connection, watched: _Watched, emit: Emit) -> None:
        """Emit the faults that are new, and what the client has reported since."""
        if (refused := connection.peer.refused) > watched.refused:
            emit(DatagramsRefused(person.participant, refused - watched.refused))
            watched.refused = refused
        if (reported := person.client_stats) is not watched.reported:
            watched.reported = reported
            if reported.heard_latency_ms is not None:
                emit(HeardLatencyReported(person.participant, reported.heard_latency_ms))
        statistics, source = person.receiver.statistics, connection.peer.microphone
        statistics.foreign += source.foreign - watched.foreign
        statistics.undecodable += source.unknown - watched.unknown
        watched.foreign, watched.unknown = source.foreign, source.unknown
        counts = {
            MicrophoneFault.NOT_AUTHENTICATED: connection.peer.unauthenticated,
            MicrophoneFault.OTHER_SOURCE: statistics.foreign,
            MicrophoneFault.OVER_BUDGET: statistics.dropped,
            MicrophoneFault.NOT_OPUS: statistics.undecodable,
            MicrophoneFault.WRONG_LEVEL: statistics.wrong_levels,
        }
        for fault, count in counts.items():
            more = count - watched.counted.get(fault, 0)
            if more > 0:
                watched.counted[fault] = count
                emit(MicrophoneFaulted(person.participant, fault, more))


def _evidence(person: Participant, connection: Connection) -> Evidence:
    statistics, source = person.receiver.statistics, connection.peer.microphone
    return Evidence(
        unauthenticated=connection.peer.unauthenticated,
        microphone=statistics.packets - statistics.empty,
        decoded=statistics.decoded,
        unplaced=source.unplaced + source.unknown,
        elsewhere=source.elsewhere,
        channel_open=connection.peer.channel_open,
    )
