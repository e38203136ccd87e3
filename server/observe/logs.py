"""Logs as JSON objects on standard error, one a line, with the call that they are about.

No line holds a token, an address or words that were said. An exception is shown by its kind and its trace alone.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import asdict
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

from pipeline.context import current
from pipeline.wordless import WordlessFormatter

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(WordlessFormatter):
    """Formats a record as a JSON object: time, level, logger, message, the context of the work, and `extra` fields.

    The context is that of the running task (`pipeline.context`); an `extra` field of the same name counts first.
    """

    def __init__(self, process: str | None = None) -> None:
        """`process`: the name of one of several; None for a server alone."""
        super().__init__()
        self._process = {} if process is None else {"process": process}

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            **self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update((key, value) for key, value in asdict(current()).items() if value not in (None, ""))
        entry.update((key, value) for key, value in vars(record).items() if key not in _OWN)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def anonymous(record: logging.LogRecord) -> bool:
    """Filter a record of aiohttp's own log, which names the client's address and quotes what it sent.

    Text that is no HTTP is the client's affair, is answered by 400 and logged nowhere. A defect of ours is logged
    without the address.
    """
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        return False
    record.msg, record.args = "request failed", ()
    return True


def configure(level: str, process: str | None = None) -> None:
    """Log everything of `level` and above; libraries that chat are kept to warnings. `process`: as of JsonLines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(anonymous)
    for chatty in ("aioice", "aiortc", "aiosqlite", "alembic", "aiohttp.access", "faster_whisper", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
