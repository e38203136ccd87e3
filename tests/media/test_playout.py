"""The playout: talkspurts, breaths, tails, and when a listener is said to have heard what."""

from collections.abc import Callable

import pytest

from media.playout import SEGMENT_GAP_FRAMES, TAIL_FRAMES, VOICE_FRAME_BYTES, Playout
from pipeline.speech import Speech


def speech(frames: float, fill: int = 1) -> Speech:
    return Speech(bytes([fill]) * (int(frames * VOICE_FRAME_BYTES) // 2 * 2))


class Told(list[str]):
    def of(self, name: str) -> Callable[[str], None]:
        return lambda state: self.append(f"{name} {state}")


def slots(playout: Playout, count: int) -> str:
    """Return the frame of each slot: `V` opens a talkspurt, `v` is voice, `_` silence that is sent, `.` nothing."""
    out = ""
    for _ in range(count):
        frame = playout.next_frame()
        if frame is None:
            out += "."
            continue
        assert len(frame.pcm) == VOICE_FRAME_BYTES
        assert frame.voiced == (frame.pcm != bytes(VOICE_FRAME_BYTES))
        assert not frame.first or frame.voiced
        out += "V" if frame.first else "v" if frame.voiced else "_"
    return out


def test_each_is_told_that_it_is_skipped_whichever_observer_raises() -> None:
    playout, told = Playout(), Told()

    def fails(state: str) -> None:
        told.append(f"b {state}")
        raise ZeroDivisionError

    for name in "abcd":
        playout.play(speech(2), fails if name == "b" else told.of(name))
    with pytest.raises(ZeroDivisionError):
        playout.hush()
    assert told == ["a skipped", "b skipped", "c skipped", "d skipped"] and playout.backlog_ms == 0


def test_speech_without_sound_is_over_even_if_its_observer_raises() -> None:
    playout, told = Playout(), Told()

    def fails(state: str) -> None:
        told.append(state)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        playout.play(Speech(b""), fails)
    assert told == ["start", "end"]


def test_nothing_to_say_is_nothing_to_send() -> None:
    assert slots(Playout(), 3) == "..."


def test_a_talkspurt_ends_with_its_tail() -> None:
    playout = Playout()
    playout.play(speech(3), Told().of("a"))
    assert TAIL_FRAMES == 8  # 160 ms: a common receiver keeps four frames
    assert slots(playout, 15) == "Vvv" + "_" * 8 + "...."


def test_the_last_frame_is_filled_up() -> None:
    playout = Playout()
    playout.play(speech(1.5), Told().of("a"))
    first, second = playout.next_frame(), playout.next_frame()
    assert first is not None and second is not None
    assert second.pcm == speech(0.5).pcm + bytes(VOICE_FRAME_BYTES // 2)


def test_segments_that_follow_each_other_are_one_talkspurt_with_a_breath() -> None:
    playout = Playout()
    playout.play(speech(2), Told().of("a"))
    playout.play(speech(1), Told().of("b"))
    assert slots(playout, 20) == "Vv" + "_" * SEGMENT_GAP_FRAMES + "v" + "_" * TAIL_FRAMES + "..."


def test_speech_that_comes_during_the_tail_goes_on_with_the_talkspurt() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(1), told.of("a"))
    assert slots(playout, 2) == "V_"
    playout.play(speech(1), told.of("b"))
    assert slots(playout, 16) == "_" * SEGMENT_GAP_FRAMES + "v" + "_" * TAIL_FRAMES + "."


def test_speech_that_comes_late_in_the_tail_does_not_prolong_it() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(1), told.of("a"))
    assert slots(playout, 8) == "V" + "_" * 7
    playout.play(speech(1), told.of("b"))
    assert slots(playout, 2) == "_v"


def test_speech_after_a_silence_opens_a_talkspurt() -> None:
    playout, told = Playout(), Told()
    for _ in range(2):
        playout.play(speech(1), told.of("a"))
        assert slots(playout, 12) == "V" + "_" * 8 + "..."


def test_start_is_told_with_the_first_frame_and_end_with_the_last() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(2), told.of("a"))
    playout.play(speech(1), told.of("b"))
    seen = []
    for _ in range(10):
        playout.next_frame()
        seen.append(list(told))
    assert seen[0] == ["a start"]
    assert seen[1] == ["a start", "a end"]
    assert seen[1 + SEGMENT_GAP_FRAMES] == seen[1]
    assert seen[2 + SEGMENT_GAP_FRAMES] == ["a start", "a end", "b start", "b end"]


