"""Links by e-mail: an address is verified by one, and a forgotten password is replaced by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from accounts.letters import texts
from accounts.letters.link_tokens import LinkKind, LinkTokens
from accounts.letters.mail import Mail
from accounts.options import AccountOptions
from accounts.passwords.hashing import PasswordHashing
from accounts.passwords.policy import normalized, require_good
from accounts.people.addresses import known_as
from accounts.people.user_changes import UserChanges
from accounts.refusals import BadLink, NoSuchUser, NotProven, WrongPassword
from accounts.sign_in import SignIn
from storage.accounts.ports import Users
from storage.accounts.records import User


class Recovery:
    """Letters with links, and what their links do."""

    def __init__(
        self,
        users: Users,
        changes: UserChanges,
        sign_in: SignIn,
        hashing: PasswordHashing,
        links: LinkTokens,
        mail: Mail,
        options: AccountOptions,
        now_ms: Callable[[], int],
    ) -> None:
        self._users = users
        self._changes = changes
        self._sign_in = sign_in
        self._hashing = hashing
        self._links = links
        self._mail = mail
        self._options = options
        self._now_ms = now_ms

    def ask_to_verify(self, user: User) -> None:
        """Send the person a link that verifies the address, where letters are sent and there is need."""
        if user.email is None or user.email_verified or not self._mail.on:
            return
        seconds = self._options.verify_link_s
        email = user.email
        self._mail.post(
            lambda: texts.verification(email, self._url(LinkKind.VERIFY, user, seconds), round(seconds / 3600))
        )

    async def verify(self, token: str, signed_in: str | None, password: str | None) -> User:
        """Count the address as the person's own. Again is the same.

        The link alone shows that the letter was opened: by a program that checks mail, too, or by somebody with whose
        address a stranger has made an account. So it takes the person who made it: `signed_in` is the user id of who
        asks, where it is known; else their `password`. Raises BadLink, NotProven, WrongPassword, Locked or Busy.
        """
        link = self._links.read(LinkKind.VERIFY, token, self._now())
        before = await self._users.get(link.user)
        if before is None or not self._links.fits(LinkKind.VERIFY, link, before):
            raise BadLink
        if password is not None:
            await self._sign_in.confirm(before, password, from_outside=True)
        elif signed_in != before.id:
            raise NotProven

        def alter(user: User) -> User:
            if user.locked or not self._links.fits(LinkKind.VERIFY, link, user):
                raise BadLink
            if password is not None and user.password_hash != before.password_hash:
                raise WrongPassword
            return replace(user, email_verified=True)

        try:
            return await self._changes.change(link.user, alter)
        except NoSuchUser:
            raise BadLink from None

    async def forgot(self, email: str) -> User | None:
        """Send a link that sets a new password, if the address is somebody's; that person is for the audit only."""
        user = await self._users.by_email(known_as(email))
        if user is None or user.email is None or user.locked:
            return None
        email, seconds = user.email, self._options.reset_link_s
        # Written later: the answer takes as long for an address that nobody has.
        self._mail.post(lambda: texts.reset(email, self._url(LinkKind.RESET, user, seconds), round(seconds / 60)))
        return user

    async def reset(self, token: str, password: str) -> User:
        """Set a new password, once; every sign-in of before ends. Raises BadLink, NotPossible or Busy."""
        link = self._links.read(LinkKind.RESET, token, self._now())
        user = await self._users.get(link.user)
        if user is None or not self._links.fits(LinkKind.RESET, link, user):
            raise BadLink
        own = (user.username, user.email or "")
        await self._hashing.run(lambda: require_good(password, own))
        fresh = await self._hashing.hash(normalized(password))

        def alter(now: User) -> User:
            if now.locked or not self._links.fits(LinkKind.RESET, link, now):
                raise BadLink
            # A letter came to this address: it is the person's own.
            return replace(now, password_hash=fresh, email_verified=True)

        return await self._changes.change_and_sign_out(link.user, alter)

    def _url(self, kind: LinkKind, user: User, seconds: float) -> str:
        """Return a link to the page. The token stands in the fragment, which goes to no server."""
        return f"{self._options.public_url}/#{kind.value}={self._links.issue(kind, user, self._now(), seconds)}"

    def _now(self) -> float:
        return self._now_ms() / 1000
