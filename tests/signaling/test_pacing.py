"""Requests of one address wait for one another, whatever they ask for: a flood of them takes the loop from nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.middlewares import pacing
from signaling.http.middlewares.pacing import Pace
from signaling.rate_limits import Rate
from tests.kit.signaling_server import GENEROUS, open_front


def test_what_comes_at_once_waits_its_turn_at_the_rate() -> None:
    pace = Pace(Rate(10, 1))
    waits = [round(pace.take("a", 100.0), 6) for _ in range(60)]
    assert waits == [0.0] * 10 + [round(0.1 * step, 6) for step in range(1, 51)]
    refused = [pace.take("a", 100.0) for _ in range(5)]
    assert all(wait > pacing.LONGEST_S for wait in refused) and len({round(wait, 6) for wait in refused}) == 1
    assert pace.take("b", 100.0) == 0, "another address"
    assert round(pace.take("a", 101.0), 6) == 4.1, "one that is refused takes no turn"
    assert pace.take("a", 200.0) == 0


def test_a_rate_below_one_a_second_lets_the_first_pass() -> None:
    pace = Pace(Rate(1, 4))
    assert [pace.take("a", 0.0), pace.take("a", 0.0)] == [0.0, 4.0]


def test_the_pace_of_many_addresses_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_KEYS", 100)
    pace = Pace(Rate(10, 1))
    for number in range(1000):
        pace.take(str(number), 0.0)
    assert len(pace) == 100


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/api/v1/languages", "/no/such/page"])
async def test_a_flood_of_any_request_is_paced_and_then_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LONGEST_S", 0.3)
    limits = replace(GENEROUS, paced_of_address=Rate(10, 1))
    async with open_front(SignalingOptions(limits=limits), steady=lambda: 1000.0) as front:

        async def ask() -> tuple[int, bool]:
            """Return the status, and True if the connection goes on."""
            host, port = front.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
            await reader.readexactly(int(length.partition(":")[2]))
            status, goes_on = int(head.split()[1]), True
            if status == 429:
                writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                try:
                    goes_on = bool(await reader.read(1))
                except ConnectionResetError:
                    goes_on = False
            writer.close()
            return status, goes_on

        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(ask() for _ in range(30)))
        refused = [goes_on for status, goes_on in answers if status == 429]
        assert len(answers) - len(refused) <= 13 and not any(refused)


async def test_requests_at_the_usual_rate_do_not_wait() -> None:
    async with open_front(SignalingOptions(limits=SignalingLimits()), steady=lambda: 1000.0) as front:
        answers = await asyncio.gather(*(front.http.get(f"{front.url}/health") for _ in range(250)))
        assert [answer.status for answer in answers] == [200] * 250
