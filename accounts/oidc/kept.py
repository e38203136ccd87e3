"""Keeps a provider's document for a while: one request at a time, and none soon after one that failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from accounts.oidc.refusals import Reason, SignInRefused

T = TypeVar("T")

KEEP_S = 3600.0
"""Time for which a document is believed without another look."""
REST_S = 10.0
"""Shortest time between two requests for a document."""


class Kept(Generic[T]):
    """A document that `load` fetches. It may raise SignInRefused, which holds for everybody during `REST_S`."""

    def __init__(self, load: Callable[[], Awaitable[T]], steady: Callable[[], float]) -> None:
        self._load = load
        self._steady = steady
        self._one = asyncio.Lock()
        self._value: T | None = None
        self._problem: SignInRefused | None = None
        self._asked_at = float("-inf")

    async def get(self) -> T:
        """Return the document, at most `KEEP_S` old."""
        return await self._younger_than(KEEP_S)

    async def newer(self) -> T:
        """Return the document, at most `REST_S` old."""
        return await self._younger_than(REST_S)

    async def _younger_than(self, age_s: float) -> T:
        async with self._one:
            age = self._steady() - self._asked_at
            if self._problem is not None and age < REST_S:
                raise SignInRefused(self._problem.reason, self._problem.why)
            if self._value is None or self._problem is not None or age >= age_s:
                await self._ask()
            assert self._value is not None
            return self._value

    async def _ask(self) -> None:
        # A requester who gives up while the provider is silent has asked, too: the next one is refused at once.
        self._problem = SignInRefused(Reason.PROVIDER_FAILED, "the provider does not answer")
        try:
            self._value = await self._load()
            self._problem = None
        except SignInRefused as problem:
            self._problem = problem
            raise
        finally:
            self._asked_at = self._steady()
