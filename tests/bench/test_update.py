"""Figures of updates: the gap of the original voice, and final text that nobody heard."""

from __future__ import annotations

import math
from typing import Any

from bench.talk.dragoman_call import Side
from bench.update.figures import away, fates, gap_s, judged, markdown, summary, unspoken
from bench.update.server import Update

UPDATE = Update(10.0, 12.0, 15.0)


def test_the_gap_is_the_longest_time_without_the_original_voice() -> None:
    arrivals = [9.5 + 0.02 * n for n in range(120)] + [14.4 + 0.02 * n for n in range(100)]
    assert math.isclose(gap_s(arrivals, UPDATE), 14.4 - 11.88)
    assert gap_s([*arrivals[:120], 14.9], UPDATE) == math.inf, "it did not come back for good"
    assert gap_s([], UPDATE) == math.inf
    assert math.isclose(gap_s([0.0, 5.0, *arrivals], UPDATE), 14.4 - 11.88), "what was before does not count"


def test_final_text_without_its_voice_is_counted() -> None:
    def text(utterance: str, final: bool, source: str = "p_partner") -> dict[str, Any]:
        return {"type": "translation", "utteranceId": utterance, "final": final, "sourceUserId": source}

    def end(utterance: str, outcome: str) -> dict[str, Any]:
        return {"type": "utterance_end", "utteranceId": utterance, "outcome": outcome}

    messages = [text("1", True), end("1", "spoken"), text("2", False), text("3", True), text("4", True, "p_me")]
    assert unspoken(messages, "p_me") == ["3"]
    assert unspoken([*messages, end("3", "failed")], "p_me") == ["3"]


def test_a_sentence_counts_by_whether_a_server_listened_as_it_was_begun() -> None:
    voice = [9.5 + 0.02 * n for n in range(120)] + [16.4 + 0.02 * n for n in range(100)]
    assert away(voice, [UPDATE]) == [(10.0, 16.4)]
    assert away(voice[:120], [UPDATE]) == [(10.0, math.inf)], "it never came back"

    def told(*ends: tuple[float, str]) -> tuple[dict[str, int], dict[str, int]]:
        listened, others = fates([(8.0, 11.0), (14.0, 17.0), (20.0, 22.0)], ends, away(voice, [UPDATE]))
        return dict(listened), dict(others)

    assert told((8.1, "spoken"), (16.5, "refused"), (20.1, "spoken")) == ({"spoken": 2}, {"refused": 1})
    assert told((8.1, "spoken"), (20.1, "refused")) == ({"spoken": 1, "refused": 1}, {"lost": 1})
    assert told((8.1, "spoken"), (10.0, "failed")) == ({"failed": 1, "lost": 1}, {"lost": 1}), "of two pieces"
    listened, others = fates([(9.8, 12.0)], [], away(voice, [UPDATE]))
    assert not listened and others == {"lost": 1}, "its first sound was still on its way at the signal"


def test_the_verdict() -> None:
    report = {"calls": 2, "updates": 3, "ended": 0, "unspoken": 0, "resumed": 6, **summary([1.0, 2.0, 4.0], [UPDATE])}
    report |= {"listened": {"spoken": 20}, "in_between": {"refused": 2, "lost": 1}}
    assert all(one.passed for one in judged(report))
    assert (report["sentences_end_s"], report["start_s"]) == (2.0, 3.0)
    assert not judged(report | {"gap_p95_s": math.inf})[0].passed
    assert not judged(report | {"resumed": 5})[3].passed
    assert not judged(report | {"listened": {"spoken": 20, "refused": 1}})[4].passed
    assert "not at all: 1 lost, 2 refused." in markdown(report | {"targets": []})
    assert "| original voice away |" in markdown(report | {"targets": [one.as_json() for one in judged(report)]})


async def test_sentences_are_placed_only_after_the_client_has_placed_its_own() -> None:
    """Its own are none, and it places them when it is connected: sentences that were placed before would be lost."""
    side = Side("http://127.0.0.1:1", "en")
    side.call._pair({"connected": True}, 0)
    side.call.media.connected = True
    assert not side.connected
    await side.call._speak()
    assert side.connected
