"""A recogniser whose passes are kept on disk with the processor time that they took, and repeated in that time."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe, Transcript, Word

FOLDER = Path("build/bench/passes")
OPTIONS: dict[str, Any] = {"margin": 100, "silent_tail": 3000, "context": True, "threads": 1}
"""Short windows with a silent tail, the words before them known, on one core."""
PADDED: dict[str, Any] = {"margin": None, "silent_tail": 0, "context": False}
"""The stock way: each window padded to 30 s, and heard alone."""


class RecordedPasses:
    """Whisper in the event loop of a virtual clock: a pass lasts as long as its processor time.

    A pass over the same audio with the same options is read from disk, so a rule is judged again within seconds.
    """

    languages = frozenset({"en", "es"})
    """Spanish is said to be known so that a listener may have it; nobody speaks it."""

    def __init__(self, path: Path, folder: Path = FOLDER, *, pass_ms: float | None = None, **options: Any) -> None:
        """`pass_ms`: time of each pass, on any machine. None: the processor time that it took."""
        self._pass_ms = pass_ms
        self.asked: Counter[str] = Counter()
        self.ms: list[float] = []
        self.path, self._options = path, {**OPTIONS, **options}
        self.folder = folder
        self._whisper: Whisper | None = None

    async def __call__(self, job: Transcribe) -> Transcript:
        transcript, ms = self.of(job)
        self.asked["final" if job.final else "interim"] += 1
        self.ms.append(ms)
        await asyncio.sleep(ms / 1000)
        return transcript

    def of(self, job: Transcribe) -> tuple[Transcript, float]:
        """Return the transcript of a job and the processor time of the pass, ms."""
        file = self.folder / f"{self.key(job)}.json"
        if not file.is_file():
            began = time.process_time()
            (transcript,) = self._loaded().transcribe([job])
            ms = (time.process_time() - began) * 1000
            self.folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"ms": round(ms, 1), "transcript": asdict(transcript)}), "utf-8")
            part.rename(file)
        kept = json.loads(file.read_text("utf-8"))
        words = tuple(Word(**word) for word in kept["transcript"].pop("words"))
        spoken = tuple(tuple(one) for one in kept["transcript"].pop("spoken"))
        ms = kept["ms"] if self._pass_ms is None else self._pass_ms
        return Transcript(**kept["transcript"], words=words, spoken=spoken), float(ms)

    def _loaded(self) -> Whisper:
        if self._whisper is None:
            self._whisper = Whisper.of(str(self.path), **self._options)
            self._whisper.warm_up()
        return self._whisper

    def key(self, job: Transcribe) -> str:
        before = [job.before] if job.before and self._options["context"] else []
        options = {name: value for name, value in self._options.items() if name != "context"}
        named = json.dumps([str(self.path), options, job.language, job.final, job.voice, job.hotwords, *before])
        return hashlib.sha256(named.encode() + job.audio).hexdigest()[:32]
