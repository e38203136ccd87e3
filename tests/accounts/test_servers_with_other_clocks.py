"""Two servers of one database whose clocks differ: a new password ends the sign-ins at both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import jwt
import pytest

from accounts.running import run_accounts
from signaling.config import SignalingOptions
from storage.accounts.ports import AccountStore
from storage.accounts.records import User
from tests.kit.account_server import CHEAP, PASSWORD, AccountFront, Clock, Person
from tests.kit.extent import extent
from tests.kit.signaling_server import GENEROUS, open_front

ANA = User("u_ana", "Ana", "ana@example.org", True, "a hash", "es", 1)
NOW = Clock().now


@asynccontextmanager
async def serving(store: AccountStore, ahead_s: float) -> AsyncIterator[AccountFront]:
    """Serve the accounts of `store` by a clock of its own."""
    clock = Clock(NOW + ahead_s)
    async with (
        run_accounts(store, [bytes(32)], CHEAP, wall=clock) as accounts,
        open_front(SignalingOptions(limits=GENEROUS), accounts=accounts, wall=clock) as front,
    ):
        yield AccountFront(front, accounts, clock)


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_the_sign_in_that_a_server_ahead_has_seen_is_revoked(store: AccountStore) -> None:
    await store.users.add(ANA)

    async def revoked(now: int) -> int:
        changed = await store.users.change_and_sign_out(ANA.id, lambda user: user, lambda: now)
        assert changed is not None
        assert await store.revocations.since(0) == {ANA.id: changed[1]}
        return changed[1]

    assert await revoked(100) == 100
    assert await store.families.begin("f_1", ANA, b"one", 5000, 90_000)
    assert await store.families.begin("f_2", ANA, b"other", 4000, 90_000)
    assert await store.families.rotate(b"other", b"next", 7000, 90_000) is not None
    assert await revoked(200) == 7001
    assert await revoked(300) == 7002, "a token of after the last one is dated 7002"
    assert await revoked(9000) == 9000
    await store.users.add(replace(ANA, id="u_bo", username="Bo", email=None))
    assert await store.families.begin("f_3", replace(ANA, id="u_bo"), b"theirs", 50_000, 90_000)
    assert await revoked(9001) == 9001, "somebody else's sign-in"


@pytest.mark.parametrize("kind", extent(["sqlite"], ["sqlite", "postgresql"]))
@pytest.mark.parametrize("ahead_s", [30.0, -30.0, 86_400.0])
async def test_a_new_password_kills_the_tokens_of_a_server_with_another_clock(
    store: AccountStore, ahead_s: float
) -> None:
    async with serving(store, ahead_s) as other:
        ana = await other.register("Ana")
    async with serving(store, 0) as here:
        status, answer = await here.login(ana.email, PASSWORD)
        assert status == 200
        mine = Person(here.front, answer["token"], ana.user, ana.email)
        change = {"password": {"old": PASSWORD, "new": "a short green lion"}}
        status, fresh = await mine.call("PATCH", "/users/me", change)
        assert status == 200
        for token, dead in ((ana.token, True), (answer["token"], True), (fresh["token"], False)):
            assert here.accounts.revoked.kills(ana.user, claims(token)["iat"]) is dead
        for token, expected in ((mine.token, 401), (fresh["token"], 200)):
            assert (await here.call("GET", "/users/me", token=token))[0] == expected
        assert claims(fresh["token"])["exp"] <= here.clock.now + 15 * 60, "it is over by this server's clock"
    async with serving(store, ahead_s) as other:
        for token, dead in ((ana.token, True), (answer["token"], True), (fresh["token"], False)):
            assert other.accounts.revoked.kills(ana.user, claims(token)["iat"]) is dead
