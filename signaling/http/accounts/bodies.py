"""Bodies of the calls of accounts, parsed strictly by pure functions into frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.profile import NewPassword, Wishes
from pipeline.text.language import is_tag
from signaling.refusal import refuse_malformed
from signaling.websocket.client_messages import LONGEST_LANGUAGE
from wire.strict_json import StrictObject, decode

LONGEST_EMAIL = 320
LONGEST_PASSWORD = 1024
"""UTF-16 code units that are read; the policy allows fewer."""
LONGEST_TOKEN = 2048
LONGEST_NAME = 256
MOST_DAYS = 36500
"""Greatest number of days for which somebody may want histories to be kept."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    username: str
    email: str
    password: str
    language: str


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class FollowedLink:
    token: str
    password: str | None
    """Password of the account; None where somebody signed in to it asks."""


@dataclass(frozen=True, slots=True)
class Reset:
    token: str
    password: str


@refuse_malformed()
def new_person(body: bytes) -> NewPerson:
    """Return the person of POST /auth/register. Raises Refusal."""
    fields = decode(body)
    return NewPerson(
        username=fields.text("username", longest=LONGEST_NAME),
        email=fields.text("email", longest=LONGEST_EMAIL),
        password=_password(fields, "password"),
        language=_language(fields),
    )


@refuse_malformed()
def credentials(body: bytes) -> Credentials:
    """Return the credentials of POST /auth/login. Raises Refusal."""
    fields = decode(body)
    return Credentials(fields.text("email", longest=LONGEST_EMAIL), _password(fields, "password"))


@refuse_malformed()
def refresh_token(body: bytes) -> str:
    """Return the token of POST /auth/refresh or /auth/logout. Raises Refusal."""
    return decode(body).text("refreshToken", longest=LONGEST_TOKEN)


@refuse_malformed()
def followed_link(body: bytes) -> FollowedLink | None:
    """Return the link of POST /auth/verify; None where the letter is to be sent again. Raises Refusal."""
    if not body.strip():
        return None
    fields = decode(body)
    password = _password(fields, "password") if fields.has("password") else None
    return FollowedLink(fields.text("token", longest=LONGEST_TOKEN), password) if fields.has("token") else None


@refuse_malformed()
def email(body: bytes) -> str:
    """Return the address of POST /auth/forgot. Raises Refusal."""
    return decode(body).text("email", longest=LONGEST_EMAIL)


@refuse_malformed()
def reset(body: bytes) -> Reset:
    """Return the token and the new password of POST /auth/reset. Raises Refusal."""
    fields = decode(body)
    return Reset(fields.text("token", longest=LONGEST_TOKEN), _password(fields, "password"))


@refuse_malformed()
def wishes(body: bytes) -> Wishes:
    """Return the wishes of PATCH /users/me; what is absent stays. Raises Refusal."""
    fields = decode(body)
    password = None
    if fields.has("password"):
        both = fields.child("password")
        password = NewPassword(_password(both, "old"), _password(both, "new"))
    return Wishes(
        username=fields.text("username", longest=LONGEST_NAME) if fields.has("username") else None,
        preferred_language=_language(fields) if fields.has("preferredLanguage") else None,
        password=password,
        retention_days=_days(fields) if fields.has("retentionDays") else None,
    )


@refuse_malformed()
def own_password(body: bytes) -> str | None:
    """Return the password of DELETE /users/me; None where there is none. Raises Refusal."""
    if not body.strip():
        return None
    fields = decode(body)
    return _password(fields, "password") if fields.has("password") else None


def _password(fields: StrictObject, key: str) -> str:
    return fields.text(key, longest=LONGEST_PASSWORD)


def _days(fields: StrictObject) -> int:
    return fields.integer("retentionDays", least=1, most=MOST_DAYS)


def _language(fields: StrictObject) -> str:
    language = fields.text("preferredLanguage", longest=LONGEST_LANGUAGE)
    if not is_tag(language):
        fields.refuse("preferredLanguage", "must be a BCP-47 tag")
    return language
