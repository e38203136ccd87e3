"""Requests of one address wait for one another, whatever they ask for: a flood of them takes the loop from nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.middlewares import pacing
from signaling.http.middlewares.pacing import Pace
from signaling.rate_limits import Rate
from tests.kit.signaling_server import GENEROUS, Front, open_front

LONGEST = 5.0
SLOW = SignalingOptions(limits=replace(GENEROUS, paced_of_address=Rate(10, 1)))


def test_what_comes_at_once_waits_its_turn_at_the_rate() -> None:
    pace = Pace(Rate(10, 1))
    waits = [round(pace.take("a", 100.0, LONGEST), 6) for _ in range(60)]
    assert waits == [0.0] * 10 + [round(0.1 * step, 6) for step in range(1, 51)]
    refused = [pace.take("a", 100.0, LONGEST) for _ in range(5)]
    assert all(wait > LONGEST for wait in refused) and len({round(wait, 6) for wait in refused}) == 1
    assert pace.take("b", 100.0, LONGEST) == 0, "another address"
    assert round(pace.take("a", 101.0, LONGEST), 6) == 4.1, "one that is refused takes no turn"
    assert pace.take("a", 200.0, LONGEST) == 0


def test_a_rate_below_one_a_second_lets_the_first_pass() -> None:
    pace = Pace(Rate(1, 4))
    assert [pace.take("a", 0.0, LONGEST), pace.take("a", 0.0, LONGEST)] == [0.0, 4.0]


def test_the_pace_of_many_addresses_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_KEYS", 100)
    pace = Pace(Rate(10, 1))
    for number in range(1000):
        pace.take(str(number), 0.0, LONGEST)
    assert len(pace) == 100


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/api/v1/languages", "/no/such/page"])
async def test_a_flood_of_any_request_is_paced_and_then_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LONGEST_S", 0.3)
    limits = replace(GENEROUS, paced_of_address=Rate(10, 1))
    async with open_front(SignalingOptions(limits=limits), steady=lambda: 1000.0) as front:

        async def ask() -> tuple[int, bool]:
            """Return the status, and True if the connection goes on. Where it does not, a refusal says so."""
            host, port = front.url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
            await reader.readexactly(int(length.partition(":")[2]))
            status, goes_on = int(head.split()[1]), True
            assert ("connection: close" in head) is (status == 429)
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


async def statuses(front: Front, path: str, count: int) -> list[int]:
    async def ask() -> int:
        async with front.http.get(front.url + path) as answer:
            return answer.status

    return sorted(await asyncio.gather(*(ask() for _ in range(count))))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Return a folder with one file of a page."""
    (tmp_path / "app.js").write_text("export {};")
    return tmp_path


async def test_files_wait_longer_than_the_rest_which_does_not_wait_for_them(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "LONGEST_S", 0.05)
    monkeypatch.setattr(pacing, "LONGEST_OF_FILES_S", 1.05)
    async with open_front(SLOW, web_root=pages, steady=lambda: 1000.0) as front:
        assert await statuses(front, "/app.js", 15) == [200] * 15
        assert await statuses(front, "/health", 11) == [200] * 10 + [429]
        assert await statuses(front, "/app.js", 10) == [429] * 10, "files wait for the rest"


async def test_a_file_waits_its_turn_and_is_refused_in_the_end(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "LONGEST_OF_FILES_S", 1.05)
    async with open_front(SLOW, web_root=pages, steady=lambda: 1000.0) as front:
        assert await statuses(front, "/app.js", 25) == [200] * 20 + [429] * 5


async def test_while_very_many_wait_files_wait_no_longer_than_the_rest(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "LONGEST_S", 0.05)
    monkeypatch.setattr(pacing, "MOST_WAITING", 5)
    async with open_front(SLOW, web_root=pages, steady=lambda: 1000.0) as front:
        answers = await statuses(front, "/app.js", 60)
        assert answers.count(200) >= 14 and answers.count(429) > 10


async def test_the_end_of_the_server_waits_for_no_turn(pages: Path) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(20):
        async with open_front(SLOW, web_root=pages, steady=lambda: 1000.0) as front:
            asked = [asyncio.create_task(http.get(f"{front.url}/app.js")) for _ in range(100)]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0.2)
        answers = [await one for one in asked]
        late = [one for one in answers if one.status != 200]
        assert len(late) > 80 and {(one.status, one.headers["Retry-After"]) for one in late} == {(503, "1")}


async def test_a_connection_of_a_proxy_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next request is somebody else's."""
    monkeypatch.setattr(pacing, "LONGEST_S", -1.0)
    loopback = (ip_network("127.0.0.0/8"),)
    async with open_front(replace(SLOW, trusted_proxies=loopback), steady=lambda: 1000.0) as front:
        host, port = front.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        async with asyncio.timeout(20):
            for client in range(3):
                writer.write(f"GET /health HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.{client}\r\n\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                assert " 429 " in head and "connection:" not in head and "retry-after:" in head
                length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
                await reader.readexactly(int(length.partition(":")[2]))
        writer.close()


async def test_the_log_tells_of_refusals_once_a_minute_and_names_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pacing, "LONGEST_S", -1.0)
    now = 1000.0
    async with open_front(SLOW, steady=lambda: now) as front:
        assert await statuses(front, "/health", 9) == [429] * 9
        now += pacing.LOG_EVERY_S
        assert await statuses(front, "/health", 1) == [429]
    lines = [one for one in caplog.records if one.getMessage().startswith("requests are refused")]
    assert [one.__dict__["requests"] for one in lines] == [1, 9]
    assert "127.0.0.1" not in str([one.__dict__ for one in lines])
