"""One utterance's flow into one language: it ends once, when it was closed and every segment is heard or given up."""

import pytest

from pipeline.events import Latency, Outcome
from tests.kit.delivery_scene import Flowing


def test_a_flow_ends_when_its_last_segment_was_heard() -> None:
    scene = Flowing()
    for number in (0, 1):
        scene.flow.translated(30.0)
        scene.play(number)
    first, second = scene.ears[0].told
    first("start")
    scene.now = 8.0
    first("end")
    second("start")
    assert not scene.over and scene.flow.awaited
    second("end")
    assert (scene.end.outcome, scene.end.reason) == (Outcome.SPOKEN, None)
    assert scene.end.latency == Latency(500.0, None, 30.0, 8.0, 2000.0)
    assert not scene.flow.awaited and (scene.computed, scene.moved) == (2, 2)


def test_a_flow_ends_not_before_it_is_closed() -> None:
    """More segments may come while the speaker goes on, although all of those before are heard."""
    scene = Flowing("One.", closed=False)
    scene.play(0)
    scene.ears[0].told[0]("start")
    scene.ears[0].told[0]("end")
    assert not scene.over and not scene.flow.awaited
    scene.flow.expect(scene.parts[0])
    scene.flow.close()
    assert not scene.over and scene.flow.awaited
    scene.flow.skipped(scene.parts[0], "behind")
    assert scene.end.outcome is Outcome.SPOKEN


def test_a_flow_of_no_segment_ends_when_it_is_closed() -> None:
    scene = Flowing("")
    assert scene.end.outcome is Outcome.SUBTITLES_ONLY and scene.end.latency.first_audio_ms is None


def test_what_was_heard_before_the_end_of_the_voice_has_a_latency_below_zero() -> None:
    scene = Flowing("One.")
    scene.now = 4.0
    scene.play(0)
    scene.ears[0].told[0]("start")
    scene.ears[0].told[0]("end")
    assert scene.end.latency.first_audio_ms == -1000.0


def test_a_segment_is_over_when_every_ear_has_heard_it() -> None:
    scene = Flowing("One.", ("bob", "cy"))
    scene.play(0)
    bob, cy = (ear.told[0] for ear in scene.ears)
    bob("start")
    bob("end")
    bob("end")  # told twice is not heard by two
    assert not scene.over
    cy("skipped")
    assert scene.end.outcome is Outcome.SPOKEN and scene.end.listeners == ("bob", "cy")
    assert scene.played()[-1] == ("cy", 0, "skipped", "behind")


@pytest.mark.parametrize(
    ("script", "outcome", "reason"),
    [
        (("fail", "fail"), Outcome.FAILED, "mt"),
        (("fail", "skip"), Outcome.SUBTITLES_ONLY, "behind"),
        (("skip", "fail"), Outcome.SUBTITLES_ONLY, "mt"),
        (("skip", "skip"), Outcome.SUBTITLES_ONLY, "behind"),
        (("fail", "speak"), Outcome.SPOKEN, None),
        (("speak", "skip"), Outcome.SPOKEN, None),
    ],
)
@pytest.mark.parametrize("closed", [True, False])
def test_the_outcome_is_the_best_that_a_segment_had(
    script: tuple[str, ...], outcome: Outcome, reason: str, closed: bool
) -> None:
    scene = Flowing(closed=closed)
    for number, step in enumerate(script):
        if step == "fail":
            scene.flow.fail(scene.parts[number], "mt")
            continue
        scene.flow.translated(1.0)
        if step == "skip":
            scene.flow.skipped(scene.parts[number], "behind")
        else:
            scene.play(number)
            scene.ears[0].told[-1]("start")
            scene.ears[0].told[-1]("end")
    if not closed:
        assert not scene.over
        scene.flow.close()
    assert (scene.end.outcome, scene.end.reason) == (outcome, reason)
    assert scene.computed == 2
    skips = [told for told in scene.played() if told[2] == "skipped"]
    assert len(skips) == script.count("skip"), "every skip is told"


def test_an_end_is_told_once() -> None:
    scene = Flowing()
    scene.flow.end(Outcome.NOT_NEEDED)
    scene.flow.end(Outcome.FAILED, "late")
    assert scene.end.outcome is Outcome.NOT_NEEDED
