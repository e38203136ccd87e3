"""The whole exposition of a server with accounts, read in this process: no engine, no socket and no database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from accounts.audit import Audit
from accounts.history.operator_keys import OperatorKeys
from accounts.keeping.writer import CallWriter
from accounts.letters.mail import Mail
from server.call_admission import Admission
from server.engine_choice.from_settings import engine_set
from server.observe.accounts import AccountsReadings
from server.observe.certificate import CertificateReadings
from server.observe.kept_calls import KeptCallsReadings
from server.observe.metrics import Metrics
from server.observe.nodes import NodeReadings
from server.observe.otlp import SpanCounts
from server.observe.sessions import SessionReadings
from server.observe.tracing import TracingReadings
from server.processes.figures import together
from server.settings import Settings
from signaling.config import SignalingOptions
from signaling.http.app import LIVE_SESSIONS, READINESS, make_app
from signaling.ports import Dependencies
from signaling.tokens import Tokens
from storage.sqlite import SqliteSessions


async def exposition() -> str:
    """Return the page of `GET /metrics` before the first call."""
    nobody: Any = None
    stages = engine_set(Settings(models="scripted"))
    metrics = Metrics(stages, Admission())
    metrics.registry.register(KeptCallsReadings(CallWriter(nobody, OperatorKeys(), 1, lambda: 0)))
    metrics.registry.register(AccountsReadings(Audit(nobody, lambda: 0), Mail(None)))
    served: Any = SimpleNamespace(served=SimpleNamespace(expires_at=0), taken=0, refused=0)
    metrics.registry.register(CertificateReadings(served))
    metrics.registry.register(TracingReadings(SpanCounts()))
    node: Any = SimpleNamespace(waiting=0, taken_over=0)
    metrics.registry.register(NodeReadings(node, node))
    needs = Dependencies(nobody, nobody, stages=stages.stages_ready, ready=lambda: stages.ready)
    async with asyncio.TaskGroup() as tasks:
        unopened = SqliteSessions(Path("nowhere"))
        app = make_app(SignalingOptions(), needs, tasks=tasks, snapshots=unopened, tokens=Tokens([b"k" * 32]))
        metrics.registry.register(SessionReadings(app[LIVE_SESSIONS], app[READINESS]))
        return together({"p1": metrics.exposition().decode()}, {"p1": 1})


def families(page: str) -> dict[str, Metric]:
    """Return the families of an exposition by their names as documents write them: a counter's end in `_total`."""
    parsed = text_string_to_metric_families(page)
    found = {family.name + ("_total" if family.type == "counter" else ""): family for family in parsed}
    return {name: family for name, family in found.items() if not name.endswith("_created")}
