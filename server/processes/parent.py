"""`dragoman serve --processes N`: starts the processes of one server, answers their steps, and starts dead ones anew.

The parent holds the port and says which process has which session. It carries neither media nor requests.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from nodes.parent_channel import answer_child
from nodes.rooms_in_memory import RoomsInMemory
from server.nodes import session_life_s
from server.port import address_of, port_problem, renewal_of
from server.processes.place import hand_over, names_of, share_of
from server.settings import Settings, filled
from server.tls.listening import bound
from signaling.config import SignalingLimits, SignalingOptions
from signaling.websocket.between_nodes import ALL_END_S
from storage.sqlite import SqliteSessions, StoreError

log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[2])
STEADY_S = 60.0
"""Life of a process after which its end is no longer taken for that of one that can't run."""
LONGEST_PAUSE_S = 30.0
LAST_S = 2 * ALL_END_S
"""Time beyond `DRAGOMAN_SHUTDOWN_SECONDS` after which a process that does not end is killed."""
HUNG_S = 30.0
"""Time without a sign of life after which a process is killed: it hangs, and others have its sessions long since."""
LOOK_S = 5.0
_STEPS = (
    "beat", "leave", "claim", "locate", "take_over", "leave_unread", "save", "hold", "end", "withdrawn", "left_by",
    "forget", "exchange",
)  # fmt: skip


