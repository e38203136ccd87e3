"""Reasons for which a sign-in elsewhere is refused: a closed set, told to the page."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    UNAUTHORIZED = "unauthorized"
    """Something does not belong together, is forged, was used before, or has expired."""
    FORBIDDEN = "forbidden"
    """The person, or the provider, said no."""
    ALREADY_TAKEN = "already_taken"
    """The e-mail address belongs to another account, and one of both sides has not verified it."""
    LOCKED = "locked"
    """The operator has locked the account."""
    PROVIDER_FAILED = "provider_failed"
    """The provider can't be reached, is too slow, or does not do what it must."""


class SignInRefused(Exception):
    """A sign-in elsewhere that is refused. `why` is for the log: it holds no code, token, name or address."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why


def unverified(why: str) -> SignInRefused:
    """Return the refusal of something that is not proven."""
    return SignInRefused(Reason.UNAUTHORIZED, why)


def failed(why: str) -> SignInRefused:
    """Return the refusal for a provider that does not do what it must."""
    return SignInRefused(Reason.PROVIDER_FAILED, why)
