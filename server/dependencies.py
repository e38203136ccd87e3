"""Fills the dependencies of signaling: rooms over this server's engines, and what it tells of languages and relays."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import asdict

from accounts.keeping.running import KeptCalls
from media.events import Observer
from media.room import MediaOptions, Room
from media.session_clock import wall_ms
from media.subtitles.server_messages import ServerMessages
from media.webrtc.network import NetworkOptions
from pipeline.lanes.engine_set import EngineSet
from server.call_admission import Admission
from server.engine_choice.places import WORKERS
from server.interpreting import interpreter_options
from server.observe.event_log import log_failures
from server.observe.metrics import Metrics
from server.observe.time_log import log_utterance
from server.observe.tracing import Tracing
from server.settings import Settings
from signaling.call_records.kept_history import KeptHistory
from signaling.call_records.written_calls import WrittenCalls
from signaling.languages import Languages
from signaling.ports import Dependencies, IceServers, NoCallLog, NoHistory
from signaling.readiness import Degraded
from turn.credentials import ice_servers, newest


def dependencies_of(
    settings: Settings,
    stages: EngineSet,
    metrics: Metrics,
    admission: Admission,
    kept: KeptCalls | None,
    tracing: Tracing | None,
) -> Dependencies:
    """Return the dependencies of one server, but for `accounts` and `rate_limiter`, which the caller adds."""
    network = NetworkOptions(settings.media_addresses, settings.advertised_addresses, settings.media_ports)
    media = MediaOptions(network, interpreter_options(settings))
    observers = metrics.observe, log_failures, log_utterance, *(() if tracing is None else (tracing.observe,))

    @contextlib.asynccontextmanager
    async def open_room(session: str, observer: Observer) -> AsyncIterator[Room]:
        try:
            async with Room(session, stages, (*observers, observer), media) as room:
                metrics.rooms.opened(room)
                try:
                    yield room
                finally:
                    metrics.rooms.closing(room)
        finally:
            if tracing is not None:
                tracing.close(session)

    return Dependencies(
        open_room=open_room,
        engines=stages,
        languages=lambda: languages_of(stages),
        voices=lambda language: [asdict(voice) for voice in stages.voices(language)],
        ice_servers=lambda user: _ice_servers(settings, user),
        ready=lambda: stages.ready,
        stages=stages.stages_ready,
        away=lambda: parts_away(stages),
        tally=metrics,
        has_room=lambda: admission.has_room,
        subtitles=lambda session: ServerMessages(session, "", asyncio.get_running_loop().time, wall_ms).write,
        kept_calls=kept,
        call_log=NoCallLog() if kept is None else WrittenCalls(kept.writer),
        history=KeptHistory(kept.writer, time.time) if kept is not None and kept.keeps_history else NoHistory(),
    )


def parts_away(stages: EngineSet) -> tuple[Degraded, ...]:
    """Return `workers` while a lane of workers is not ready."""
    workers = [lane for lane in stages.engines if lane.spec.name == WORKERS]
    return () if all(lane.ready for lane in workers) else (Degraded.WORKERS,)


def languages_of(stages: EngineSet) -> Languages:
    """Return the languages of calls. One that can be spoken, but neither understood nor translated into, is none."""
    pairs = stages.pairs()
    useful = stages.stt.languages | {tag for pair in pairs for tag in pair}
    return Languages.of(stages.stt.languages, stages.tts.languages & useful, pairs, stages.pivoted(), stages.gist())


def _ice_servers(settings: Settings, user: str) -> IceServers:
    if not settings.turn_urls or settings.turn_secret is None:
        return IceServers()
    secret, seconds = newest(settings.turn_secret), settings.turn_seconds
    servers = ice_servers(settings.turn_urls, secret, user, seconds, time.time())
    return IceServers([dict(server) for server in servers], seconds)
