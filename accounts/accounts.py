"""Accounts of a server as one value: the parts that HTTP handlers call, over one open store."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.audit import Audit
from accounts.letters.mail import Mail
from accounts.oidc.elsewhere import SignInElsewhere
from accounts.profile import Profile
from accounts.recovery import Recovery
from accounts.refresh_tokens import RefreshTokens
from accounts.registration import Registration
from accounts.revoked import Revoked
from accounts.sign_in import SignIn
from storage.accounts.ports import AccountStore


@dataclass(frozen=True, slots=True)
class Accounts:
    """Parts of the accounts. `accounts.running.run_accounts` makes them and runs their tasks."""

    store: AccountStore
    audit: Audit
    refresh_tokens: RefreshTokens
    revoked: Revoked
    sign_in: SignIn
    registration: Registration
    recovery: Recovery
    profile: Profile
    mail: Mail
    elsewhere: SignInElsewhere
