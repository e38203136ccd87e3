"""Tokens: what is granted, for how long, and every way in which one is not a token of ours."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.refusal import Code, Refusal
from signaling.tokens import ACCESS_LIFETIME_S, AccessClaims, ResumeClaims, Tokens, ViewerClaims
from tests.kit.forging import altered

KEY = bytes(range(32))
NOW = 1_800_000_000.5
ANA = AccessClaims("u_1", "Ana ❤")
SEAT = ResumeClaims("s_1", "p_1")
VIEWER = ViewerClaims("s_1", "v_1", 7)
TOKENS = Tokens(KEY)
CLAIMS: dict[str, Any] = {
    "aud": "access",
    "sub": "u_1",
    "name": "Ana",
    "kind": "guest",
    "iat": int(NOW),
    "exp": int(NOW) + 60,
}
VIEWERS: dict[str, Any] = {"aud": "viewer", "sub": "v_1", "session": "s_1", "since": 7, "exp": int(NOW) + 60}


def unsigned(claims: dict[str, Any], header: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


def test_access_is_read_for_a_quarter_of_an_hour() -> None:
    token = TOKENS.issue_access(ANA, NOW)
    assert TOKENS.read(token, NOW) == ANA
    assert TOKENS.read(token, NOW + ACCESS_LIFETIME_S - 1) == ANA
    with pytest.raises(Refusal, match="expired"):
        TOKENS.read(token, NOW + ACCESS_LIFETIME_S)


def test_resume_is_bound_to_session_and_participant() -> None:
    token = TOKENS.issue_resume(SEAT, NOW, 100)
    assert TOKENS.read(token, NOW + 99) == SEAT
    with pytest.raises(Refusal):
        TOKENS.read(token, NOW + 101)


def test_a_viewers_token_reads_and_is_no_grant() -> None:
    token = TOKENS.issue_viewer(VIEWER, NOW, 100)
    assert TOKENS.read_viewer(token, NOW + 99) == VIEWER
    for wrong in (lambda: TOKENS.read(token, NOW), lambda: TOKENS.read_viewer(token, NOW + 101)):
        with pytest.raises(Refusal) as caught:
            wrong()
        assert caught.value.code is Code.UNAUTHORIZED


@pytest.mark.parametrize(
    "token",
    [
        TOKENS.issue_access(ANA, NOW),
        TOKENS.issue_resume(SEAT, NOW, 100),
        Tokens(bytes(32)).issue_viewer(VIEWER, NOW, 100),
        *(jwt.encode(VIEWERS | wrong, KEY, "HS256") for wrong in ({"since": True}, {"since": "7"}, {"session": 7})),
        jwt.encode({name: value for name, value in VIEWERS.items() if name != "since"}, KEY, "HS256"),
    ],
)
def test_no_other_token_is_a_viewers(token: str) -> None:
    with pytest.raises(Refusal) as caught:
        TOKENS.read_viewer(token, NOW)
    assert caught.value.code is Code.UNAUTHORIZED
    assert TOKENS.read_viewer(jwt.encode(VIEWERS, KEY, "HS256"), NOW) == VIEWER


def test_a_clock_set_back_does_no_harm() -> None:
    assert TOKENS.read(TOKENS.issue_access(ANA, NOW), NOW - 3600) == ANA


BAD = {
    "empty": "",
    "word": "wrong",
    "dots": "a.b.c",
    "unicode": "❤.❤.❤",
    "surrogate": "a\ud800",
    "another key": jwt.encode(CLAIMS, bytes(32), "HS256"),
    "another algorithm": jwt.encode(CLAIMS, KEY * 2, "HS512"),
    "none": unsigned(CLAIMS, {"alg": "none", "typ": "JWT"}),
    "no signature": unsigned(CLAIMS, {"alg": "HS256", "typ": "JWT"}),
    "header bomb": base64.urlsafe_b64encode(b"[" * 100_000).decode() + ".e30.x",
    "no exp": jwt.encode({k: v for k, v in CLAIMS.items() if k != "exp"}, KEY, "HS256"),
    "exp true": jwt.encode({**CLAIMS, "exp": True}, KEY, "HS256"),
    "exp text": jwt.encode({**CLAIMS, "exp": "soon"}, KEY, "HS256"),
    "no name": jwt.encode({k: v for k, v in CLAIMS.items() if k != "name"}, KEY, "HS256"),
    "name number": jwt.encode({**CLAIMS, "name": 7}, KEY, "HS256"),
    "another audience": jwt.encode({**CLAIMS, "aud": "admin"}, KEY, "HS256"),
    "audience list": jwt.encode({**CLAIMS, "aud": ["access"]}, KEY, "HS256"),
    "resume without session": jwt.encode({**CLAIMS, "aud": "resume"}, KEY, "HS256"),
    "expired": jwt.encode({**CLAIMS, "exp": int(NOW)}, KEY, "HS256"),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
def test_every_other_token_is_unauthorized(token: str) -> None:
    with pytest.raises(Refusal) as caught:
        TOKENS.read(token, NOW)
    assert caught.value.code is Code.UNAUTHORIZED


def test_a_good_one_of_the_same_claims_is_read() -> None:
    assert TOKENS.read(jwt.encode(CLAIMS, KEY, "HS256"), NOW) == AccessClaims("u_1", "Ana")


@given(st.text())
def test_any_text_is_unauthorized(text: str) -> None:
    with pytest.raises(Refusal):
        TOKENS.read(text, NOW)


@given(st.integers(0, 200))
def test_any_changed_character_is_unauthorized(at: int) -> None:
    token = TOKENS.issue_access(ANA, NOW)
    with pytest.raises(Refusal):
        TOKENS.read(altered(token, at % (len(token) - 1)), NOW)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens(b"secret")
