"""Finds or makes the account of a person from elsewhere in the store: of two windows at once, both get the same one."""

from __future__ import annotations

from accounts.audit_events import AuditEvent
from accounts.oidc.joining import Joined, Known, decide, identity, new_user, usernames
from accounts.oidc.people import Person
from accounts.oidc.refusals import Reason, SignInRefused
from storage.accounts.ports import Taken, Users
from storage.accounts.records import User

_LOOKS = 3


async def account_of(users: Users, person: Person, language: str, now_ms: int) -> tuple[User, AuditEvent | None]:
    """Return the person's account, and an event where it is new or was joined. Raises SignInRefused, Unavailable."""
    for _ in range(_LOOKS):
        try:
            return await _look(users, person, language, now_ms)
        except Taken:
            continue  # somebody was faster, mostly the same person in another window
    raise SignInRefused(Reason.ALREADY_TAKEN, "the address or the identity was taken meanwhile")


async def _look(users: Users, person: Person, language: str, now_ms: int) -> tuple[User, AuditEvent | None]:
    by_identity = await users.by_identity(person.provider, person.subject)
    by_email = await users.by_email(person.email) if person.email is not None else None
    decision = decide(person, by_identity, by_email)
    if isinstance(decision, Known):
        return decision.user, None
    if isinstance(decision, Joined):
        await users.add_identity(identity(person, decision.user.id))
        return decision.user, AuditEvent.IDENTITY_JOIN
    return await _added(users, person, decision.email, language, now_ms), AuditEvent.REGISTER


async def _added(users: Users, person: Person, email: str | None, language: str, now_ms: int) -> User:
    *wished, last = usernames(person)
    for username in wished:
        user = new_user(email, username, language, now_ms)
        try:
            await users.add(user, identity(person, user.id))
            return user
        except Taken as taken:
            if taken.field != "username":
                raise
    user = new_user(email, last, language, now_ms)
    await users.add(user, identity(person, user.id))
    return user
