"""PROTOCOL 1: registered accounts, their refresh tokens, and the lock on a guessed password."""

from __future__ import annotations

import secrets

from .calls import check_keys, refused
from .client import Client
from .inbox import Message

PASSWORD = "correct horse battery staple 7"


async def _register(client: Client) -> Message:
    name = "u" + secrets.token_hex(6)
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "preferredLanguage": "en"}
    reply = await client.call("POST", "/auth/register", body)
    assert reply.status == 201
    return {**reply.body, "email": body["email"]}


async def _login(client: Client, email: str, password: str = PASSWORD) -> Message:
    reply = await client.call("POST", "/auth/login", {"email": email, "password": password})
    assert reply.status == 200
    body: Message = reply.body
    return body


async def test_register_gives_both_tokens(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        account.pop("email")
        check_keys(account, "userId token refreshToken expiresIn")
        assert account["expiresIn"] == 15 * 60


async def test_registered_token_creates_a_session(server_url: str) -> None:
    async with Client(server_url) as client:
        client.token = (await _register(client))["token"]
        assert (await client.create("en"))["sessionCode"]


async def test_login_is_the_same_user(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        again = await _login(client, account["email"])
        check_keys(again, "userId token refreshToken expiresIn")
        assert again["userId"] == account["userId"]


async def test_wrong_password_is_unauthorized(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        with refused(401, "unauthorized"):
            await _login(client, account["email"], "wrong")


async def test_unknown_email_is_unauthorized_just_the_same(server_url: str) -> None:
    async with Client(server_url) as client:
        with refused(401, "unauthorized"):
            await _login(client, f"{secrets.token_hex(8)}@example.org")


async def test_refresh_rotates_the_refresh_token(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        reply = await client.call("POST", "/auth/refresh", {"refreshToken": account["refreshToken"]})
        assert reply.status == 200
        check_keys(reply.body, "userId token refreshToken expiresIn")
        assert reply.body["userId"] == account["userId"]
        assert reply.body["refreshToken"] != account["refreshToken"]


async def test_old_refresh_token_used_again_kills_the_family(server_url: str) -> None:
    async with Client(server_url) as client:
        first = (await _register(client))["refreshToken"]
        second = (await client.call("POST", "/auth/refresh", {"refreshToken": first})).body["refreshToken"]
        with refused(401, "unauthorized"):
            await client.call("POST", "/auth/refresh", {"refreshToken": first})
        with refused(401, "unauthorized"):
            await client.call("POST", "/auth/refresh", {"refreshToken": second})


async def test_access_token_is_no_refresh_token(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        with refused(401, "unauthorized"):
            await client.call("POST", "/auth/refresh", {"refreshToken": account["token"]})


async def test_refresh_token_opens_no_call(server_url: str) -> None:
    async with Client(server_url) as client:
        client.token = (await _register(client))["refreshToken"]
        with refused(401, "unauthorized"):
            await client.create("en")


async def test_logout_kills_the_refresh_token(server_url: str) -> None:
    async with Client(server_url) as client:
        account = await _register(client)
        client.token = account["token"]
        reply = await client.call("POST", "/auth/logout", {"refreshToken": account["refreshToken"]})
        assert (reply.status, reply.body) == (204, "")
        with refused(401, "unauthorized"):
            await client.call("POST", "/auth/refresh", {"refreshToken": account["refreshToken"]})


async def test_five_wrong_passwords_lock_the_account(server_url: str) -> None:
    async with Client(server_url) as client:
        email = (await _register(client))["email"]
        for _ in range(5):
            with refused(401, "unauthorized"):
                await _login(client, email, "wrong")
        with refused(423, "locked"):
            await _login(client, email)
