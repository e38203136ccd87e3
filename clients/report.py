"""Journal of a call for `--report`: every event on one clock."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """Loop time to epoch time by one reading of both, the events and the errors.

    Before the pairing `at` counts from the start of the program, after it from the pairing.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._loop_reading = clock()
        self._epoch_reading = time.time()
        self.zero: float | None = None
        self.events: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    def pair(self, zero: float) -> None:
        self.zero = zero

    def epoch(self, loop_time: float) -> float:
        """Epoch seconds of a loop time; steps of the system's clock don't reach it."""
        return self._epoch_reading + loop_time - self._loop_reading

    def since_pairing(self, loop_time: float) -> float | None:
        return None if self.zero is None else round(loop_time - self.zero, 4)

    def note(self, event: str, **details: Any) -> None:
        """Something happened now."""
        now = self._clock()
        entry = {"event": event, "epoch": round(self.epoch(now), 4), "at": self.since_pairing(now)}
        self.events.append(entry | details)

    def error(self, source: str, code: str, message: str) -> None:
        """Something went wrong now; the call may go on."""
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
        """A message with its arrival: `receivedAt` (epoch ms) and `at` (s after the pairing)."""
        now = self._clock()
        return message | {"receivedAt": round(self.epoch(now) * 1000, 1), "at": self.since_pairing(now)}


def say(**facts: Any) -> None:
    """One JSON line on standard output."""
    print(json.dumps(facts, ensure_ascii=False), flush=True)


def warn(text: str) -> None:
    """One line on standard error."""
    print(f"dragoman call: {text}", file=sys.stderr, flush=True)


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_line(file: TextIO, value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False) + "\n")
    file.flush()
