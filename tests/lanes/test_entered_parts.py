"""Parts of a lane are entered in order and left in reverse; where one can't be entered, those before it are left."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import pytest

from pipeline.lanes.entered_parts import EntersParts


class Part:
    def __init__(self, name: str, seen: list[str], *, breaks: bool = False) -> None:
        self.name, self.seen, self.breaks = name, seen, breaks

    async def __aenter__(self) -> Self:
        if self.breaks:
            raise OSError(self.name)
        self.seen.append(f"enter {self.name}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seen.append(f"leave {self.name} {error!r}")


class Whole(EntersParts):
    def __init__(self, *parts: Part) -> None:
        self.parts = parts

    async def _enter_parts(self, stack: AsyncExitStack) -> None:
        for part in self.parts:
            await stack.enter_async_context(part)


async def test_parts_are_left_in_reverse_and_told_the_error() -> None:
    seen: list[str] = []
    whole = Whole(Part("a", seen), Part("b", seen))
    assert await whole.__aenter__() is whole
    error = ValueError("inside")
    await whole.__aexit__(ValueError, error, None)
    assert seen == ["enter a", "enter b", "leave b ValueError('inside')", "leave a ValueError('inside')"]


async def test_none_stays_entered_where_one_fails() -> None:
    seen: list[str] = []
    with pytest.raises(OSError, match="b"):
        await Whole(Part("a", seen), Part("b", seen, breaks=True)).__aenter__()
    assert seen == ["enter a", "leave a OSError('b')"]
