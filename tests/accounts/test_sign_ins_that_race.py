"""Sign-ins on their way while the person gets a new password, is locked or deleted: none of them outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts.passwords.hashing import PasswordHashing
from accounts.refresh_tokens import RefreshTokens
from accounts.sign_in import SignIn
from storage.accounts.database import Database, Work
from storage.accounts.ports import Unavailable
from storage.accounts.records import User
from tests.kit.account_server import CHEAP, PASSWORD, AccountFront, Person, open_account_front

NEW = "a short green lion"


async def replaces(server: AccountFront, ana: Person) -> None:
    status, answer = await ana.call("PATCH", "/users/me", {"password": {"old": PASSWORD, "new": NEW}})
    assert status == 200
    ana.take(answer)


async def is_locked(server: AccountFront, ana: Person) -> None:
    await server.accounts.profile.lock(ana.user)


async def deletes(server: AccountFront, ana: Person) -> None:
    assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 204


class Held:
    """The first call of a method, held before or after its work until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, where: str) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        real = getattr(RefreshTokens, name)

        async def held(tokens: RefreshTokens, *arguments: Any) -> Any:
            first = not self.reached.is_set()
            if first and where == "before":
                await self._wait()
            result = await real(tokens, *arguments)
            if first and where == "after":
                await self._wait()
            return result

        monkeypatch.setattr(RefreshTokens, name, held)

    async def _wait(self) -> None:
        self.reached.set()
        await self.go_on.wait()


async def outlived(server: AccountFront, status: int, answer: Any) -> list[str]:
    """Return what of an answer is of use to somebody."""
    if status != 200:
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
        return []
    created, _ = await server.call("POST", "/sessions/create", {"language": "es"}, answer["token"])
    refreshed, _ = await server.call("POST", "/auth/refresh", {"refreshToken": answer["refreshToken"]})
    return [name for name, got in (("access", created), ("refresh", refreshed)) if got != 401]


@pytest.mark.parametrize("ends", [replaces, is_locked, deletes])
@pytest.mark.parametrize(("way", "where"), [("begin", "before"), ("begin", "after"), ("rotate", "after")])
async def test_a_sign_in_on_its_way_ends_with_all_others(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    where: str,
    ends: Callable[[AccountFront, Person], Awaitable[None]],
) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        _, other = await server.login(ana.email, PASSWORD)
        held = Held(monkeypatch, way, where)
        if way == "begin":
            thief = asyncio.ensure_future(server.login(ana.email, PASSWORD))
        else:
            thief = asyncio.ensure_future(server.call("POST", "/auth/refresh", {"refreshToken": other["refreshToken"]}))
        await held.reached.wait()
        await ends(server, ana)
        held.go_on.set()
        assert await outlived(server, *await thief) == []
        if ends is replaces:
            assert (await ana.call("GET", "/users/me"))[0] == 200, "who set the password is signed in"
            assert (await server.login(ana.email, NEW))[0] == 200


async def test_a_sign_in_while_an_account_is_being_deleted_ends_with_it(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        answers = []

        async def meanwhile() -> None:
            answers.append(await server.login(ana.email, PASSWORD))

        await server.accounts.profile.delete(ana.user, PASSWORD, meanwhile)
        assert answers[0][0] == 200
        assert await outlived(server, *answers[0]) == []


async def test_a_password_that_is_replaced_while_it_is_hashed_anew_signs_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
    dearer = replace(CHEAP, hashing=replace(CHEAP.hashing, passes=2))
    async with open_account_front(tmp_path, options=dearer) as server:
        users, real = server.accounts.store.users, PasswordHashing.hash

        async def slow(hashing: PasswordHashing, password: str) -> str:
            new = await real(hashing, NEW)
            await users.change(ana.user, lambda now: replace(now, password_hash=new))
            return await real(hashing, password)

        with monkeypatch.context() as patched:
            patched.setattr(PasswordHashing, "hash", slow)
            assert (await server.login(ana.email, PASSWORD))[0] == 401
        assert (await server.login(ana.email, NEW))[0] == 200


@pytest.mark.parametrize("second", ["PATCH", "DELETE"])
async def test_what_an_old_password_confirmed_is_not_done_after_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        thief = Person(ana.front, ana.token, ana.user)
        confirmed, go_on = asyncio.Event(), asyncio.Event()
        real = SignIn.confirm

        async def confirm(sign_in: SignIn, user: User, password: str) -> None:
            first = not confirmed.is_set()
            await real(sign_in, user, password)
            if first:
                confirmed.set()
                await go_on.wait()

        monkeypatch.setattr(SignIn, "confirm", confirm)
        bodies = {
            "PATCH": {"password": {"old": PASSWORD, "new": "the thief is here"}},
            "DELETE": {"password": PASSWORD},
        }
        late = asyncio.ensure_future(thief.call(second, "/users/me", bodies[second]))
        await confirmed.wait()
        await replaces(server, ana)
        go_on.set()
        assert (await late)[0] == 403
        assert (await server.login(ana.email, NEW))[0] == 200
        assert (await ana.call("GET", "/users/me"))[0] == 200


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
async def test_a_new_password_that_the_database_cuts_short_is_whole_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The database is away after a number of transactions: old sign-ins live only as long as the old password."""
    monkeypatch.setattr("accounts.audit.RETRY_S", 0.01)
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        _, other = await server.login(ana.email, PASSWORD)
        await server.audited()
        real, left = Database.write, writes

        async def write(database: Database, work: Work[Any], **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Unavailable("away")
            return await real(database, work, **options)

        with monkeypatch.context() as patched:
            patched.setattr(Database, "write", write)
            change = {"password": {"old": PASSWORD, "new": NEW}}
            assert (await ana.call("PATCH", "/users/me", change))[0] in (200, 503)
        statuses = [(await server.login(ana.email, password))[0] for password in (NEW, PASSWORD)]
        alive = await outlived(server, 200, other)
        assert (statuses, alive) in [([200, 401], []), ([401, 200], ["access", "refresh"])]


async def test_a_refresh_token_is_not_used_up_by_an_exchange_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exchange is one transaction: nothing that could fail comes after it."""
    monkeypatch.setattr("accounts.audit.RETRY_S", 0.01)
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")

        async def away(database: Database, work: Work[Any], **options: Any) -> Any:
            raise Unavailable("away")

        for method, status in (("write", 503), ("read", 200)):
            with monkeypatch.context() as patched:
                patched.setattr(Database, method, away)
                answered, answer = await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token})
                assert answered == status, method
        ana.take(answer)
        assert (await ana.call("GET", "/users/me"))[1]["username"] == "Ana"
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 200


async def test_a_clock_that_was_set_back_keeps_no_token_alive(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        server.clock.now -= 3600
        change = {"password": {"old": PASSWORD, "new": "a short green lion"}}
        status, answer = await ana.call("PATCH", "/users/me", change)
        assert status == 200
        assert (await ana.call("GET", "/users/me"))[0] == 401
        ana.take(answer)
        assert (await ana.call("GET", "/users/me"))[0] == 200
        assert (await ana.call("DELETE", "/users/me", {"password": "a short green lion"}))[0] == 204
        assert (await ana.call("GET", "/ice-servers"))[0] == 401
