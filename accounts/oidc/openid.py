"""Signs people in at an OpenID provider: authorization request, code for an ID token, the person in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from accounts.oidc.asking import Ask, document
from accounts.oidc.attempts import Browser
from accounts.oidc.discovery import Endpoints, address, endpoints
from accounts.oidc.id_token import Keys, UnknownKey, key_set, verified
from accounts.oidc.kept import Kept
from accounts.oidc.people import Person, person
from accounts.oidc.providers import Kind, Provider
from accounts.oidc.refusals import Reason, SignInRefused, failed, unverified

log = logging.getLogger(__name__)

LONGEST_CODE = 4096
_ERROR = re.compile(r"[a-z_]{1,40}")


class OpenIdProvider:
    """One provider that has a discovery document."""

    def __init__(self, provider: Provider, ask: Ask, steady: Callable[[], float]) -> None:
        self._provider = provider
        self._ask = ask
        self._endpoints: Kept[Endpoints] = Kept(self._discover, steady)
        self._keys: Kept[Keys] = Kept(self._load_keys, steady)

    async def authorization_url(self, redirect_uri: str, state: str, browser: Browser) -> str:
        """Return the address at the provider to which the browser goes. Raises SignInRefused."""
        found = await self._endpoints.get()
        return authorization_url(self._provider, found.authorization, redirect_uri, state, browser)

    async def identify(self, answer: Mapping[str, str], redirect_uri: str, browser: Browser, now: float) -> Person:
        """Return the person whom the provider's answer to the browser stands for. Raises SignInRefused."""
        found = await self._endpoints.get()
        # RFC 9207: another provider's answer must not be taken for this one's.
        if answer.get("iss", None if found.names_issuer else self._provider.issuer) != self._provider.issuer:
            raise unverified("the answer is another issuer's")
        tokens = await exchange(
            self._provider, self._ask, found.token, found.client_authentication, answer, redirect_uri, browser
        )
        claims = await self._claims(tokens.get("id_token"), found, browser, now)
        return person(self._provider, claims.get("sub"), claims)

    async def _claims(self, token: object, found: Endpoints, browser: Browser, now: float) -> dict[str, object]:
        for keys in (self._keys.get, self._keys.newer):
            try:
                return verified(
                    token,
                    await keys(),
                    found.algorithms,
                    issuer=self._provider.issuer,
                    client_id=self._provider.client_id,
                    nonce=browser.nonce,
                    now=now,
                )
            except UnknownKey:
                continue  # the provider may have a new key
        raise unverified("the ID token is signed by no key of the provider")

    async def _discover(self) -> Endpoints:
        return endpoints(self._provider, await document(self._ask, address(self._provider.issuer)))

    async def _load_keys(self) -> Keys:
        return key_set(await document(self._ask, (await self._endpoints.get()).keys))


def authorization_url(provider: Provider, endpoint: str, redirect_uri: str, state: str, browser: Browser) -> str:
    """Return the authorization request (RFC 6749, 4.1.1) with PKCE (RFC 7636, 4.3)."""
    client = OAuth2Client(
        None,
        client_id=provider.client_id,
        redirect_uri=redirect_uri,
        scope=" ".join(provider.scopes),
        code_challenge_method="S256",
    )
    nonce = browser.nonce if provider.kind is Kind.OPENID else None
    url, _ = client.create_authorization_url(endpoint, state=state, code_verifier=browser.verifier, nonce=nonce)
    return str(url)


async def exchange(
    provider: Provider,
    ask: Ask,
    endpoint: str,
    client_authentication: str,
    answer: Mapping[str, str],
    redirect_uri: str,
    browser: Browser,
) -> Mapping[str, object]:
    """Exchange the code of the provider's answer for its tokens (RFC 6749, 4.1.3). Raises SignInRefused."""
    if "error" in answer:
        raise _refused(provider, answer["error"])
    code = answer.get("code", "")
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise unverified("the answer holds no code")
    form = prepare_token_request(
        "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=browser.verifier
    )
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    client = ClientAuth(provider.client_id, provider.client_secret, client_authentication)
    url, headers, form = client.prepare("POST", endpoint, headers, form)
    reply = await ask("POST", url, headers, form)
    tokens = reply.body if isinstance(reply.body, Mapping) else {}
    # GitHub answers its errors with status 200.
    if "error" in tokens:
        raise _refused(provider, tokens["error"])
    if reply.status != 200:
        raise failed(f"the provider answers a code with {reply.status}")
    return tokens


def _refused(provider: Provider, error: object) -> SignInRefused:
    """Return the refusal for an error that the provider names (RFC 6749, 4.1.2.1 and 5.2)."""
    name = error if isinstance(error, str) and _ERROR.fullmatch(error) else "an unknown error"
    if name in ("access_denied", "consent_required", "login_required", "interaction_required"):
        return SignInRefused(Reason.FORBIDDEN, "the person, or the provider, said no")
    if name in ("invalid_grant", "bad_verification_code"):
        return unverified("the provider does not take the code")
    log.error("an identity provider refuses this server", extra={"provider": provider.name, "error": name})
    return failed(f"the provider says {name}")
