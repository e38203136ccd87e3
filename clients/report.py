"""The journal of a call: events and errors on one clock, for `--report`, and the lines of output."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """The events and errors of a call, with loop time converted to epoch time by one reading of both clocks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._loop_reading = clock()
        self._epoch_reading = time.time()
        self.zero: float | None = None
        self.events: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    def pair(self, zero: float) -> None:
        """Set the time of the pairing: loop time, s."""
        self.zero = zero

    def epoch(self, loop_time: float) -> float:
        """Convert loop time to epoch seconds. Later steps of the system's clock have no effect."""
        return self._epoch_reading + loop_time - self._loop_reading

    def since_pairing(self, loop_time: float) -> float | None:
        """Convert loop time to s after the pairing. None before the pairing."""
        return None if self.zero is None else round(loop_time - self.zero, 4)

    def note(self, event: str, **details: Any) -> None:
        """Record an event now."""
        now = self._clock()
        entry = {"event": event, "epoch": round(self.epoch(now), 4), "at": self.since_pairing(now)}
        self.events.append(entry | details)

    def error(self, source: str, code: str, message: str) -> None:
        """Record an error now. The call may go on."""
        now = self._clock()
        self.errors.append(
            {
                "source": source,
                "code": code,
                "message": message,
                "epoch": round(self.epoch(now), 4),
                "at": self.since_pairing(now),
            }
        )

    def stamp(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message with its arrival: `receivedAt` (epoch ms) and `at` (s after the pairing)."""
        now = self._clock()
        return message | {"receivedAt": round(self.epoch(now) * 1000, 1), "at": self.since_pairing(now)}


def say(**facts: Any) -> bool:
    """Print one JSON line on standard output. Return False once its reader has gone, as `head` does."""
    try:
        print(json.dumps(facts, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        # Python flushes standard output at its end too: what is left goes nowhere, without a traceback.
        with open(os.devnull, "w", encoding="ascii") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return False
    return True


def warn(text: str) -> None:
    """Print one line on standard error."""
    print(f"dragoman call: {text}", file=sys.stderr, flush=True)


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_line(file: TextIO, value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False) + "\n")
    file.flush()
