"""Statistics of libwebrtc itself (W3C webrtc-stats) on the voices that the server sends, over a clean network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from .recording import Party, Recording

pytestmark = pytest.mark.real_time

RATE = 48_000  # of all counted samples
SPEAKING = 8  # packets in 200 ms: a line that is not paused
MOST_CONCEALED = 0.01  # of the samples within a talkspurt
MOST_AT_EDGES = 0.060  # s for each talkspurt, where it begins and in the silence that it ends with
MOST_DELAY = 0.120  # s in the jitter buffer

Window = tuple[dict[str, Any], dict[str, Any]]


def windows(party: Party, kind: str) -> Iterator[Window]:
    """A line's counters at two moments 200 ms apart, on the same connection."""
    looks = [e["voices"].get(kind) for e in party.peer.events if e["event"] == "stats"]
    for before, after in pairwise(looks):
        if before and after and before["id"] == after["id"]:
            yield before, after


def grown(window: Window, counter: str) -> float:
    before, after = window
    return float(after[counter] - before[counter])


def audible(window: Window) -> float:
    """Samples that were made up and could be heard: not those that only fill a pause with silence."""
    return grown(window, "concealedSamples") - grown(window, "silentConcealedSamples")


def talkspurts(party: Party, kind: str) -> list[list[Window]]:
    """Runs of windows in which packets came all the time."""
    runs: list[list[Window]] = [[]]
    for window in windows(party, kind):
        if grown(window, "packetsReceived") >= SPEAKING:
            runs[-1].append(window)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) >= 4]


def test_nothing_is_concealed_within_a_talkspurt(recorded: Recording) -> None:
    for party in recorded.both:
        for kind in ("interpreter", "original"):
            runs = talkspurts(party, kind)
            assert len(runs) >= 2, f"{party.name} heard nothing on {kind}"
            within = [window for run in runs for window in run[1:-1]]
            concealed = sum(map(audible, within)) / sum(grown(one, "totalSamplesReceived") for one in within)
            print(f"\n{party.name}, {kind}: {100 * concealed:.2f} % concealed within {len(runs)} talkspurts")
            assert concealed < MOST_CONCEALED


def test_little_is_concealed_where_talkspurts_begin_and_end(recorded: Recording) -> None:
    for party in recorded.both:
        for kind in ("interpreter", "original"):
            least = len(talkspurts(party, kind))
            concealed = sum(map(audible, windows(party, kind))) / RATE
            print(f"\n{party.name}, {kind}: {1000 * concealed:.0f} ms concealed at the edges of {least} talkspurts")
            assert concealed < MOST_AT_EDGES * least


def test_no_packet_is_lost_and_the_buffer_stays_short(recorded: Recording) -> None:
    for party in recorded.both:
        for kind in ("interpreter", "original"):
            spoken = [window for run in talkspurts(party, kind) for window in run]
            assert sum(grown(one, "packetsLost") for one in spoken) == 0
            emitted = sum(grown(one, "jitterBufferEmittedCount") for one in spoken)
            delay = sum(grown(one, "jitterBufferDelay") for one in spoken) / emitted
            print(f"\n{party.name}, {kind}: {1000 * delay:.0f} ms in the jitter buffer")
            assert 0 < delay < MOST_DELAY
