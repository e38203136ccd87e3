"""Real engines keep the whole contract: Whisper tiny.en on a human voice, and Piper's joe, who draws noise.

`make test` runs the checks that take less than a second each, in short windows; the long form all, padded, too.
"""

from __future__ import annotations

import pytest

from pipeline.engine_contract import SynthesizerContract, TranscriberContract
from pipeline.engine_contract.checks import Contract
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


pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {lacking()}")


class TestTinyEn(TranscriberContract):
    spec = EngineSpec("stt", "whisper", {"path": str(WEIGHTS), "margin": 100, "silent_tail": 3000, "context": True})
    language = LANGUAGE
    recordings = tuple((one.audio, one.text) for one in prompts() if one.name in SAID)


if LONG:

    class TestTinyEnPadded(TestTinyEn):
        spec = EngineSpec("stt", "whisper", {"path": str(WEIGHTS), "margin": None, "silent_tail": 0})
        test_it_serves_in_a_process_of_its_own = None  # type: ignore[assignment]  # the same class of engine as above


class TestJoe(SynthesizerContract):
    spec = EngineSpec("tts", "piper", {"path": str(JOE), "timeout_s": 60.0})  # for its longest text


OF_SECONDS: dict[type[Contract], tuple[str, ...]] = {
    TestTinyEn: (
        "test_more_than_its_window_is_one_transcript",
        "test_it_serves_in_a_process_of_its_own",
        "test_spans_of_voice_may_be_given_and_may_be_wrong",
        "test_warming_up_twice_does_no_harm",
        "test_extreme_audio_does_no_harm",
    ),
    TestJoe: (
        "test_odd_texts_do_no_harm",
        "test_very_long_text_does_no_harm",
        "test_it_serves_in_a_process_of_its_own",
        "test_a_batch_is_answered_in_order_and_like_each_job_alone",
        "test_more_words_take_longer",
        "test_rate_is_a_factor_on_the_tempo",
        "test_warming_up_twice_does_no_harm",
        "test_nothing_is_kept_between_jobs",
        "test_results_can_be_sent_to_another_process",
        "test_a_sentence_in_each_language_is_speech",
        "test_nothing_to_say_among_lines_moves_none_of_them",
    ),
}
"""Checks that are left to the long form."""

for suite, names in OF_SECONDS.items():
    for name in names:
        assert callable(getattr(suite, name)), name
        if not LONG:
            setattr(suite, name, None)
