"""Figures from judged turns. Failures count as infinite, which JSON shows as null. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from bench.latency import subtitle_messages
from bench.latency.judging import JudgedTurn
from testing.percentiles import percentile
from testing.words import words

INFINITE = float("inf")
CAPTURE_MS = 10.0


def spread(values: Iterable[float | None], shares: Sequence[float] = (0.5, 0.95, 0.99)) -> dict[str, Any]:
    """Milliseconds at these percentiles of seconds, how many there are, and how many never came."""
    known = [INFINITE if value is None else value for value in values]
    result: dict[str, Any] = {f"p{share * 100:g}": milliseconds(percentile(known, share)) for share in shares}
    return {**result, "count": len(known), "infinite": sum(map(math.isinf, known))}


def milliseconds(value: float | None) -> float | None:
    """Return seconds as milliseconds, or None (null in JSON) where they are infinite."""
    return None if value is None or math.isinf(value) else round(value * 1000, 1)


def stream_laal(delays: Sequence[float], seconds: float, reference: int) -> float | None:
    """Length-adaptive average lagging over a stream of sound, in seconds (Papi et al. 2024, StreamLAAL; LAAL of
    Papi et al. 2022): the mean of each target word's delay less that of an ideal interpreter, who spreads the
    words evenly over the source, up to the first word that comes after the source's end.

    `delays` are counted from the source's first sound; `reference` is the reference's number of words.
    """
    if not delays or seconds <= 0:
        return None
    per_word = seconds / max(len(delays), reference)
    counted = next((number + 1 for number, delay in enumerate(delays) if delay >= seconds), len(delays))
    return sum(delays[number] - number * per_word for number in range(counted)) / counted


def lagging(turn: JudgedTurn) -> float | None:
    """Return StreamLAAL of one turn. Each word of a segment has its even place in the segment's sound."""
    zero = turn.began + turn.turn.said[0].start
    delays: list[float] = []
    for one in turn.segments:
        count = len(words(one.translation))
        if one.start is None or one.end is None or not count:
            continue
        step = (one.end - one.start) / count
        delays += [one.start - zero + number * step for number in range(count)]
    reference = sum(len(words(one.clause.translation)) for one in turn.turn.said)
    return stream_laal(sorted(delays), turn.turn.end - turn.turn.said[0].start, reference)


def figures(turns: Sequence[JudgedTurn]) -> dict[str, Any]:
    """Return all figures of the turns of one kind."""
    clauses = [clause for turn in turns for clause in turn.clauses]
    result: dict[str, Any] = {
        "turns": len(turns),
        "clauses": len(clauses),
        "right": sum(one.right for one in clauses),
        "exact": sum(one.exact for one in clauses),
        "strays": sum(len(turn.strays) for turn in turns),
        "failures": [
            {"turn": one.turn, "said": one.text, "translation": one.translation, "heard": one.heard}
            for one in clauses
            if not one.right
        ],
        "endToFirstMs": spread(_end_to_first(turn) for turn in turns),
        "endToFirstAnyMs": spread(_end_to_first_any(turn) for turn in turns),
        "earVoiceSpanMs": spread((one.span for one in clauses), (0.5, 0.95)),
        "earVoiceSpanAnyMs": spread((one.any_span for one in clauses), (0.5, 0.95)),
        "earVoiceSpanOfHeardMs": spread((one.any_span for one in clauses if one.ear_start is not None), (0.5, 0.95)),
        "onsetSpanMs": spread(
            (one.ear_start - one.mouth_start if one.right and one.ear_start else None for one in clauses), (0.5, 0.95)
        ),
        "streamLaalMs": spread((lagging(turn) for turn in turns), (0.5, 0.95)),
        "startedBeforeTheEnd": sum(
            turn.first_heard is not None and turn.first_heard < turn.mouth_end for turn in turns
        ),
        "segmentsPerTurn": round(sum(len(turn.segments) for turn in turns) / max(1, len(turns)), 2),
    }
    if any(turn.messages for turn in turns):
        result |= _subtitled(turns)
    return result


