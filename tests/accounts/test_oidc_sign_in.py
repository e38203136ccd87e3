"""Sign-in with an account elsewhere, from the button to the tokens, over real HTTP with a real provider."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts.oidc.identities import account_of
from accounts.oidc.people import Person
from storage.accounts.database import Database, Work
from storage.accounts.opening import open_accounts, sqlite_url
from storage.accounts.ports import Unavailable
from storage.accounts.records import Identity
from tests.kit.identity_provider import Account, SigningKey
from tests.kit.sign_in_elsewhere import COOKIE, PUBLIC, query, sign_in_scene


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_a_person_signs_in_and_is_the_same_one_the_next_time(tmp_path: Path, algorithm: str) -> None:
    async with sign_in_scene(tmp_path, algorithm) as scene:
        first = await scene.browser().sign_in()
        assert set(first.body) == {"userId", "token", "refreshToken", "expiresIn"}
        user = await scene.user(first)
        assert (user.username, user.email, user.email_verified) == ("Ana", "ana@example.org", True)
        assert user.password_hash is None
        status, me = await scene.front.call("GET", "/users/me", token=first.body["token"])
        assert (status, me["username"]) == (200, "Ana")
        scene.provider.account = Account(email="new@example.org", name="Anna")
        assert (await scene.browser().sign_in()).body["userId"] == user.id
        assert (await scene.user(first)).email == "ana@example.org"  # `sub` is the identity, the rest is theirs here


async def test_the_request_to_the_provider_is_the_standards(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        browser = scene.browser()
        begun = await browser.begin()
        asked = query(begun.location)
        assert begun.location.startswith(f"{scene.provider.issuer}/authorize?")
        assert asked["redirect_uri"] == f"{PUBLIC}/api/v1/auth/oidc/company/callback"
        assert asked["scope"] == "openid email profile"
        assert len(asked["nonce"]) == len(asked["code_challenge"]) == 43
        cookie = begun.headers["Set-Cookie"]
        for part in (f"{COOKIE}=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"):
            assert part in cookie
        assert "Domain" not in cookie
        assert begun.headers["Cache-Control"] == "no-store"
        assert browser.cookies[COOKIE] not in begun.location
        again = query((await scene.browser().begin()).location)
        assert all(again[key] != asked[key] for key in ("state", "nonce", "code_challenge"))


async def test_the_cookie_is_gone_after_the_exchange(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        browser = scene.browser()
        assert (await browser.sign_in()).status == 200
        assert browser.cookies == {}


async def test_a_person_at_github_is_their_number(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        scene.provider.account = Account("583231")
        scene.provider.emails = [
            {"email": "old@example.org", "primary": False, "verified": True},
            {"email": "Ana@Example.org", "primary": True, "verified": True},
        ]
        answer = await scene.browser().sign_in("github")
        user = await scene.user(answer)
        assert (user.username, user.email, user.email_verified) == ("ana-on-github", "ana@example.org", True)
        found = await scene.front.accounts.store.users.by_identity("github", "583231")
        assert found is not None and found.id == user.id


async def test_an_unverified_address_at_github_is_not_kept(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        scene.provider.account = Account("1")
        scene.provider.emails = [{"email": "ana@example.org", "primary": True, "verified": False}]
        assert (await scene.user(await scene.browser().sign_in("github"))).email is None


async def test_an_account_is_joined_by_an_address_that_both_have_verified(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        person = await scene.front.register("Ana")
        scene.provider.account = Account(email=person.email)
        users = scene.front.accounts.store.users
        await users.change(person.user, lambda now: replace(now, email_verified=True))
        assert (await scene.browser().sign_in()).body["userId"] == person.user
        assert (await scene.front.login(person.email, person.password))[0] == 200


async def test_whoever_registers_with_anothers_address_keeps_nobody_out(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        stranger = await scene.front.register("Ana")  # and never sees the letter
        scene.provider.account = Account(email=stranger.email)
        owner = await scene.user(await scene.browser().sign_in())
        assert owner.id != stranger.user and owner.email is None
        assert (await scene.browser().sign_in()).body["userId"] == owner.id
        assert (await scene.front.login(stranger.email, stranger.password))[1]["userId"] == stranger.user
        assert await scene.front.accounts.store.users.identities(stranger.user) == []


async def test_an_address_that_only_we_have_verified_joins_nobody(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        person = await scene.front.register("Ana")
        users = scene.front.accounts.store.users
        await users.change(person.user, lambda now: replace(now, email_verified=True))
        scene.provider.account = Account(email=person.email, email_verified=False)
        other = await scene.user(await scene.browser().sign_in())
        assert other.id != person.user and other.email is None
        assert await users.identities(person.user) == []


async def test_one_address_is_not_taken_over_from_another_provider_that_did_not_verify_it(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        first = await scene.user(await scene.browser().sign_in())
        scene.provider.account = Account("99")
        scene.provider.emails = [{"email": "ana@example.org", "primary": True, "verified": False}]
        second = await scene.user(await scene.browser().sign_in("github"))
        assert (first.email, second.email) == ("ana@example.org", None) and first.id != second.id


async def test_names_that_are_taken_get_a_number(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        first = await scene.user(await scene.browser().sign_in())
        scene.provider.account = Account("subject-2", email=None)
        second = await scene.user(await scene.browser().sign_in())
        assert first.username == "Ana"
        assert second.username.startswith("Ana ") and second.id != first.id


async def test_two_windows_at_once_get_one_account(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        browsers = [scene.browser() for _ in range(4)]
        answers = await asyncio.gather(*(browser.sign_in() for browser in browsers))
        assert len({answer.body["userId"] for answer in answers}) == 1
        assert (await scene.front.accounts.store.users.page(10, 0))[1] == 1


async def test_a_locked_person_is_refused(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        user = await scene.user(await scene.browser().sign_in())
        browser = scene.browser()
        code = (await browser.come_back()).said["signin"]
        await scene.front.accounts.store.users.change(user.id, lambda now: replace(now, locked=True))
        late = await browser.exchange(code)
        assert (late.status, late.body["error"]["code"]) == (423, "locked")
        assert (await scene.browser().come_back()).said == {"refused": "locked"}


async def test_a_person_who_was_deleted_between_the_steps_is_refused(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        browser = scene.browser()
        code = (await browser.come_back()).said["signin"]
        user = await scene.front.accounts.store.users.by_identity("company", "subject-1")
        assert user is not None
        await scene.front.accounts.store.users.delete(user.id)
        assert (await browser.exchange(code)).status == 401


async def test_the_provider_may_take_a_new_key(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        await scene.browser().sign_in()
        scene.provider.keys.insert(0, SigningKey.new("second", "RS256"))
        # Keys are asked for again at most once in ten seconds: a stranger's token must not make us ask again and again.
        assert (await scene.browser().come_back()).said == {"refused": "unauthorized"}
        scene.steady.now += 11
        await scene.browser().sign_in()
        assert scene.provider.asked.count("/realms/tests/keys") == 2


async def test_providers_are_listed_for_the_page(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path) as scene:
        status, answer = await scene.front.call("GET", "/auth/providers")
        assert status == 200
        assert answer["providers"] == [
            {"name": "company", "label": "Our company"},
            {"name": "github", "label": "GitHub"},
        ]


async def test_what_happens_is_audited_and_the_log_holds_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with sign_in_scene(tmp_path) as scene:
        caplog.set_level(logging.INFO)
        browser = scene.browser()
        back = await browser.sent_back()
        cookie = browser.cookies[COOKIE]
        code = (await browser.ask("GET", back)).said["signin"]
        user = (await browser.exchange(code)).body["userId"]
        await browser.ask("GET", back)
        audited = [(one.event, one.outcome, one.user, dict(one.details)) for one in await scene.front.audited()]
        assert audited == [
            ("register", "ok", user, {"provider": "company"}),
            ("sign_in", "ok", user, {}),
            ("sign_in", "unauthorized", None, {"provider": "company"}),
        ]
        secrets = [
            cookie,
            code,
            query(back)["code"],
            query(back)["state"],
            scene.provider.last_id_token,
            "ana@example.org",
        ]
        said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
        assert "sign-in elsewhere refused" in said
        assert not [secret for secret in secrets if secret in said]


@pytest.mark.parametrize("writes", [0, 1, 2])
async def test_a_database_that_goes_away_leaves_no_account_that_nobody_can_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    real, left = Database.write, writes

    async def write(database: Database, work: Work[Any], **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Unavailable("away")
        return await real(database, work, **options)

    person = Person("company", "1", "ana@example.org", True, "Ana")
    async with open_accounts(sqlite_url(tmp_path / "accounts.sqlite")) as store:
        with monkeypatch.context() as patched, suppress(Unavailable):
            patched.setattr(Database, "write", write)
            await account_of(store.users, person, "en", 1)
        made, number = await store.users.page(9, 0)
        assert number == min(writes, 1)
        assert [await store.users.identities(user.id) for user in made] == [
            [Identity("company", "1", user.id)] for user in made
        ]
        user, _ = await account_of(store.users, person, "en", 2)
        assert (user.username, user.email) == ("Ana", "ana@example.org")
