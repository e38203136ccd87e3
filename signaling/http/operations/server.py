"""Operations of the server itself, outside /api/v1 (docs/protocol.md, section 1)."""

from __future__ import annotations

from dataclasses import replace

from pipeline.events import EngineStage
from signaling.http.operations.row import JSON, Answer, Operation
from signaling.readiness import Degraded
from signaling.refusal import Code
from wire.json_schema import array, boolean, one_of, record

_READY = record(
    {
        "ready": boolean(),
        "ending": boolean(),
        "stages": record({}, {stage.value: boolean() for stage in EngineStage}),
        "degraded": array(one_of(Degraded)),
    },
    title="Readiness",
)

HEALTH = Operation(
    "GET",
    "/health",
    "The process lives",
    {200: Answer("it lives", record({"status": {"const": "ok"}}, title="Health"))},
    group="server",
)
READY = Operation(
    "GET",
    "/ready",
    "Each stage has an engine that works, and new sessions are taken",
    {200: Answer("ready", _READY), 503: Answer("not yet, not now, or no longer", _READY)},
    group="server",
)
METRICS = Operation(
    "GET",
    "/metrics",
    "Figures for Prometheus",
    {200: Answer("the exposition", None, ("text/plain",))},
    (Code.UNAUTHORIZED,),
    group="server",
)
DOCUMENT = Operation(
    "GET", "/openapi.json", "This document", {200: Answer("the document", {"type": "object"}, (JSON,))}, group="server"
)
WEBSOCKET = Operation(
    "GET",
    "/ws",
    "Open the WebSocket, whose messages the AsyncAPI document describes",
    {101: Answer("the WebSocket", None, ())},
    (Code.BAD_REQUEST, Code.FORBIDDEN, Code.RATE_LIMITED, Code.AT_CAPACITY),
    group="server",
)

WEBSOCKET_OF_NODE = replace(
    WEBSOCKET, path="/ws/{node}", summary="Open the WebSocket of one of several nodes, as `wsUrl` names it"
)

ROWS = (HEALTH, READY, METRICS, DOCUMENT, WEBSOCKET, WEBSOCKET_OF_NODE)
