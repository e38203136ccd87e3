"""A viewer's stream of subtitles as it comes: events, pings and its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.kit.contract import check_answer, check_channel

PATIENCE_S = 60.0


class SubtitlesReader:
    """`last` is the number of the last event, as a client keeps it for `Last-Event-ID`."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.last = 0

    async def part(self) -> str:
        """Return the next part of the stream, a comment or an event, without its end; empty at the stream's end."""
        async with asyncio.timeout(PATIENCE_S):
            part = (await self._answer.content.readuntil(b"\n\n")).decode()
        assert not part or part.endswith("\n\n"), part
        return part.removesuffix("\n\n")

    async def next(self) -> dict[str, Any] | None:
        """Return the next message, past comments; None at the stream's end."""
        while (part := await self.part()).startswith(":"):
            pass
        if not part:
            return None
        fields = dict(line.split(": ", 1) for line in part.split("\n"))
        message: dict[str, Any] = json.loads(fields["data"])
        if message["type"] == "ended":
            assert fields.keys() == {"data"} and message.keys() == {"type", "reason"}
        else:
            check_channel(message)
            assert fields == {"id": str(message["seq"]), "data": fields["data"]} and message["seq"] > self.last
            self.last = message["seq"]
        return message

    def drop(self) -> None:
        """Close the connection, as a reader does that goes away."""
        self._answer.close()


@asynccontextmanager
async def reading(
    http: aiohttp.ClientSession, url: str, session: str, token: str, last: int | str | None = None
) -> AsyncIterator[SubtitlesReader]:
    """Read the subtitles of a session on the server at `url`, from behind the event `last`."""
    path = f"/api/v1/sessions/{session}/subtitles"
    headers = {"Authorization": f"Bearer {token}"} | ({} if last is None else {"Last-Event-ID": str(last)})
    async with http.get(url + path, headers=headers, timeout=aiohttp.ClientTimeout(total=None)) as answer:
        check_answer("GET", path, answer.status, None, answer.content_type)
        assert answer.status == 200, await answer.text()
        reader = SubtitlesReader(answer)
        assert await reader.part() == ": open"
        yield reader
