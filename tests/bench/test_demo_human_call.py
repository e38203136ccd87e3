"""The verdict on the demo's human voice: words, what came to the ear, delays; and what is said where it is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.demo import human_call
from bench.demo.human_call import Reports, judged, lacking, told_of_human
from testing.real_material import Prompt

SPOKEN = [Prompt("a", "The leader arrives.", Path("a.wav")), Prompt("b", "Your call is over.", Path("b.wav"))]
ENDS_S = [1.5, 2.0]


def transcription(number: int, text: str, *, final: bool = True) -> dict[str, object]:
    return {"type": "transcription", "utteranceId": str(number), "final": final, "text": text}


def reports(texts: list[str], told_s: list[float], voiced: list[list[float]]) -> Reports:
    """`told_s`: seconds of the ear's recording at which each utterance is said to begin."""
    read = [transcription(0, "The lead", final=False)]
    read += [transcription(number, text) for number, text in enumerate(texts)]
    read += [
        {"type": "speech_audio", "utteranceId": str(number), "state": "start", "receivedAt": (99.0 + at) * 1000}
        for number, at in enumerate(told_s)
    ]
    read.append({"type": "translation", "final": True, "originalText": texts[0], "translatedText": "El líder llega."})
    ear = {"t0Epoch": 99.0, "lines": {"interpreter": {"voiced": voiced}}}
    return Reports({"spoken": [{"startEpoch": 100.0}, {"startEpoch": 105.0}]}, ear, read)


RIGHT = ["The leader arrives.", "Your call is over."]


def test_all_right() -> None:
    figures = judged(SPOKEN, ENDS_S, reports(RIGHT, [3.0, 9.2], [[3.0, 4.0], [9.0, 9.5]]))
    assert (figures["words"], figures["wrong"], figures["heard"], figures["passed"]) == (7, 0, 2, True)
    assert {figures["endToEarMs"]["p50"], figures["endToEarMs"]["p95"]} == {500.0, 1000.0}
    assert "0 of 7 words wrong, 2 of 2 sentences heard" in list(told_of_human(figures))[-1]


def test_a_translation_that_comes_while_the_next_is_said_is_of_the_one_before() -> None:
    figures = judged(SPOKEN, ENDS_S, reports(RIGHT, [6.5, 10.0], [[6.6, 8.0], [9.8, 11.0]]))
    assert (figures["heard"], figures["endToEarMs"]["p95"]) == (2, 4100.0)


@pytest.mark.parametrize(
    ("texts", "told_s", "voiced"),
    [
        (["The ladder arrived.", "Your call is over."], [3.0, 9.0], [[3.0, 4.0], [9.0, 9.5]]),
        (["The leader arrives."], [3.0], [[3.0, 4.0]]),
        (RIGHT, [3.0, 9.0], [[3.0, 4.0]]),
        (RIGHT, [3.0, 9.0], []),
        (RIGHT, [], [[3.0, 4.0], [9.0, 9.5]]),
    ],
)
def test_wrong_words_and_a_silent_ear_fail(texts: list[str], told_s: list[float], voiced: list[list[float]]) -> None:
    assert not judged(SPOKEN, ENDS_S, reports(texts, told_s, voiced))["passed"]


async def test_it_is_left_out_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(human_call, "missing", lambda: "")
    monkeypatch.setattr(human_call, "apertium_pairs", frozenset)
    monkeypatch.setattr(human_call, "may_install", lambda: False)
    reason = await lacking()
    assert "apt-get install --no-install-recommends apertium apertium-eng-spa" in reason
    monkeypatch.setattr(human_call, "missing", lambda: "the human voice is not here")
    assert await lacking() == "the human voice is not here"
    assert list(told_of_human({"leftOut": "the human voice is not here"})) == [
        "\nA human voice: left out. the human voice is not here"
    ]
