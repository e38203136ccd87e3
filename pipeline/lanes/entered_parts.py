"""Enters the parts of a lane that is made of several, and leaves them again: all of them, or none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self


class EntersParts(ABC):
    """Asynchronous context manager over parts that are asynchronous context managers themselves."""

    __slots__ = ("_entered",)

    _entered: AsyncExitStack

    @abstractmethod
    async def _enter_parts(self, stack: AsyncExitStack) -> None:
        """Enter the parts, each by `stack`. Where one fails, those before it are left again."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._enter_parts(stack)
            self._entered = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._entered.__aexit__(kind, error, trace)
