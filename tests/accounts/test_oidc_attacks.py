"""Attacks on the sign-in elsewhere: each is refused, told to the page or by its code, and signs nobody in."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.oidc.elsewhere import LONGEST_S
from signaling.rate_limits import Rate
from storage.accounts.ports import Unavailable
from tests.kit.forging import altered
from tests.kit.identity_provider import CLIENT, SECRET, Account, IdentityProvider, SigningKey, b64, unsigned
from tests.kit.moved_clock import MovedClock, until
from tests.kit.sign_in_elsewhere import COOKIE, PUBLIC, Answered, Scene, query, sign_in_scene
from tests.kit.signaling_server import GENEROUS

UNPROVEN = {"refused": "unauthorized"}
FAILED = {"refused": "provider_failed"}
REALM = "/realms/tests"

Claims = dict[str, Any]


@asynccontextmanager
async def attacked(tmp_path: Path, **options: Any) -> AsyncIterator[Scene]:
    """A scene in which at most one person has an account and was signed in at the end: the rightful one."""
    async with sign_in_scene(tmp_path, **options) as opened:
        yield opened
        page = await opened.front.accounts.store.users.page(10, 0)
        signed_in = [one for one in await opened.front.audited() if (one.event, one.outcome) == ("sign_in", "ok")]
        assert len(signed_in) <= 1, "an attack has signed somebody in"
        assert page[1] <= 1


# --- the browser's side -------------------------------------------------------------------------------------------


async def test_an_answer_of_the_provider_counts_once(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        assert set((await browser.ask("GET", back)).said) == {"signin"}
        assert (await browser.ask("GET", back)).said == UNPROVEN
        # Also with a fresh code for the same state.
        scene.provider.codes["fresh"] = replace(next(iter(scene.provider.codes.values())), used=False)
        spent = query(back)["code"]
        assert (await browser.ask("GET", back.replace(spent, "fresh"))).said == UNPROVEN


async def test_an_answer_in_another_browser_is_refused(tmp_path: Path) -> None:
    """The attacker's own answer, brought to a victim by a link: it would sign the victim in as the attacker."""
    async with attacked(tmp_path) as scene:
        attacker, victim = scene.browser(), scene.browser()
        back = await attacker.sent_back()
        assert (await victim.ask("GET", back)).said == UNPROVEN
        await victim.begin()
        assert (await victim.ask("GET", back)).said == UNPROVEN


async def test_another_sign_ins_state_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        mine, other = scene.browser(), scene.browser()
        back, others = await mine.sent_back(), await other.sent_back()
        mixed = back.replace(query(back)["state"], query(others)["state"])
        assert (await mine.ask("GET", mixed)).said == UNPROVEN


