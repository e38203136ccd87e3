"""Several segments of Whisper are one text, with a space between them where the language writes one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pipeline.engines.registry import EngineSpec, make
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import SAMPLE_RATE, Transcribe


def segment(text: str) -> Any:
    return SimpleNamespace(
        text=text, tokens=[1, 2], avg_logprob=-0.1, compression_ratio=1.0, no_speech_prob=0.0, words=None
    )


@pytest.mark.parametrize(
    ("language", "segments", "text"),
    [
        ("zh", ["你好。", "再见。"], "你好。再见。"),
        ("ja", ["こんにちは。", "さようなら。"], "こんにちは。さようなら。"),
        ("en", [" Good morning.", " Goodbye."], "Good morning. Goodbye."),
    ],
)
def test_segments_are_joined_as_the_language_writes(
    monkeypatch: pytest.MonkeyPatch, language: str, segments: list[str], text: str
) -> None:
    engine = make(EngineSpec("stt", "starter"))
    assert isinstance(engine, Whisper)
    engine.languages = frozenset({language})
    monkeypatch.setattr(engine._model, "transcribe", lambda *_, **__: ([segment(one) for one in segments], None))
    noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE).astype(np.int16)
    (heard,) = engine.transcribe([Transcribe(noise.tobytes(), language)])
    assert heard.text == text
