"""Trial of one engine as a server would use it: its own process, its lane, one utterance."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pipeline.engines.registry import EngineSpec
from pipeline.lanes.local import LocalLane
from pipeline.speech import SAMPLE_RATE, Speech, Synthesize, Transcribe, Transcript, Translate, Translation
from server.cli.model_selection.samples import SENTENCES, language_among, pair_among, spoken
from server.engine_choice.environment import engine_environment

_SAID_ENGLISH_S = 3.5
"""Seconds that a translated sentence of about twelve words takes to say, where nobody said it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One engine's measurement on one utterance."""

    load_s: float
    """Time until the engine was warm."""
    seconds: float
    """Time for the utterance, the median of the runs."""
    audio_s: float
    """Length of the utterance that was recognised or spoken."""
    result: str
    """Result of the engine, for people."""

    @property
    def factor(self) -> float:
        """Seconds of work for a second of speech."""
        return self.seconds / self.audio_s


async def tried(spec: EngineSpec, wanted: Collection[str] = ("en",), runs: int = 1) -> Trial:
    """Raises EngineError for an engine that can't be loaded, or gives nothing that it should. A line waits for its
    engine, so that the first run's time is not that of loading."""
    began = time.monotonic()
    async with LocalLane[Any, Any](spec, nice=0, environment=engine_environment(spec)) as lane:
        await lane.wait_ready()
        load_s = time.monotonic() - began
        job, audio_s = await _job(spec, lane.languages, lane.pairs, wanted)
        times = []
        for _ in range(runs):
            began = time.monotonic()
            done = await lane.do(job)
            times.append(time.monotonic() - began)
    if isinstance(done, Speech):
        audio_s = max(done.duration_ms / 1000, 0.02)
    return Trial(load_s, statistics.median(times), audio_s, _shown(done))


async def _job(
    spec: EngineSpec, languages: Collection[str], pairs: Collection[tuple[str, str]], wanted: Collection[str]
) -> tuple[Transcribe | Translate | Synthesize, float]:
    if spec.kind == "mt":
        source, target = pair_among(pairs, wanted)
        return Translate(SENTENCES.get(source, SENTENCES["en"]), source, target), _SAID_ENGLISH_S
    language = language_among(languages, wanted)
    if spec.kind == "tts":
        return Synthesize(SENTENCES.get(language, SENTENCES["en"]), language), 0.0
    with ThreadPoolExecutor(1) as thread:  # espeak-ng is waited for
        audio = await asyncio.get_running_loop().run_in_executor(thread, spoken, language)
    return Transcribe(audio, language), len(audio) / 2 / SAMPLE_RATE


def _shown(done: object) -> str:
    match done:
        case Transcript():
            return f"heard {done.text!r}" if done.understood else "heard speech, and doubts what was said"
        case Translation():
            return f"{done.source} to {done.target}: {done.text!r}"
        case Speech():
            return f"spoke for {done.duration_ms / 1000:.1f} s"
    return repr(done)
