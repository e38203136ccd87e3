"""Several recognisers as one: each language goes to the first that knows it, and answers keep their order."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from pipeline.engines import EngineError
from pipeline.engines.by_language import ByLanguage
from pipeline.engines.registry import Batching, find, make, parse
from pipeline.speech import Transcribe, Transcript


class Named:
    """Writes down its name, and how many jobs it was given at once."""

    def __init__(self, name: str, *languages: str) -> None:
        self.name, self.languages = name, frozenset(languages)
        self.warm = 0
        self.runs: list[int] = []

    def warm_up(self) -> None:
        self.warm += 1

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        self.runs.append(len(jobs))
        return [Transcript(f"{self.name} {job.audio.decode()}", job.language) for job in jobs]


def jobs(*languages: str) -> list[Transcribe]:
    return [Transcribe(str(number).encode(), language) for number, language in enumerate(languages)]


def test_the_first_that_knows_a_language_has_it_in_one_run() -> None:
    english, both = Named("english", "en"), Named("both", "en", "es")
    engine = ByLanguage([english, both])
    engine.warm_up()
    assert engine.languages == {"en", "es"} and (english.warm, both.warm) == (1, 1)
    answers = engine.transcribe(jobs("es", "en", "es-MX", "en-GB", "en"))
    assert [one.text for one in answers] == ["both 0", "english 1", "both 2", "english 3", "english 4"]
    assert (english.runs, both.runs) == ([3], [2])
    assert "en" in repr(engine)


def test_a_language_that_none_knows_is_refused() -> None:
    with pytest.raises(EngineError, match="'fr'"):
        ByLanguage([Named("english", "en")]).transcribe(jobs("fr"))
    with pytest.raises(EngineError, match="names none"):
        ByLanguage([])


def test_it_is_made_as_settings_write_it() -> None:
    parts = ['scripted:{"languages": ["en"], "texts": {"en": "Hello."}}', "scripted"]
    spec = parse("stt", f"by_language:{json.dumps({'engines': parts})}")
    engine = make(spec)
    assert engine.languages == {"en", "es"}  # type: ignore[union-attr]
    assert find(spec).batching(spec.options) == Batching()
    with_margin = {"engines": ['whisper:{"path": "/x", "margin": 100, "silent_tail": 3000}', "starter"]}
    assert find(spec).batching(with_margin) == Batching(batch=4, apart=True), "as the first of them"
    assert find(spec).batching({}) == Batching()
