"""`dragoman serve`: wires everything, and runs until a signal asks it to stop.

New sessions are then refused, sentences in flight are finished within bounds, and the process ends with status 0. On
SIGTERM or SIGINT every session ends, on SIGHUP they go on in the next process with the same data. Where other nodes
are, they go on there in any case.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aiohttp import web

import web as web_client
from accounts.keeping.running import KeptCalls
from pipeline.engines import EngineError
from pipeline.lanes.engine_set import EngineSet
from server.accounts import accounts_of, running_accounts, signing_keys
from server.call_admission import Admission, AdmissionOptions
from server.dependencies import dependencies_of
from server.engine_choice.from_settings import engine_set, plain_specs
from server.engine_choice.short_windows import decided
from server.identity_providers import providers_of
from server.kept_calls import calls_of
from server.nodes import Shared, shared_by_nodes
from server.observe.accounts import AccountsReadings
from server.observe.certificate import CertificateReadings
from server.observe.exposition import Exposition
from server.observe.kept_calls import KeptCallsReadings
from server.observe.metrics import Metrics
from server.observe.sessions import SessionReadings
from server.observe.time_log import log_timing
from server.observe.tracing import Tracing, TracingReadings, tracing_of
from server.port import port_problem, renewal_of
from server.processes.place import OneOfSeveral
from server.processes.shared import shared_by_processes
from server.settings import BadSetting, Settings, filled
from server.short_windows.order import carried_out, in_words
from server.tls.renewal import Renewal
from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.app import LIVE_SESSIONS, READINESS, make_app
from signaling.tokens import Tokens
from storage.accounts.ports import AccountStore, NotOpened, Unavailable
from storage.sqlite import SqliteSessions, StoreError

log = logging.getLogger(__name__)

IDLE_SECONDS = 15.0
"""Time after which a connection without a whole request is closed: each holds a file descriptor of ours."""


async def serve(settings: Settings, process: OneOfSeveral | None = None) -> int:
    """Run the server until a signal; return the process's exit status. `process`: one that shares its port."""
    # A dump of our memory, or of an engine's, would hold voices and keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    providers_of(settings)  # a mistake in the file is told before anything is opened
    renewal = renewal_of(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[bool] = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _stop, stop, number == signal.SIGHUP)
    try:
        async with (
            tracing_of(settings, loop.time) as tracing,
            accounts_of(settings) as accounts,
            calls_of(settings, accounts) as kept_calls,
            engine_set(settings) as stages,
            SqliteSessions(settings.data / "dragoman.sqlite") as store,
            asyncio.TaskGroup() as tasks,
        ):
            opened = _Opened(settings, stages, store, accounts, kept_calls, renewal, tracing)
            await _run(opened, tasks, stop, process)
    except (EngineError, StoreError, NotOpened, Unavailable, OSError, ExceptionGroup) as error:
        print(f"dragoman: {_reason(error, settings)}", file=sys.stderr)
        return 1
    return 0


def _stop(stop: asyncio.Future[bool], goes_on: bool) -> None:
    if not stop.done():
        stop.set_result(goes_on)


def _reason(error: Exception, settings: Settings) -> str:
    """Return why the server can't run, for its operator. Raises an error that is a defect of ours."""
    cause = error
    while isinstance(cause, ExceptionGroup) and len(cause.exceptions) == 1:
        cause = cause.exceptions[0]
    if isinstance(cause, OSError) and (problem := port_problem(settings, cause)):
        return problem
    if isinstance(cause, EngineError | StoreError | NotOpened | Unavailable):
        return str(cause)
    if isinstance(cause, BadSetting):
        raise cause  # `server.cli.main` tells it as it tells those that are found earlier
    raise error


@dataclass(frozen=True, slots=True)
class _Opened:
    """The parts of a server that `serve` opens before it runs."""

    settings: Settings
    stages: EngineSet
    store: SqliteSessions
    accounts: AccountStore | None
    kept_calls: KeptCalls | None
    renewal: Renewal | None
    tracing: Tracing | None


