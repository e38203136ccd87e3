"""Steps of giving way under load: each is told once, and left when nothing calls for it any more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.overload import OverloadLadder, OverloadOptions

LIMITS = OverloadOptions(busy_s=1.5, degraded_s=6.0, calm_s=4.0, idle_s=1.0)


class Told(OverloadLadder):
    def __init__(self) -> None:
        self.steps: list[tuple[str, int, str | None]] = []
        super().__init__(lambda level, lag_ms, message: self.steps.append((level, round(lag_ms), message)), LIMITS)


@pytest.mark.parametrize(
    ("lag", "level", "interims", "silent"),
    [(0.2, "ok", True, False), (1.5, "ok", True, False), (1.6, "busy", False, False), (6.1, "degraded", False, True)],
)
def test_a_final_that_came_late(lag: float, level: str, interims: bool, silent: bool) -> None:
    load = Told()
    load.concluded(lag, 100.0)
    assert (load.level, load.interims, load.silent) == (level, interims, silent)
    assert load.steps == ([] if level == "ok" else [(level, round(lag * 1000), load.steps[0][2])])


def test_each_step_is_told_once_up_and_down() -> None:
    load = Told()
    for lag in (2.0, 3.0, 7.0, 8.0, 2.0, 0.1, 0.1):
        load.concluded(lag, 100.0)
    assert [level for level, _, _ in load.steps] == ["busy", "degraded", "busy", "ok"]
    assert load.steps[1] == ("degraded", 7000, "subtitles only, to catch up")
    assert not load.silent and load.interims


def test_a_level_is_kept_while_finals_are_neither_late_nor_early() -> None:
    load = Told()
    load.concluded(2.0, 100.0)
    load.concluded(1.0, 101.0)
    assert load.level == "busy"
    load.concluded(1.0, 104.0)
    assert load.level == "ok"


def test_a_full_line_makes_interims_rarer_before_it_makes_them_end() -> None:
    load = Told()
    assert load.step == 1.0
    for _ in range(5):
        load.refused(100.0)
    assert load.step == 8.0, "bounded"
    assert load.steps == [("busy", 0, "subtitles come less often")]
    for _ in range(20):
        load.passed()
    assert load.step == 1.0


def test_interims_come_again_after_a_full_line() -> None:
    """A speaker who talks on for a minute must not be without subtitles to the end of it."""
    load = Told()
    load.refused(100.0)
    load.tick(100.1, 0.0, 1)
    assert load.level == "busy"
    load.tick(103.9, 0.0, 1)
    assert load.level == "busy"
    load.tick(104.1, 0.0, 1)
    assert load.level == "ok" and load.interims


def test_where_nothing_waits_for_a_second_there_is_room() -> None:
    load = Told()
    load.concluded(7.0, 100.0)
    load.tick(100.1, 0.0)
    load.tick(100.6, 0.0, 1)
    load.tick(100.7, 0.0)
    load.tick(101.6, 0.0)
    assert load.level == "degraded", "something waited within that second"
    load.tick(101.8, 0.0)
    assert load.level == "ok" and not load.silent


def test_a_final_that_waits_is_busy_before_it_is_there() -> None:
    load = Told()
    load.tick(100.0, 1.4)
    assert load.level == "ok"
    load.tick(100.2, 1.6)
    assert load.level == "busy" and not load.interims
    load.tick(110.0, 11.4)
    assert load.level == "busy", "it still waits"
    load.tick(111.0, 0.0)
    assert load.level == "ok"
    assert [level for level, _, _ in load.steps] == ["busy", "ok"]


def test_an_engine_that_fails_is_told_and_interims_go_on() -> None:
    """Interims show that the engine works again."""
    load = Told()
    load.failed("mt", 100.0)
    assert load.steps == [("degraded", 0, "mt failed")] and load.interims and not load.silent
    load.concluded(0.1, 100.5)
    assert load.level == "ok"


def test_a_failure_is_forgotten_after_a_while() -> None:
    load = Told()
    load.failed("stt", 100.0)
    load.tick(103.9, 0.0)
    assert load.level == "degraded"
    load.tick(104.1, 0.0)
    assert load.level == "ok"


def test_speech_comes_back_when_all_is_caught_up() -> None:
    load = Told()
    load.concluded(7.0, 100.0)
    load.tick(103.0, 0.0)
    assert load.silent
    load.tick(104.1, 0.0)
    assert not load.silent and load.level == "ok"


def test_a_crowd_in_the_line_lets_through_only_what_is_over() -> None:
    load = Told()
    load.tick(100.0, 0.0, 5)
    load.tick(100.2, 0.0, 5)
    assert not load.crowded and load.level == "ok", "many jobs of milliseconds may meet by chance"
    load.tick(100.4, 0.0, 5)
    assert load.crowded and not load.interims
    load.concluded(0.1, 100.5)
    assert [level for level, _, _ in load.steps] == ["busy"], "a final that was quick does not end it"
    load.tick(101.0, 0.0, 2)
    assert load.crowded, "two still wait"
    load.tick(101.1, 0.0, 1)
    assert not load.crowded and load.level == "busy"
    load.tick(105.0, 0.0, 1)
    assert load.level == "ok" and load.interims


def test_a_line_that_is_short_between_two_looks_is_no_crowd() -> None:
    load = Told()
    for n in range(20):
        load.tick(100.0 + n / 10, 0.0, 5 * (n % 2))
    assert not load.crowded and not load.steps


steps = st.lists(
    st.tuples(
        st.sampled_from(["concluded", "refused", "passed", "failed", "tick", "crowd"]),
        st.floats(0, 20),
        st.floats(0, 9),
    ),
    max_size=60,
)


@given(steps)
def test_whatever_happens_each_change_is_told_once_and_calm_leads_back(steps: list[tuple[str, float, float]]) -> None:
    load = Told()
    now = 100.0
    for kind, wait, lag in steps:
        now += wait
        match kind:
            case "concluded":
                load.concluded(lag, now)
            case "refused":
                load.refused(now)
            case "passed":
                load.passed()
            case "failed":
                load.failed("tts", now)
            case "crowd":
                load.tick(now, lag, round(lag))
            case _:
                load.tick(now, lag)
        assert load.level in ("ok", "busy", "degraded") and 1.0 <= load.step <= 8.0
        assert (load.steps[-1][0] if load.steps else "ok") == load.level
        assert not (load.silent and load.level == "ok"), "who is not spoken to is told why"
    told = [(level, message) for level, _, message in load.steps]
    assert all(one != other for one, other in zip([("ok", None), *told], told, strict=False)), "only changes are told"
    silenced = load.steps and load.steps[-1][2] == "subtitles only, to catch up"
    assert load.silent == bool(silenced), "who is spoken to again, or no more, is told"

    load.tick(now + 30, 0.0)
    assert (load.level, load.interims, load.silent) == ("ok", True, False)


def test_what_is_not_as_usual_is_told_for_as_long_as_it_lasts_and_stops_no_interims() -> None:
    load = Told()
    load.troubled("another voice")
    for second in range(20):
        load.concluded(0.2, 100.0 + second)
        load.tick(100.5 + second, 0.0)
        load.troubled("another voice")
    assert load.steps == [("degraded", 0, "another voice")]
    assert load.interims and not load.silent
    load.troubled(None)
    assert load.steps[1:] == [("ok", 0, None)]


def test_lag_is_told_over_what_is_not_as_usual_and_the_trouble_again_after_it() -> None:
    load = Told()
    load.troubled("another voice")
    load.concluded(2.0, 100.0)
    assert load.level == "busy" and not load.interims
    load.troubled(None)
    load.troubled("another voice")
    assert load.level == "busy", "it is told when there is nothing worse to tell"
    load.tick(105.0, 0.0)
    assert (load.level, load.interims) == ("degraded", True)
    load.tick(106.0, 2.0)
    assert (load.level, load.interims) == ("busy", False)
    load.tick(111.0, 0.0)
    assert [level for level, _, _ in load.steps] == ["degraded", "busy", "degraded", "busy", "degraded"]


def test_a_crowd_is_told_over_it_too() -> None:
    load = Told()
    load.troubled("another voice")
    for tick in range(10):
        load.tick(100.0 + tick / 10, 0.0, waiting=5)
    assert (load.level, load.interims) == ("busy", False)


def test_a_crowd_that_keeps_up_is_spoken_to_again() -> None:
    load = Told()
    for number in range(20):
        load.tick(number / 50, 0.0, 5)
    load.concluded(6.5, 1.0)
    assert load.silent
    load.concluded(0.8, 2.0)
    assert load.crowded and not load.silent
    assert [level for level, _, _ in load.steps] == ["busy", "degraded", "busy"]


def test_silence_after_a_failure_is_told_of_its_own() -> None:
    load = Told()
    load.failed("mt", 0.0)
    load.concluded(7.0, 1.0)
    assert load.steps == [("degraded", 0, "mt failed"), ("degraded", 7000, "subtitles only, to catch up")]
