"""PROTOCOL 5: the default limits. Each test needs a server of its own, with the defaults and no engines."""

from __future__ import annotations

import secrets
from contextlib import suppress

import pytest

from .calls import check_error_body, refused
from .client import Client, Refused


def _limited(refusal: Refused) -> None:
    check_error_body(refusal)
    assert (refusal.status, refusal.code) == (429, "rate_limited")
    assert int(refusal.headers["retry-after"]) >= 1


async def test_an_address_gets_thirty_guest_tokens_an_hour(fresh_server_url: str) -> None:
    async with Client(fresh_server_url) as client:
        for _ in range(30):
            await client.sign_in()
        with pytest.raises(Refused) as caught:
            await client.sign_in()
        _limited(caught.value)


async def test_a_user_creates_five_sessions_an_hour(fresh_server_url: str) -> None:
    async with Client(fresh_server_url) as client:
        await client.sign_in()
        for _ in range(5):
            await client.create("en")
        with pytest.raises(Refused) as caught:
            await client.create("en")
        _limited(caught.value)


async def test_an_address_tries_ten_wrong_codes_a_minute(fresh_server_url: str) -> None:
    async with Client(fresh_server_url) as client:
        await client.sign_in()
        for code in range(10):
            with refused(404, "session_not_found"):
                await client.join(f"{code:06d}", "en")
        with pytest.raises(Refused) as caught:
            await client.join("000010", "en")
        _limited(caught.value)


async def test_a_user_makes_a_hundred_requests_a_minute(fresh_server_url: str) -> None:
    async with Client(fresh_server_url) as client:
        await client.sign_in()
        for _ in range(99):
            await client.languages()
        with suppress(Refused):  # whether the guest token counted as one of them is not said
            await client.languages()
        with pytest.raises(Refused) as caught:
            await client.languages()
        _limited(caught.value)


async def test_an_address_tries_ten_logins_a_minute(fresh_server_url: str) -> None:
    async with Client(fresh_server_url) as client:
        for _ in range(10):
            with refused(401, "unauthorized"):
                email = f"{secrets.token_hex(6)}@example.org"
                await client.call("POST", "/auth/login", {"email": email, "password": "wrong"})
        with pytest.raises(Refused) as caught:
            await client.call("POST", "/auth/login", {"email": "a@example.org", "password": "wrong"})
        _limited(caught.value)