async def _run(
    opened: _Opened, tasks: asyncio.TaskGroup, stop: asyncio.Future[bool], process: OneOfSeveral | None
) -> None:
    settings, stages = opened.settings, opened.stages
    keys = signing_keys(settings.secret) if settings.secret else [await opened.store.signing_key()]
    admission = Admission(filled(settings, AdmissionOptions))
    metrics = _metrics(opened, admission)
    signaling = _signaling(settings)
    if process is None:
        sharing = shared_by_nodes(settings, signaling, opened.store)
    else:
        sharing = shared_by_processes(process, signaling, partial(_stop, stop, True))
    async with (
        running_accounts(settings, opened.accounts, keys, metrics.count_audit) as people,
        sharing as shared,
    ):
        if people is not None:
            metrics.registry.register(AccountsReadings(people.audit, people.mail))
        dependencies = dependencies_of(settings, stages, metrics, admission, opened.kept_calls, opened.tracing)
        dependencies = replace(dependencies, accounts=people, rate_limiter=shared.rate_limiter)
        app = make_app(
            signaling,
            dependencies,
            tasks=tasks,
            snapshots=shared.snapshots,
            directory=shared.directory,
            tokens=Tokens(keys),
            web_root=Path(web_client.__file__).parent,
        )
        for readings in (SessionReadings(app[LIVE_SESSIONS], app[READINESS]), *shared.readings):
            metrics.registry.register(readings)
        figures = shared.figures(Exposition(metrics.exposition, settings.metrics_token))
        app.add_routes([web.get("/metrics", figures)])
        await _listen(opened, app, admission, shared, tasks, stop)


def _metrics(opened: _Opened, admission: Admission) -> Metrics:
    """Return the metrics, which observe the engines' jobs and read the parts that this server has."""
    metrics = Metrics(opened.stages, admission)
    opened.stages.timings.observe_jobs(metrics.time)
    if opened.settings.log_level == "debug":
        opened.stages.timings.observe(log_timing)
    if opened.tracing is not None:
        opened.stages.timings.observe(opened.tracing.time)
        metrics.registry.register(TracingReadings(opened.tracing.counts))
    if opened.kept_calls is not None:
        metrics.registry.register(KeptCallsReadings(opened.kept_calls.writer))
    if opened.renewal is not None:
        metrics.registry.register(CertificateReadings(opened.renewal))
    return metrics


async def _listen(
    opened: _Opened,
    app: web.Application,
    admission: Admission,
    shared: Shared,
    tasks: asyncio.TaskGroup,
    stop: asyncio.Future[bool],
) -> None:
    """Serve the application until `stop` is set, and end its sessions; with True they go on in the next process."""
    settings, stages = opened.settings, opened.stages
    runner = web.AppRunner(app, access_log=None, handle_signals=False, keepalive_timeout=IDLE_SECONDS)
    await runner.setup()
    try:
        if shared.late:
            await _ready_or_stopped(stages, stop)
        async with shared.open_port(settings, runner, opened.renewal) as address:
            shared.listens(address)
            sampling = tasks.create_task(admission.run())
            announcing = tasks.create_task(_announce(settings, stages, shared, address))
            goes_on = await stop
            announcing.cancel()  # a stop does not wait for engines that are still loading, nor for a judge
            seconds = await shared.stops(settings.shutdown_seconds)
            log.info("stopping", extra={"seconds": seconds, "calls_go_on": goes_on})
            await app[LIVE_SESSIONS].shutdown(seconds, goes_on=goes_on)
            sampling.cancel()
    finally:
        await runner.cleanup()


async def _ready_or_stopped(stages: EngineSet, stop: asyncio.Future[bool]) -> None:
    """Return once the engines are ready, or the server is asked to stop. Raises EngineError, in a group."""
    async with asyncio.TaskGroup() as tasks:
        ready = tasks.create_task(stages.wait_ready())
        await asyncio.wait((ready, stop), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()


async def _announce(settings: Settings, stages: EngineSet, shared: Shared, address: str) -> None:
    """Say that the server is ready, once its engines are: nobody is let in before.

    Then weights that nobody has judged yet are judged, for the next start (docs/adr/0012).
    """
    await stages.wait_ready()
    await shared.announce(address)
    order = decided(plain_specs(settings)["stt"], settings).order if shared.judges else None
    if order is not None:
        log.info("judging short windows of %s with the time that nobody else wants", order.path)
        found = await carried_out(replace(order, idle=True))
        log.info("short windows of %s, from the next start on: %s", order.path, in_words(found))


def _signaling(settings: Settings) -> SignalingOptions:
    return filled(settings, SignalingOptions, limits=filled(settings, SignalingLimits))
