"""Main program of an engine's process: loads the engine, then answers batches of jobs from the pipe.

Messages are pickles behind a 4-byte big-endian length, on standard input and output, and only ever between this process
and the parent that started it. In: the `EngineSpec`, the niceness and the engine's keys, then sequences of envelopes.
Out: `EngineReady` or `EngineUnfit` once, then for each sequence of envelopes a list of `JobDone` and `JobFailed`.
End of file on standard input ends the process, whatever the engine is doing.
"""

from __future__ import annotations

import logging
import os
import pickle
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO

from pipeline.engines import registry
from pipeline.lanes.pipe_messages import LENGTH, EngineUnfit, answer, capabilities, describe, method, pack
from pipeline.wordless import WordlessFormatter, trace

log = logging.getLogger(__name__)


def _read(pipe: BinaryIO) -> Any:
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    body = pipe.read(*LENGTH.unpack(head))
    return pickle.loads(body)


def _listen(pipe: BinaryIO, inbox: queue.SimpleQueue[Any]) -> None:
    """Read messages in a thread, so that the parent's end is noticed even while the engine hangs."""
    try:
        while True:
            inbox.put(_read(pipe))
    except (EOFError, OSError, pickle.UnpicklingError):
        os._exit(0)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipes to the parent. A library that prints, or a child that reads, can't touch them now."""
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return inward, outward


def main() -> None:
    # The parent decides when we end; a Ctrl-C in the terminal or a service manager's SIGTERM to the whole
    # group must not take the engine away from a sentence that is still to be finished. No session of our own: where
    # the kernel shares time between sessions (autogroup, sched(7)), a niced one may wait for seconds to work for a few
    # ms, while in the server's, `nice` counts.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    inward, outward = _private_streams()
    handler = logging.StreamHandler()
    handler.setFormatter(WordlessFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    sys.excepthook = lambda kind, error, frames: log.critical("the engine's process ends: %s", trace(error))

    def send(message: object) -> None:
        outward.write(pack(message))
        outward.flush()

    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()  # no bound: the lane sends one batch at a time
    threading.Thread(target=_listen, args=(inward, inbox), daemon=True).start()
    spec, niceness, keys = inbox.get()
    os.nice(niceness)
    try:
        engine = registry.make(spec, keys)
        run = method(engine)
        warm_up = getattr(engine, "warm_up", None)
        if warm_up is not None:
            warm_up()
    except Exception as error:  # noqa: BLE001 - libraries raise what they like while they load
        send(EngineUnfit(describe(error)))
        return
    send(capabilities(engine))
    while True:
        envelopes = inbox.get()
        send(answer(run, [envelope.job for envelope in envelopes], envelopes))


if __name__ == "__main__":
    main()
