"""Table of the HTTP operations: one row for each route, from which the OpenAPI document is written."""

from __future__ import annotations

from signaling.http.operations import accounts, calls, histories, messages, oidc, operator, server, viewers, whip
from signaling.http.operations.row import Operation

OPERATIONS: tuple[Operation, ...] = (
    *calls.ROWS,
    *messages.ROWS,
    *viewers.ROWS,
    *whip.ROWS,
    *histories.ROWS,
    *accounts.ROWS,
    *oidc.ROWS,
    *operator.ROWS,
    *server.ROWS,
)
"""Every row, also of operations that only some servers have."""
