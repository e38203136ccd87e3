"""Decisions of the sign-in elsewhere, each as a table: discovery, people, whose account it is, slips."""

from __future__ import annotations

from dataclasses import replace

import jwt
import pytest

from accounts.oidc.attempts import ATTEMPT_LIFETIME_S, CODE_LIFETIME_S, Browser, Slips
from accounts.oidc.discovery import address, endpoints
from accounts.oidc.joining import Joined, Known, New, decide, usernames
from accounts.oidc.people import Person, email_of, name_of, person
from accounts.oidc.providers import Provider
from accounts.oidc.refusals import Reason, SignInRefused
from storage.accounts.records import User
from tests.kit.forging import altered

PROVIDER = Provider("company", "Company", "https://id.example.org/realms/a", "dragoman", "secret")
DOCUMENT = {
    "issuer": PROVIDER.issuer,
    "authorization_endpoint": "https://id.example.org/authorize",
    "token_endpoint": "https://id.example.org/token",
    "jwks_uri": "https://id.example.org/keys",
}
ANA = Person("company", "1", "ana@example.org", True, "Ana")
USER = User("u_1", "Ana", "ana@example.org", True, None, "en", 0)
NOW = 1_800_000_000.0


def test_a_discovery_document_without_options_gets_the_defaults_of_the_standard() -> None:
    found = endpoints(PROVIDER, DOCUMENT)
    assert found.algorithms == ("RS256", "PS256", "ES256")
    assert found.client_authentication == "client_secret_basic"
    assert endpoints(replace(PROVIDER, client_secret=""), DOCUMENT).client_authentication == "none"
    assert address("https://id.example.org/realms/a/") == (
        "https://id.example.org/realms/a/.well-known/openid-configuration"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://id.example.org/realms/b"},
        {"issuer": PROVIDER.issuer + "/"},
        {"authorization_endpoint": "http://id.example.org/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"jwks_uri": None},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
    ],
)
def test_a_discovery_document_that_is_not_right_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SignInRefused) as refused:
        endpoints(PROVIDER, DOCUMENT | change)
    assert refused.value.reason is Reason.PROVIDER_FAILED


@pytest.mark.parametrize("document", [None, [], "text", 1])
def test_a_discovery_document_is_an_object(document: object) -> None:
    with pytest.raises(SignInRefused):
        endpoints(PROVIDER, document)


@pytest.mark.parametrize(
    ("claims", "email", "verified"),
    [
        ({"email": "Ana@Example.org", "email_verified": True}, "ana@example.org", True),
        ({"email": "ana@example.org", "email_verified": "true"}, "ana@example.org", True),
        ({"email": "ana@example.org", "email_verified": False}, "ana@example.org", False),
        ({"email": "ana@example.org", "email_verified": 1}, "ana@example.org", False),
        ({"email": "ana@example.org"}, "ana@example.org", False),
        ({"email": "no address", "email_verified": True}, None, False),
        ({"email": ["ana@example.org"], "email_verified": True}, None, False),
        ({"email": "a@b@c", "email_verified": True}, None, False),
        ({"email": "ana@example.org\r\nBcc: x@y.z", "email_verified": True}, None, False),
        ({}, None, False),
    ],
)
def test_an_address_counts_as_verified_only_where_the_provider_says_so(
    claims: dict[str, object], email: str | None, verified: bool
) -> None:
    found = person(PROVIDER, "1", claims)
    assert (found.email, found.email_verified) == (email, verified)
    assert not person(replace(PROVIDER, trust_email=False), "1", claims).email_verified


@pytest.mark.parametrize("subject", [None, "", 7, "x" * 256, "é", "a\nb"])
def test_a_person_without_a_subject_is_nobody(subject: object) -> None:
    with pytest.raises(SignInRefused):
        person(PROVIDER, subject, {"email": "ana@example.org"})


def test_names_are_shown_as_they_are_seen() -> None:
    assert name_of("  Ana\u202e\u0000  María ") == "Ana María"
    assert name_of("x" * 500) == "x" * 64
    assert name_of("Ana " + "😀" * 40) == "Ana " + "😀" * 30
    assert name_of("😀") == ""
    assert name_of(["Ana"]) == name_of("\u200b") == ""
    assert email_of("x" * 250 + "@example.org") is None
    assert usernames(replace(ANA, name=""))[0] == "User"


