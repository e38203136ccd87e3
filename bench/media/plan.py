"""The plan of the runs: rounds, loads and durations. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CYCLE_S = 5.0
LOSS, JITTER_MS = 0.02, 30.0
BAD_LOSS, BAD_JITTER_MS = 0.10, 50.0
PARTS = 4  # of the sentences: as many clients say them all once
LIMIT_MS = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of measuring, after `settle` seconds in which nothing is lost."""

    quick: bool
    rounds: int
    peers: int
    clean_s: float
    lossy_s: float
    call_s: float
    ramp_s: float
    profile_s: float
    pacer_s: float
    settle: float = 1.5

    def echo_phases(self, number: int, encodings: int) -> list[dict[str, Any]]:
        """Plan a clean phase, and one in which five of eight clients lose packets and the others have jitter."""
        lossy = round(self.peers * 5 / 8)
        both = {"encodings": encodings}
        return [
            self._phase("clean", number, self.clean_s, [{"clients": self.peers, **both}]),
            self._phase(
                "lossy",
                number,
                self.lossy_s,
                [
                    {"clients": lossy, "loss": LOSS, **both},
                    {"clients": self.peers - lossy, "jitter_ms": JITTER_MS, **both},
                ],
            ),
        ]

    def call_phases(self, number: int, encodings: int, sound: str = "talk") -> list[dict[str, Any]]:
        """Plan whole cycles of talk, or of "silence", from the second one on: the first has no interpreter yet."""
        groups = [{"clients": self.peers, "sound": sound, "encodings": encodings}]
        phase = self._phase("clean", number, self.call_s, groups)
        return [{**phase, "lines": 2, "settle": CYCLE_S + 1}]

    def words_phase(self, folder: str) -> dict[str, Any]:
        """Plan all sentences once over a clean wire, twice over a bad one."""
        words = {"sound": "words", "parts": PARTS, "folder": folder}
        groups = [
            {"clients": PARTS, **words},
            {"clients": 2 * PARTS, "loss": BAD_LOSS, "jitter_ms": BAD_JITTER_MS, **words},
        ]
        return self._phase("words", 0, 12.0, groups) | {"settle": 0.0}

    def ramp(self, lines: int) -> dict[str, Any]:
        """Plan the search for capacity, from eight peers on.

        New calls cost less until they have their first interpreter.
        """
        waits = {"settle": 1.0, "settle_after_leap": 1.0} if lines == 1 else {"settle": 2.5, "settle_after_leap": 6.0}
        return {"lines": lines, "first": 8, "seconds": self.ramp_s, "limit_ms": LIMIT_MS, **waits}

    def _phase(self, name: str, number: int, seconds: float, groups: list[dict[str, Any]]) -> dict[str, Any]:
        return {"name": name, "settle": self.settle, "seconds": seconds, "seed": number + 1, "groups": groups}


FULL = Plan(False, 3, 8, clean_s=6, lossy_s=10, call_s=10, ramp_s=3, profile_s=8, pacer_s=6)
QUICK = Plan(True, 1, 8, clean_s=2, lossy_s=3, call_s=5, ramp_s=2, profile_s=4, pacer_s=2)
