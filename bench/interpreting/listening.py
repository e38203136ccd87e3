"""Results of the load become judged turns; and what recognising the whole recording would have given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bench.interpreting import edges, subtitles
from bench.interpreting.hearing import Ear
from bench.interpreting.judging import JudgedTurn, Segment, judge
from bench.interpreting.tones import ToneEar
from clients.opus import FRAME, Decoder, Encoder
from pipeline.engines import EngineError, Translator
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Translate
from testing.bundled_recogniser import BundledRecogniser
from testing.recordings import Samples
from testing.resampling import as_float, resampled
from testing.spoken_turns import RATE, Turn
from testing.words import words


def of_dragoman(
    turns: Sequence[Turn],
    calls: Sequence[Mapping[str, Any]],
    recogniser: BundledRecogniser | ToneEar,
    *,
    own_words: bool = False,
) -> list[JudgedTurn]:
    """Judge all calls of one load. With `own_words` the ear must hear the announced translation, whatever it is."""
    known = {turn.name: turn for turn in turns}
    judged: list[JudgedTurn] = []
    for call in calls:
        ear = Ear(call["heard"], call["target"], recogniser, espeak=not isinstance(recogniser, ToneEar))
        said = call["said"]
        of_call = []
        for number, one in enumerate(said):
            until = said[number + 1]["began"] if number + 1 < len(said) else float("inf")
            messages = subtitles.of_turn(call["messages"], call["speaker"], one["began"], until)
            turn = judge(
                known[one["name"]],
                one["began"],
                one["left"],
                subtitles.segments(messages),
                call["heard"],
                ear,
                own_words=own_words,
            )
            turn.messages = messages
            turn.text = subtitles.transcript(messages)
            of_call.append(turn)
        outside = edges.outside(of_call)
        shift = edges.shift(of_call, call.get("startedAt"))
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
) -> list[JudgedTurn]:
    """The same for a bot, whose log says what it spoke when; one call at a time."""
    known = {turn.name: turn for turn in turns}
    judged = []
    for call in calls:
        ear = Ear(call["heard"], call["target"], recogniser)
        said = call["said"]
        for number, one in enumerate(said):
            until = said[number + 1]["began"] if number + 1 < len(said) else one["left"]
            segments = [
                Segment(entry["spoke"], entry["text"], entry["translation"], since=entry["since"], until=entry["until"])
                for entry in log
                if one["began"] <= entry["spoke"] < until
            ]
            turn = judge(known[one["name"]], one["began"], until, segments, call["heard"], ear)
            turn.text = " ".join(segment.source for segment in segments)
            judged.append(turn)
    return judged


@dataclass(frozen=True, slots=True)
class Whole:
    """A turn's whole recording, through Opus, recognised and translated at once."""

    text: str
    translation: str


class WholeFile:
    """The bundled engines in this process."""

    def __init__(self, recogniser: BundledRecogniser) -> None:
        self._recogniser = recogniser
        self._translator = cast(Translator, make(EngineSpec("mt", "starter")))

    def of(self, turn: Turn) -> Whole:
        text = self._recogniser.words_in(through_opus(turn), turn.language)
        target = {"en": "es", "es": "en"}[turn.language]
        if not text:
            return Whole(text, "")
        (told,) = self._translator.translate([Translate(text, turn.language, target)])
        if isinstance(told, EngineError):
            raise told
        return Whole(text, told.text)


def through_opus(turn: Turn) -> Samples:
    """What a decoder makes of a turn at `SAMPLE_RATE`, -1..1: the audio that the server hears."""
    encoder, decoder = Encoder(), Decoder()
    padded = np.concatenate([turn.audio, np.zeros(-len(turn.audio) % FRAME, np.int16)])
    decoded = [decoder.decode(encoder.encode(frame)) for frame in padded.reshape(-1, FRAME)]
    return as_float(resampled(np.concatenate(decoded), RATE))


def against_whole_files(turns: Sequence[JudgedTurn], whole: WholeFile) -> dict[str, Any]:
    """How the call compares with recognising each recording whole: exact translations, first and last words."""
    found = [(turn, whole.of(turn.turn)) for turn in turns]
    wrong = [one for turn, of_file in found for one in edges.wrong(turn, of_file.text, turn.outside)]
    shifts = sorted({turn.shift_ms for turn in turns if turn.shift_ms is not None})
    return {
        "sentences": len(found),
        "exactInCall": sum(turn.clauses[0].exact and not turn.strays for turn, _ in found),
        "exactInWholeFile": sum(words(one.translation) == words(turn.clauses[0].wanted) for turn, one in found),
        "recognisedInCall": sum(words(turn.text) == words(turn.clauses[0].text) for turn, _ in found),
        "recognisedInWholeFile": sum(words(one.text) == words(turn.clauses[0].text) for turn, one in found),
        "firstOrLastWordsLost": sum(one["lost"] for one in wrong),
        "firstOrLastWordsMisheard": sum(not one["lost"] for one in wrong),
        "firstOrLastWordsWrongInCall": sum(edges.unlike(turn.clauses[0].text, turn.text) for turn, _ in found),
        "firstOrLastWordsWrongInWholeFile": sum(edges.unlike(turn.clauses[0].text, one.text) for turn, one in found),
        "clockShiftsMs": [round(shift, 1) for shift in shifts],
        "wrong": wrong,
    }
