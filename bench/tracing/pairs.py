"""Interleaved pairs of one simulated call, without traces and with them: processor time of this process."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.call import Call, in_call
from bench.simulated_call.person import sound_of
from media.observers import context_of
from pipeline.context import bound
from pipeline.events import Event
from server.observe.otlp import OtlpExport
from server.observe.tracing import Tracing
from testing.speech_material import singles
from testing.spoken_turns import Turn
from testing.virtual_clock import VirtualLoop

SEED = 33
_SESSION = "s-bench"


@dataclass(frozen=True, slots=True)
class Pair:
    """Processor time (s) of a call without traces and of the same call with them."""

    off_s: float
    on_s: float
    spans_made: int
    spans_sent: int

    @property
    def share(self) -> float:
        """Share that traces add."""
        return self.on_s / self.off_s - 1


def pairs(count: int, turns: int) -> list[Pair]:
    """Return `count` pairs of a call of `turns` sentences. The order of the two changes from pair to pair."""
    said = singles(turns)
    with receiver() as url:
        measured(said, None)  # what is loaded once is loaded
        found = []
        for number in range(count):
            runs = {}
            for on in (False, True) if number % 2 else (True, False):
                runs[on] = measured(said, url if on else None)
            (off_s, _, _), (on_s, made, sent) = runs[False], runs[True]
            found.append(Pair(off_s, on_s, made, sent))
        return found


def measured(said: Sequence[Turn], url: str | None) -> tuple[float, int, int]:
    """Return the processor time (s) of a call until all its spans are sent, and the spans made and sent."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        took_s, export = runner.run(_call(said, url))
    if export is None:
        return took_s, 0, 0
    began = time.process_time()
    made = export.offered
    asyncio.run(export.close())
    return took_s + time.process_time() - began, made, export.counts.sent


async def _call(said: Sequence[Turn], url: str | None) -> tuple[float, OtlpExport | None]:
    async with bundled() as (stages, _):
        began = time.process_time()
        export, tracing = None, None
        if url is not None:
            export = OtlpExport(url, {}, "bench")
            tracing = Tracing(export, asyncio.get_running_loop().time)
            stages.timings.observe(tracing.time)
        with bound(_SESSION):
            await in_call(stages, SEED, partial(_talk, said=said, tracing=tracing))
        if tracing is not None:
            tracing.close(_SESSION)
        return time.process_time() - began, export


async def _talk(call: Call, said: Sequence[Turn], tracing: Tracing | None) -> None:
    """Let both people say their sentences, one after the other."""
    if tracing is not None:
        call.observers.append(partial(_observe, tracing))
    speakers = {person.language: person for person in call.people}
    for turn in said:
        await call.until_said(speakers[turn.language], sound_of(turn))


def _observe(tracing: Tracing, event: Event) -> None:
    tracing.observe(context_of(_SESSION, event), event)


class _Receiver(BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def _receive(address: Connection) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        address.send(server.server_address[1])
        server.serve_forever()


@contextmanager
def receiver() -> Iterator[str]:
    """Run a receiver of OTLP in a process of its own, whose time does not count."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1/traces"
    finally:
        process.terminate()
        process.join()
