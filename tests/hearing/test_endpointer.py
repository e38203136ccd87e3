"""Begin and end of utterances: tables of voice (`#`) and silence (`.`), 20 ms each."""

from dataclasses import replace

import pytest

from pipeline.hearing.endpointer import Edge, Endpointer, EndpointingOptions, Patience
from pipeline.speech import FRAME_MS

SHORT = EndpointingOptions(
    pause_ms=40,
    soft_end_ms=60,
    late_ms=120,
    hangover_ms=100,
    patient_ms=160,
    begun_ms=220,
    pressed_ms=400,
    forced_cut_silence_ms=40,
    longest_ms=800,
    crowded_ms=300,
    stalled_ms=240,
)
MARKS = {None: "-", Edge.START: "(", Edge.PAUSE: ",", Edge.SOFT_END: ";", Edge.LATE: ":", Edge.END: ")"}


def edges(voice: str, endpointer: Endpointer | None = None, start_ms: int = 0) -> str:
    """`(` where an utterance begins, `,` a pause, `;` its soft end, `:` its late one, `)` where one ends, `-` else."""
    endpointer = endpointer or Endpointer(SHORT)
    out = ""
    for n, char in enumerate(voice):
        ms = start_ms + n * FRAME_MS
        out += MARKS[endpointer.feed(char == "#", ms, ms / 1000)]
    return out


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        ("..........", "----------"),
        ("##........", "----------"),  # a click
        ("###.......", "--(-,;-)--"),
        ("#.#.#.....", "----(-,;-)"),  # 60 ms of voice within 120
        ("#..#..#..#", "----------"),  # but not within more
        ("##..#.....", "----(-,;-)"),
        ("###....###....", "--(-,;-----,;-"),  # an inner pause shorter than the hang-over
        ("###..#...#....#", "--(-,--,;--,;--"),  # each pause is told anew
        ("###.....###.....", "--(-,;-)--(-,;-)"),
        ("###.....##......", "--(-,;-)--------"),  # voice before the end is no part of the next onset
    ],
)
def test_onset_and_hangover(voice: str, expected: str) -> None:
    assert edges(voice) == expected


def test_the_defaults() -> None:
    out = edges("." * 10 + "#" * 50 + "." * 40, Endpointer())
    assert [out.index(mark) for mark in "(,;)"] == [12, 10 + 50 + 4, 10 + 50 + 11, 10 + 50 + 24]
    assert len(out.replace("-", "")) == 4


def test_a_pause_whose_words_are_known_may_last_longer() -> None:
    endpointer = Endpointer(SHORT)
    assert edges("###..", endpointer) == "--(-,"
    endpointer.patience = Patience.WORDS
    assert edges("......", endpointer, start_ms=100) == ";--:-)"


def test_a_pause_behind_the_beginning_of_a_value_may_last_longer_still() -> None:
    endpointer = Endpointer(SHORT)
    edges("###..", endpointer)
    endpointer.patience = Patience.BEGUN
    assert edges("." * 9, endpointer, start_ms=100) == ";--:----)"
    assert edges("." * 9, waiting_for(Patience.BEGUN, begun_ms=100), start_ms=100) == ";--:-)---"  # no less than words


def waiting_for(patience: Patience, **changes: int) -> Endpointer:
    endpointer = Endpointer(replace(SHORT, **changes))
    edges("###..", endpointer)
    endpointer.patience = patience
    return endpointer


def test_voice_forgets_patience() -> None:
    endpointer = Endpointer(SHORT)
    edges("###..", endpointer)
    endpointer.patience = Patience.WORDS
    assert edges("#.....", endpointer, start_ms=100) == "--,;-)"


def test_where_recognition_has_too_much_to_do_ends_are_fewer_and_the_limits_of_length_hold() -> None:
    endpointer = Endpointer(replace(SHORT, pressed_ms=600), crowded=True)
    assert edges("###" + "." * 13 + "#" + "." * 15, endpointer) == "--(-,;--:---------,;--:--------)"
    assert edges("#" * 25 + "..", Endpointer(SHORT, crowded=True))[-1] == ")"


def test_the_clock_is_as_patient() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####..", endpointer)
    endpointer.patience = Patience.WORDS
    assert endpointer.tick(0.08 + 0.119 + 0.06) is Edge.SOFT_END
    assert endpointer.tick(0.08 + 0.121 + 0.06) is Edge.LATE
    assert endpointer.tick(0.08 + 0.159 + 0.06) is None
    assert endpointer.tick(0.08 + 0.161 + 0.06) is Edge.END


def test_after_a_while_a_breath_is_enough() -> None:
    assert edges("#" * 10 + ".." + "#" * 4).count(")") == 0
    out = edges("#" * 25 + "..")
    assert out.index(")") == 26


def test_a_breath_is_enough_for_the_patient_too() -> None:
    endpointer = Endpointer(SHORT)
    edges("#" * 25 + ".", endpointer)
    endpointer.patience = Patience.WORDS
    assert edges(".", endpointer, start_ms=26 * 20) == ")"


