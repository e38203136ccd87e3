"""An event loop whose time passes only by waiting: an hour of sleeps is over at once, and always the same."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any


class _Selector(selectors.BaseSelector):
    """Selector whose waiting makes the loop's clock jump.

    To wait for nothing at all is an error: nothing would ever happen.
    """

    def __init__(self, loop: VirtualLoop) -> None:
        self._real = selectors.DefaultSelector()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("every task waits for something that will never happen")
        self._loop.pass_time(timeout)
        alone = len(self._real.get_map()) <= 1  # the loop's own pipe, by which a thread would wake it: it never sleeps
        return [] if alone else self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 1000 s; `pass_time` is a piece of work that blocks the loop."""

    def __init__(self) -> None:
        self._now = 1000.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        self._now += seconds


def virtually(test: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Return `test`, a coroutine function, as a function that runs it on a virtual loop and leaves no task behind."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> Any:
        async def whole() -> Any:
            result = await test(*args, **kwargs)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"tasks left: {left}"
            return result

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(whole())

    return run
