"""Deletes entries of the audit log that are too old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from storage.accounts.ports import AuditLog

log = logging.getLogger(__name__)

EVERY_S = 3600.0
_DAY_MS = 24 * 3600 * 1000


async def expire_audit(entries: AuditLog, days: int, now_ms: Callable[[], int], every_s: float = EVERY_S) -> None:
    """Delete entries older than `days`, now and every `every_s`, until cancelled. Never fails."""
    while True:
        try:
            expired = await entries.expire(now_ms() - days * _DAY_MS)
            if expired:
                log.info("entries of the audit log expired", extra={"count": expired})
        # The boundary between this chore and the server: it is done another time.
        except Exception as problem:  # noqa: BLE001
            log.warning("the audit log could not be looked after", extra={"problem": type(problem).__name__})
        await asyncio.sleep(every_s)
