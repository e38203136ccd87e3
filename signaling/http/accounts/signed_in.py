"""Answer of every sign-in: an access token, a refresh token, and whose they are."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from signaling.http.audit_trail import AUDITED_USER
from signaling.ports import Dependencies
from signaling.tokens import ACCESS_LIFETIME_S, USER, AccessClaims, Tokens
from storage.accounts.records import User


class SignedIn:
    """Makes the tokens of a person who is signed in."""

    def __init__(self, accounts: Accounts, dependencies: Dependencies, tokens: Tokens) -> None:
        self._accounts = accounts
        self._wall = dependencies.wall
        self._tokens = tokens

    async def answer(self, request: web.Request, user: User, status: int = 200) -> web.Response:
        """Return the answer of a new sign-in. Raises Unavailable."""
        request[AUDITED_USER] = user.id
        return web.json_response(await self.begin(user), status=status)

    async def begin(self, user: User) -> dict[str, object]:
        """Return the members of a new sign-in: its refresh token begins a family."""
        return self.members(user, await self._accounts.refresh_tokens.begin(user.id))

    def members(self, user: User, refresh_token: str) -> dict[str, object]:
        """Return the members of an answer with this refresh token and a fresh access token."""
        issued_at = self._accounts.revoked.issue_at(user.id, self._wall())
        access = AccessClaims(user.id, user.username, USER)
        return {
            "userId": user.id,
            "token": self._tokens.issue_access(access, issued_at),
            "refreshToken": refresh_token,
            "expiresIn": ACCESS_LIFETIME_S,
        }
