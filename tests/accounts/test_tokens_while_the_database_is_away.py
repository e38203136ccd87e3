"""Access tokens while the database is away: the dead stay dead, the living live, and nothing is revoked by halves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from accounts import revoked
from accounts.accounts import Accounts
from accounts.running import run_accounts
from signaling.config import SignalingOptions
from storage.accounts.ports import AccountStore, Unavailable
from tests.kit.account_server import CHEAP, PASSWORD, Clock, Person
from tests.kit.extent import extent
from tests.kit.failing_store import FailingStore, Faults
from tests.kit.signaling_server import GENEROUS, Front, open_front

# These are about the server more than about its database, whose contract has tests of its own on both.
pytestmark = pytest.mark.parametrize("kind", extent(["sqlite"], ["sqlite", "postgresql"]))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


@dataclass
class Scene:
    front: Front
    accounts: Accounts
    faults: Faults
    clock: Clock

    async def register(self, name: str) -> Person:
        email = f"{name.lower()}@example.com"
        body = {"username": name, "email": email, "password": PASSWORD, "preferredLanguage": "es"}
        status, answer = await self.front.call("POST", "/auth/register", body)
        assert status == 201, answer
        return Person(self.front, answer["token"], answer["userId"], email, PASSWORD, answer["refreshToken"])

    async def lose_database(self) -> None:
        self.faults.away = True
        await until(lambda: self.accounts.revoked.away)

    async def find_database(self) -> None:
        self.faults.away = False
        await until(lambda: not self.accounts.revoked.away)


@asynccontextmanager
async def serving(store: AccountStore) -> AsyncIterator[Scene]:
    faults, clock = Faults(), Clock()
    async with (
        run_accounts(FailingStore(store, faults), [bytes(32)], CHEAP, wall=clock) as accounts,
        open_front(SignalingOptions(limits=GENEROUS), accounts=accounts, wall=clock) as front,
    ):
        yield Scene(front, accounts, faults, clock)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoked, "LOOK_EVERY_S", 0.01)


async def used(front: Front, token: str) -> tuple[int, int]:
    """Return the answers to a new call, and to a look at the profile."""
    made, _ = await front.call("POST", "/sessions/create", {"language": "es"}, token)
    seen, _ = await front.call("GET", "/users/me", token=token)
    return made, seen


async def test_a_revoked_token_stays_dead_and_no_other_dies(store: AccountStore) -> None:
    async with serving(store) as scene:
        ana, bo = await scene.register("Ana"), await scene.register("Bo")
        dead = ana.token
        change = {"password": {"old": PASSWORD, "new": "a short green lion"}}
        status, answer = await ana.call("PATCH", "/users/me", change)
        assert status == 200
        ana.take(answer)
        await scene.lose_database()
        for later_s in (0, 14 * 60):
            scene.clock.now += later_s
            assert await used(scene.front, dead) == (401, 401)
            for one in (ana, bo):
                assert await used(scene.front, one.token) == (201, 503), "calls need no database"
        await ana.create("es")
        await ana.open(dead)
        await ana.hear_error("unauthorized", fatal=True, close=4401)
        await scene.find_database()
        assert await used(scene.front, dead) == (401, 401)
        assert await used(scene.front, bo.token) == (201, 200)


async def test_what_another_server_revoked_meanwhile_is_known_once_it_is_back(store: AccountStore) -> None:
    async with serving(store) as scene:
        ana = await scene.register("Ana")
        await scene.lose_database()
        await store.revocations.revoke(ana.user, int(scene.clock() * 1000))  # the other server still has its connection
        assert await used(scene.front, ana.token) == (201, 503), "nobody can know it here"
        await scene.find_database()
        assert await used(scene.front, ana.token) == (401, 401)


@pytest.mark.parametrize(
    ("part", "name", "done", "left"),
    [
        ("users", "change_and_sign_out", True, True),
        ("users", "delete", False, True),
        ("users", "delete", True, False),
        ("revocations", "revoke", False, False),
    ],
)
async def test_a_deletion_that_fails_on_its_way_leaves_a_whole_account_or_none(
    store: AccountStore, monkeypatch: pytest.MonkeyPatch, part: str, name: str, done: bool, left: bool
) -> None:
    """`done`: only the database's answer is lost. `left`: the account is there afterwards."""
    async with serving(store) as scene:
        ana = await scene.register("Ana")
        signed_in_at = scene.clock.now
        act: Callable[..., Awaitable[object]] = getattr(getattr(store, part), name)

        async def failing(*arguments: object, **named: object) -> None:
            if done:
                await act(*arguments, **named)
            raise Unavailable("away")

        with monkeypatch.context() as patch:
            patch.setattr(getattr(store, part), name, failing)
            status, answer = await ana.call("DELETE", "/users/me", {"password": PASSWORD})
            assert (status, answer["error"]["code"]) == (503, "at_capacity")
        await until(lambda: scene.accounts.revoked.kills(ana.user, signed_in_at))
        assert await used(scene.front, ana.token) == (401, 401)
        status, answer = await scene.front.call("POST", "/auth/login", {"email": ana.email, "password": PASSWORD})
        assert status == (200 if left else 401)
        if left:
            ana.take(answer)
            assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 204
            assert await used(scene.front, ana.token) == (401, 401)


async def test_a_token_is_over_before_its_revocation_is_forgotten(store: AccountStore) -> None:
    async with serving(store) as scene:
        ana = await scene.register("Ana")
        await scene.accounts.profile.lock(ana.user)
        await scene.lose_database()
        scene.clock.now += revoked.LONGEST_TOKEN_S + 1
        assert await used(scene.front, ana.token) == (401, 401)
        assert len(scene.accounts.revoked) == 1
        await scene.find_database()
        assert len(scene.accounts.revoked) == 0
        assert await used(scene.front, ana.token) == (401, 401)


async def test_a_server_does_not_start_without_knowing_what_is_revoked(store: AccountStore) -> None:
    with pytest.raises(Unavailable):
        async with run_accounts(FailingStore(store, Faults(away=True)), [bytes(32)], CHEAP):
            pass
