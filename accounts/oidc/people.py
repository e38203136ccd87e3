"""A person as an identity provider vouches for them, read from its claims. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.oidc.providers import Provider
from accounts.oidc.refusals import unverified
from accounts.people.addresses import address
from accounts.people.usernames import LONGEST, seen, username
from accounts.refusals import NotPossible
from wire.strict_json import utf16_length


@dataclass(frozen=True, slots=True)
class Person:
    """A person whom a provider vouches for. `provider` and `subject` are the identity, and nothing else is."""

    provider: str
    subject: str
    email: str | None = field(repr=False)
    """Address in lower case."""
    email_verified: bool
    """True if the provider has verified the address, and is believed."""
    name: str = field(repr=False)
    """Name to be called by; empty if there is none."""


def person(provider: Provider, subject: object, claims: Mapping[str, object]) -> Person:
    """Return the person of an ID token's claims (OpenID Connect Core, 5.1). Raises SignInRefused without `subject`."""
    if (
        not isinstance(subject, str)
        or not 1 <= len(subject) <= 255
        or not subject.isascii()
        or not subject.isprintable()
    ):
        raise unverified("the provider names no subject")
    email = email_of(claims.get("email"))
    said = claims.get("email_verified")
    # Some providers write the boolean as a string.
    verified = provider.trust_email and (said is True or said == "true")
    names = (name_of(claims.get(key)) for key in ("name", "preferred_username", "given_name"))
    return Person(provider.name, subject, email, email is not None and verified, next(filter(None, names), ""))


def email_of(value: object) -> str | None:
    """Return an address as it is kept; None for what is none."""
    try:
        return address(value) if isinstance(value, str) else None
    except NotPossible:
        return None


def name_of(value: object) -> str:
    """Return a name that may be a user name, cut to its longest; empty where there is none."""
    if not isinstance(value, str):
        return ""
    text = seen(unicodedata.normalize("NFC", value[:1000]))
    known = (char for char in text if unicodedata.category(char) not in ("Cn", "Co"))
    name = " ".join("".join(known).split())
    while utf16_length(name) > LONGEST:
        name = name[:-1]
    try:
        return username(seen(name))  # a cut may leave half a flag, or a joiner with nothing behind it
    except NotPossible:
        return ""
