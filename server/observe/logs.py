"""Logs as one JSON object a line on standard error: who, when, what; never tokens, addresses or words said."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """`extra` fields of a record become keys of the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update((key, value) for key, value in vars(record).items() if key not in _OWN)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def anonymous(record: logging.LogRecord) -> bool:
    """A filter of aiohttp's own log: it names the address, and quotes what a stranger sent. What is no HTTP is the
    stranger's affair and is answered by 400; a defect of ours is logged without the address."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        return False
    record.msg, record.args = "request failed", ()
    return True


def configure(level: str) -> None:
    """Log everything of `level` and above; libraries that chat are kept to warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(anonymous)
    for chatty in ("aioice", "aiortc", "aiohttp.access", "faster_whisper", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
