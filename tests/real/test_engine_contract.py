"""Real engines keep the whole contract: Whisper tiny.en on a human voice, and Piper's joe, who draws noise."""

from __future__ import annotations

import pytest

from pipeline.engine_contract import SynthesizerContract, TranscriberContract
from pipeline.engines.registry import EngineSpec
from pipeline.engines.voices.python_environment import interpreter
from pipeline.errors import EngineError
from testing.real_material import HUMAN, JOE, LANGUAGE, WEIGHTS, missing, prompts
from tests.kit.extent import LONG

NEEDED = (HUMAN, JOE)
SAID = ("conf-extended", "conf-leaderhasleft")
"""Prompts that were understood word for word when this was written."""


def lacking() -> str:
    try:
        interpreter("piper", "piper-tts", None)
    except EngineError as error:
        return str(error)
    return missing(*NEEDED)


pytestmark = [
    pytest.mark.skipif(not LONG, reason="a minute of two cores: make test-long"),
    pytest.mark.skipif(bool(lacking()), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {lacking()}"),
]


class TestTinyEn(TranscriberContract):
    spec = EngineSpec("stt", "whisper", {"path": str(WEIGHTS), "margin": 100, "silent_tail": 3000})
    language = LANGUAGE
    recordings = tuple((one.audio, one.text) for one in prompts() if one.name in SAID)


class TestTinyEnPadded(TestTinyEn):
    spec = EngineSpec("stt", "whisper", {"path": str(WEIGHTS), "margin": None, "silent_tail": 0})
    test_it_serves_in_a_process_of_its_own = None  # type: ignore[assignment]  # the same class of engine as above


class TestJoe(SynthesizerContract):
    spec = EngineSpec("tts", "piper", {"path": str(JOE), "timeout_s": 60.0})  # for its longest text
