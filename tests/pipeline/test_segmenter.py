"""Segments: sentences of any script, and together exactly the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.segmenter import LONGEST, segment


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("  \n", []),
        ("Hello", ["Hello"]),
        ("Hello there. How are you? Fine!", ["Hello there. ", "How are you? ", "Fine!"]),
        ("It costs 3.5 euros. Or 1,000.00.", ["It costs 3.5 euros. ", "Or 1,000.00."]),
        ("See example.com/a?b=c now.", ["See example.com/a?b=c now."]),
        ("Well... I see. ", ["Well... ", "I see. "]),
        ("Wait… what?! Yes.", ["Wait… ", "what?! ", "Yes."]),
        ('He said "Go!" Then left.', ['He said "Go!" ', "Then left."]),
        ("(Really?) Yes.", ["(Really?) ", "Yes."]),
        ("¿Qué tal? ¡Muy bien!", ["¿Qué tal? ", "¡Muy bien!"]),
        ("你好。你好吗？很好！", ["你好。", "你好吗？", "很好！"]),
        ("「本当？」はい。", ["「本当？」", "はい。"]),
        ("كيف حالك؟ بخير.", ["كيف حالك؟ ", "بخير."]),
        ("आप कैसे हैं? मैं ठीक हूँ। धन्यवाद।", ["आप कैसे हैं? ", "मैं ठीक हूँ। ", "धन्यवाद।"]),
        ("  Hi.  Yes.  ", ["  Hi.  ", "Yes.  "]),
        ("...", ["..."]),
        ("One. two three", ["One. ", "two three"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [part.text for part in segment(text)] == parts


alphabet = "ab3 .!?…。？！؟۔।\"'»」)”\n\t\u200d🦊é"


@given(st.text(alphabet=alphabet, max_size=80) | st.text(max_size=80))
def test_segments_tile_the_text(text: str) -> None:
    segments = segment(text)
    assert [part.index for part in segments] == list(range(len(segments)))
    assert all(part.text == text[part.start : part.end] and part.text.strip() for part in segments)
    if text.strip():
        assert "".join(part.text for part in segments) == text
        assert segments[0].start == 0 and segments[-1].end == len(text)
    else:
        assert segments == []


@pytest.mark.parametrize("text", ["word " * 400, "字" * 2000, "a" * 299 + " " + "b" * 299, "x" * 300 + "."])
def test_a_sentence_without_end_is_cut(text: str) -> None:
    segments = segment(text)
    assert "".join(part.text for part in segments) == text
    assert all(0 < len(part.text) <= LONGEST + 1 and part.text.strip() for part in segments)
