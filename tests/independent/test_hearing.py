"""docs/protocol.md, 3 and 4: what is heard on which line and when, read off recorded calls."""

from __future__ import annotations

import numpy as np
import pytest

from .calls import check_metrics
from .inbox import Message, Received
from .peer import RATE
from .recording import Party, Recording

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

SLACK_S = 0.5


def _spoken(party: Party, speaker: Party) -> list[tuple[Received, Received]]:
    """`speech_audio` start and end of each spoken segment of this speaker, as this party got them."""
    spans: dict[tuple[str, int], list[Received]] = {}
    for received in party.channel:
        message = received.message
        if message["type"] == "speech_audio" and message["sourceUserId"] == speaker.participant_id:
            spans.setdefault((message["utteranceId"], message["segment"]), []).append(received)
    return [(span[0], span[-1]) for span in spans.values() if span[0].message["state"] == "start"]


def test_speech_audio_starts_once_and_ends_once(interpreted: Recording) -> None:
    for party in interpreted.both:
        states: dict[tuple[str, int], list[str]] = {}
        for m in party.of("speech_audio"):
            states.setdefault((m["utteranceId"], m["segment"]), []).append(m["state"])
        assert states
        assert all(seen in (["start", "end"], ["skipped"]) for seen in states.values())


def test_translation_is_settled_once_it_is_spoken(interpreted: Recording) -> None:
    for party in interpreted.both:
        last: dict[tuple[str, int], Message] = {}
        started: dict[tuple[str, int], str] = {}
        for m in party.of("translation", "speech_audio"):
            key = (m["utteranceId"], m["segment"])
            if m["type"] == "translation":
                assert key not in started or (m["final"] and m["translatedText"] == started[key])
                last[key] = m
            elif m["state"] == "start":
                started[key] = last[key]["translatedText"]
        assert started and all(last[key]["final"] for key in started)


def test_interpreter_is_heard_by_the_listener(interpreted: Recording) -> None:
    ana, ben = interpreted.both
    for listener, speaker in ((ben, ana), (ana, ben)):
        spans = _spoken(listener, speaker)
        assert spans
        for start, end in spans:
            loud = listener.lines[0].loud(start.at - SLACK_S, end.at + SLACK_S)
            assert len(loud) >= 10, "the interpreter said less than 0.2 s"


def test_interpreter_is_silent_before_it_starts(interpreted: Recording) -> None:
    ana, ben = interpreted.both
    first = _spoken(ben, ana)[0][0].at
    assert not ben.lines[0].loud(until=first - SLACK_S)


def test_original_is_heard_on_the_second_line(interpreted: Recording) -> None:
    marks = interpreted.marks
    assert len(interpreted.ben.lines[1].loud(marks["first"], marks["first"] + 3)) >= 15
    assert len(interpreted.ana.lines[1].loud(marks["reply"], marks["reply"] + 3)) >= 15


def test_nobody_hears_the_own_words(interpreted: Recording) -> None:
    marks = interpreted.marks
    for line in interpreted.ana.lines:
        assert not line.loud(marks["first"], marks["reply"])
        assert not line.loud(marks["typed"], marks["end"])
    for line in interpreted.ben.lines:
        assert not line.loud(marks["reply"], marks["typed"])


def test_typed_text_is_spoken_on_the_interpreters_line_alone(interpreted: Recording) -> None:
    marks, ben = interpreted.marks, interpreted.ben
    assert len(ben.lines[0].loud(marks["typed"], marks["end"])) >= 10
    assert not ben.lines[1].loud(marks["typed"], marks["end"])


def test_nothing_is_sent_while_there_is_nothing_to_say(interpreted: Recording) -> None:
    assert interpreted.idle_packets == 0


def test_timestamps_stay_on_the_clock_across_talkspurts(interpreted: Recording) -> None:
    marks, line = interpreted.marks, interpreted.ben.lines[0]
    first = line.loud(marks["first"], marks["second"])
    second = line.loud(marks["second"], marks["reply"])
    assert first and second
    by_arrival = np.median([h.at for h in second]) - np.median([h.at for h in first])
    by_timestamp = (np.median([h.pts for h in second]) - np.median([h.pts for h in first])) / RATE
    assert abs(by_arrival - by_timestamp) < 0.3


def test_talkspurt_ends_in_silence(interpreted: Recording) -> None:
    """A stock jitter buffer keeps 80 of the 160 ms back until the next talkspurt."""
    marks = interpreted.marks
    spurt = [h for h in interpreted.ben.lines[0].heard if marks["first"] <= h.at < marks["second"]]
    assert spurt
    assert all(h.rms < 60 for h in spurt[-3:])


def test_same_language_original_is_on_the_only_line(same_language: Recording) -> None:
    marks, ben = same_language.marks, same_language.ben
    for mark in ("first", "second"):
        assert len(ben.lines[0].loud(marks[mark], marks[mark] + 3)) >= 15


def test_same_language_original_is_on_the_second_of_two_lines(same_language: Recording) -> None:
    marks, ana = same_language.marks, same_language.ana
    assert len(ana.lines[1].loud(marks["reply"], marks["reply"] + 3)) >= 15
    assert not ana.lines[0].loud()


def test_same_language_nobody_hears_the_own_words(same_language: Recording) -> None:
    marks = same_language.marks
    for line in same_language.ana.lines:
        assert not line.loud(marks["first"], marks["reply"])
    for line in same_language.ben.lines:
        assert not line.loud(marks["reply"], marks["typed"])


def test_metrics_of_the_call_count_its_utterances(interpreted: Recording) -> None:
    ended = [r.message for r in interpreted.ana.socket if r.message["type"] == "session_ended"][-1]
    check_metrics(ended["metrics"])
    outcomes = [m["outcome"] for m in interpreted.ana.of("utterance_end")]
    assert ended["metrics"]["utterances"] == len(outcomes)
    assert ended["metrics"]["spoken"] == outcomes.count("spoken")
    assert ended["metrics"]["firstAudioMs"]["p50"] is not None
    assert abs(ended["metrics"]["durationMs"] - (interpreted.ended_ms - interpreted.started_at)) < 3000
