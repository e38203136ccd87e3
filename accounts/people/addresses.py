"""Decides whether a text is an address of e-mail, and how it is kept: lower case, its domain in IDNA's ASCII form."""

from __future__ import annotations

import hashlib
import hmac

from email_validator import EmailNotValidError, validate_email

from accounts.refusals import NotPossible

LONGEST = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3, as erratum 1690 has it)."""


def address(text: str, field: str = "email") -> str:
    """Return the address as it is kept. Raises NotPossible. Nothing is looked up."""
    if len(text) > LONGEST:
        raise NotPossible(field, f"must not be longer than {LONGEST}")
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise NotPossible(field, "must be an address such as ana@example.org") from None
    return f"{found.ascii_local_part}@{found.ascii_domain}".lower()


def known_as(text: str) -> str:
    """Return the address that a sign-in names, as it is kept; a text that is none is nobody's address."""
    try:
        return address(text)
    except NotPossible:
        return text.strip().lower()


def lock_key(key: bytes, kept: str) -> bytes:
    """Return what failed sign-ins of an address are counted under: without `key` the address can't be told from it."""
    return hmac.new(key, kept.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
