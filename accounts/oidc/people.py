"""A person as an identity provider vouches for them, read from its claims. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.oidc.providers import Provider
from accounts.oidc.refusals import unverified

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>]{1,64}@[^@\s\x00-\x1f\x7f<>]{1,189}")
_LONGEST_NAME = 64


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
    """Return an address in lower case; None for what is none."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    return text if _EMAIL.fullmatch(text) and text.isprintable() else None


def name_of(value: object) -> str:
    """Return a name without characters that nobody sees, cut to 64 UTF-16 code units; empty for none."""
    if not isinstance(value, str):
        return ""
    seen = (char for char in value[:1000] if unicodedata.category(char)[0] != "C")
    name = " ".join("".join(seen).split())
    while len(name.encode("utf-16-le")) // 2 > _LONGEST_NAME:
        name = name[:-1]
    return name.strip()
