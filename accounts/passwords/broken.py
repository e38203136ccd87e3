"""Decides whether a password is among those that attackers try first: zxcvbn's list of 30,000 broken ones (MIT)."""

from __future__ import annotations

from functools import cache


def is_common(password: str) -> bool:
    """True if the password, whatever its capitals, is on the list. The first call takes a tenth of a second."""
    return password.casefold() in _known()


@cache
def _known() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8)
