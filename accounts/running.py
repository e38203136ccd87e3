"""Accounts while they run: builds their parts over an open store, and owns their tasks and threads."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from accounts.accounts import Accounts
from accounts.audit import Audit
from accounts.audit_expiry import expire_audit
from accounts.letters.link_tokens import LinkTokens
from accounts.letters.mail import Mail
from accounts.letters.mail_server import SmtpOptions
from accounts.oidc.elsewhere import Elsewhere, SignInElsewhere
from accounts.options import AccountOptions
from accounts.passwords.hashing import PasswordHashing
from accounts.people.user_changes import UserChanges
from accounts.profile import Profile
from accounts.recovery import Recovery
from accounts.refresh_tokens import RefreshTokens
from accounts.registration import Registration
from accounts.revoked import Revoked
from accounts.sign_in import SignIn
from storage.accounts.ports import AccountStore

FINISH_S = 2.0
"""Time at the end for letters that are not sent yet, and for audit entries that are not written yet."""


def _uncounted(event: str, outcome: str) -> None:
    return


@asynccontextmanager
async def run_accounts(
    store: AccountStore,
    keys: Sequence[bytes],
    options: AccountOptions | None = None,
    smtp: SmtpOptions | None = None,
    elsewhere: Elsewhere | None = None,
    *,
    wall: Callable[[], float] = time.time,
    count: Callable[[str, str], None] = _uncounted,
    expires: bool = False,
) -> AsyncIterator[Accounts]:
    """Yield the accounts of `store`, which stays open for longer. Raises Unavailable if it does not answer.

    `keys` are those that sign access tokens, the newest first. Without `smtp` no letter is sent, and without
    `elsewhere` nobody signs in there. `wall` is a clock in Unix epoch seconds. `count` gets the event and the outcome
    of each audit entry. `expires`: entries that are too old are deleted; a server does that, and a command does not.
    """

    def now_ms() -> int:
        return int(wall() * 1000)

    options = options or AccountOptions()
    hashing = PasswordHashing(options.hashing)
    try:
        await hashing.start()
        signs_in = SignInElsewhere(elsewhere or Elsewhere(), store, keys, wall)
        accounts = _built(store, keys, options, Mail(smtp, wall), signs_in, hashing, now_ms, count)
        await accounts.revoked.load()
        async with asyncio.TaskGroup() as tasks:
            works = [
                accounts.audit.run(),
                accounts.revoked.run(),
                accounts.mail.run(),
            ]
            if expires:
                works.append(expire_audit(store.audit, options.audit_days, now_ms))
            running = [tasks.create_task(work) for work in works]
            try:
                yield accounts
            finally:
                await accounts.mail.finish(FINISH_S)
                await accounts.audit.finish(FINISH_S)
                for task in running:
                    task.cancel()
    finally:
        hashing.close()


def _built(
    store: AccountStore,
    keys: Sequence[bytes],
    options: AccountOptions,
    mail: Mail,
    elsewhere: SignInElsewhere,
    hashing: PasswordHashing,
    now_ms: Callable[[], int],
    count: Callable[[str, str], None],
) -> Accounts:
    revoked = Revoked(store.revocations, now_ms)
    changes = UserChanges(store.users, revoked)
    address_key = hmac.new(keys[0], b"dragoman: addresses of failed sign-ins", hashlib.sha256).digest()
    sign_in = SignIn(store, hashing, changes, options, now_ms, address_key)
    recovery = Recovery(store.users, changes, sign_in, hashing, LinkTokens(keys), mail, options, now_ms)
    return Accounts(
        store=store,
        audit=Audit(store.audit, now_ms, count),
        refresh_tokens=RefreshTokens(store.families, now_ms),
        revoked=revoked,
        sign_in=sign_in,
        registration=Registration(store.users, hashing, now_ms),
        recovery=recovery,
        profile=Profile(store, hashing, changes, sign_in, revoked),
        mail=mail,
        elsewhere=elsewhere,
    )
