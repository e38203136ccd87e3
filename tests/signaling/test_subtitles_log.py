"""Log of subtitles for viewers: the newest state of each line, numbers that rise, and bounds that tell of a loss."""

from __future__ import annotations

import json
from typing import Any

from signaling.sessions.subtitles_log import KEPT_MS, MOST_BYTES, MOST_LINES, SubtitlesLog

NOW = 1_800_000_000_000


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


def read(log: SubtitlesLog, since: int = 0) -> list[dict[str, Any]]:
    """Return all that a reader gets who has read up to `since`."""
    found = []
    while (line := log.first_after(since)) is not None:
        assert line.seq > since and json.loads(line.text)["seq"] == line.seq
        since = line.seq
        found.append(json.loads(line.text))
    return found


def test_lines_come_in_order_and_their_numbers_rise_also_within_a_millisecond() -> None:
    log = SubtitlesLog(Clock())
    start = log.last
    for word in "abc":
        log.put(word, {"text": word})
    assert [(one["text"], one["seq"] - NOW) for one in read(log, start)] == [("a", 1), ("b", 2), ("c", 3)]
    assert read(log, log.last) == []


def test_a_new_state_takes_the_place_of_the_former_and_nothing_is_lost() -> None:
    log = SubtitlesLog(Clock())
    start = log.last
    for text in ("Where", "Where is", "Where is it?"):
        log.put("u-1", {"text": text})
        log.put("u-2", {"text": text.upper()})
    assert [one["text"] for one in read(log, start)] == ["Where is it?", "WHERE IS IT?"]
    assert len(log) == 2 and log.lost == start
    size = sum(len(json.dumps(one, separators=(",", ":"))) for one in read(log, start))
    assert repr(log) == f"<SubtitlesLog 2 lines, {size} bytes>"


def test_who_is_behind_what_is_kept_is_told_of_the_gap() -> None:
    log = SubtitlesLog(Clock())
    start = log.last
    for number in range(MOST_LINES + 5):
        log.put(number, {"n": number})
    assert len(log) == MOST_LINES
    gap, *rest = read(log, start)
    assert (gap["type"], gap["code"]) == ("error", "gap") and gap["seq"] == log.lost
    assert [one["n"] for one in rest] == list(range(5, MOST_LINES + 5))
    assert [one["n"] for one in read(log, log.lost)] == [one["n"] for one in rest], "who has read so far lost nothing"


def test_bytes_are_bounded_but_for_one_line() -> None:
    log = SubtitlesLog(Clock())
    for number in range(10):
        log.put(number, {"text": "é" * (MOST_BYTES // 8)})
    assert len(log) == 3
    log.put("long", {"text": "é" * MOST_BYTES})
    assert len(log) == 1
    log.put("short", {"text": ""})
    assert len(log) == 1 and [one["text"] for one in read(log, log.lost)] == [""]


def test_what_is_old_is_discarded_with_the_next_line() -> None:
    clock = Clock()
    log = SubtitlesLog(clock)
    log.put("old", {"text": "old"})
    clock.now += KEPT_MS - 1
    log.put("middle", {"text": "middle"})
    assert len(log) == 2
    clock.now += 3
    log.put("new", {"text": "new"})
    assert [one["text"] for one in read(log, log.lost)] == ["middle", "new"]


def test_a_clock_that_is_set_back_does_not_lower_the_numbers() -> None:
    clock = Clock()
    log = SubtitlesLog(clock)
    log.put("a", {})
    before = log.last
    clock.now -= 3_600_000
    log.put("b", {})
    assert log.last == before + 1 and len(read(log, before)) == 1
    log.reach(before + 100)
    assert log.mark() == before + 101
    log.reach(before)
    assert log.last == before + 101


def test_a_lone_surrogate_can_be_sent() -> None:
    log = SubtitlesLog(Clock())
    log.put("a", {"text": "a\ud800b"})
    assert read(log, log.lost)[0]["text"] == "a?b"
