"""A store of accounts that hangs, raises, or loses its answers when a test says so; else it is the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from storage.accounts.ports import AccountStore, Unavailable


@dataclass
class Faults:
    """State of the database. `answer_lost`: what is written is written, and the writer is not answered."""

    away: bool = False
    hangs: bool = False
    answer_lost: bool = False
    calls: list[str] = field(default_factory=list)
    back: asyncio.Event = field(default_factory=asyncio.Event)


class FailingStore:
    """`AccountStore` whose parts fail by `faults`."""

    def __init__(self, store: AccountStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return _Part(name, getattr(self._store, name), self._faults)


class _Part:
    def __init__(self, name: str, part: Any, faults: Faults) -> None:
        self._name, self._part, self._faults = name, part, faults

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        act = getattr(self._part, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            faults = self._faults
            faults.calls.append(f"{self._name}.{name}")
            if faults.hangs:
                await faults.back.wait()
            if faults.away:
                raise Unavailable("away")
            result = await act(*arguments, **named)
            if faults.answer_lost:
                raise Unavailable("the answer was lost")
            return result

        return call
