"""Every route of accounts, for a server that has them."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from signaling.config import SignalingOptions
from signaling.http.access_control import AccessControl
from signaling.http.accounts.letter_limit import LetterLimit
from signaling.http.accounts.links import LinksApi
from signaling.http.accounts.oidc import OidcApi
from signaling.http.accounts.profile import ProfileApi
from signaling.http.accounts.sign_in import SignInApi
from signaling.http.accounts.signed_in import SignedIn
from signaling.http.audit_trail import AuditTrail
from signaling.ports import Dependencies
from signaling.sessions.live_sessions import LiveSessions


def account_routes(
    accounts: Accounts,
    dependencies: Dependencies,
    access_control: AccessControl,
    sessions: LiveSessions,
    options: SignalingOptions,
    trail: AuditTrail,
) -> list[web.RouteDef]:
    """Return the routes of accounts."""
    signed_in = SignedIn(accounts, dependencies, sessions.tokens)
    letters = LetterLimit(dependencies, options.limits.letters_to_person)
    return [
        *SignInApi(accounts, dependencies, access_control, signed_in, letters).routes(),
        *ProfileApi(accounts, dependencies, access_control, signed_in, sessions).routes(),
        *LinksApi(accounts, dependencies, access_control, letters).routes(),
        *OidcApi(accounts, dependencies, access_control, options.public_url, signed_in, trail).routes(),
    ]
