"""The first join of `dragoman call` on a slow line, where somebody has to let it in, and where nothing answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from clients.exit_status import LEFT, Ending, Exit
from clients.report import Journal
from clients.signaling.api import Api, Entry
from clients.signaling.connection import Connection, Message, SocketLost, Unreachable
from clients.signaling.reconnect import FIRST_JOIN_S, ReconnectingSocket
from testing.virtual_clock import virtually

ENTRY = Entry("s", "p", "ws://server/ws", "123456", "token")
JOINED = {"type": "session_joined", "resumeToken": "resume"}


class PlayedConnection(Connection):
    """A connection on which the server says what `plan` holds: (s after the opening, message or the loss)."""

    def __init__(self, plan: list[tuple[float, Message | SocketLost]]) -> None:
        super().__init__()
        self._plan = plan
        self._began = asyncio.get_running_loop().time()

    async def send(self, message: Message) -> None:
        """Take a message that nobody reads."""

    async def close(self) -> None:
        """Have nothing to close."""

    async def _receive_text(self) -> str:
        at, what = self._plan.pop(0) if self._plan else (1e9, SocketLost(None))
        await asyncio.sleep(self._began + at - asyncio.get_running_loop().time())
        if isinstance(what, SocketLost):
            raise what
        return json.dumps(what)

    def _transport_info(self, name: str) -> Any:
        return None


class Line:
    """A line on which everything takes `opens_s` to open. `plans`: of each connection in turn; the last repeats."""

    def __init__(self, opens_s: float, *plans: list[tuple[float, Message | SocketLost]]) -> None:
        self.opens_s = opens_s
        self.tried: list[str] = []
        self._plans = list(plans)

    async def connect(self, url: str) -> Connection:
        return await self._open("WebSocket")

    async def open_stream(self, session: str, token: str) -> Connection:
        return await self._open("stream")

    async def _open(self, what: str) -> Connection:
        self.tried.append(what)
        await asyncio.sleep(self.opens_s)
        if not self._plans:
            raise Unreachable("nothing is there")
        return PlayedConnection(list(self._plans.pop(0) if len(self._plans) > 1 else self._plans[0]))


async def course(line: Line, act: Callable[[ReconnectingSocket], None] = lambda _: None) -> tuple[float, Ending | None]:
    """Return after how many seconds it has joined, or ended, and the ending; None once it has joined."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    socket = ReconnectingSocket("en", 45.0, Journal(loop.time), lambda _: None, lambda _: None)
    running = asyncio.ensure_future(socket.run(cast(Api, line), ENTRY))
    joining = asyncio.ensure_future(socket.was_joined.wait())
    loop.call_later(0.1, act, socket)
    await asyncio.wait({running, joining}, return_when=asyncio.FIRST_COMPLETED)
    took, ending = loop.time() - began, running.result() if running.done() else None
    for one in (running, joining):
        one.cancel()
    await asyncio.wait({running, joining})
    return took, ending


@virtually
async def test_a_slow_line_gets_more_time_with_each_attempt() -> None:
    line = Line(3.5, [(2.0, JOINED)])
    took, ending = await course(line)
    assert ending is None
    assert line.tried == ["WebSocket", "stream", "WebSocket", "stream", "WebSocket"]
    assert 15.0 < took < 17.0


@pytest.mark.parametrize("opens_s", [0.0, 1e6])
def test_what_does_not_answer_is_given_up_when_the_page_does(opens_s: float) -> None:
    took, ending = virtually(course)(Line(opens_s))
    assert ending is not None and (ending.reason, ending.status) == ("unreachable", Exit.REFUSED)
    assert FIRST_JOIN_S <= took <= FIRST_JOIN_S + 20.0


@virtually
async def test_who_waits_to_be_let_in_waits_on() -> None:
    asked: tuple[float, Message] = (0.1, {"type": "heartbeat"})
    took, ending = await course(Line(0.1, [asked, (300.0, JOINED)]))
    assert (ending, round(took)) == (None, 300)
    took, ending = await course(Line(0.1, [asked, (300.0, SocketLost(None))], [asked, (300.0, JOINED)]))
    assert (ending, round(took)) == (None, 600), "a loss after a long wait does not end it"
    took, ending = await course(Line(0.1, [asked, (300.0, error("not_admitted"))]))
    assert ending == Ending("not_admitted", Exit.REFUSED, "")


@virtually
async def test_a_final_refusal_ends_it_and_another_does_not() -> None:
    took, ending = await course(Line(0.1, [(0.1, error("session_ended"))]))
    assert ending == Ending("session_ended", Exit.REFUSED, "") and took < 1.0
    took, ending = await course(Line(0.1, [(0.1, SocketLost(4401))]))
    assert ending is not None and (ending.reason, ending.status) == ("unauthorized", Exit.REFUSED) and took < 1.0
    full: list[tuple[float, Message | SocketLost]] = [(0.1, error("at_capacity"))]
    took, ending = await course(Line(0.1, full, full, [(0.1, JOINED)]))
    assert ending is None and took < 2.0


@virtually
async def test_who_leaves_tries_no_stream() -> None:
    def leave(socket: ReconnectingSocket) -> None:
        with pytest.raises(SocketLost):
            socket.leave().send(None)

    line = Line(0.5)
    assert (await course(line, leave))[1] is LEFT
    assert line.tried == ["WebSocket"]


def error(code: str) -> Message:
    return {"type": "error", "code": code, "message": "", "fatal": True}
