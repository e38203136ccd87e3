"""Decides which of several recognisers recognises a job: the first of them that knows its language."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.engines import EngineError, Transcriber
from pipeline.speech import Transcribe, Transcript
from pipeline.text.language import primary


class ByLanguage:
    """A `Transcriber` made of several, the best first. Each keeps its own options, and takes its jobs in one run."""

    def __init__(self, engines: Sequence[Transcriber]) -> None:
        if not engines:
            raise EngineError("a recogniser by language is made of one engine or more; `engines` names none")
        self._engines = list(engines)
        self.languages = frozenset().union(*(engine.languages for engine in engines))

    def __repr__(self) -> str:
        return f"<ByLanguage {[sorted(engine.languages) for engine in self._engines]}>"

    def warm_up(self) -> None:
        """Warm up each engine."""
        for engine in self._engines:
            if (warm_up := getattr(engine, "warm_up", None)) is not None:
                warm_up()

    def close(self) -> None:
        """Close each engine that can be closed."""
        for engine in self._engines:
            if (close := getattr(engine, "close", None)) is not None:
                close()

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        """Raises `EngineError` for a language that none of them knows."""
        shares: dict[int, list[int]] = {}
        for place, job in enumerate(jobs):
            shares.setdefault(self._engine_of(job.language), []).append(place)
        answers: dict[int, Transcript] = {}
        for number, places in shares.items():
            results = self._engines[number].transcribe([jobs[place] for place in places])
            answers.update(zip(places, results, strict=True))
        return [answers[place] for place in range(len(jobs))]

    def _engine_of(self, language: str) -> int:
        tag = primary(language)
        for number, engine in enumerate(self._engines):
            if tag in engine.languages:
                return number
        raise EngineError(f"no recogniser here knows the language {language!r}")
