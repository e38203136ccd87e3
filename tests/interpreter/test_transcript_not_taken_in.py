"""A transcript at which our own code raises costs its utterance, and the speaker is interpreted again behind it."""

from __future__ import annotations

import pytest

from pipeline.events import UtteranceEnded
from pipeline.recognition.stable_text import StableText
from pipeline.speech import Transcript
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live


@pytest.mark.throws
@pytest.mark.parametrize("word", ["strange", "Strange"])
@virtually
async def test_it_costs_one_utterance(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    revise = StableText.revise

    def raising(text: StableText, transcript: Transcript, window_length_ms: int) -> None:
        if word in transcript.text:
            raise RecursionError("a text that nobody thought of")
        revise(text, transcript, window_length_ms)

    monkeypatch.setattr(StableText, "revise", raising)
    async with Live() as scene:
        await scene.learn()
        told = len(scene.of(UtteranceEnded))
        await scene.speak(f"{word} words are these.")
        await scene.caught_up()
        await scene.silence(1.5)
        await scene.speak("And these are not.")
        await scene.caught_up()
        await scene.silence(1.5)
        ends = [(event.outcome, event.reason) for event in scene.of(UtteranceEnded)[told:]]
    assert ends == [("failed", "stt"), ("spoken", None)]
    assert scene.finals[-1] == "And these are not."
