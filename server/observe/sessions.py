"""Readings of the sessions at a scrape: sockets, states, and readiness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from signaling.readiness import Degraded, Readiness
from signaling.session_states import SessionState
from signaling.sessions.viewing import Viewing


class Sessions(Protocol):
    """The sessions of a server: `signaling.sessions.live_sessions.LiveSessions`."""

    @property
    def connections(self) -> Sized: ...

    @property
    def viewing(self) -> Viewing: ...

    def by_state(self) -> Mapping[SessionState, int]: ...


class SessionReadings(Collector):
    """Readings of the live sessions of one application."""

    def __init__(self, sessions: Sessions, readiness: Callable[[], Readiness]) -> None:
        self._sessions = sessions
        self._readiness = readiness

    def collect(self) -> Iterable[Metric]:
        found = self._readiness()
        yield GaugeMetricFamily(
            "dragoman_websockets",
            "Open WebSockets, and event streams in their place, joined or not",
            value=len(self._sessions.connections),
        )
        yield GaugeMetricFamily(
            "dragoman_viewer_streams", "Open streams of subtitles to viewers", value=self._sessions.viewing.readers
        )
        sessions = GaugeMetricFamily("dragoman_sessions", "Live sessions, by their state", labels=["state"])
        for state, count in self._sessions.by_state().items():
            sessions.add_metric([state], count)
        yield sessions
        yield GaugeMetricFamily("dragoman_ready", "1 while new calls are taken, as /ready says", value=found.ready)
        degraded = GaugeMetricFamily(
            "dragoman_degraded", "1 while a part is away that only some requests need", labels=["what"]
        )
        for part in Degraded:
            degraded.add_metric([part], part in found.away)
        yield degraded
