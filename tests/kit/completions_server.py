"""An OpenAI-compatible server on loopback, that does what a test tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.kit import app_in_thread

Answer = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


class Server:
    """`answer` makes every answer; `bodies` and `headers` are what came."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: Answer = translated(lambda said: f"<{said}>")
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        return await self.answer(request, body)


@contextmanager
def serving() -> Iterator[Server]:
    """In a thread of its own: an engine is not asynchronous."""
    server = Server()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.handle)
    with app_in_thread.serving(app) as url:
        server.url = f"{url}/v1"
        yield server


def said(body: dict[str, Any]) -> str:
    return str(json.loads(body["messages"][-1]["content"])["say"])


def chunk(text: str, reason: str | None = None) -> str:
    delta = {"content": text} if text else {}
    return json.dumps({"object": "chat.completion.chunk", "choices": [{"delta": delta, "finish_reason": reason}]})


async def stream(request: web.Request, *parts: bytes, pause: float = 0) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    for part in parts:
        await response.write(part)
        await asyncio.sleep(pause)
    return response


def events(*data: str) -> bytes:
    return "".join(f"data: {one}\n\n" for one in data).encode()


def translated(does: Callable[[str], str]) -> Answer:
    """A well-behaved server: a letter or two at a time, the usual end."""

    async def answer(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        text = does(said(body))
        pieces = [chunk(text[n : n + 2]) for n in range(0, len(text), 2)]
        return await stream(request, events(*pieces, chunk("", "stop"), '{"choices": [], "usage": {}}', "[DONE]"))

    return answer


def status(code: int, body: object = None, **headers: str) -> Answer:
    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body, status=code, headers=named)

    return answer


def raw(*parts: bytes, pause: float = 0, cut: bool = False) -> Answer:
    """A stream of just these bytes; `cut` breaks the connection behind them."""

    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        response = await stream(request, *parts, pause=pause)
        if cut and request.transport is not None:
            request.transport.abort()
        return response

    return answer


def in_pairs(answer: Answer) -> Answer:
    """Answer nobody before another request has come: whoever asks one by one is never answered."""
    pair = asyncio.Barrier(2)

    async def wait(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await pair.wait()
        return await answer(request, body)

    return wait


def in_turn(*answers: Answer) -> Answer:
    left = list(answers)

    async def answer(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request, body)

    return answer
