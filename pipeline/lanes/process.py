"""The parent's end of an engine's process: start it, give it jobs, kill it."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from pipeline.engines.registry import EngineSpec, key_variables
from pipeline.errors import EngineError, ProcessGone
from pipeline.lanes import child_environment
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.pipe_messages import LENGTH, Answer, EngineReady, EngineUnfit, pack

_ROOT = str(Path(__file__).resolve().parents[2])

_OFFLINE = {"HF_HUB_OFFLINE": "1"}
"""Models are fetched beforehand (`dragoman models pull`): a library that misses a file says so, and asks nobody."""
_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
_REAPED_WITHIN_S = 2.0

log = logging.getLogger(__name__)


class EngineHost(Protocol):
    """The place where an engine lives, as its lane sees it: a process here, or an event loop."""

    @property
    def alive(self) -> bool:
        """True until the host has ended."""
        ...

    @property
    def pid(self) -> int | None:
        """The process, or None if there is none."""
        ...

    async def start(self) -> EngineReady:
        """Load and warm the engine. Raises `EngineError` if it can't be loaded, `ProcessGone` if it dies."""
        ...

    async def run(self, envelopes: Sequence[Envelope[Any]]) -> Sequence[Answer]:
        """Return one answer for each job, in order. Raises `ProcessGone` if the host ends first."""
        ...

    async def stop(self) -> None:
        """End the host at once, whatever it does, and leave nothing behind."""
        ...


class _Pipe(asyncio.SubprocessProtocol):
    """The child's output, cut into messages, and the news that it is gone."""

    def __init__(self, on_exit: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self.messages: asyncio.Queue[Any] = asyncio.Queue()  # no bound: an engine answers only what it was asked
        self.closed: asyncio.Future[None] = loop.create_future()
        self.exited = False
        self.reaped = asyncio.Event()
        self._on_exit = on_exit
        self._buffer = bytearray()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            self.messages.put_nowait(pickle.loads(self._buffer[LENGTH.size : end]))
            del self._buffer[:end]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        # Not process_exited: that may overtake the child's last words, which are still in the pipe.
        if fd == 1:
            self.exited = True
            self.messages.put_nowait(ProcessGone("the engine's process ended"))
            self._on_exit()

    def process_exited(self) -> None:
        self.reaped.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


class EngineProcess:
    """An `EngineHost` that is a child process of ours, one engine in each, niced so that audio goes first.

    `environment` is what the process may see of ours; None: what `child_environment` allows.
    """

    def __init__(
        self,
        spec: EngineSpec,
        *,
        nice: int = 10,
        environment: Mapping[str, str] | None = None,
        on_exit: Callable[[], None] = lambda: None,
    ) -> None:
        self._spec = spec
        self._environment = environment
        self._nice = nice
        self._on_exit = on_exit
        self._transport: asyncio.SubprocessTransport | None = None
        self._pipe: _Pipe | None = None
        self._unfit = False

    @property
    def alive(self) -> bool:
        return self._pipe is not None and not self._pipe.exited

    @property
    def pid(self) -> int | None:
        return self._transport.get_pid() if self._transport and self.alive else None

    async def start(self) -> EngineReady:
        environment = child_environment.of_engine(self._spec, self._environment)
        path = os.pathsep.join(filter(None, (_ROOT, environment.get("PYTHONPATH"))))
        transport, self._pipe = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Pipe(self._on_exit),
            sys.executable,
            "-P",  # the working directory is no place to import from
            "-m",
            "pipeline.lanes.worker",
            stderr=None,
            env={**environment, **_ONE_THREAD, **_OFFLINE, "PYTHONPATH": path},
        )
        self._transport = transport
        keys = {name: environment[name] for name in key_variables(self._spec) if name in environment}
        reply = await self._ask((self._spec, self._nice, keys))
        if isinstance(reply, EngineUnfit):
            self._unfit = True
            raise EngineError(reply.reason)
        return cast(EngineReady, reply)

    async def run(self, envelopes: Sequence[Envelope[Any]]) -> Sequence[Answer]:
        return cast(Sequence[Answer], await self._ask(envelopes))

    async def stop(self) -> None:
        if self._transport is None or self._pipe is None:
            return
        died = self._pipe.exited and not self._unfit  # one whose engine can't be loaded ends by itself
        cancelled: asyncio.CancelledError | None = None
        if died:  # asyncio's `close` may reap it before asyncio's watcher does, and then its status is lost
            try:
                async with asyncio.timeout(_REAPED_WITHIN_S):
                    await self._pipe.reaped.wait()
            except TimeoutError:  # it has closed its pipe, and lives
                pass
            except asyncio.CancelledError as error:
                cancelled = error
        self._transport.close()  # kills the process if it lives, and closes our ends of its pipes
        while not self._pipe.closed.done():
            try:
                await asyncio.shield(self._pipe.closed)
            except asyncio.CancelledError as error:  # it is being killed: reap it all the same
                cancelled = error
        if died:  # whether it had a job or not: what killed it is found by this line
            status = self._transport.get_returncode()
            how = f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"
            name, pid = f"{self._spec.kind} {self._spec.name}", self._transport.get_pid()
            log.error("%s: process %d is gone (%s), and another one takes its place", name, pid, how)
        if cancelled is not None:
            raise cancelled

    async def _ask(self, message: object) -> Any:
        assert self._transport is not None and self._pipe is not None
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        if self._pipe.exited:
            raise ProcessGone("the engine's process ended")
        stdin.write(pack(message))
        reply = await self._pipe.messages.get()
        if isinstance(reply, ProcessGone):
            raise reply
        return reply
