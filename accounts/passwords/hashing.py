"""Hashes passwords by argon2id on a few niced threads, with a bounded line: the event loop never waits for it."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.options import HashingOptions
from accounts.refusals import Busy

T = TypeVar("T")


class PasswordHashing:
    """Hashes and verifies passwords. Raises Busy where too many wait."""

    def __init__(self, options: HashingOptions) -> None:
        self._options = options
        self._hasher = PasswordHasher(options.passes, options.memory_kib, options.lanes)
        self._threads = ThreadPoolExecutor(options.threads, "passwords", initializer=self._yield_to_calls)
        self._in_hand = 0
        self._nobody = ""

    def __repr__(self) -> str:
        return f"<PasswordHashing, {self._in_hand} in hand>"

    async def start(self) -> None:
        """Make the hash that stands in for the one of an unknown person."""
        self._nobody = await self.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """Return the hash in PHC's string format, with a random salt."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """True if the hash is the password's. Without a hash the same work is done, and the answer is False."""
        matches = await self._run(lambda: self._matches(hashed or self._nobody, password))
        return matches and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """True if the hash was made by other parameters."""
        return self._hasher.check_needs_rehash(hashed)

    async def run(self, work: Callable[[], T]) -> T:
        """Do other work of passwords that takes too long for the event loop, on the same threads."""
        return await self._run(work)

    def close(self) -> None:
        """End the threads, once they are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._in_hand >= self._options.threads + self._options.most_waiting:
            raise Busy("too many passwords wait")
        self._in_hand += 1
        future = self._threads.submit(work)
        # Counted until the thread is done: a client that hangs up does not shorten the line.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _call_soon(loop, self._done))
        return await asyncio.shield(asyncio.wrap_future(future))

    def _done(self) -> None:
        self._in_hand -= 1

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _yield_to_calls(self) -> None:
        with suppress(OSError, AttributeError):  # other systems nice whole processes only
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._options.niceness)


def _call_soon(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(work)
