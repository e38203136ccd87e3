"""The latency bench's verdicts are judged: what was cut, lost or never came shows, whoever's it is."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.latency import edge_words, figures, judging, subtitle_messages
from bench.latency.judged_calls import of_dragoman
from bench.latency.judging import JudgedTurn
from bench.latency.table import markdown
from bench.latency.targets import Target, targets
from bench.latency.whole_files import Whole, against_whole_files
from bench.talk import tone_language
from bench.talk.alignment import Segment
from bench.talk.dragoman_call import Side
from testing.spoken_turns import Clause, Turn, turn

FIRST, SECOND = "Where is the bank?", "The train leaves at five."
BEGAN = 100.0


def toned(*texts: str) -> Turn:
    """A turn in English whose translation are tones."""
    clauses = [Clause(text, tone_language.translation(text)) for text in texts]
    return turn("known", "en", "en-us", clauses, pauses=[250] * (len(texts) - 1))


def message(kind: str, at: float, utterance: str = "u1", **more: Any) -> dict[str, Any]:
    return {"type": kind, "arrived": at, "utteranceId": utterance, "sourceUserId": "ana", "final": False, **more}


def translation(segment: int, utterance: str = "u1", text: str = "x") -> dict[str, Any]:
    return message("translation", 2.0, utterance, segment=segment, final=True, translatedText=text)


def ended(utterance: str, outcome: str) -> dict[str, Any]:
    return message("utterance_end", 3.0, utterance, outcome=outcome, latency={})


def test_a_sentence_is_cut_by_an_utterance_or_a_segment() -> None:
    whole = [translation(0), ended("u1", "spoken")]
    noisy = [*whole, ended("u2", "nothing_said")]
    unfinished = [message("translation", 1.9, segment=1, translatedText="y"), *whole]
    segments = [translation(0), translation(1), ended("u1", "spoken")]
    utterances = [*whole, translation(0, "u2"), ended("u2", "spoken")]
    refused = [*whole, ended("u2", "refused")]
    told = [whole, noisy, unfinished, segments, utterances, refused]
    assert [subtitle_messages.pieces(one) for one in told] == [1, 1, 1, 2, 2, 2]
    turns = [JudgedTurn(toned(FIRST), BEGAN, BEGAN + 9, [clause()], [], one) for one in told]
    found = figures.figures(turns)
    assert (found["cut"], found["severalUtterances"]) == (3, 2)
    two = JudgedTurn(toned(FIRST, SECOND), BEGAN, BEGAN + 9, [clause(), clause()], [], segments)
    assert "cut" not in figures.figures([two]), "each clause may have a segment of its own"


def clause() -> judging.Judged:
    return judging.Judged("known", FIRST, "x", BEGAN, BEGAN + 1.0, BEGAN + 1.6, "x", "x")


def spoken(said: Turn, **latency: float | None) -> JudgedTurn:
    """A turn of one clause that was heard 0.6 s after its end, by what the server said of it."""
    stages = {"endpointMs": 500.0, "sttMs": 20.0, "translationMs": 5.0, "ttsMs": 15.0, "firstAudioMs": 560.0, **latency}
    told = [message("utterance_end", 3.0, outcome="spoken", latency=stages)]
    return JudgedTurn(said, BEGAN, BEGAN + 9, [clause()], [], told)


def test_the_waterfall_adds_up_to_what_the_ear_waited() -> None:
    found = figures.waterfall([spoken(toned(FIRST))])
    stages = ("capture", "network", "endpointing", "stt", "mt", "tts", "playout")
    assert sum(found[stage] for stage in stages) == pytest.approx(600) == pytest.approx(found["whole"])
    assert found["playout"] == pytest.approx(20) and found["overhead"] == pytest.approx(100)


def test_a_turn_that_was_cut_not_spoken_or_misheard_has_an_infinite_overhead() -> None:
    good, silent, misheard, cut = (spoken(toned(FIRST)) for _ in range(4))
    silent.messages[0]["latency"]["firstAudioMs"] = None
    misheard.clauses[0].heard = "something else"
    cut.messages += [message("translation", 2.0, segment=number, final=True) for number in (0, 1)]
    found = figures.waterfall([good, silent, misheard, cut])
    assert found["count"] == 2 and found["overheadMs"] == {"p50": None, "p95": None, "count": 4, "infinite": 3}
    assert found["overhead"] == pytest.approx(100), "the stages are of what came"
    assert figures.waterfall([good])["overheadMs"]["p95"] == pytest.approx(100)
    assert figures.waterfall([silent])["overheadMs"]["infinite"] == 1


def report(single_p50: float | None) -> dict[str, Any]:
    times = {"p50": single_p50, "p95": 800.0, "p99": 800.0, "count": 10, "infinite": 0}
    single = {
        "turns": 10, "clauses": 10, "right": 10, "exact": 10, "cut": 0, "endToFirstMs": times, "endToFirstAnyMs": times,
        "whole": {"exactInCall": 9, "exactInWholeFile": 9}, "waterfall": {"count": 0},
    }  # fmt: skip
    peer = {"single": {"turns": 10, "endToFirstMs": {"p50": 1000.0, "count": 10}}}
    machine = {"cpu": "x", "cores": 2, "kernel": "6", "python": "3.11", "busyBefore": 0.0}
    return {
        "machine": machine, "versions": {"aiortc": "1"}, "seconds": 1.0, "profiles": {"starter": {"single": single}},
        "peers": {"fastrtc, defaults": peer, "pipecat, best": peer},
    }  # fmt: skip


def test_targets_are_met_missed_or_not_measured() -> None:
    verdicts = {target.what: target.passed for target in targets(report(440.0))}
    assert verdicts["starter: speech end to first translated sound, p50"] is True
    assert verdicts["starter: sentences cut at an inner pause"] is True
    assert verdicts["starter: exact translations less those of whole files"] is True
    assert verdicts["long turns: ear-voice span, p50"] is None
    assert verdicts["single clauses, p50 / that of fastrtc, defaults"] is True
    assert verdicts["long turns, ear-voice span p50 / that of pipecat, best"] is None
    slow = {target.what: target.passed for target in targets(report(None))}
    assert slow["starter: speech end to first translated sound, p50"] is False
    assert slow["single clauses, p50 / that of fastrtc, defaults"] is False
    late = {target.what: target.passed for target in targets(report(600.0))}
    assert late["single clauses, p50 / that of fastrtc, defaults"] is False
    assert late["single clauses, p50 / that of pipecat, best"] is True


def verdict(data: dict[str, Any], what: str) -> Target:
    (found,) = (target for target in targets(data) if target.what == what)
    return found


def test_an_overhead_that_never_came_misses_its_target() -> None:
    what = "scripted: overhead beyond the endpointing decision, p95"
    data = report(440.0)
    assert verdict(data, what).passed is None
    for p95, passed in ((None, False), (61.0, False), (59.0, True)):
        data["profiles"]["scripted"] = {"single": {"waterfall": {"overheadMs": {"p95": p95, "count": 32}}}}
        assert verdict(data, what).passed is passed


def test_first_and_last_words_are_compared_with_whole_files_and_hesitations_in_pieces_are_told() -> None:
    wrong, cut = (
        "hesitations: first or last words wrong, call less whole file",
        "hesitations: sentences translated in pieces",
    )
    data = report(440.0)
    assert verdict(data, wrong).passed is None and verdict(data, cut).value is None
    for in_call, in_file, passed in ((3, 3, True), (4, 3, False), (2, 3, True)):
        whole = {
            "firstOrLastWordsWrongInCall": in_call, "firstOrLastWordsWrongInWholeFile": in_file, "exactInCall": 171,
            "exactInWholeFile": 192, "clockShiftsMs": [-70.0, 41.2],
        }  # fmt: skip
        data["profiles"]["starter"]["cut"] = {"turns": 200, "cut": 19, "severalUtterances": 8, "whole": whole}
        assert verdict(data, wrong).passed is passed and verdict(data, wrong).value == in_call - in_file
    assert (verdict(data, cut).value, verdict(data, cut).passed) == (0.095, None)
    text = table_of(data)
    assert "-70 to +41" in text
    for label, figure in (("utterances or translated", 19), ("translated word for word", 171), ("utterances", 8)):
        assert re.search(rf"{label}[^|]*\| {figure} ", text), label
    assert re.search(rf"{cut} *\| 0.095 *\| none *\|  ", text), "no verdict"


def test_a_peer_that_never_comes_is_shown_beside_what_it_said() -> None:
    what = "single clauses, p50 / that of fastrtc, defaults"
    data = report(440.0)
    peer = {"turns": 24, "clauses": 24, "right": 11, "endToFirstMs": {"p50": None, "count": 24},
            "endToFirstAnyMs": {"p50": 500.0, "count": 24}}  # fmt: skip
    data["peers"] = {"fastrtc, defaults": {"single": peer}}
    found = verdict(data, what)
    assert (found.value, found.passed) == (None, True)
    assert found.beside == "heard right: 11 of 24 theirs, 10 of 10 ours; whatever was said: 0.88"
    assert re.search(r"\| ∞ theirs \| ≤ 0.5 +\| pass +\| heard right: 11 of 24", table_of(data))
    assert verdict(report(None) | {"peers": data["peers"]}, what).passed is False


def table_of(data: dict[str, Any]) -> str:
    return markdown(data | {"targets": [target.as_json() for target in targets(data)]})


def test_the_table_shows_infinity_and_what_was_not_measured() -> None:
    data = report(None)
    text = table_of(data)
    assert "| ∞" in text and "not measured" in text and "FAIL" in text
    assert "Disturbed" not in text
    data["profiles"]["starter"]["single"]["othersBusy"] = 0.4
    assert "others took up to 40%" in table_of(data)


def hesitation(name: str, began: float, start_ms: int, end_ms: int, heard: str = FIRST) -> JudgedTurn:
    """A turn of which the server recognised what was between these two media times."""
    said = replace(turn(name, "en", "en-us", [Clause(FIRST, "uno")], pauses=[]), name=name)
    final = {"type": "transcription", "final": True, "text": heard, "startMs": start_ms, "endMs": end_ms}
    clause = judging.Judged(name, FIRST, "uno", began, began + said.end)
    return JudgedTurn(said, began, 0.0, [clause], [], [final], heard)


def test_a_word_is_lost_where_its_sound_was_not_recognised_and_else_misheard() -> None:
    first, last = (round(1000 * at) for at in (toned(FIRST).words[0].start, toned(FIRST).words[-1].end))
    media = 7_000  # media time less the mouth's
    turns = [
        hesitation("whole", 10.0, media + 10_000 + first - 200, media + 10_000 + last),
        hesitation("misheard", 20.0, media + 20_000 + first - 200, media + 20_000 + last + 10, "Where is the park?"),
        hesitation("late", 30.0, media + 30_000 + first + 150, media + 30_000 + last, "is the bank?"),
        hesitation("early", 40.0, media + 40_000 + first - 200, media + 40_000 + last - 120, "Where is the?"),
        hesitation("silent", 50.0, 0, 0, ""),
    ]
    outside = edge_words.outside(turns)
    found = {one.turn.name: edge_words.wrong(one, FIRST, outside.get(one.turn.name)) for one in turns}
    told = {name: [(one["word"], one["lost"]) for one in of] for name, of in found.items()}
    assert told == {
        "whole": [],
        "misheard": [("last", False)],
        "late": [("first", True)],
        "early": [("last", True)],
        "silent": [("first", True), ("last", True)],
    }
    assert edge_words.wrong(turns[2], "is the bank?", outside["late"]) == []  # whole files do no better
    assert outside["early"].last == pytest.approx(120, abs=2)


def test_what_nobody_said_makes_no_exact_translation() -> None:
    said = toned(FIRST)
    first = Segment(BEGAN + 1, FIRST, said.said[0].clause.translation)
    heard: dict[str, Any] = {"zero": BEGAN, "arrivals": []}

    class Perfect:
        def of(self, _turn: Turn) -> Whole:
            return Whole(FIRST, said.said[0].clause.translation)

    for more, exact in (([], 1), ([Segment(BEGAN + 2, "Never", "nunca")], 0)):
        segments = [replace(first), *more]
        judged = judging.judge(said, BEGAN, BEGAN + 9, segments, heard, None)  # type: ignore[arg-type]
        assert against_whole_files([judged], Perfect())["exactInCall"] == exact  # type: ignore[arg-type]
        assert figures.figures([judged])["strays"] == len(more)


def test_wrong_words_at_the_edges_count_whatever_the_reason_and_for_the_file_too() -> None:
    assert edge_words.unlike(FIRST, "where is the BANK") == 0
    assert edge_words.unlike(FIRST, "Where is the park?") == edge_words.unlike(FIRST, "is the bank?") == 1
    assert edge_words.unlike(FIRST, "Here is a park.") == edge_words.unlike(FIRST, "") == 2

    class Mishearing:
        def of(self, _turn: Turn) -> Whole:
            return Whole("Where is the park?", "x")

    turns = [hesitation("same", 10.0, 0, 0, "Where is the park?"), hesitation("worse", 20.0, 0, 0, "Here is the park?")]
    found = against_whole_files(turns, Mishearing())  # type: ignore[arg-type]
    assert found["firstOrLastWordsWrongInCall"] == 3 and found["firstOrLastWordsWrongInWholeFile"] == 2
    assert found["clockShiftsMs"] == []


def test_a_server_that_cuts_every_last_word_alike_shows_in_the_clocks(tmp_path: Path) -> None:
    """Its own median hides it; the difference from what `startedAt` says does not."""
    heard = tmp_path / "heard.npy"
    np.save(heard, np.zeros(10, np.int16))
    started = 3.0  # of the mouth's clock
    for cut_ms in (0, 150):
        said, end = [], 0
        for number in range(3):
            one = hesitation(f"h{number}", 10.0 * number + 10, 0, 0)
            end = round(1000 * (one.began - started + one.turn.words[-1].end)) + 20 - cut_ms
            final = one.messages[0] | {"startMs": end - 2000, "endMs": end, "utteranceId": str(number),
                                       "sourceUserId": "ana", "arrived": one.began + 3}  # fmt: skip
            said.append((one, final))
        call = {
            "target": "es", "speaker": "ana", "startedAt": started, "messages": [final for _, final in said],
            "said": [{"name": one.turn.name, "began": one.began, "left": one.began + 9} for one, _ in said],
            "heard": {"zero": 0.0, "file": str(heard), "arrivals": []},
        }  # fmt: skip
        judged = of_dragoman([one.turn for one, _ in said], [call], tone_language.ToneRecogniser())
        assert [one.outside.last if one.outside else None for one in judged] == [pytest.approx(0, abs=1)] * 3
        assert [one.shift_ms for one in judged] == [pytest.approx(20 - cut_ms, abs=1)] * 3
        del call["startedAt"]  # an older recording
        assert (
            of_dragoman([judged[0].turn], [call | {"said": call["said"][:1]}], tone_language.ToneRecogniser())[
                0
            ].shift_ms
            is None
        )


async def test_a_side_knows_when_the_session_began_on_its_own_clock() -> None:
    side = Side("http://127.0.0.1:9", "en")
    assert side.started is None
    side.journal.note("paired", startedAt=round((time.time() - 5000) * 1000))
    assert side.started == pytest.approx(asyncio.get_running_loop().time() - 5000, abs=60)
