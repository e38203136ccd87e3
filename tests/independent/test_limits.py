"""docs/protocol.md, 5: the default limits, on one server of their own, with the defaults and no engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from tests.kit.server_process import Server

from .calls import check_error_body, refused
from .client import Client, Refused

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


@dataclass
class Address:
    """The answers to one address: guest tokens until a refusal, and that refusal."""

    url: str
    given: int
    tokens: list[str]
    refusal: Refused

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[Client]:
        """A user whom no other test has used."""
        async with Client(self.url) as client:
            client.token = self.tokens.pop()
            yield client


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A fresh server, and all the guest tokens that it gives."""

    async def take(url: str) -> Address:
        tokens: list[str] = []
        async with Client(url) as client:
            while len(tokens) < 40:
                try:
                    tokens.append((await client.sign_in())["token"])
                except Refused as refusal:
                    return Address(url, len(tokens), tokens, refusal)
        raise AssertionError("40 guest tokens, and no end")

    with Server(tmp_path_factory.mktemp("limited"), DRAGOMAN_MODELS="scripted") as server:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            taken = runner.run(take(server.url))
        yield taken


def _limited(refusal: Refused) -> None:
    check_error_body(refusal)
    assert (refusal.status, refusal.code) == (429, "rate_limited")
    assert int(refusal.headers["retry-after"]) >= 1


def test_an_address_gets_thirty_guest_tokens_an_hour(address: Address) -> None:
    assert address.given == 30
    _limited(address.refusal)


async def test_a_user_creates_five_sessions_an_hour(address: Address) -> None:
    async with address.guest() as client:
        for _ in range(5):
            await client.create("en")
        with pytest.raises(Refused) as caught:
            await client.create("en")
        _limited(caught.value)


async def test_an_address_tries_ten_wrong_codes_a_minute(address: Address) -> None:
    async with address.guest() as client:
        for code in range(10):
            with refused(404, "session_not_found"):
                await client.join(f"{code:06d}", "en")
        with pytest.raises(Refused) as caught:
            await client.join("000010", "en")
        _limited(caught.value)


async def test_a_user_makes_a_hundred_requests_a_minute(address: Address) -> None:
    async with address.guest() as client:
        for _ in range(99):
            await client.languages()
        with suppress(Refused):  # whether the guest token counted as one of them is not said
            await client.languages()
        with pytest.raises(Refused) as caught:
            await client.languages()
        _limited(caught.value)