@pytest.mark.parametrize(
    ("person_verified", "user_verified", "joins"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_an_address_joins_only_where_both_sides_have_verified_it(
    person_verified: bool, user_verified: bool, joins: bool
) -> None:
    who, user = replace(ANA, email_verified=person_verified), replace(USER, email_verified=user_verified)
    assert decide(who, None, user) == (Joined(user) if joins else New(None))


def test_the_identity_decides_before_the_address() -> None:
    other = replace(USER, id="u_2", email="other@example.org")
    assert decide(ANA, other, USER) == Known(other)


def test_a_new_account_keeps_no_address_that_nobody_verified() -> None:
    assert decide(ANA, None, None) == New("ana@example.org")
    assert decide(replace(ANA, email_verified=False), None, None) == New(None)


@pytest.mark.parametrize("way", ["identity", "address"])
def test_a_locked_account_is_refused_both_ways(way: str) -> None:
    locked = replace(USER, locked=True)
    with pytest.raises(SignInRefused) as refused:
        decide(ANA, locked if way == "identity" else None, locked if way == "address" else None)
    assert refused.value.reason is Reason.LOCKED


def test_slips_hold_for_their_browser_their_provider_and_their_time() -> None:
    slips, mine, other = Slips([b"k" * 32]), Browser.new(), Browser.new()
    state = slips.state("company", mine, NOW)
    assert slips.read_state(state, "company", mine, NOW + ATTEMPT_LIFETIME_S - 1).subject == "company"
    code = slips.code("u_1", mine, NOW)
    assert slips.read_code(code, mine, NOW + CODE_LIFETIME_S - 1).subject == "u_1"
    refused = [
        lambda: slips.read_state(state, "company", other, NOW),
        lambda: slips.read_state(state, "other", mine, NOW),
        lambda: slips.read_state(state, "company", mine, NOW + ATTEMPT_LIFETIME_S),
        lambda: slips.read_state(state + "x", "company", mine, NOW),
        lambda: slips.read_state(altered(state), "company", mine, NOW),
        lambda: slips.read_state(code, "u_1", mine, NOW),
        lambda: slips.read_code(state, mine, NOW),
        lambda: slips.read_code(code, other, NOW),
        lambda: slips.read_code(code, mine, NOW + CODE_LIFETIME_S),
        lambda: slips.read_code("", mine, NOW),
        lambda: slips.read_code("a" * 3000, mine, NOW),
        lambda: Slips([b"l" * 32]).read_code(code, mine, NOW),
    ]
    for attempt in refused:
        with pytest.raises(SignInRefused) as problem:
            attempt()
        assert problem.value.reason is Reason.UNAUTHORIZED


def test_slips_of_an_older_key_are_still_believed() -> None:
    mine = Browser.new()
    code = Slips([b"old" * 16]).code("u_1", mine, NOW)
    assert Slips([b"new" * 16, b"old" * 16]).read_code(code, mine, NOW).subject == "u_1"


def test_no_other_token_of_the_server_is_a_slip() -> None:
    key, mine = b"k" * 32, Browser.new()
    claims = {"aud": "sign-in-code", "sub": "u_1", "mark": mine.mark, "exp": int(NOW) + 60}
    for forged in (jwt.encode(claims, key, "HS256"), jwt.encode(claims, None, "none")):
        with pytest.raises(SignInRefused):
            Slips([key]).read_code(forged, mine, NOW)


def test_what_a_browser_derives_tells_nothing_of_its_secret_and_is_different_each_time() -> None:
    one, two = Browser.new(), Browser.new()
    assert len({one.secret, one.nonce, one.verifier, one.mark, two.nonce, two.verifier, two.mark}) == 7
    assert len(one.verifier) == 43  # RFC 7636, 4.1: at least 43
    assert one.secret not in repr(one)
    assert Browser.of_cookie(one.secret) == one
    for cookie in (None, "", "short", one.secret + "x", "é" * 43):
        with pytest.raises(SignInRefused):
            Browser.of_cookie(cookie)
