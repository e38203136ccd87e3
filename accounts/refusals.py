"""Refusals of accounts, each as an exception. Callers map them to the codes of their protocol."""

from __future__ import annotations


class AccountRefused(Exception):
    """A request about an account that is not done. Messages hold no name, address, password or token."""


class NotPossible(AccountRefused):
    """A value that can't be taken. `field` is its dotted name in the request."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}")
        self.field = field


class WrongPassword(AccountRefused):
    """The address is unknown, or the password is not its own: nobody learns which."""


class Locked(AccountRefused):
    """Too many wrong passwords, or the operator locked the account. `until` is Unix epoch ms; None: no end is set."""

    def __init__(self, until: int | None) -> None:
        super().__init__("locked")
        self.until = until


class BadLink(AccountRefused):
    """A link of a letter that is forged, too old, used, or of another kind."""


class NotProven(AccountRefused):
    """A link of a letter that somebody follows who may not be the person who made the account."""


class NoSuchUser(AccountRefused):
    """The user of a valid token does not exist any more."""


class Busy(AccountRefused):
    """Too many passwords wait to be hashed."""
