"""An OpenID provider and a GitHub on a free port, with real keys; each can be told to lie in one way."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWS
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.kit.app_in_thread import serving

CLIENT, SECRET = "dragoman-of-the-tests", "a secret of the tests"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class SigningKey:
    """A private key, its name, and its algorithm."""

    kid: str
    algorithm: str
    private: Any

    @classmethod
    def new(cls, kid: str, algorithm: str = "ES256") -> SigningKey:
        if algorithm.startswith("ES"):
            return cls(kid, algorithm, ec.generate_private_key(ec.SECP256R1()))
        return cls(kid, algorithm, rsa.generate_private_key(65537, 2048))

    @property
    def jwk(self) -> dict[str, Any]:
        way = ECAlgorithm if self.algorithm.startswith("ES") else RSAAlgorithm
        public = dict(way.to_jwk(self.private.public_key(), as_dict=True))
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign claims of any kind: PyJWT's own encoder refuses some of those that an attacker may write."""
        return PyJWS().encode(json.dumps(claims).encode(), self.private, self.algorithm, {"kid": self.kid})


@dataclass
class Account:
    """A person at the provider."""

    subject: str = "subject-1"
    email: str | None = "ana@example.org"
    email_verified: object = True
    name: str = "Ana"

    @property
    def claims(self) -> dict[str, object]:
        return {
            "sub": self.subject,
            "name": self.name,
            **({} if self.email is None else {"email": self.email, "email_verified": self.email_verified}),
        }


@dataclass
class Granted:
    """A code that was given out, for whom and to what request."""

    account: Account
    asked: dict[str, str]
    used: bool = False


@dataclass
class IdentityProvider:
    """Grants at once whoever `account` is. The fields below `account` are its lies and faults."""

    issuer: str = ""
    keys: list[SigningKey] = field(default_factory=list)
    account: Account = field(default_factory=Account)
    alter: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    """Changes the claims before they are signed."""
    forge: Callable[[str], str] = lambda token: token
    """Changes the signed token."""
    document: Callable[[dict[str, Any]], dict[str, Any]] = lambda document: document
    """Changes the discovery document."""
    error: str | None = None
    """Says this in place of a code."""
    hang: str | None = None
    """Never answers at this path."""
    broken: dict[str, web.Response] = field(default_factory=dict)
    """Answers by path that stand in the place of the right ones."""
    asked: list[str] = field(default_factory=list)
    """Paths of all requests, in their order."""
    codes: dict[str, Granted] = field(default_factory=dict)
    last_id_token: str = ""
    """The one that was given out last."""
    clock: Callable[[], float] = time.time
    tokens: set[str] = field(default_factory=set)
    emails: list[dict[str, object]] = field(default_factory=list)
    """Answer of GitHub's `/user/emails`."""

    def consent(self, url: str, **changes: str) -> str:
        """Do what a browser does at the provider: return the address to which it is sent back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        answer = {"state": asked["state"], **({} if "/login/oauth/" in url else {"iss": self.issuer})}
        if self.error is not None:
            answer["error"] = self.error
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = Granted(self.account, asked)
        return asked["redirect_uri"] + "?" + urlencode({**answer, **changes})

    def id_token(self, granted: Granted) -> str:
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": granted.asked.get("nonce"),
            **granted.account.claims,
        }
        return self.forge(self.keys[0].sign(self.alter(claims)))

    # Below: what it serves.

    @web.middleware
    async def watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path == self.hang:
            await asyncio.sleep(3600)
        if request.path in self.broken:
            return self.broken[request.path]
        return await handler(request)

    async def discovery(self, request: web.Request) -> web.Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code", "id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return web.json_response(self.document(document))

    async def authorize(self, request: web.Request) -> web.Response:
        """Send a real browser back at once."""
        return web.Response(status=302, headers={"Location": self.consent(str(request.url))})

    async def jwks(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [one.jwk for one in self.keys]})

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        granted = self.codes.get(form["code"])
        if granted is None or granted.used or form["redirect_uri"] != granted.asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        granted.used = True
        if b64(hashlib.sha256(form["code_verifier"].encode()).digest()) != granted.asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_urlsafe(16)
        self.tokens.add(access)
        answer = {"access_token": access, "token_type": "Bearer"}
        if "openid" in granted.asked["scope"].split():
            answer["id_token"] = self.last_id_token = self.id_token(granted)
        return web.json_response(answer)

    async def github_user(self, request: web.Request) -> web.Response:
        self._require_token(request)
        return web.json_response({"id": int(self.account.subject), "login": "ana-on-github", "name": None})

    async def github_emails(self, request: web.Request) -> web.Response:
        self._require_token(request)
        return web.json_response(self.emails)

    def _require_token(self, request: web.Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise web.HTTPUnauthorized


def unsigned(token: str, header: dict[str, object], signature: bytes = b"") -> str:
    """The token's claims under another header and signature."""
    return f"{b64(json.dumps(header).encode())}.{token.split('.')[1]}.{b64(signature)}"


@contextmanager
def identity_provider(algorithm: str = "ES256") -> Iterator[IdentityProvider]:
    """Run one, whose issuer has a path as Keycloak's have."""
    provider = IdentityProvider(keys=[SigningKey.new("first", algorithm)])
    app = web.Application(middlewares=[provider.watch])
    realm = "/realms/tests"
    app.add_routes(
        [
            web.get(f"{realm}/.well-known/openid-configuration", provider.discovery),
            web.get(f"{realm}/authorize", provider.authorize),
            web.get(f"{realm}/keys", provider.jwks),
            web.post(f"{realm}/token", provider.token),
            web.post(f"{realm}/login/oauth/access_token", provider.token),
            web.get(f"{realm}/api/v3/user", provider.github_user),
            web.get(f"{realm}/api/v3/user/emails", provider.github_emails),
        ]
    )
    with serving(app) as url:
        provider.issuer = f"{url}{realm}"
        yield provider
