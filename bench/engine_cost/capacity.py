"""Number of calls that the measured work allows: for each core, and for each GPU."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.engine_cost.plan import ENCODER_OF, PADDED_S, SHORT_S, SPEECH_S, TOKENS
from bench.engine_cost.targets import work

TALK = 0.8
"""The share of a call in which somebody talks, both people together."""
PASSES_BUSY, PASSES_FREE = 2, 6
"""Recognition passes over one utterance: under load only those at its end (the window is heard at the pause and once
more at the end); else interims too, which an idle engine does about once a second of speech."""
WAYS = {"padded": PADDED_S, "short": SHORT_S}
"""Windows that the encoder sees of an utterance, seconds. Short ones are run where weights are judged to bear them."""
FULL = 0.7
"""Greatest share of time in which an engine may be busy. Beyond it jobs wait longer than they take."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of an engine for one utterance of twelve words, as one job among `batch`."""

    heard: float
    translated: float
    spoken: float


def calls(costs: Costs, passes: int) -> float:
    """Calls that one core, or one GPU, can interpret."""
    utterances_a_second = TALK / SPEECH_S
    return FULL / (utterances_a_second * (passes * costs.heard + costs.translated + costs.spoken))


def capacity(rows: Rows) -> list[dict[str, Any]]:
    """Return a line for each recogniser, padded and short, and each translator measured on the same device.

    The voice is espeak-ng's. A GPU is asked in batches of eight, a core one job at a time.
    """
    lines: list[dict[str, Any]] = []
    for device in dict.fromkeys((row["device"], row["compute"]) for row in rows if row["kind"] == "stt"):
        batch = 1 if device[0] == "cpu" else 8
        told = [row for row in rows if (row["device"], row["compute"]) == device and row["threads"] == 1]
        voice = _work(rows, "tts", "espeak", "engine, 12 words", 1)
        for stt, (windows, seconds) in itertools.product(_names(told, "stt"), WAYS.items()):
            heard = _sum(
                _encoder(told, stt, seconds, batch), _work(told, "stt", stt, f"decoder {TOKENS} tokens", batch)
            )
            for mt in _names(told, "mt"):
                translated = _work(told, "mt", mt, "engine, 12 words", batch)
                if heard is None or translated is None or voice is None:
                    continue
                costs = Costs(heard / batch / 1000, translated / batch / 1000, voice / 1000)
                lines.append(
                    {
                        "device": " ".join(device),
                        "stt": stt,
                        "windows": windows,
                        "mt": mt,
                        "msHeard": round(costs.heard * 1000, 1),
                        "msTranslated": round(costs.translated * 1000, 1),
                        "msSpoken": round(costs.spoken * 1000, 1),
                        "calls": round(calls(costs, PASSES_FREE), 1),
                        "callsUnderLoad": round(calls(costs, PASSES_BUSY), 1),
                    }
                )
    return lines


def _encoder(told: Rows, stt: str, seconds: int, batch: int) -> float | None:
    """Return the encoder's work on a window; that of the model that has the same encoder, where its own is a gap."""
    names = (stt, ENCODER_OF.get(stt, stt))
    found = (_work(told, "stt", name, f"encoder {seconds} s", batch) for name in names)
    return next((work for work in found if work is not None), None)


def _names(rows: Rows, kind: str) -> Iterable[str]:
    return dict.fromkeys(row["name"] for row in rows if row["kind"] == kind)


def _work(rows: Rows, kind: str, name: str, what: str, batch: int) -> float | None:
    found: Iterator[float] = (
        work(row) for row in rows if (row["kind"], row["name"], row["what"], row["batch"]) == (kind, name, what, batch)
    )
    return next(found, None)


def _sum(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
