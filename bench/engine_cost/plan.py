"""The plan of the measurements: models, devices, threads and batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BATCHES = (1, 2, 4, 8, 16)
WINDOWS = (30, 10, 6)  # s that the encoder is given; 30 is Whisper's padding
PADDED_S, SHORT_S = 30, 6  # windows of an utterance of twelve words, its tail and, in 6 s, a margin of a second
TOKENS = 15  # of each answer
TEXT = "I would like to book a quiet table for two people tonight."  # twelve words
SPEECH_S = 12 / 2.75  # as long as they take at 165 words a minute

STT = ("tiny", "base", "small", "distil-small.en", "medium", "turbo", "distil-large-v3", "large-v3")
MT = ("opus", "m2m100", "nllb")
QUICK = {"stt": ("tiny", "base"), "mt": ("opus",)}
ENCODER_OF = {"turbo": "large-v3", "distil-large-v3": "large-v3"}  # the same: its 30 s are measured there


@dataclass(frozen=True, slots=True)
class Task:
    """One engine with one model, measured in a process of its own. `path` is a folder of real weights; where it is
    empty, random ones of true size are made in `folder`. `budget_s` is for one measurement; a batch that would take
    more than `longest_s` is left out."""

    kind: str
    name: str
    device: str
    compute: str
    threads: int
    batches: tuple[int, ...]
    windows: tuple[int, ...]
    path: str
    folder: str
    budget_s: float
    longest_s: float

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Task:
        return cls(**{**told, "batches": tuple(told["batches"]), "windows": tuple(told["windows"])})

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}, {self.device} {self.compute}, {self.threads} threads"


def tasks(folder: Path, real: Mapping[tuple[str, str], str], *, quick: bool, gpus: int) -> Iterator[Task]:
    """Yield the tasks in their order. `real` maps (kind, name) to a folder of real weights."""
    computes = [("cpu", "int8", threads) for threads in ((1,) if quick else (1, 2))]
    if gpus:
        computes += [("cuda", "float16", 1), ("cuda", "int8_float16", 1)]
    budget, longest = (0.4, 3.0) if quick else (0.6, 4.0)

    def task(kind: str, name: str, of: tuple[str, str, int], windows: tuple[int, ...] = ()) -> Task:
        path = real.get((kind, name), "")
        batches = BATCHES if not quick and of[2] == 1 else (1, 8)
        return Task(kind, name, *of, batches, windows, path, str(folder / f"{kind}-{name}"), budget, longest)

    stt, mt = (QUICK["stt"], QUICK["mt"]) if quick else (STT, MT)
    for name in stt:
        windows = tuple(window for window in WINDOWS if window != 30 or name not in ENCODER_OF)
        for of in computes:
            yield task("stt", name, of, windows)
    for name in mt:
        for of in computes:
            yield task("mt", name, of)
    yield task("tts", "espeak", ("cpu", "-", 1))
    for kind, name in real:
        if kind == "tts" and name != "espeak":
            for of in computes[:2]:
                yield task(kind, name, of)
