"""Operations of the server itself, outside /api/v1 (docs/protocol.md, section 1)."""

from __future__ import annotations

from signaling.http.operations.row import JSON, Answer, Operation
from signaling.refusal import Code
from wire.json_schema import boolean, record

_READY = record({"ready": boolean()}, title="Readiness")

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
    "Engines are loaded, and new sessions are taken",
    {200: Answer("ready", _READY), 503: Answer("not yet, or no longer", _READY)},
    group="server",
)
METRICS = Operation(
    "GET",
    "/metrics",
    "Figures for Prometheus",
    {200: Answer("the exposition", None, ("text/plain",))},
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
    (Code.BAD_REQUEST, Code.FORBIDDEN, Code.RATE_LIMITED),
    group="server",
)

ROWS = (HEALTH, READY, METRICS, DOCUMENT, WEBSOCKET)
