"""Tasks that an object owns which is an asynchronous context manager itself."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

Result = TypeVar("Result")


class OwnedTasks:
    """A task group that its owner enters in `__aenter__` and leaves in `__aexit__`. Leaving cancels its tasks.

    A task that fails cancels the others, and the error reaches the owner's scope as a group's does.
    """

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    def start(self, coroutine: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Run a coroutine as a task until it ends, is cancelled, or the scope is left."""
        task = self._group.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        # The body's own error is not the group's to wrap; a cancellation may be the group's own.
        cancelled = kind is not None and issubclass(kind, asyncio.CancelledError)
        try:
            await self._group.__aexit__(kind if cancelled else None, error if cancelled else None, trace)
        finally:
            for task in tasks:
                _clear_frames(task)


def _clear_frames(task: asyncio.Task[Any]) -> None:
    """Empty the frames of a cancelled task: they hold the owner, which would live until a garbage collection."""
    if task.cancelled():
        try:
            task.exception()
        except asyncio.CancelledError as error:
            traceback.clear_frames(error.__traceback__)
