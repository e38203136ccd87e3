"""Decides which account a person from elsewhere gets: their own, one with the same verified address, or a new one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TypeAlias

from accounts.oidc.people import Person
from accounts.oidc.refusals import Reason, SignInRefused
from accounts.people.usernames import seen
from accounts.registration import random_user_id
from storage.accounts.records import Identity, User

NAMELESS = "User"


@dataclass(frozen=True, slots=True)
class Known:
    """The identity has this account."""

    user: User


@dataclass(frozen=True, slots=True)
class Joined:
    """The identity becomes one of this account's."""

    user: User


@dataclass(frozen=True, slots=True)
class New:
    """The identity gets a new account. `email` is a verified address that no account has, or none."""

    email: str | None


Decision: TypeAlias = Known | Joined | New


def decide(person: Person, by_identity: User | None, by_email: User | None) -> Decision:
    """Return the decision. Raises SignInRefused.

    `by_identity` and `by_email`: the accounts that have this identity, and this address, already. An address alone
    proves nothing: whoever typed another person's into one of both sides would get the other's account. Nor does it
    refuse anybody: whoever registers with another's address would keep its owner out.
    """
    if by_identity is not None:
        return Known(_unlocked(by_identity))
    if by_email is None:
        # An address that nobody verified is not kept: it would keep its owner out.
        return New(person.email if person.email_verified else None)
    if person.email_verified and by_email.email_verified:
        return Joined(_unlocked(by_email))
    return New(None)  # the address stays with the account that has it


def new_user(email: str | None, username: str, language: str, now_ms: int) -> User:
    """Return a new account without a password."""
    return User(
        id=random_user_id(),
        username=username,
        email=email,
        email_verified=email is not None,
        password_hash=None,
        preferred_language=language,
        created_at=now_ms,
    )


def usernames(person: Person) -> list[str]:
    """Return names to try for a new account, the wished one first: a user name belongs to one account."""
    base = person.name or NAMELESS
    short = seen(base[:24]).rstrip()  # a cut may leave half a flag
    return [base, f"{short} {secrets.randbelow(9000) + 1000}", f"{short} {secrets.token_hex(4)}"]


def identity(person: Person, user: str) -> Identity:
    """Return the person's identity as one of the user's."""
    return Identity(person.provider, person.subject, user)


def _unlocked(user: User) -> User:
    if user.locked:
        raise SignInRefused(Reason.LOCKED, "the account is locked")
    return user
