"""Decides whether an address of e-mail gets one more letter, whoever asks for it and by whichever call."""

from __future__ import annotations

import hashlib

from accounts.people.addresses import known_as
from signaling.ports import Dependencies
from signaling.rate_limits import Rate


class LetterLimit:
    """The most letters that one address gets."""

    def __init__(self, dependencies: Dependencies, rate: Rate) -> None:
        self._steady = dependencies.steady
        self._letters = dependencies.rate_limiter("letters_to_person", rate)

    def consume(self, email: str) -> float:
        """Return the seconds until the address may get one more letter: 0 if it may now, and then it is counted."""
        return self._letters.consume(_key(email), self._steady())


def _key(email: str) -> str:
    """Return what letters to an address are counted under: limiters may be shared, and need not know addresses."""
    return hashlib.sha256(known_as(email).encode("utf-8", "surrogatepass")).hexdigest()
