"""Two clients in one call, and the shapes that the protocol gives to what they get."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from .client import Client, Refused, Signal
from .inbox import Message

_CODES = """
bad_request unknown_type too_large unauthorized forbidden not_found session_not_found session_full
session_ended own_session not_admitted unsupported_language unsupported_pair bad_sdp no_audio taken_over
rate_limited locked at_capacity gap engine_failed internal
"""
CODES = frozenset(_CODES.split())


@asynccontextmanager
async def guest(url: str, name: str = "Guest") -> AsyncIterator[Client]:
    """A client with a guest token."""
    async with Client(url) as client:
        await client.sign_in(name)
        yield client


@asynccontextmanager
async def pair(url: str, first: str = "en", second: str = "es") -> AsyncIterator[tuple[Client, Client]]:
    """Ana has created a session in the first language, Ben has joined it in the second; no sockets yet."""
    async with guest(url, "Ana") as ana, guest(url, "Ben") as ben:
        await ana.create(first)
        await ben.join(ana.session_code, second)
        yield ana, ben


@asynccontextmanager
async def connected(url: str, first: str = "en", second: str = "es") -> AsyncIterator[tuple[Client, Client]]:
    """Return a `pair` of which both have joined on their sockets."""
    async with pair(url, first, second) as (ana, ben):
        await ana.connect()
        await ben.connect()
        await ana.signal.inbox.wait_for("session_paired")
        yield ana, ben


@asynccontextmanager
async def call(
    url: str, first: str = "en", second: str = "es", *, lines: tuple[int, int] = (2, 2)
) -> AsyncIterator[tuple[Client, Client]]:
    """Return a `connected` pair whose media is up, with `lines` each."""
    async with connected(url, first, second) as (ana, ben):
        await ana.offer(lines=lines[0])
        await ben.offer(lines=lines[1])
        await ana.signal.inbox.wait_for("partner_connected", timeout=15)
        yield ana, ben


@contextmanager
def refused(status: int, code: str) -> Iterator[None]:
    """The block is refused with this status and code, in the protocol's error shape."""
    with pytest.raises(Refused) as caught:
        yield
    check_error_body(caught.value)
    assert (caught.value.status, caught.value.code) == (status, code)


def check_error_body(error: Refused) -> None:
    assert set(error.body) == {"error"}, error.body
    assert {"code", "message"} <= set(error.body["error"]) <= {"code", "message", "details"}
    assert isinstance(error.body["error"]["message"], str)
    assert error.code in CODES


async def refused_on(signal: Signal, *codes: str, fatal: bool | None = None) -> Message:
    """The first `error` of this socket, which must have one of these codes."""
    error = await signal.inbox.wait_for("error")
    check_keys(error, "type code message fatal")
    assert error["code"] in codes
    assert isinstance(error["fatal"], bool)
    assert fatal is None or error["fatal"] is fatal
    return error


async def answers(signal: Signal) -> None:
    """The socket is still usable: it answers a heartbeat."""
    number = len(signal.inbox.received)
    await signal.send("heartbeat", id=number)
    await signal.inbox.wait_for("heartbeat", id=number)


def check_keys(value: Message, required: str, optional: str = "") -> None:
    """`value` has all of these keys, and none but these; both are lists with spaces between."""
    must, may = set(required.split()), set(optional.split())
    assert must <= set(value), f"missing {must - set(value)} in {value}"
    assert set(value) <= must | may, f"unexpected {set(value) - must - may} in {value}"


def check_number(value: Any, *, null: bool = False) -> None:
    assert (null and value is None) or (isinstance(value, int | float) and not isinstance(value, bool)), value


def check_metrics(metrics: Message) -> None:
    """The metrics of an ended session: counts, and percentiles that are null where nothing was spoken."""
    check_keys(metrics, "durationMs utterances spoken failed firstAudioMs", "quality")
    check_keys(metrics["firstAudioMs"], "p50 p95")
    assert metrics["durationMs"] >= 0
    for count in ("utterances", "spoken", "failed"):
        assert isinstance(metrics[count], int)
        assert metrics[count] >= 0
    assert metrics["spoken"] + metrics["failed"] <= metrics["utterances"]
    for percentile in metrics["firstAudioMs"].values():
        check_number(percentile, null=True)


def check_ice_servers(servers: Any) -> None:
    assert isinstance(servers, list)
    for server in servers:
        check_keys(server, "urls", "username credential")
        urls = [server["urls"]] if isinstance(server["urls"], str) else server["urls"]
        assert urls and all(url.partition(":")[0] in {"stun", "stuns", "turn", "turns"} for url in urls)
        if any(url.startswith("turn") for url in urls):
            assert server["username"] and server["credential"]
