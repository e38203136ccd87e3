"""Six minutes of a call on a virtual clock: wrap-around, loss, jitter, DTX and crystals that drift apart.

`python -m bench.soak` runs the same for an hour.
"""

from __future__ import annotations

from bench.soak.virtual_call import run_virtual


def test_nothing_drifts_and_every_utterance_is_spoken() -> None:
    figures = run_virtual(6)
    assert figures["spoken"] == figures["utterances"] == figures["expected"]
    assert abs(figures["mediaTimeDriftMs"]) < 60, "80 ppm is 14 ms in three minutes"
    assert figures["worstOutgoingClockMs"] < 25, "outgoing timestamps stay on the clock"
