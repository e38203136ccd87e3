"""The judge of the crowd bench is judged: when the load is over, and which utterances came to their end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.crowd.verdict import Look, Phase, Run, load_over, markdown, report_of
from bench.talk.dragoman_call import Side

BEGAN = 100.0
ASKED = 60.0
NAMES = ("ana", "ben", "cleo", "dan")


def utterance(name: str, number: int, *finals: str, outcome: str = "spoken", **more: str) -> list[dict[str, Any]]:
    """Return the messages of an utterance with these final texts."""
    about = {"sourceUserId": name, "utteranceId": f"{number}-{name}", "arrived": BEGAN + 20 + number}
    texts = [about | {"type": "transcription", "final": True, "text": text} for text in finals]
    return [*texts, about | {"type": "utterance_end", "outcome": outcome, **more}]


def status(at: float, level: str) -> dict[str, Any]:
    return {"type": "status", "level": level, "lagMs": 0, "arrived": BEGAN + at}


def run(told: list[dict[str, Any]], silent: tuple[float, ...] = (66.0, 64.0, 61.0, 79.0), ok_at: float = 74.0) -> Run:
    """Two calls; the talkers' last words came `silent` seconds after the load's begin."""
    sides = []
    for name in NAMES:
        states = [status(1.0, "busy"), status(ok_at, "ok")]
        about = SimpleNamespace(entry=SimpleNamespace(participant_id=name))
        mine = [one for one in told if one["sourceUserId"] == name]
        sides.append(SimpleNamespace(call=about, messages=SimpleNamespace(all=[*mine, *states])))
    load = Phase("eight at once", BEGAN, BEGAN + max(silent), ASKED, 40.0)
    load.silent = {name: BEGAN + at for name, at in zip(NAMES, silent, strict=True)}
    load.spoken = [("ana", "one two")]
    phases = [
        Phase("alone, before", BEGAN - 20, BEGAN - 5, talking=10.0),
        load,
        Phase("nobody", load.ended, load.ended + 12),
        Phase("alone, after", load.ended + 12, load.ended + 25, talking=10.0),
    ]
    looks = [Look(BEGAN + at, 100.0, 400.0, 0.0, 0.0, 9.0) for at in range(-20, 110)]
    return Run(cast(list[Side], sides), phases, looks)


def got(report: dict[str, Any], name: str) -> tuple[str, bool]:
    (found,) = (one for one in report["targets"] if one["name"] == name)
    return found["got"], found["passed"]


@pytest.mark.parametrize(
    ("silent", "over"),
    [
        ((66.0, 64.0, 61.0, 79.0), 66.0),  # the first call whose both sides are silent, not its first talker
        ((59.5, 58.9, 61.0, 79.0), 60.0),  # both drew a breath as the time was up
        ((79.0, 61.0, 62.0, 63.0), 63.0),
    ],
)
def test_the_load_is_over_when_its_time_is_up_and_a_call_is_silent(silent: tuple[float, ...], over: float) -> None:
    found = run([], silent)
    assert load_over(found, found.phases[1]) == BEGAN + over


def test_the_slowest_talker_gives_no_grace() -> None:
    name = "last `ok` after the load was over"
    assert got(report_of(run([], ok_at=76.0)), name) == ("10.0 s", True)
    assert got(report_of(run([], ok_at=78.0)), name) == ("12.0 s", False), "before the last word of all"
    assert got(report_of(run([], ok_at=62.0)), name) == ("0.0 s", True)


def test_an_utterance_given_up_before_any_text_shows() -> None:
    complete, failed = "utterances with one final text and one end", "failed utterances"
    good = [*utterance("ana", 0, "one two"), *utterance("ben", 0, "three", outcome="subtitles_only", reason="behind")]
    noise = utterance("ana", 1, outcome="nothing_said")
    report = report_of(run([*good, *noise]))
    assert got(report, complete) == ("2 of 2", True) and got(report, failed) == ("0", True)
    assert report["finals"]["outcomes"] == {"spoken": 1, "nothing_said": 1, "subtitles_only (behind)": 1}
    report = report_of(run([*good, *utterance("ana", 1, outcome="failed", reason="behind")]))
    assert got(report, complete) == ("2 of 3", False) and got(report, failed) == ("1", False)
    for lost in (
        utterance("ana", 1, outcome="refused", reason="not_understood"),  # never a text
        utterance("ana", 1, "", outcome="refused", reason="not_understood"),  # a text that was taken back
        utterance("ana", 1, "three", "four"),
        utterance("ana", 1, "three")[:1],
    ):
        assert got(report_of(run([*good, *lost])), complete) == ("2 of 3", False)


def test_the_report_is_markdown() -> None:
    text = markdown(report_of(run(utterance("ana", 0, "one two"))))
    assert "The load was over 66.0 s after its beginning" in text and "the last of all came at 79.0 s" in text