def test_the_longest_utterance_is_cut_and_the_next_begins() -> None:
    out = edges("#" * 90)
    assert out.index("(") == 2
    assert out.index(")") == 2 + 40
    assert out[43:].index("(") == 2


def test_what_is_settled_no_longer_counts_for_the_length() -> None:
    endpointer = Endpointer(SHORT)
    edges("#" * 22, endpointer)
    endpointer.finalized(420)
    assert edges("#" * 38 + "#", endpointer, start_ms=440) == "-" * 39, "800 ms after the last settled word"
    assert edges("##", endpointer, start_ms=1220) == ")-"


def test_a_breath_is_not_enough_soon_after_settled_words() -> None:
    endpointer = Endpointer(SHORT)
    edges("#" * 22, endpointer)
    endpointer.finalized(420)
    assert edges("##....", endpointer, start_ms=440) == "---,;-"


def test_settled_time_goes_only_forward() -> None:
    endpointer = Endpointer(SHORT)
    edges("#" * 22, endpointer)
    endpointer.finalized(420)
    endpointer.finalized(100)
    assert ")" not in edges("#" * 39, endpointer, start_ms=440)


def test_a_turn_that_fills_a_screen_ends_with_the_next_breath_although_all_is_settled() -> None:
    endpointer = Endpointer(replace(SHORT, turn_ms=1000))
    for start in range(0, 1000, 200):
        assert ")" not in edges("#" * 8 + "..", endpointer, start_ms=start)
        endpointer.finalized(start + 200)
    assert edges("##..", endpointer, start_ms=1040) == "---)"


def test_a_new_turn_counts_from_its_own_start() -> None:
    endpointer = Endpointer(replace(SHORT, turn_ms=1000))
    edges("#" * 10 + "." * 10, endpointer)
    edges("####", endpointer, start_ms=5000)
    assert edges("..", endpointer, start_ms=5080) == "-,"


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


def test_a_gap_may_leap_over_the_pause_to_the_soft_end() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####", endpointer)
    assert edges("...", endpointer, start_ms=140) == ";-)"


def test_lost_time_within_the_hangover_ends_nothing() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####", endpointer)
    assert edges("#", endpointer, start_ms=160) == "-"
    assert endpointer.speaking


def test_the_clock_ends_an_utterance_whose_frames_stopped() -> None:
    endpointer = Endpointer(SHORT)
    assert edges("#####..", endpointer)[-1] == ","  # the last voice at 0.080
    slack = SHORT.timer_slack_ms / 1000
    assert endpointer.tick(0.08 + 0.06 + slack - 0.002) is None
    assert endpointer.tick(0.08 + 0.06 + slack + 0.002) is Edge.SOFT_END
    assert endpointer.tick(0.08 + 0.1 + slack - 0.002) is None
    assert endpointer.tick(0.08 + 0.1 + slack + 0.002) is Edge.END
    assert endpointer.tick(9.0) is None
    assert edges("###", endpointer, start_ms=9000) == "--("


@pytest.mark.parametrize("voice", ["#####", "#####."])
def test_a_line_that_stands_still_in_a_word_is_no_pause(voice: str) -> None:
    endpointer = Endpointer(SHORT)
    edges(voice, endpointer)
    slack = SHORT.timer_slack_ms / 1000
    for silence in (0.06, 0.1, 0.15, 0.239):
        assert endpointer.tick(0.08 + silence + slack) is None
    assert edges("###", endpointer, start_ms=100) == "---", "the frames came after all"
    assert endpointer.tick(0.14 + 0.24 + slack - 0.002) is None
    assert endpointer.tick(0.14 + 0.24 + slack + 0.002) is Edge.END
    assert edges("###", endpointer, start_ms=9000) == "--("


def test_the_clock_counts_from_the_last_voice_and_not_from_the_last_frame() -> None:
    endpointer = Endpointer(SHORT)
    edges("#####...", endpointer)
    assert endpointer.tick(0.08 + 0.1 + 0.061) is Edge.END


def test_clock_and_frames_tell_a_pause_once() -> None:
    endpointer = Endpointer(SHORT)
    assert edges("#####..", endpointer) == "--(---,"
    assert endpointer.tick(0.08 + 0.05 + 0.06) is None
    assert edges(".", endpointer, start_ms=140) == ";"
    assert endpointer.tick(0.08 + 0.09 + 0.06) is None


def test_the_clock_does_nothing_in_silence() -> None:
    assert Endpointer(SHORT).tick(1e9) is None


def test_an_end_is_at_once_and_only_once() -> None:
    endpointer = Endpointer(SHORT)
    assert endpointer.end() is None
    edges("####", endpointer)
    assert endpointer.end() is Edge.END
    assert endpointer.end() is None
    assert edges("####", endpointer, start_ms=100) == "--(-"
