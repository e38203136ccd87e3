"""Gives inputs to a target, and judges: an exception that is no answer, a hang, or what is kept of each input."""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.operations.fuzz.target import Run, Target

HANG_S = 5.0
"""Processor time of one input of at most 4 KiB: some thousand times what the dearest one takes."""
MOST_OBJECTS = 0.05
"""Python objects that may be kept of an input, on an average."""
MOST_MIB = 24.0
"""Resident memory that a long examination may take after its first quarter, MiB."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Hang(BaseException):
    """An input has taken more than `HANG_S` of processor time. No parser's `except Exception` catches it."""


@dataclass(frozen=True)
class Finding:
    """`kind` is `crash`, `hang` or `growth`; `data` is the input, where a single one is to blame."""

    kind: str
    detail: str
    data: bytes | None = None


@dataclass
class Examination:
    inputs: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def resident_mib() -> float:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20


def examine(target: Target, inputs: Iterable[bytes], hang_s: float = HANG_S) -> Examination:
    """Give each input to the target. Ends at the first crash or hang."""
    found = Examination()
    with target.open() as run, bounded():
        _give(target, run, inputs, found, hang_s)
    return found


def kept_objects(target: Target, inputs: list[bytes]) -> float:
    """Return the Python objects that are kept of an input: all are given once, and then once more, and counted."""
    found = Examination()
    with target.open() as run, bounded():
        _give(target, run, inputs, found, HANG_S)
        gc.collect()
        before = len(gc.get_objects())
        _give(target, run, inputs, found, HANG_S)
        gc.collect()
        return (len(gc.get_objects()) - before) / len(inputs)


def watched(target: Target, inputs: Iterator[bytes], seconds: float, clock: Callable[[], float]) -> Examination:
    """Give inputs for `seconds` of `clock`, and watch the memory of this process."""
    found, began, first_mib = Examination(), clock(), None

    def timed() -> Iterator[bytes]:
        nonlocal first_mib
        while (since := clock() - began) < seconds:
            if first_mib is None and since > seconds / 4:
                gc.collect()
                first_mib = resident_mib()
            yield next(inputs)

    with target.open() as run, bounded():
        _give(target, run, timed(), found, HANG_S)
        gc.collect()
        grown = resident_mib() - first_mib if first_mib is not None else 0.0
    if grown > MOST_MIB:
        found.findings.append(Finding("growth", f"{grown:.1f} MiB over {found.inputs} inputs"))
    return found


def _give(target: Target, run: Run, inputs: Iterable[bytes], found: Examination, hang_s: float) -> None:
    for data in inputs:
        found.inputs += 1
        began = time.thread_time()
        try:
            with limited(hang_s):
                run(data)
        except target.refusals:
            found.refused += 1
        except Hang:
            found.findings.append(Finding("hang", f"more than {hang_s} s of processor time", data))
        except Exception:  # noqa: BLE001 - an exception that is no answer is what is looked for
            found.findings.append(Finding("crash", traceback.format_exc(limit=-6), data))
        found.slowest_ms = max(found.slowest_ms, 1000 * (time.thread_time() - began))
        if found.findings:
            return


@contextmanager
def limited(hang_s: float = HANG_S) -> Iterator[None]:
    """Raise Hang in this scope after `hang_s` of processor time. It lies within `bounded`."""
    signal.setitimer(signal.ITIMER_PROF, hang_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def bounded() -> Iterator[None]:
    """Have the timer of processor time raise Hang."""

    def expired(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, expired)
    try:
        yield
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGPROF, before)
