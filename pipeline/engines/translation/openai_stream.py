"""Parser of a streamed chat completion: its events, its text, and errors without the server's words."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp.http_exceptions import LineTooLong

from pipeline.engines import EngineError

LONGEST_LINE = 1 << 16
"""Bytes of one line of a stream, and of an error that is read at all."""
PAUSE_S = 0.2
_CODE = re.compile(r"[a-z][a-z0-9_]{1,40}")


class Again(Exception):
    """Failure that may go well if it is tried again after `pause` seconds. The reason continues the server's name."""

    def __init__(self, reason: str, pause: float = PAUSE_S) -> None:
        super().__init__(reason)
        self.pause = pause


async def text_of(response: aiohttp.ClientResponse, most: int) -> str:
    """The text of a streamed answer. Raises `Again` where it broke off, `EngineError` where it is no answer, was cut
    off by the server, or has over `most` characters (the rest is not waited for)."""
    if response.content_type != "text/event-stream":
        raise EngineError("the server doesn't answer with a stream of events: it is not OpenAI-compatible")
    parts: list[str] = []
    size, reason = 0, None
    async for event in _events(response.content):
        if event == "[DONE]":
            break
        text, over = _delta(event)
        reason = over or reason
        parts.append(text)
        size += len(text)
        if size > most:
            raise EngineError("the answer is far longer than what was said: it is no translation")
    else:
        if reason is None:
            raise Again("broke off in the middle of its answer")
    if reason == "length":
        raise EngineError("the answer was cut off at the longest length")
    if reason == "content_filter":
        raise EngineError("the server will not translate this (content_filter)")
    return "".join(parts)


async def error_code(response: aiohttp.ClientResponse) -> str:
    """The short code of an error's body. The rest of it may repeat what was said, or the key."""
    try:
        return _code(json.loads(await response.content.read(LONGEST_LINE)))
    except (ValueError, RecursionError, aiohttp.ClientError, OSError):
        return ""


async def _events(stream: aiohttp.StreamReader) -> AsyncIterator[str]:
    """The data of server-sent events (HTML Living Standard, section 9.2), an event at a time."""
    data: list[str] = []
    while True:
        try:
            raw = await stream.readline(max_line_length=LONGEST_LINE)
        except LineTooLong:
            raise EngineError("an event of the stream is too long") from None
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
        if not raw:
            return


def _delta(event: str) -> tuple[str, str | None]:
    """The next piece of text, and why it was the last if it was."""
    try:
        content = json.loads(event)
        if "error" in content:
            raise Again(f"reports an error in its stream ({_code(content) or 'no code'})")
        if not content["choices"]:  # the count of tokens comes so
            return "", None
        choice = content["choices"][0]
        text, reason = (choice.get("delta") or {}).get("content") or "", choice.get("finish_reason")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise EngineError("the server sends events that are no chat completions") from None
    if not isinstance(text, str):
        raise EngineError("the server sends events that are no chat completions")
    return text, reason if isinstance(reason, str) else None


def _code(content: Any) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    for name in ("code", "type"):
        value = error.get(name) if isinstance(error, dict) else None
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
    return ""
