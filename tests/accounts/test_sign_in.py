"""Accounts over HTTP, as somebody uses them: register, sign in, refresh, change, forget, delete."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.account_server import PASSWORD, open_account_front

pytestmark = pytest.mark.asyncio


async def test_a_person_registers_and_signs_in(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        status, answer = await server.login("  ANA@Example.COM ", PASSWORD)
        assert status == 200
        assert answer.keys() == {"userId", "token", "refreshToken", "expiresIn"}
        assert (answer["userId"], answer["expiresIn"]) == (ana.user, 900)
        status, me = await server.call("GET", "/users/me", token=answer["token"])
        assert status == 200
        assert me.pop("createdAt") == pytest.approx(server.clock.now * 1000, abs=100)
        assert me == {
            "userId": ana.user,
            "username": "Ana",
            "email": "ana@example.com",
            "emailVerified": False,
            "preferredLanguage": "es",
            "usage": {"heardSeconds": 0, "spokenSeconds": 0, "characters": 0},
        }
