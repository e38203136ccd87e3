"""Results of the load become judged turns; and what recognising the whole recording would have given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.latency import edge_words, subtitle_messages
from bench.latency.judging import JudgedTurn, judge
from bench.latency.received_audio import ReceivedAudio
from bench.talk.alignment import Segment
from bench.talk.tone_language import ToneRecogniser
from testing.bundled_recogniser import BundledRecogniser
from testing.spoken_turns import Turn


def of_dragoman(
    turns: Sequence[Turn],
    calls: Sequence[Mapping[str, Any]],
    recogniser: BundledRecogniser | ToneRecogniser,
    *,
    own_words: bool = False,
) -> list[JudgedTurn]:
    """Judge all calls of one load. With `own_words` the announced translation must be heard, whatever it is."""
    known = {turn.name: turn for turn in turns}
    judged: list[JudgedTurn] = []
    for call in calls:
        ear = ReceivedAudio(
            call["heard"], call["target"], recogniser, espeak=not isinstance(recogniser, ToneRecogniser)
        )
        said = call["said"]
        of_call = []
        for number, one in enumerate(said):
            until = said[number + 1]["began"] if number + 1 < len(said) else float("inf")
            messages = subtitle_messages.of_turn(call["messages"], call["speaker"], one["began"], until)
            turn = judge(
                known[one["name"]],
                one["began"],
                one["left"],
                subtitle_messages.segments(messages),
                call["heard"],
                ear,
                own_words=own_words,
            )
            turn.messages = messages
            turn.text = subtitle_messages.transcript(messages)
            of_call.append(turn)
        outside = edge_words.outside(of_call)
        shift = edge_words.shift(of_call, call.get("startedAt"))
        for turn in of_call:
            turn.outside = outside.get(turn.turn.name)
            turn.shift_ms = shift
        judged += of_call
    return judged


def of_bot(
    turns: Sequence[Turn],
    calls: Sequence[Mapping[str, Any]],
    log: Sequence[Mapping[str, Any]],
    recogniser: BundledRecogniser,
    *,
    own_words: bool = False,
) -> list[JudgedTurn]:
    """Judge a bot's calls, one at a time, by its log of spoken texts and their times. `own_words`: as `of_dragoman`."""
    known = {turn.name: turn for turn in turns}
    judged = []
    for call in calls:
        ear = ReceivedAudio(call["heard"], call["target"], recogniser)
        said = call["said"]
        for number, one in enumerate(said):
            until = said[number + 1]["began"] if number + 1 < len(said) else one["left"]
            segments = [
                Segment(entry["spoke"], entry["text"], entry["translation"], since=entry["since"], until=entry["until"])
                for entry in log
                if one["began"] <= entry["spoke"] < until
            ]
            turn = judge(known[one["name"]], one["began"], until, segments, call["heard"], ear, own_words=own_words)
            turn.text = " ".join(segment.source for segment in segments)
            judged.append(turn)
    return judged