def _end_to_first(turn: JudgedTurn) -> float | None:
    """Return s from the end of speech to the first translated sound of its last clause. None is a failure."""
    return turn.clauses[-1].span if turn.clauses[-1].right else None


def _end_to_first_any(turn: JudgedTurn) -> float | None:
    return turn.clauses[-1].any_span


def _subtitled(turns: Sequence[JudgedTurn]) -> dict[str, Any]:
    utterances = [subtitle_messages.utterances(turn.messages) for turn in turns]
    partials = [_first_partial(turn) for turn in turns]
    erased = {
        kind: [subtitle_messages.revisions(turn.messages, kind) for turn in turns]
        for kind in ("transcription", "translation")
    }
    ends = [outcome for turn in turns for outcome in subtitle_messages.outcomes(turn.messages)]
    # Each of several clauses may have a piece of its own: only a turn of one clause should surely have stayed whole.
    whole = all(len(turn.clauses) == 1 for turn in turns)
    cut = {"cut": sum(subtitle_messages.pieces(turn.messages) > 1 for turn in turns)} if whole else {}
    return {
        "utterancesPerTurn": round(sum(utterances) / max(1, len(turns)), 3),
        "severalUtterances": sum(count > 1 for count in utterances),
        **cut,
        "outcomes": {outcome: ends.count(outcome) for outcome in sorted(set(ends))},
        "firstPartialMs": spread(partials, (0.5, 0.95)),
        "erasure": {
            kind: round(sum(gone for gone, _ in pairs) / max(1, sum(stayed for _, stayed in pairs)), 3)
            for kind, pairs in erased.items()
        },
    }


def _first_partial(turn: JudgedTurn) -> float | None:
    """Return s from the end of the first word, as spoken, to the first words on the screen."""
    at = subtitle_messages.first_partial(turn.messages)
    return None if at is None else at - (turn.began + turn.turn.first_word)


def waterfall(turns: Sequence[JudgedTurn]) -> dict[str, Any]:
    """Median milliseconds of each stage, over turns of one clause that stayed in one piece and was heard.

    `capture`: the last sound waits 10 ms, in the mean, for its frame of 20 ms to be full; `network` is what neither
    the client nor the server accounts for (sockets, the jitter buffer, the silence before the voice); `playout` the
    rest of the server's own time, negative where stages ran ahead of the endpoint.

    `overheadMs` is of all turns of one clause: of one that was cut, that has no spoken end or was not heard right it
    is infinite, or a server that fails under its own weight would look light.
    """
    rows: list[dict[str, float]] = []
    overheads: list[float | None] = []
    for turn in turns:
        told = subtitle_messages.latencies(turn.messages)
        clause = turn.clauses[-1]
        if len(turn.clauses) != 1:
            continue
        cut = subtitle_messages.pieces(turn.messages) != 1
        if cut or len(told) != 1 or clause.ear_start is None or told[0]["firstAudioMs"] is None:
            overheads.append(None)
            continue
        stages = {name: told[0][name] or 0.0 for name in subtitle_messages.STAGES}
        first = told[0]["firstAudioMs"]
        whole = (clause.ear_start - clause.mouth_end) * 1000
        rows.append(
            {
                "capture": CAPTURE_MS,
                "network": whole - first - CAPTURE_MS,
                "endpointing": stages["endpointMs"],
                "stt": stages["sttMs"],
                "mt": stages["translationMs"],
                "tts": stages["ttsMs"],
                "playout": first - sum(stages.values()),
                "whole": whole,
                "overhead": whole - stages["endpointMs"],
            }
        )
        overheads.append(rows[-1]["overhead"] / 1000 if clause.right else None)
    names = list(rows[0]) if rows else []
    shown: dict[str, Any] = {name: round(percentile([row[name] for row in rows], 0.5) or 0.0, 1) for name in names}
    return {**shown, "overheadMs": spread(overheads, (0.5, 0.95)), "count": len(rows)}
