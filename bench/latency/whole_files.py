"""Recognition of whole recordings, beside that of the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bench.latency import edge_words
from bench.latency.judging import JudgedTurn
from clients.sound.opus import FRAME, Decoder, Encoder
from pipeline.engines import EngineError, Translator
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Translate
from testing.bundled_recogniser import BundledRecogniser
from testing.recordings import Samples
from testing.resampling import as_float, resampled
from testing.spoken_turns import RATE, Turn
from testing.words import words


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
    """Return a turn after an Opus encoder and decoder, at `SAMPLE_RATE`, -1..1: the audio that the server hears."""
    encoder, decoder = Encoder(), Decoder()
    padded = np.concatenate([turn.audio, np.zeros(-len(turn.audio) % FRAME, np.int16)])
    decoded = [decoder.decode(encoder.encode(frame)) for frame in padded.reshape(-1, FRAME)]
    return as_float(resampled(np.concatenate(decoded), RATE))


def against_whole_files(turns: Sequence[JudgedTurn], whole: WholeFile) -> dict[str, Any]:
    """Compare the call with recognising each recording whole: exact translations, first and last words."""
    found = [(turn, whole.of(turn.turn)) for turn in turns]
    wrong = [one for turn, of_file in found for one in edge_words.wrong(turn, of_file.text, turn.outside)]
    shifts = sorted({turn.shift_ms for turn in turns if turn.shift_ms is not None})
    return {
        "sentences": len(found),
        "exactInCall": sum(turn.clauses[0].exact and not turn.strays for turn, _ in found),
        "exactInWholeFile": sum(words(one.translation) == words(turn.clauses[0].wanted) for turn, one in found),
        "recognisedInCall": sum(words(turn.text) == words(turn.clauses[0].text) for turn, _ in found),
        "recognisedInWholeFile": sum(words(one.text) == words(turn.clauses[0].text) for turn, one in found),
        "firstOrLastWordsLost": sum(one["lost"] for one in wrong),
        "firstOrLastWordsMisheard": sum(not one["lost"] for one in wrong),
        "firstOrLastWordsWrongInCall": sum(edge_words.unlike(turn.clauses[0].text, turn.text) for turn, _ in found),
        "firstOrLastWordsWrongInWholeFile": sum(
            edge_words.unlike(turn.clauses[0].text, one.text) for turn, one in found
        ),
        "clockShiftsMs": [round(shift, 1) for shift in shifts],
        "wrong": wrong,
    }
