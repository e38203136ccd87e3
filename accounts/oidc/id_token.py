"""Decides whether an ID token proves who somebody is (OpenID Connect Core, 3.1.3.7). Pure: `now` is an argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from accounts.oidc.refusals import failed, unverified

LEEWAY_S = 60
"""Difference between the provider's clock and ours that is borne."""
SHORTEST_RSA = 2048
_LONGEST = 32 * 1024
_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
_MOST_KEYS = 50

Keys: TypeAlias = Sequence[RSAKey | ECKey]


class UnknownKey(Exception):
    """The token names a key that is not among the provider's: it may have a new one."""


def key_set(document: object) -> Keys:
    """Return the public signature keys of a JWK Set (RFC 7517, 5); others are left out. Raises SignInRefused."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise failed("the provider's keys are no JWK Set")
    found = [key for one in listed[:_MOST_KEYS] if (key := _signature_key(one)) is not None]
    if not found:
        raise failed("the provider has no key that we could use")
    return found


def verified(
    token: object,
    keys: Keys,
    algorithms: Sequence[str],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: float,
) -> dict[str, object]:
    """Return the claims of an ID token. Raises UnknownKey, and SignInRefused for any other fault of it."""
    if not isinstance(token, str) or len(token) > _LONGEST or not token.isascii():
        raise unverified("the provider gave no ID token")
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = _chosen(keys, header, algorithms)
        claims = jwt.decode(token, key, algorithms=[str(header["alg"])]).claims
        _check(claims, header, issuer, client_id, nonce, int(now))
    # The claims' names are ours to log; their values and the library's messages are not.
    except JoseError as error:
        raise unverified(f"the ID token is refused: {error.error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise unverified("the ID token can't be read") from None
    return claims


def _check(
    claims: dict[str, object], header: Mapping[str, object], issuer: str, client_id: str, nonce: str, now: int
) -> None:
    options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    CodeIDToken(claims, header, options, {"nonce": nonce, "client_id": client_id}).validate(now, LEEWAY_S)
    # A list would pass where it holds the value among others.
    if claims["iss"] != issuer or claims["nonce"] != nonce:
        raise unverified("the ID token is another issuer's or another sign-in's")


def _chosen(keys: Keys, header: Mapping[str, object], algorithms: Sequence[str]) -> RSAKey | ECKey:
    algorithm, name = header.get("alg"), header.get("kid")
    if algorithm not in algorithms or algorithm not in _TYPES:
        raise unverified("the ID token is signed by no algorithm of ours")
    fitting = [one for one in keys if one.key_type == _TYPES[algorithm] and one.get("alg", algorithm) == algorithm]
    named = fitting if name is None else [one for one in fitting if one.get("kid") == name]
    if len(named) == 1:
        return named[0]
    raise UnknownKey


def _signature_key(data: object) -> RSAKey | ECKey | None:
    if not isinstance(data, dict) or data.get("use", "sig") != "sig" or "verify" not in data.get("key_ops", ["verify"]):
        return None
    try:
        key = JWKRegistry.import_key(data)
        if isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA:
            return None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None
