"""Accounts over HTTP, as somebody uses them: register, sign in, refresh, change, forget, delete."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from accounts.options import AccountOptions, HashingOptions
from accounts.passwords.hashing import PasswordHashing
from accounts.refusals import Busy
from tests.kit.account_server import CHEAP, PASSWORD, Clock, open_account_front
from tests.kit.moved_clock import until


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


async def test_a_refresh_token_is_exchanged_once_and_a_second_time_ends_its_family(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        first = ana.refresh_token
        status, answer = await server.call("POST", "/auth/refresh", {"refreshToken": first})
        assert (status, answer["userId"]) == (200, ana.user)
        status, newest = await server.call("POST", "/auth/refresh", {"refreshToken": answer["refreshToken"]})
        assert status == 200
        for dead in (first, newest["refreshToken"]):
            status, refused = await server.call("POST", "/auth/refresh", {"refreshToken": dead})
            assert (status, refused["error"]["code"]) == (401, "unauthorized")
        assert await server.last_audited() == ("refresh", "unauthorized", None)
        assert [one.user for one in await server.audited() if one.outcome == "unauthorized"] == [ana.user, None]


async def test_signing_out_ends_this_sign_in_and_no_other(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        _, other = await server.login(ana.email, PASSWORD)
        assert await server.call("POST", "/auth/logout", {"refreshToken": ana.refresh_token}) == (204, None)
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 401
        assert (await server.call("POST", "/auth/logout", {"refreshToken": ana.refresh_token}))[0] == 401
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": other["refreshToken"]}))[0] == 200


async def test_a_name_and_an_address_belong_to_one_person(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        await server.register("Ana")
        for name, email, field in (("Bo", "ANA@example.com", "email"), ("ＡＮＡ", "bo@example.com", "username")):
            body = {"username": name, "email": email, "password": PASSWORD, "preferredLanguage": "es"}
            status, answer = await server.call("POST", "/auth/register", body)
            assert (status, answer["error"]["code"], answer["error"]["details"]) == (
                409,
                "already_taken",
                {"field": field},
            )
        bo = await server.register("Bo")
        status, answer = await bo.call("PATCH", "/users/me", {"username": "ana"})
        assert (status, answer["error"]["details"]) == (409, {"field": "username"})


async def test_five_wrong_passwords_lock_an_address_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        await server.register("Ana")
        seen = {}
        for email in ("ana@example.com", "nobody@example.com"):
            answers = [await server.login(email, f"wrong password {number}") for number in range(6)]
            answers += [await server.login(email, PASSWORD)]
            assert [status for status, _ in answers] == [401] * 5 + [423] * 2
            seen[email] = answers
            server.clock.now += 1
        assert seen["ana@example.com"] == seen["nobody@example.com"], "an unknown address gets the same answers"
        server.clock.now += 15 * 60
        assert (await server.login("ana@example.com", PASSWORD))[0] == 200
        assert (await server.login("nobody@example.com", PASSWORD))[0] == 401


async def test_wrong_passwords_are_forgotten_by_the_right_one(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        await server.register("Ana")
        for password in ["wrong password"] * 4 + [PASSWORD] + ["wrong password"] * 4 + [PASSWORD]:
            status, _ = await server.login("ana@example.com", password)
            assert status == (200 if password == PASSWORD else 401)


async def test_wrong_passwords_at_once_are_all_counted(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        await server.register("Ana")
        guesses = (server.login("ana@example.com", f"wrong password {number}") for number in range(40))
        statuses = [status for status, _ in await asyncio.gather(*guesses)]
        assert (statuses.count(401), statuses.count(423)) == (5, 35)


async def test_a_new_password_ends_every_other_sign_in(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        _, other = await server.login(ana.email, PASSWORD)
        change = {"username": "Ana María", "preferredLanguage": "en", "password": {"old": PASSWORD, "new": "x" * 7}}
        status, answer = await ana.call("PATCH", "/users/me", change)
        assert (status, answer["error"]["details"]) == (400, {"field": "password.new"})
        assert (await ana.call("GET", "/users/me"))[1]["username"] == "Ana", "all is changed, or nothing"
        change["password"] = {"old": PASSWORD, "new": "a short green lion"}
        status, answer = await ana.call("PATCH", "/users/me", change)
        assert (status, answer["username"], answer["preferredLanguage"]) == (200, "Ana María", "en")
        for token in (ana.token, other["token"]):
            assert (await server.call("GET", "/users/me", token=token))[0] == 401
        for token in (ana.refresh_token, other["refreshToken"]):
            assert (await server.call("POST", "/auth/refresh", {"refreshToken": token}))[0] == 401
        ana.take(answer)
        assert (await ana.call("GET", "/users/me"))[0] == 200
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 200
        assert (await server.login(ana.email, PASSWORD))[0] == 401
        assert (await server.login(ana.email, "a short green lion"))[0] == 200


async def test_a_wrong_old_password_is_forbidden_and_counts(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        wrong = {"password": {"old": "wrong password", "new": "a short green lion"}}
        for _ in range(5):
            status, answer = await ana.call("PATCH", "/users/me", wrong)
            assert (status, answer["error"]["details"]) == (403, {"field": "password.old"})
        assert (await ana.call("PATCH", "/users/me", wrong))[0] == 423
        assert await server.last_audited() == ("password_change", "locked", ana.user)
        assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 423
        assert (await server.login(ana.email, PASSWORD))[0] == 200, "a sign-in has its own count"
        server.clock.now += 14 * 60
        _, answer = await server.login(ana.email, PASSWORD)
        ana.take(answer)
        server.clock.now += 60
        assert (await ana.call("DELETE", "/users/me", {"password": PASSWORD}))[0] == 204


async def test_a_stranger_who_guesses_does_not_keep_a_signed_in_person_from_a_new_password(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        for name in (ana.email, ana.user, f"confirm:{ana.user}"):
            assert [(await server.login(name, "wrong password"))[0] for _ in range(6)] == [401] * 5 + [423]
        new = "a short green lion"
        status, answer = await ana.call("PATCH", "/users/me", {"password": {"old": PASSWORD, "new": new}})
        assert status == 200
        ana.take(answer)
        assert (await server.login(ana.email, new))[0] == 423, "for strangers the address stays locked"
        assert (await ana.call("DELETE", "/users/me", {"password": new}))[0] == 204


async def test_deleting_an_account_ends_its_calls_and_its_tokens(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana, bo = await server.register("Ana"), await server.register("Bo")
        await ana.create("es")
        await bo.join(ana.code, "en")
        for one in (ana, bo):
            await one.open()
            await one.hear("session_joined")
        await ana.hear("session_paired")
        status, answer = await ana.call("DELETE", "/users/me", {"password": "wrong password"})
        assert (status, answer["error"]["code"], answer["error"]["details"]) == (
            403,
            "forbidden",
            {"field": "password"},
        )
        await ana.quiet()
        assert await ana.call("DELETE", "/users/me", {"password": PASSWORD}) == (204, None)
        for one in (ana, bo):
            assert (await one.hear("session_ended"))["reason"] == "deleted"
            assert await one.next() == 1000
        status, answer = await ana.call("GET", "/users/me")
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 401
        assert (await ana.call("POST", "/sessions/create", {"language": "es"}))[0] == 401
        assert (await server.login(ana.email, PASSWORD))[0] == 401
        assert (await bo.call("GET", "/users/me"))[0] == 200
        again = await server.register("Ana")
        assert again.user != ana.user
        assert ("user_delete", "ok", ana.user) in [(one.event, one.outcome, one.user) for one in await server.audited()]


async def test_a_revocation_outlives_the_server(tmp_path: Path) -> None:
    clock = Clock()
    async with open_account_front(tmp_path, clock=clock) as server:
        ana = await server.register()
        await ana.call("DELETE", "/users/me", {"password": PASSWORD})
    async with open_account_front(tmp_path, clock=clock) as server:
        for token in (ana.token,):
            assert (await server.call("GET", "/users/me", token=token))[0] == 401
            assert (await server.call("POST", "/sessions/create", {"language": "es"}, token))[0] == 401


async def test_another_server_of_the_same_database_learns_of_a_revocation(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        await server.accounts.store.revocations.revoke(ana.user, int(server.clock.now * 1000) + 1)
        assert (await ana.call("GET", "/users/me"))[0] == 200
        await server.accounts.revoked.load()
        assert (await ana.call("GET", "/users/me"))[0] == 401


async def test_a_locked_account_says_so_to_its_owner_only(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        users = server.accounts.store.users
        await users.change(ana.user, lambda now: replace(now, locked=True))
        assert (await server.login(ana.email, "wrong password"))[0] == 401
        status, answer = await server.login(ana.email, PASSWORD)
        assert (status, answer["error"]["code"]) == (423, "locked")
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 401


async def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        before = await server.accounts.store.users.get(ana.user)
    dearer = replace(CHEAP, hashing=replace(CHEAP.hashing, passes=2))
    async with open_account_front(tmp_path, options=dearer) as server:
        assert (await server.login(ana.email, PASSWORD))[0] == 200
        after = await server.accounts.store.users.get(ana.user)
        assert before and after and before.password_hash and after.password_hash
        assert ",t=1," in before.password_hash and ",t=2," in after.password_hash
        assert replace(after, password_hash=before.password_hash) == before
        assert (await server.login(ana.email, PASSWORD))[0] == 200


async def test_real_parameters_are_argon2id_of_64_mib(tmp_path: Path) -> None:
    hashing = PasswordHashing(AccountOptions().hashing)
    hashed = await hashing.hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert await hashing.verify(hashed, PASSWORD) and not await hashing.verify(hashed, PASSWORD + " ")
    hashing.close()


async def test_too_many_passwords_at_once_are_refused_and_not_piled_up() -> None:
    hashing = PasswordHashing(HashingOptions(memory_kib=8, passes=1, threads=1, most_waiting=3))
    release = threading.Event()
    waiting = [asyncio.ensure_future(hashing.run(release.wait)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await hashing.hash(PASSWORD)
    waiting.pop().cancel()
    await asyncio.sleep(0)
    with pytest.raises(Busy):  # who hangs up does not shorten the line
        await hashing.hash(PASSWORD)
    release.set()
    await asyncio.gather(*waiting)
    await until(lambda: repr(hashing) == "<PasswordHashing, 0 in hand>")
    assert await hashing.hash(PASSWORD)
    hashing.close()