def test_backlog_is_what_has_not_left() -> None:
    playout = Playout()
    playout.play(speech(10), Told().of("a"))
    playout.play(speech(5), Told().of("b"))
    assert playout.backlog_ms == 300
    slots(playout, 4)
    assert playout.backlog_ms == 220


def test_speech_without_sound_is_over_when_its_turn_comes() -> None:
    playout, told = Playout(), Told()
    playout.play(Speech(b""), told.of("a"))
    assert told == ["a start", "a end"], "nothing is before it"
    assert slots(playout, 2) == ".."
    playout.play(speech(2), told.of("b"))
    playout.play(Speech(b""), told.of("c"))
    playout.play(speech(1), told.of("d"))
    playout.play(Speech(b""), told.of("e"))
    assert slots(playout, 1) == "V" and told[2:] == ["b start"]
    assert slots(playout, 1) == "v" and told[3:] == ["b end", "c start", "c end"]
    assert slots(playout, SEGMENT_GAP_FRAMES + 1) == "_" * SEGMENT_GAP_FRAMES + "v"
    assert told[6:] == ["d start", "d end", "e start", "e end"]
    assert slots(playout, TAIL_FRAMES + 1) == "_" * TAIL_FRAMES + "."


def test_speech_without_sound_at_the_end_leaves_a_whole_tail() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(1), told.of("a"))
    playout.play(Speech(b""), told.of("b"))
    assert slots(playout, 3) == "V__"
    playout.play(Speech(b""), told.of("c"))
    assert slots(playout, 8) == "_" * 6 + ".."


def test_what_is_dropped_before_it_began_is_told_nothing() -> None:
    playout, told = Playout(), Told()
    a, b, c = (told.of(name) for name in "abc")
    for one in (a, a, b, b):
        playout.play(speech(2), one)
    playout.play(Speech(b""), c)
    assert slots(playout, 1) == "V"
    playout.withdraw(a)  # its first chunk has begun
    playout.withdraw(b)
    assert slots(playout, 11) == "v" + "_" * TAIL_FRAMES + ".."
    assert told == ["a start", "a end", "c start", "c end"]


def test_a_drop_in_a_breath_leaves_a_whole_tail() -> None:
    playout, told = Playout(), Told()
    b = told.of("b")
    playout.play(speech(1), told.of("a"))
    playout.play(speech(1), b)
    assert slots(playout, 4) == "V___"
    playout.withdraw(b)
    assert slots(playout, 10) == "_" * TAIL_FRAMES + ".."


def test_hush_stops_at_once_and_skips_what_is_queued() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(9), told.of("a"))
    playout.play(speech(9), told.of("b"))
    assert slots(playout, 3) == "Vvv"
    playout.hush()
    assert told == ["a start", "a skipped", "b skipped"]
    assert playout.backlog_ms == 0
    assert slots(playout, 11) == "_" * TAIL_FRAMES + "..."


def test_hush_in_a_breath_leaves_a_whole_tail() -> None:
    playout, told = Playout(), Told()
    playout.play(speech(1), told.of("a"))
    playout.play(speech(1), told.of("b"))
    assert slots(playout, 4) == "V___"
    playout.hush()
    assert slots(playout, 10) == "_" * TAIL_FRAMES + ".."


def test_hush_while_nothing_is_said_sends_nothing() -> None:
    playout, told = Playout(), Told()
    playout.hush()
    assert slots(playout, 2) == ".."
    playout.play(speech(3), told.of("a"))
    playout.hush()
    assert told == ["a skipped"]
    assert slots(playout, 2) == ".."
