"""The cases that are simulated: engines on cores or on a GPU, one job at a time or in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report.publishing import RESULTS
from bench.scale.calls import Talk
from bench.scale.inputs import Curve, Input, curve, gpu_curve
from bench.scale.pool import Stage
from bench.scale.simulation import Stages
from pipeline.engines.registry import Batching, EngineSpec, Kind, find
from server.short_windows.padding import MARGIN, SILENT_TAIL

STT, MT = "base", "opus"
"""Recogniser and translator on cores."""
GPU_STT = "large-v3-turbo"


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run engines. `on_gpu` are the stages whose workers have a GPU each; the others have a core each."""

    device: str
    batches: bool
    stages: Stages
    on_gpu: frozenset[Kind]

    @property
    def name(self) -> str:
        """Return the name in reports."""
        return f"{self.device}, {'in batches' if self.batches else 'one at a time'}"


def cases(inputs: Mapping[str, Input], folder: Path = RESULTS) -> Iterator[Case]:
    """Yield the cases. Raises BadInput where an engine was not measured."""
    around_s = inputs["around_s"].value
    on_core: dict[Kind, Curve] = {
        "stt": curve("stt", STT, folder),
        "mt": curve("mt", MT, folder),
        "tts": curve("tts", "espeak", folder),
    }
    whisper: dict[str, Mapping[str, Any]] = {
        "CPU": {"margin": MARGIN, "silent_tail": SILENT_TAIL},
        "GPU": {"device": "cuda"},
    }
    for device, options in whisper.items():
        times = on_core if device == "CPU" else {**on_core, "stt": gpu_curve(inputs)}
        gathers: dict[Kind, Batching] = {
            "stt": _batching(EngineSpec("stt", "whisper", options)),
            "mt": _batching(EngineSpec("mt", "opus-mt")),
            "tts": _batching(EngineSpec("tts", "espeak")),
        }
        for batches in (False, True):
            stages = {kind: Stage(times[kind], gathers[kind] if batches else Batching(), around_s) for kind in times}
            yield Case(device, batches, stages, frozenset({"stt"} if device == "GPU" else ()))


def talk_of(inputs: Mapping[str, Input]) -> Talk:
    """Return how people talk."""
    return Talk(
        inputs["sentence_s"].value,
        inputs["talk_share"].value,
        inputs["interim_s"].value,
        end_s=inputs["endpointing_s"].value,
    )


def _batching(spec: EngineSpec) -> Batching:
    """Return what the product gathers for an engine."""
    return find(spec).batching(spec.options)
