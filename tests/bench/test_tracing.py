"""`bench.tracing`: its short form in a call of one sentence, and verdicts that can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.tracing.__main__ import markdown, verdict
from bench.tracing.pairs import Pair, measured, receiver
from testing.speech_material import singles

GOOD = [Pair(10.0, 10.0 + more, 500, 500) for more in (0.1, 0.2, 0.4)]


def test_a_call_with_traces_sends_every_span_to_its_collector() -> None:
    with receiver() as url:
        took_s, made, sent = measured(singles(1, ["en"]), url)
    assert took_s > 0 and sent == made > 10


@pytest.mark.parametrize(
    ("off_us", "found", "passed"),
    [
        (1.9, GOOD, True),
        (2.1, GOOD, False),
        (1.9, [replace(pair, on_s=10.4) for pair in GOOD], False),
        (1.9, [replace(GOOD[0], on_s=99.0), *GOOD[:2]], True),
        (1.9, [*GOOD, replace(GOOD[0], spans_sent=499)], False),
        (1.9, [replace(pair, spans_made=0, spans_sent=0) for pair in GOOD], False),
    ],
)
def test_verdicts(off_us: float, found: list[Pair], passed: bool) -> None:
    report = verdict(off_us, 10.0, found)
    assert report["passed"] is passed
    assert f"{report['medianShare']:.1%}" in markdown({"machine": {"cpu": "x"}, "turns": 3, **report})
