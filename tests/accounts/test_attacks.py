"""Attacks on accounts, tokens and codes: each is refused with its documented code, and audited."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest

from accounts.letters.link_tokens import LinkKind, LinkTokens
from signaling.config import SignalingLimits, SignalingOptions
from signaling.rate_limits import Rate
from signaling.tokens import USER, AccessClaims, ResumeClaims, Tokens
from storage.accounts.records import User
from tests.kit.account_server import PASSWORD, AccountFront, Clock, open_account_front
from tests.kit.forging import altered
from tests.kit.signaling_server import GENEROUS, Client

CALLS = [("GET", "/users/me", None), ("POST", "/sessions/create", {"language": "es"}), ("GET", "/ice-servers", None)]


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts] + [""])


async def forged(server: AccountFront, user: str, name: str) -> str:
    """Return a token that must not pass as an access token."""
    key, now = await server.front.store.signing_key(), server.clock.now
    claims = {"aud": "access", "sub": user, "name": "Ana", "kind": USER, "iat": now, "exp": int(now) + 900}
    access = AccessClaims(user, "Ana", USER)
    good = Tokens(key).issue_access(access, now)
    person = User(user, "Ana", "ana@example.com", False, "x", "es", 0)
    table = {
        "none": unsigned(claims),
        "wrong key": jwt.encode(claims, bytes(32), "HS256"),
        "another algorithm": jwt.encode(claims, key * 2, "HS512"),
        "expired": Tokens(key).issue_access(access, now - 901),
        "tampered": altered(good),
        "claims exchanged": ".".join(
            [good.split(".")[0], unsigned(claims | {"sub": "u_other"}).split(".")[1], good[-43:]]
        ),
        "oversized": "a." * 1900,
        "refresh as access": (await server.login("ana@example.com", PASSWORD))[1]["refreshToken"],
        "link as access": LinkTokens([key]).issue(LinkKind.RESET, person, now, 900),
        "link claims under our key": jwt.encode({**claims, "aud": "reset"}, key, "HS256"),
        "header injected": f"{good}, Bearer {good}",
    }
    return table[name]


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "wrong key",
        "another algorithm",
        "expired",
        "tampered",
        "claims exchanged",
        "oversized",
        "refresh as access",
        "link as access",
        "link claims under our key",
        "header injected",
    ],
)
async def test_what_is_no_access_token_is_refused_and_audited(tmp_path: Path, name: str) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        await ana.create("es")
        token = await forged(server, ana.user, name)
        for method, path, body in [*CALLS, ("GET", f"/sessions/{ana.session}", None)]:
            status, answer = await server.call(method, path, body, token)
            assert (status, answer["error"]["code"]) == (401, "unauthorized"), path
        await ana.open(token)
        await ana.hear_error("unauthorized", fatal=True, close=4401)
        refused = [one for one in await server.audited() if one.event == "token_refused"]
        assert len(refused) == 5 and {one.outcome for one in refused} == {"unauthorized"}
        assert server.counted["token_refused", "unauthorized"] == 5


async def test_a_guess_is_audited_as_one_whatever_token_comes_with_it(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        guess = {"email": ana.email, "password": "wrong password"}
        for token in (None, "x", ana.token):
            assert (await server.call("POST", "/auth/login", guess, token))[0] == 401
        assert server.counted["sign_in", "unauthorized"] == 3
        assert ("token_refused", "unauthorized") not in server.counted


async def test_a_resume_token_is_of_its_session_and_of_nothing_else(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        await ana.create("es")
        await ana.open()
        await ana.hear("session_joined")
        for method, path, body in CALLS[:2]:
            assert (await server.call(method, path, body, ana.resume_token))[0] == 401
        key = await server.front.store.signing_key()
        other = Tokens(key).issue_resume(ResumeClaims("s_other", ana.me), server.clock.now, 900)
        assert (await server.call("DELETE", f"/sessions/{ana.session}", None, other))[0] == 403
        for path in ("/auth/refresh", "/auth/logout"):
            for token in (ana.token, ana.resume_token):
                assert (await server.call("POST", path, {"refreshToken": token}))[0] == 401
        for path, body in (("/auth/verify", {}), ("/auth/reset", {"password": "a short green lion"})):
            for token in (ana.token, ana.resume_token, ana.refresh_token):
                status, answer = await server.call("POST", path, {**body, "token": token})
                assert (status, answer["error"]["details"]) == (400, {"field": "token"})
        assert (await server.login(ana.email, PASSWORD))[0] == 200


async def test_a_session_is_visible_to_its_participants_only(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana, eve, guest = await server.register("Ana"), await server.register("Eve"), await server.front.guest("Eve")
        await ana.create("es")
        path = f"/sessions/{ana.session}"
        tried = [("GET", path), ("DELETE", path), *((m, f"{path}/history") for m in ("GET", "DELETE"))]
        for who in (eve, guest):
            for method, place in [*tried, ("GET", f"{path}/transcript"), ("POST", f"{path}/whip")]:
                status, answer = await who.call(method, place)
                assert (status, answer["error"]["code"]) == (403, "forbidden"), (method, place)
            who.session, who.language = ana.session, "en"
            await who.open()
            await who.hear_error("forbidden", fatal=True, close=4401)
            mine = [one for one in await server.audited() if one.user == who.user and one.session == ana.session]
            assert sorted((one.event, one.outcome) for one in mine) == [
                ("history_delete", "forbidden"),
                ("history_read", "forbidden"),
                ("history_read", "forbidden"),
                ("session_delete", "forbidden"),
                ("session_publish", "forbidden"),
                ("session_read", "forbidden"),
            ]
        assert server.counted["session_connect", "forbidden"] == 2
        assert (await ana.call("GET", path))[0] == 200


async def test_of_two_refreshes_at_once_one_wins_and_the_family_ends(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        both = [server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}) for _ in range(2)]
        answers = sorted(await asyncio.gather(*both), key=lambda one: one[0])
        assert [status for status, _ in answers] == [200, 401]
        successor = answers[0][1]["refreshToken"]
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": successor}))[0] == 401


async def test_nobody_learns_who_has_an_account(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        dead = ana.refresh_token
        assert (await server.call("POST", "/auth/logout", {"refreshToken": dead}))[0] == 204
        key = [bytes(32)]
        known = await server.accounts.store.users.get(ana.user)
        assert known is not None
        stale = LinkTokens(key).issue(LinkKind.RESET, replace(known, password_hash="old"), server.clock.now, 900)
        nobody = LinkTokens(key).issue(LinkKind.RESET, replace(known, id="u_nobody"), server.clock.now, 900)
        new = "a short green lion"
        pairs: list[tuple[str, dict[str, str], dict[str, str]]] = [
            ("/auth/login", {"email": ana.email, "password": new}, {"email": "no@example.com", "password": new}),
            ("/auth/forgot", {"email": ana.email}, {"email": "no@example.com"}),
            ("/auth/forgot", {"email": ana.email}, {"email": "no address"}),
            ("/auth/reset", {"token": stale, "password": new}, {"token": nobody, "password": new}),
            ("/auth/reset", {"token": stale, "password": new}, {"token": "x", "password": new}),
            ("/auth/refresh", {"refreshToken": dead}, {"refreshToken": "x" * 43}),
        ]
        for path, one, other in pairs:
            assert await server.call("POST", path, one) == await server.call("POST", path, other), path


async def test_what_could_become_a_header_is_refused(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        good = {"username": "Ana", "email": "ana@example.com", "password": PASSWORD, "preferredLanguage": "es"}
        for field, value in [
            ("email", "ana@example.com\r\nBcc: eve@example.com"),
            ("email", "ana@example.com\nBcc: eve@example.com"),
            ("email", '"ana\r\n"@example.com'),
            ("email", "ana@example.com, eve@example.com"),
            ("username", "Ana\r\nBcc: eve@example.com"),
            ("username", "Ana\u202e"),
            ("username", "\u200b"),
            ("preferredLanguage", "es\r\nX: y"),
        ]:
            status, answer = await server.call("POST", "/auth/register", {**good, field: value})
            assert (status, answer["error"]["details"]) == (400, {"field": field}), value
        assert server.counted["register", "bad_request"] == 8
        assert (await server.login("ana@example.com\r\nBcc: eve@example.com", PASSWORD))[0] == 401


async def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register()
        long = "x" * 70_000
        assert (await server.call("POST", "/auth/login", {"email": ana.email, "password": long}))[0] == 413
        for body in ({"email": ana.email, "password": "x" * 1025}, {"email": "x" * 321, "password": PASSWORD}):
            assert (await server.call("POST", "/auth/login", body))[0] == 400
        assert (await server.login(ana.email, PASSWORD + "x" * 256))[0] == 401
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": "x" * 2000}))[0] == 401
        assert (await server.call("POST", "/auth/refresh", b"[" * 60_000))[0] == 400


async def test_sign_ins_of_one_address_are_limited_whatever_it_says_of_itself(tmp_path: Path) -> None:
    limits = replace(GENEROUS, logins_of_address=SignalingLimits().logins_of_address)
    async with open_account_front(tmp_path, SignalingOptions(limits=limits)) as server:
        statuses = []
        for number in range(14):
            body = {"email": f"{number}@example.com", "password": PASSWORD}
            spoofed = {"X-Forwarded-For": f"192.0.2.{number}"}
            status, _ = await server.front.call("POST", "/auth/login", body, **spoofed)
            statuses.append(status)
        assert statuses == [401] * 10 + [429] * 4
        assert server.counted["sign_in", "rate_limited"] == 4


async def test_changes_of_a_password_and_deletions_count_as_sign_ins_of_one_address(tmp_path: Path) -> None:
    limits = replace(GENEROUS, logins_of_address=Rate(3, 60))
    async with open_account_front(tmp_path, SignalingOptions(limits=limits)) as server:
        ana = await server.register("Ana")
        wrong = {"password": {"old": "wrong password", "new": "a short green lion"}}
        assert (await ana.call("PATCH", "/users/me", wrong))[0] == 403
        assert (await ana.call("DELETE", "/users/me", {"password": "wrong password"}))[0] == 403
        assert (await server.login(ana.email, "wrong password"))[0] == 401
        for method, body in (("PATCH", wrong), ("DELETE", {"password": PASSWORD})):
            status, answer = await ana.call(method, "/users/me", body)
            assert (status, answer["error"]["code"]) == (429, "rate_limited"), method
        assert (await ana.call("PATCH", "/users/me", {"username": "Ana María"}))[0] == 200, "no password is looked at"
        assert server.counted["password_change", "rate_limited"] == server.counted["user_delete", "rate_limited"] == 1


async def test_refreshes_of_one_address_are_limited_and_the_token_stays_good(tmp_path: Path) -> None:
    limits, now = replace(GENEROUS, refreshes_of_address=SignalingLimits().refreshes_of_address), 0.0
    async with open_account_front(tmp_path, SignalingOptions(limits=limits), steady=lambda: now) as server:
        ana = await server.register()
        for _ in range(60):
            status, answer = await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token})
            assert status == 200
            ana.take(answer)
        status, answer = await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token})
        assert (status, answer["error"]["code"]) == (429, "rate_limited")
        assert len([one for one in await server.audited() if (one.event, one.outcome) == ("refresh", "ok")]) == 60
        now = 61.0
        assert (await server.call("POST", "/auth/refresh", {"refreshToken": ana.refresh_token}))[0] == 200


async def test_of_a_hundred_who_join_at_once_exactly_one_wins(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        await ana.create("es")
        many = [await server.front.guest() for _ in range(100)]

        async def join(one: Client) -> int:
            body = {"sessionCode": ana.code, "language": "en"}
            return (await one.call("POST", "/sessions/join", body))[0]

        statuses = await asyncio.gather(*map(join, many))
        assert sorted(statuses) == [200] + [409] * 99


async def test_a_thousand_guesses_of_codes_from_one_address_are_stopped(tmp_path: Path) -> None:
    limits = replace(GENEROUS, wrong_codes_of_address=SignalingLimits().wrong_codes_of_address)
    async with open_account_front(tmp_path, SignalingOptions(limits=limits)) as server:
        ana, eve = await server.register("Ana"), await server.register("Eve")
        await ana.create("es")
        wrong = [f"{number:06d}" for number in range(1000) if f"{number:06d}" != ana.code]

        async def guess(code: str) -> int:
            return (await eve.call("POST", "/sessions/join", {"sessionCode": code, "language": "en"}))[0]

        statuses = [
            status for at in range(0, 1000, 50) for status in await asyncio.gather(*map(guess, wrong[at : at + 50]))
        ]
        assert (statuses.count(404), statuses.count(429)) == (10, len(wrong) - 10)
        assert await guess(ana.code) == 429, "not even the right one is looked at"
        assert server.counted["session_join", "rate_limited"] == len(wrong) - 9
        kept = [one for one in await server.audited() if one.event == "session_join"]
        assert len(kept) == 30, "a flood does not fill the audit log"


async def test_a_flood_of_refused_histories_does_not_fill_the_audit_log(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        eve, nothing = await server.register("Eve"), f"/sessions/s_{'0' * 32}"
        for _ in range(20):
            assert (await eve.call("GET", f"{nothing}/history"))[0] == 404
            assert (await eve.call("DELETE", f"{nothing}/history"))[0] == 404
        assert server.counted["history_read", "session_not_found"] == 20
        assert server.counted["history_delete", "session_not_found"] == 20
        assert len([one for one in await server.audited() if one.outcome == "session_not_found"]) == 30


async def test_the_audit_log_holds_no_address_password_or_token(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        ana = await server.register("Ana")
        await server.login(ana.email, "wrong password")
        await server.login("nobody@example.com", PASSWORD)
        await ana.create("es")
        text = repr(await server.audited())
        for secret in ("example.com", "Ana", PASSWORD, ana.token, ana.refresh_token, ana.code):
            assert secret not in text
        assert [(one.event, one.outcome) for one in await server.audited()] == [
            ("register", "ok"),
            ("sign_in", "unauthorized"),
            ("sign_in", "unauthorized"),
            ("session_create", "ok"),
        ]
        assert {one.client for one in await server.audited()} == {"127.0.0.1"}


async def test_the_audit_log_holds_nothing_that_a_client_wrote_into_a_path(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        eve = await server.register("Eve")
        tried = "%C2%9B2J", "%1B%5B2J", f"s_{'0' * 31}x", f"s_{'0' * 33}", f"s_{'0' * 32}"
        for session in tried:
            for path in (f"/sessions/{session}", f"/sessions/{session}/history"):
                assert (await eve.call("GET", path))[0] == 404
        sessions = [one.session for one in await server.audited() if one.outcome == "session_not_found"]
        assert sessions == [None] * 8 + [tried[-1]] * 2


async def test_guests_have_no_account(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        guest = await server.front.guest("Ana")
        for method, body in (("GET", None), ("PATCH", {"username": "Bo"}), ("DELETE", {"password": PASSWORD})):
            status, answer = await guest.call(method, "/users/me", body)
            assert (status, answer["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("fraction", [0.0, 0.0004, 0.0005, 0.1237, 0.9999])
async def test_a_dead_token_and_a_new_one_of_the_same_instant_are_told_apart(tmp_path: Path, fraction: float) -> None:
    class Still(Clock):
        def __call__(self) -> float:
            return self.now

    # Within a millisecond: tokens have whole ones.
    async with open_account_front(tmp_path, clock=Still(1_800_000_000.0 + fraction)) as server:
        ana = await server.register()
        change = {"password": {"old": PASSWORD, "new": "a short green lion"}}
        status, answer = await ana.call("PATCH", "/users/me", change)
        assert status == 200
        assert (await ana.call("GET", "/users/me"))[0] == 401
        assert (await server.call("GET", "/users/me", token=answer["token"]))[0] == 200