async def test_an_answer_of_one_provider_is_none_of_another(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back("company")
        assert (await browser.ask("GET", back.replace("/company/", "/github/"))).said == UNPROVEN


async def test_an_answer_without_or_with_a_forged_state_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        state = query(back)["state"]
        for forged in ("", "x", altered(state), unsigned(state, {"alg": "none"}), "a" * 5000, "%00", "é"):
            assert (await browser.ask("GET", back.replace(state, forged))).said == UNPROVEN
        assert (await browser.ask("GET", back.partition("?")[0])).said == UNPROVEN
        assert (await browser.ask("GET", f"{back}&state={state}")).said == UNPROVEN
        assert (await browser.ask("GET", f"{back}&code=other")).said == UNPROVEN


async def test_a_sign_in_that_took_too_long_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        scene.front.clock.now += 601
        assert (await browser.ask("GET", back)).said == UNPROVEN


async def test_the_one_time_code_counts_once_in_one_browser_and_for_a_minute(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser, thief = scene.browser(), scene.browser()
        code = (await browser.come_back()).said["signin"]
        await thief.begin()
        cookies = dict(browser.cookies)
        refused = [await thief.exchange(code), await scene.browser().exchange(code)]
        assert (await browser.exchange(code)).status == 200
        browser.cookies = cookies  # a copy of the cookie is of no use either
        refused.append(await browser.exchange(code))
        refused.append(await browser.exchange("x"))
        for answer in refused:
            assert (answer.status, answer.body["error"]["code"]) == (401, "unauthorized")
        assert (await browser.exchange("")).status == (await browser.exchange("a" * 3000)).status == 400


async def test_a_one_time_code_gets_too_old(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        code = (await browser.come_back()).said["signin"]
        scene.front.clock.now += 61
        assert (await browser.exchange(code)).status == 401


async def test_a_state_is_no_one_time_code_and_a_code_is_no_access_token(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        assert (await browser.exchange(query(back)["state"])).status == 401
        code = (await browser.ask("GET", back)).said["signin"]
        for token in (code, query(back)["state"]):
            assert (await scene.front.call("GET", "/users/me", token=token))[0] == 401


async def test_nothing_in_a_request_decides_where_a_browser_is_sent(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        evil = "https://evil.example"
        browser = scene.browser()
        for name in ("next", "redirect_uri", "return_to", "url", "page"):
            begun = await browser.ask("GET", f"{PUBLIC}/api/v1/auth/oidc/company?{name}={evil}")
            assert begun.location.startswith(f"{scene.provider.issuer}/authorize?") and evil not in begun.location
        begun = await browser.ask(
            "GET",
            f"{PUBLIC}/api/v1/auth/oidc/company",
            **{"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": evil, "Origin": evil},
        )
        assert query(begun.location)["redirect_uri"].startswith(f"{PUBLIC}/api/")
        back = scene.provider.consent(begun.location)
        answer = await browser.ask("GET", f"{back}&next={evil}", **{"Host": "evil.example"})
        assert set(answer.said) == {"signin"}  # at the page's own address, or `said` fails
        for name in ("..%2f..%2fevil.example", "%2f%2fevil.example", "evil.example", "company%0d%0aX-A:%20b"):
            answer = await browser.ask("GET", f"{PUBLIC}/api/v1/auth/oidc/{name}")
            assert (answer.status, answer.location) == (404, "")


async def test_a_step_is_taken_by_get_only(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        for method in ("HEAD", "POST", "PUT"):
            assert (await browser.ask(method, back)).status == 405
        assert set((await browser.ask("GET", back)).said) == {"signin"}


async def test_sign_ins_from_one_address_are_limited(tmp_path: Path) -> None:
    async with sign_in_scene(tmp_path, limits=replace(GENEROUS, logins_of_address=Rate(2, 60))) as scene:
        browser = scene.browser()
        for _ in range(2):
            assert set((await browser.come_back()).said) == {"signin"}
        asked = len(scene.provider.asked)
        assert (await browser.come_back()).said == {"refused": "rate_limited"}
        assert len(scene.provider.asked) == asked


async def test_a_flood_of_refused_sign_ins_does_not_fill_the_audit_log(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        for _ in range(40):
            assert (await scene.browser().ask("GET", f"{PUBLIC}/api/v1/auth/oidc/company/callback")).said == UNPROVEN
        assert scene.front.counted["sign_in", "unauthorized"] == 40
        refused = [one for one in await scene.front.audited() if one.event == "sign_in"]
        assert len(refused) == 30 and {one.details["provider"] for one in refused} == {"company"}


# --- the provider's side ------------------------------------------------------------------------------------------


def changed(**changes: object) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in {**claims, **changes}.items() if value is not None}


NOW = 1_800_000_000  # where the server's clock begins


WRONG_CLAIMS: list[Claims] = [
    {"iss": "https://evil.example"},
    {"iss": ["https://evil.example"]},
    {"iss": None},
    {"aud": "another-client"},
    {"aud": ["another-client", CLIENT]},
    {"aud": [CLIENT], "azp": "another-client"},
    {"aud": []},
    {"aud": None},
    {"exp": NOW - 120},
    {"exp": None},
    {"exp": "soon"},
    {"exp": float("nan")},
    {"iat": NOW + 3600},
    {"iat": None},
    {"nbf": NOW + 3600},
    {"nonce": "another"},
    {"nonce": ["another"]},
    {"nonce": None},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
]


async def test_an_id_token_with_a_wrong_claim_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        for changes in WRONG_CLAIMS:
            scene.provider.alter = changed(**changes)
            assert (await scene.browser().come_back()).said == UNPROVEN, changes


async def test_several_audiences_are_believed_where_we_are_the_party(tmp_path: Path) -> None:
    """The other side of the table above: it does not refuse everything."""
    async with attacked(tmp_path) as scene:
        scene.provider.alter = changed(aud=[CLIENT, "another-client"], azp=CLIENT)
        assert (await scene.browser().sign_in()).status == 200


async def test_an_id_token_of_another_sign_in_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        await scene.browser().sign_in()
        earlier = scene.provider.last_id_token
        scene.provider.forge = lambda token: earlier
        assert (await scene.browser().come_back()).said == UNPROVEN


def none(scene: Scene, token: str) -> str:
    return unsigned(token, {"alg": "none"})


def none_in_other_letters(scene: Scene, token: str) -> str:
    return unsigned(token, {"alg": "nOnE", "kid": "first"})


def signed_by_the_public_key(scene: Scene, token: str) -> str:
    """Key confusion: the public key, which everybody has, as the secret of an HMAC."""
    public = scene.provider.keys[0].private.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = unsigned(token, {"alg": "HS256", "kid": "first"}).rpartition(".")[0]
    return f"{head}.{b64(hmac.digest(secret, head.encode(), hashlib.sha256))}"


def signed_by_the_client_secret(scene: Scene, token: str) -> str:
    head = unsigned(token, {"alg": "HS256"}).rpartition(".")[0]
    return f"{head}.{b64(hmac.digest(SECRET.encode(), head.encode(), hashlib.sha256))}"


def signed_by_a_stranger(scene: Scene, token: str) -> str:
    stranger = SigningKey.new("first", scene.provider.keys[0].algorithm)
    head = token.rpartition(".")[0]
    claims = json.loads(_decoded(head.split(".")[1]))
    return stranger.sign(claims)


def signed_by_a_key_in_its_header(scene: Scene, token: str) -> str:
    import jwt

    stranger = SigningKey.new("mine", "ES256")
    claims = json.loads(_decoded(token.split(".")[1]))
    headers = {"jwk": stranger.jwk, "jku": "https://evil.example/keys", "kid": "mine"}
    return jwt.encode(claims, stranger.private, "ES256", headers=headers)


def tampered(scene: Scene, token: str) -> str:
    head, _, signature = token.split(".")
    claims = json.loads(_decoded(token.split(".")[1]))
    return f"{head}.{b64(json.dumps({**claims, 'sub': 'somebody-else'}).encode())}.{signature}"


def without_signature(scene: Scene, token: str) -> str:
    return token.rpartition(".")[0] + "."


def another_algorithm(scene: Scene, token: str) -> str:
    return token.replace(token.split(".")[0], b64(json.dumps({"alg": "RS512", "kid": "first"}).encode()))


def critical_extension(scene: Scene, token: str) -> str:
    import jwt

    claims = json.loads(_decoded(token.split(".")[1]))
    key = scene.provider.keys[0]
    return jwt.encode(claims, key.private, key.algorithm, headers={"kid": "first", "crit": ["x"], "x": 1})


def nesting_bomb(scene: Scene, token: str) -> str:
    head = b64(json.dumps({"alg": "ES256", "kid": "first"}).encode())
    return f"{head}.{b64(b'[' * 20_000)}.{b64(b'x' * 64)}"


def _decoded(part: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


FORGERIES: list[Callable[[Scene, str], Any]] = [
    none,
    none_in_other_letters,
    signed_by_the_public_key,
    signed_by_the_client_secret,
    signed_by_a_stranger,
    signed_by_a_key_in_its_header,
    tampered,
    without_signature,
    another_algorithm,
    critical_extension,
    nesting_bomb,
    lambda scene, token: "",
    lambda scene, token: "a.b",
    lambda scene, token: "a.b.c.d.e",
    lambda scene, token: token + "x" * 40_000,
    lambda scene, token: None,
    lambda scene, token: {"alg": "ES256"},
]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_a_forged_id_token_is_refused(tmp_path: Path, algorithm: str) -> None:
    async with attacked(tmp_path, algorithm=algorithm) as scene:
        for forge in FORGERIES:
            scene.provider.forge = partial(forge, scene)
            assert (await scene.browser().come_back()).said == UNPROVEN, forge
            scene.steady.now += 11  # an unknown key is looked for again at once
        scene.provider.forge = lambda token: token
        assert (await scene.browser().sign_in()).status == 200  # the scene itself is sound


async def test_a_symmetric_key_among_the_providers_keys_is_no_key(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        scene.provider.broken[f"{REALM}/keys"] = web.json_response(
            {"keys": [{"kty": "oct", "k": b64(b"x" * 32), "kid": "first", "alg": "HS256"}]}
        )
        assert (await scene.browser().come_back()).said == FAILED


async def test_a_short_rsa_key_is_no_key(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    async with attacked(tmp_path) as scene:
        scene.provider.keys = [SigningKey("first", "RS256", rsa.generate_private_key(65537, 1024))]
        assert (await scene.browser().come_back()).said == FAILED


async def test_a_code_counts_once_at_the_provider_and_only_with_the_verifier(tmp_path: Path) -> None:
    """A code that was stolen on its way, in the thief's own sign-in: the provider wants the victim's verifier."""
    async with attacked(tmp_path) as scene:
        victim, thief = scene.browser(), scene.browser()
        stolen = query(await victim.sent_back())["code"]
        mine = await thief.sent_back()
        assert (await thief.ask("GET", mine.replace(query(mine)["code"], stolen))).said == UNPROVEN


async def test_an_answer_that_names_another_issuer_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        assert (await scene.browser().come_back(iss="https://evil.example")).said == UNPROVEN
        browser = scene.browser()
        back = await browser.sent_back()
        without = back.replace("iss=", "was=")
        assert (await browser.ask("GET", without)).said == UNPROVEN
        assert f"{REALM}/token" not in scene.provider.asked


async def test_a_provider_that_says_no_is_told_by_a_reason(tmp_path: Path) -> None:
    reasons = {
        "access_denied": "forbidden",
        "server_error": "provider_failed",
        "unauthorized_client": "provider_failed",
        "<script>\r\nalert(1)": "provider_failed",
        "": "provider_failed",
    }
    async with attacked(tmp_path) as scene:
        for error, reason in reasons.items():
            scene.provider.error = error
            assert (await scene.browser().come_back()).said == {"refused": reason}, error


async def test_a_discovery_document_that_lies_is_refused(tmp_path: Path) -> None:
    lies: list[Claims] = [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"code_challenge_methods_supported": ["plain"]},
    ]
    async with attacked(tmp_path) as scene:
        for lie in lies:
            scene.provider.document = partial(_merged, lie)
            assert (await scene.browser().begin()).said == FAILED, lie
            scene.steady.now += 11


def _merged(lie: Claims, document: Claims) -> Claims:
    return {**document, **lie}


# --- a provider in trouble ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [".well-known/openid-configuration", "token", "keys"])
async def test_a_provider_that_hangs_is_given_up_in_bounded_time(tmp_path: Path, path: str) -> None:
    clock = MovedClock()
    async with attacked(tmp_path) as scene:
        scene.provider.hang = f"{REALM}/{path}"

        async def as_far_as_it_goes() -> Answered:
            begun = await scene.browser().begin()
            return await scene.browser().come_back() if begun.location.startswith(scene.provider.issuer) else begun

        asking = asyncio.ensure_future(as_far_as_it_goes())
        await until(lambda: scene.provider.hang in scene.provider.asked)
        clock.pass_time(LONGEST_S)
        assert (await asking).said == FAILED
        status, _ = await scene.front.call("GET", "/auth/providers")
        assert status == 200


async def test_many_who_wait_for_a_silent_provider_wait_once(tmp_path: Path) -> None:
    clock = MovedClock()
    async with attacked(tmp_path) as scene:
        scene.provider.hang = f"{REALM}/.well-known/openid-configuration"
        asking = asyncio.gather(*(scene.browser().begin() for _ in range(20)))
        await until(lambda: scene.provider.asked)
        clock.pass_time(LONGEST_S)
        async with asyncio.timeout(60):
            assert all(answer.said == FAILED for answer in await asking)
        assert len(scene.provider.asked) == 1
        scene.provider.hang = None
        assert (await scene.browser().begin()).said == FAILED  # and is not asked again at once
        scene.steady.now += 11
        assert (await scene.browser().sign_in()).status == 200


def _answers(provider: IdentityProvider) -> dict[str, web.Response]:
    return {
        "a page": web.Response(text="<html>", content_type="text/html"),
        "nothing": web.Response(text=""),
        "a list": web.json_response([]),
        "503": web.json_response({}, status=503),
        "a redirect": web.Response(status=302, headers={"Location": f"{provider.issuer}/keys"}),
        "too much": web.Response(body=b"[" * (600 * 1024)),
        "a bomb": web.Response(body=b"[" * 200_000),
    }


@pytest.mark.parametrize("path", [".well-known/openid-configuration", "token", "keys"])
async def test_a_provider_that_answers_something_else_is_refused(tmp_path: Path, path: str) -> None:
    async with attacked(tmp_path) as scene:
        for kind, answer in _answers(scene.provider).items():
            scene.provider.broken[f"{REALM}/{path}"] = answer
            browser = scene.browser()
            came = await browser.begin()
            if came.location.startswith(scene.provider.issuer):
                came = await browser.ask("GET", scene.provider.consent(came.location))
            # Without an ID token nothing is proven; everything else is a provider that does not do what it must.
            nothing_proven = path == "token" and answer.status == 200
            assert came.said == (FAILED if kind == "too much" or not nothing_proven else UNPROVEN), kind
            scene.steady.now += 4000


async def test_a_provider_that_is_down_is_refused_and_comes_back(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        for provider in ("company", "github"):
            scene.provider.account = Account("1")
            scene.provider.broken = {
                f"{REALM}/token": web.json_response({}, status=502),
                f"{REALM}/login/oauth/access_token": web.json_response({}, status=502),
            }
            assert (await scene.browser().come_back(provider)).said == FAILED
        scene.provider.broken = {f"{REALM}/api/v3/user": web.json_response({"message": "Bad credentials"}, status=401)}
        assert (await scene.browser().come_back("github")).said == FAILED
        scene.provider.broken = {}
        assert (await scene.browser().sign_in("company")).status == 200


class Away:
    """Names of a database that can't be reached."""

    async def use(self, name: str, now: int, expires_at: int) -> bool:
        raise Unavailable("away")


async def test_without_the_database_nobody_is_signed_in(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        store: Any = scene.front.accounts.store
        names = store.one_time
        browser = scene.browser()
        back = await browser.sent_back()
        store.one_time = Away()
        assert (await browser.ask("GET", back)).said == {"refused": "at_capacity"}
        store.one_time = names
        code = (await browser.ask("GET", back)).said["signin"]  # the state was not used up
        store.one_time = Away()
        late = await browser.exchange(code)
        assert (late.status, late.body["error"]["code"]) == (503, "at_capacity")
        store.one_time = names
        assert (await browser.exchange(code)).status == 200


async def test_an_unknown_provider_is_not_found(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        for path in ("elsewhere", "elsewhere/callback", "COMPANY"):
            answer = await scene.browser().ask("GET", f"{PUBLIC}/api/v1/auth/oidc/{path}")
            assert (answer.status, answer.body["error"]["code"]) == (404, "not_found")


async def test_a_cookie_of_another_shape_is_refused(tmp_path: Path) -> None:
    async with attacked(tmp_path) as scene:
        browser = scene.browser()
        back = await browser.sent_back()
        for cookie in ("", "x", "a" * 43, "a" * 5000, '"><script>'):
            browser.cookies = {COOKIE: cookie}
            assert (await browser.ask("GET", back)).said == UNPROVEN
