"""Where utterances begin and end: tables of voice (`#`) and silence (`.`), 20 ms each."""

import pytest

from pipeline.endpointer import Edge, Endpointer, Endpointing
from pipeline.speech import FRAME_MS

SHORT = Endpointing(hangover_ms=100, pressed_ms=400, breath_ms=40, longest_ms=800)


def edges(voice: str, endpointer: Endpointer | None = None, start_ms: int = 0) -> str:
    """`(` where an utterance begins, `)` where one ends, `-` for each other frame."""
    endpointer = endpointer or Endpointer(SHORT)
    out = ""
    for n, char in enumerate(voice):
        ms = start_ms + n * FRAME_MS
        edge = endpointer.feed(char == "#", ms, ms / 1000)
        out += {None: "-", Edge.START: "(", Edge.END: ")"}[edge]
    return out


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        ("..........", "----------"),
        ("##........", "----------"),  # a click
        ("###.......", "--(----)--"),
        ("#.#.#.....", "----(----)"),  # 60 ms of voice within 120
        ("#..#..#..#", "----------"),  # but not within more
        ("##..#.....", "----(----)"),
        ("###....###....", "--(-----------"),  # an inner pause shorter than the hang-over
        ("###.....###.....", "--(----)--(----)"),
        ("###.....##......", "--(----)--------"),  # voice before the end is no part of the next onset
    ],
)
def test_onset_and_hangover(voice: str, expected: str) -> None:
    assert edges(voice) == expected


def test_the_defaults() -> None:
    out = edges("." * 10 + "#" * 50 + "." * 40, Endpointer())
    assert (out.index("("), out.index(")")) == (12, 10 + 50 + 24)
    assert out.count("(") == out.count(")") == 1


def test_after_a_while_a_breath_is_enough() -> None:
    assert edges("#" * 10 + ".." + "#" * 4).count(")") == 0
    out = edges("#" * 25 + "..")
    assert out.index(")") == 26


def test_the_longest_utterance_is_cut_and_the_next_begins() -> None:
    out = edges("#" * 90)
    assert out.index("(") == 2
    assert out.index(")") == 2 + 40
    assert out[43:].index("(") == 2


def test_voice_is_counted() -> None:
    endpointer = Endpointer(SHORT)
    edges("##.##.#.....", endpointer)
    assert not endpointer.speaking and endpointer.voiced_ms == 100
    edges("###", endpointer, start_ms=1000)
    assert endpointer.voiced_ms == 60


def test_a_gap_in_media_time_is_silence() -> None:
    """Frames that were never sent (DTX): the next one, silent, is far away in media time."""
    endpointer = Endpointer(SHORT)
    assert edges("#####", endpointer) == "--(--"
    assert edges(".", endpointer, start_ms=400) == ")"


def test_lost_time_within_the_hangover_ends_nothing() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####", endpointer)
    assert edges("#", endpointer, start_ms=160) == "-"
    assert endpointer.speaking


def test_the_clock_ends_an_utterance_whose_frames_stopped() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####", endpointer)  # the last voice at 0.080
    slack = SHORT.timer_slack_ms / 1000
    assert endpointer.tick(0.08 + 0.1 + slack - 0.002) is None
    assert endpointer.tick(0.08 + 0.1 + slack + 0.002) is Edge.END
    assert endpointer.tick(9.0) is None
    assert edges("###", endpointer, start_ms=9000) == "--("


def test_the_clock_counts_from_the_last_voice_and_not_from_the_last_frame() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####...", endpointer)
    assert endpointer.tick(0.08 + 0.1 + 0.061) is Edge.END


def test_the_clock_does_nothing_in_silence() -> None:
    assert Endpointer(SHORT).tick(1e9) is None


def test_release_ends_at_once_and_only_once() -> None:
    endpointer = Endpointer(SHORT)
    assert endpointer.release() is None
    edges("####", endpointer)
    assert endpointer.release() is Edge.END
    assert endpointer.release() is None
    assert edges("####", endpointer, start_ms=100) == "--(-"