async def serve_processes(settings: Settings) -> int:
    """Run the processes until a signal; return the exit status: theirs where one can't start. Raises BadSetting."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    renewal = renewal_of(settings)  # what is wrong with it is told once
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()
    for number, sent in (
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGINT, signal.SIGTERM),
        (signal.SIGHUP, signal.SIGHUP),
    ):
        loop.add_signal_handler(number, _stop, stop, sent)
    try:
        async with SqliteSessions(settings.data / "dragoman.sqlite") as store:
            rooms = await _rooms(settings, store)
            with ExitStack() as held:
                listening = [held.enter_context(one) for one in await bound(settings.host, settings.port)]
                address = address_of("http" if renewal is None else "https", listening)
                return await Processes(settings, listening, rooms, address, stop).run()
    except (StoreError, OSError) as error:
        problem = str(error) if isinstance(error, StoreError) else port_problem(settings, error)
        if problem is None:
            raise
        print(f"dragoman: {problem}", file=sys.stderr)
        return 1


def _stop(stop: asyncio.Future[int], number: int) -> None:
    if not stop.done():
        stop.set_result(number)


async def _rooms(settings: Settings, store: SqliteSessions) -> RoomsInMemory:
    """Return the directory of the processes, with what earlier ones left behind."""
    options = filled(settings, SignalingOptions, limits=filled(settings, SignalingLimits))
    rooms = RoomsInMemory(store, int(session_life_s(options) * 1000), lambda: int(time.monotonic() * 1000))
    forget_before = int((time.time() - options.remember_ended_s) * 1000)
    live, ended = await store.load(forget_before)
    rooms.restore(live, ended, names_of(settings.processes), forget_before)
    return rooms


class Processes:
    """Processes of one server. `stop` gets the signal that ends them all."""

    def __init__(
        self,
        settings: Settings,
        listening: Sequence[socket.socket],
        rooms: RoomsInMemory,
        address: str,
        stop: asyncio.Future[int],
    ) -> None:
        self._settings = share_of(settings)
        self._names = names_of(settings.processes)
        self._listening = listening
        self._rooms = rooms
        self._address = address
        self._stop = stop
        self._running: dict[str, Process] = {}
        self._ready: set[str] = set()
        """Names of processes that have been ready once."""
        self._starts: Counter[str] = Counter()
        self._announced = False
        self._status = 0
        steps = {name: getattr(rooms, name) for name in _STEPS}
        self._answers = {**steps, "ready": self._note_ready, "ends": stop.done, "starts": lambda: self._starts}

    def __repr__(self) -> str:
        return f"<Processes, {len(self._running)} of {len(self._names)} run, {len(self._ready)} were ready>"

    async def run(self) -> int:
        """Run until `stop`; return the exit status."""
        async with asyncio.TaskGroup() as tasks:
            keepers = [tasks.create_task(self._keep(name)) for name in self._names]
            number = await asyncio.shield(self._stop)
            log.info("stopping", extra={"signal": number, "processes": len(self._running)})
            for process in self._running.values():
                _send(process, number)
            _, late = await asyncio.wait(keepers, timeout=self._settings.shutdown_seconds + LAST_S)
            for name, process in self._running.items() if late else ():
                log.error("a process did not end, and is killed", extra={"ended": name})
                _send(process, signal.SIGKILL)
        return self._status

    async def _keep(self, name: str) -> None:
        """Run a process, and another one in its place whenever it ends before all shall."""
        pause = 0.0
        while not self._stop.done():
            began = time.monotonic()
            try:
                status = await self._run(name)
            except OSError as problem:  # of the start: no memory, no more processes
                log.error("a process can't be started: %s", problem.strerror)
                status = 1
            # The boundary between one process and the others, which have calls.
            except Exception:
                log.exception("a process was lost")
                status = 1
            if self._stop.done():
                return
            if name not in self._ready:  # the next one would fail as well, and nobody was let in yet
                self._status = status if status > 0 else 1
                _stop(self._stop, signal.SIGTERM)
                return
            log.error("a process has ended, and is started anew", extra={"ended": name, "status": status})
            pause = 0.0 if time.monotonic() - began > STEADY_S else pause
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await asyncio.shield(self._stop)
            pause = min(LONGEST_PAUSE_S, max(1.0, 2 * pause))

    async def _run(self, name: str) -> int:
        """Run a process to its end; return its exit status, or the signal that ended it, negative."""
        ours, theirs = socket.socketpair()
        with theirs:
            passed = [one.fileno() for one in (theirs, *self._listening)]
            when = "late" if name in self._ready else "first"
            # -P: the working directory is no place to import from.
            command = [sys.executable, "-P", "-m", "server.one_process", name, when, *map(str, passed)]
            path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=passed,
                process_group=0,  # a terminal's Ctrl-C is for the parent, which hands it on
            )
        self._running[name] = process
        self._starts[name] += 1
        try:
            with suppress(ConnectionError):  # it has ended already
                hand_over(ours, self._settings)
            if self._stop.done():
                _send(process, self._stop.result())
            async with asyncio.TaskGroup() as tasks:
                beside = [
                    tasks.create_task(answer_child(ours, self._answers)),
                    tasks.create_task(self._end_hung(name, process)),
                ]
                status = await process.wait()
                for task in beside:
                    task.cancel()
            return status
        finally:
            del self._running[name]
            if process.returncode is None:
                process.kill()
                await process.wait()
            self._rooms.gone(name)

    async def _end_hung(self, name: str, process: Process) -> None:
        """Kill a process that shows no sign of life any more, or that has left, and does not end.

        One that has shown none yet may still load its engines.
        """
        looks, last_s = 0, self._settings.shutdown_seconds + LAST_S
        while looks < 2:  # a machine that stood still has one look before its processes
            await asyncio.sleep(LOOK_S)
            silent, ending = self._rooms.silent_ms(name) / 1000, self._rooms.ending_ms(name) / 1000
            looks = looks + 1 if silent >= HUNG_S or ending >= last_s else 0
        log.error("a process hangs, and is killed", extra={"ended": name})
        _send(process, signal.SIGKILL)

    def _note_ready(self, name: str) -> None:
        self._ready.add(name)
        if len(self._ready) == len(self._names) and not self._announced:
            self._announced = True
            print(f"ready {self._address}", flush=True)


def _send(process: Process, number: int) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
