"""Figures of a turn from the listener's subtitle messages: segments, utterances, revisions, stages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.talk.alignment import Segment, same
from testing.words import words

SPOKEN = {"spoken", "subtitles_only", "not_needed", "failed", "refused"}
STAGES = ("endpointMs", "sttMs", "translationMs", "ttsMs")

Message = dict[str, Any]


def of_turn(messages: Sequence[Message], speaker: str, began: float, until: float) -> list[Message]:
    """Return the messages about the utterances of `speaker` whose first message came between two times (s)."""
    first: dict[str, float] = {}
    for message in messages:
        if "utteranceId" in message:
            first.setdefault(str(message["utteranceId"]), message["arrived"])
    spoken = {str(one.get("utteranceId")) for one in messages if one.get("sourceUserId") == speaker}
    mine = {utterance for utterance in spoken & first.keys() if began <= first[utterance] < until}
    return [one for one in messages if str(one.get("utteranceId")) in mine]


def segments(messages: Iterable[Message]) -> list[Segment]:
    """Return the segments that were announced as spoken, in order, with their last texts."""
    texts: dict[tuple[str, int], Message] = {}
    order: list[tuple[tuple[str, int], float]] = []
    for message in messages:
        key = str(message.get("utteranceId")), int(message.get("segment", 0))
        if message["type"] == "translation":
            texts[key] = message
        elif message["type"] == "speech_audio" and message.get("state") == "start":
            order.append((key, message["arrived"]))
    return [
        Segment(at, texts[key]["originalText"], texts[key]["translatedText"], utterance=key[0])
        for key, at in order
        if key in texts
    ]


def utterances(messages: Iterable[Message]) -> int:
    """Return the number of utterances with words in them; noise is none."""
    return len(_uttered(messages))


def _uttered(messages: Iterable[Message]) -> set[str]:
    ends = [one for one in messages if one["type"] == "utterance_end"]
    return {str(one["utteranceId"]) for one in ends if one.get("outcome") in SPOKEN}


def pieces(messages: Sequence[Message]) -> int:
    """Return the number of pieces into which the words were cut on their way to the listener.

    A piece is a translated segment, or an utterance of which nothing was translated. A translator that gets half a
    sentence is lost, whichever boundary cut it.
    """
    translated = {
        (str(one["utteranceId"]), int(one["segment"]))
        for one in messages
        if one["type"] == "translation" and one["final"]
    }
    return len(translated) + len(_uttered(messages) - {utterance for utterance, _ in translated})


def outcomes(messages: Iterable[Message]) -> list[str]:
    return [str(one.get("outcome")) for one in messages if one["type"] == "utterance_end"]


def transcript(messages: Iterable[Message]) -> str:
    """Return the final source text, utterance by utterance."""
    final = {one["utteranceId"]: one["text"] for one in messages if one["type"] == "transcription" and one["final"]}
    return " ".join(text.strip() for text in final.values() if text.strip())


def first_partial(messages: Iterable[Message]) -> float | None:
    """Return the arrival (s) of the first text of the turn, or None."""
    for one in messages:
        text = one.get("text") if one["type"] == "transcription" else one.get("translatedText")
        if one["type"] in ("transcription", "translation") and str(text or "").strip():
            return float(one["arrived"])
    return None


def revisions(messages: Iterable[Message], kind: str) -> tuple[int, int]:
    """Return the words taken back and the words that stayed, of `transcription` or `translation` messages.

    Normalised erasure is their quotient (Arivazhagan et al. 2020, "Re-translation versus streaming").
    """
    lines: dict[tuple[str, int], list[str]] = {}
    erased = 0
    for one in messages:
        if one["type"] != kind:
            continue
        key = str(one["utteranceId"]), int(one.get("segment", 0))
        before = lines.get(key, [])
        now = words(one["text"] if kind == "transcription" else one["translatedText"])
        erased += len(before) - same(before, now)
        lines[key] = now
    return erased, sum(map(len, lines.values()))


def latencies(messages: Iterable[Message]) -> list[dict[str, float | None]]:
    """Return the server's own account of each utterance that was spoken."""
    return [
        {name: one["latency"].get(name) for name in (*STAGES, "firstAudioMs")}
        for one in messages
        if one["type"] == "utterance_end" and one.get("outcome") == "spoken"
    ]
