"""Decides whether a provider's discovery document may be believed, and how its endpoints are used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.oidc.providers import Provider, is_endpoint, is_local
from accounts.oidc.refusals import failed

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures that are believed. None is symmetric: a provider's public key must never count as a secret."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """A provider's endpoints, and its way to know us."""

    authorization: str
    token: str
    keys: str
    algorithms: tuple[str, ...]
    client_authentication: str
    names_issuer: bool
    """True if its answers to the browser carry `iss` (RFC 9207)."""


def address(issuer: str) -> str:
    """Return the address of the discovery document (OpenID Connect Discovery, 4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def endpoints(provider: Provider, document: object) -> Endpoints:
    """Return the endpoints that a discovery document names. Raises SignInRefused."""
    if not isinstance(document, Mapping):
        raise failed("the discovery document is no JSON object")
    if document.get("issuer") != provider.issuer:
        raise failed("the discovery document is another issuer's")
    local = is_local(provider.issuer)
    authorization, token, keys = (
        _endpoint(document, key, local) for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    if "code" not in _listed(document, "response_types_supported", ("code",)):
        raise failed("the provider has no authorization code flow")
    if "S256" not in _listed(document, "code_challenge_methods_supported", ("S256",)):
        raise failed("the provider has no PKCE with S256")
    signs = _listed(document, "id_token_signing_alg_values_supported", ALGORITHMS)
    algorithms = tuple(one for one in ALGORITHMS if one in signs)
    if not algorithms:
        raise failed("the provider signs by none of " + ", ".join(ALGORITHMS))
    knows = _listed(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",))
    return Endpoints(
        authorization,
        token,
        keys,
        algorithms,
        _client_authentication(provider, knows),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, object], key: str, local: bool) -> str:
    url = document.get(key)
    if not isinstance(url, str) or not is_endpoint(url, local=local):
        raise failed(f"the discovery document names no https address as {key}")
    return url


def _client_authentication(provider: Provider, known: tuple[str, ...]) -> str:
    if not provider.client_secret:
        return "none"
    # In a form there is one way to write a secret; in a Basic header, providers differ.
    for way in ("client_secret_post", "client_secret_basic"):
        if way in known:
            return way
    raise failed("the provider takes a client's secret in no way that we know")


def _listed(document: Mapping[str, object], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = document.get(key)
    if value is None:
        return default
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
