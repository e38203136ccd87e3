"""Answer of every sign-in: an access token, a refresh token, and whose they are."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from accounts.revoked import Moment
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
        """Return the answer of a new sign-in. Raises NotSignedIn and Unavailable."""
        request[AUDITED_USER] = user.id
        return web.json_response(await self.begin(user), status=status)

    async def begin(self, user: User) -> dict[str, object]:
        """Return the members of a new sign-in: its refresh token begins a family.

        `user` is the row by which the person was known. Raises NotSignedIn if it is not that any more.
        """
        moment = self.moment()
        return self.members(user, await self._accounts.refresh_tokens.begin(user), moment)

    def moment(self) -> Moment:
        """Return the time of a sign-in, to be taken before the store is asked whether there is one."""
        return self._accounts.revoked.moment(self._wall())

    def members(self, user: User, refresh_token: str, moment: Moment) -> dict[str, object]:
        """Return the members of an answer with this refresh token and an access token of `moment`."""
        access = AccessClaims(user.id, user.username, USER)
        # It may be dated behind a revocation of a server whose clock is ahead, and is over by ours all the same.
        issued_at = self._accounts.revoked.issue_at(user.id, moment)
        lifetime_s = moment.now + ACCESS_LIFETIME_S - issued_at
        return {
            "userId": user.id,
            "token": self._tokens.issue_access(access, issued_at, lifetime_s),
            "refreshToken": refresh_token,
            "expiresIn": ACCESS_LIFETIME_S,
        }
