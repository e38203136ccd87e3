"""STOI of sentences that came back over a lossy wire, and of the same packets without any repair.

STOI (Taal et al. 2011, IEEE TASLP 19(7)) compares the envelopes of clean and received speech in third-octave bands: 1
is perfect. From about 0.8 on nearly every word is understood. It is pystoi's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.rtp_load.sending import LONGEST
from bench.rtp_load.stimulus import RATE as SENT_RATE
from bench.rtp_load.stimulus import SLOT as SENT_SLOT
from bench.rtp_load.stimulus import Saying, sayings
from media.rtp.opus import Decoder
from pipeline.speech import SAMPLE_RATE
from testing.lossy_wire import LossyWire
from testing.recordings import find
from testing.resampling import as_float, resampled

Samples = NDArray[np.float32]
SEARCHED_S = 1.0
"""Time around its place in which a sentence is looked for: the delay of the way there and back."""
_SLOT = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Heard:
    """STOI of one sentence at a loss: as the server sent it back, and of what the wire let through, with silence in
    each hole. `lost` is the share of its packets that the wire took."""

    loss: float
    text: str
    stoi: float
    unrepaired: float
    lost: float


def heard(groups: Sequence[dict[str, Any]], seed: int) -> list[Heard]:
    """Return every sentence of the recordings of a phase, whose wires were drawn from `seed`."""
    found: list[Heard] = []
    number = 0
    for group in groups:
        loss = group.get("loss", 0.0)
        for recording in group["recordings"]:
            received = np.load(recording["file"]) / np.float32(32768)
            # As `bench.media.generator` draws them, by the number of the client.
            fates = LossyWire(loss, calm=0).journey(LONGEST, seed * 1000 + number)
            found += _sentences(loss, received, fates, recording["part"], group["parts"])
            number += 1
    return found


def _sentences(loss: float, received: Samples, fates: Sequence[float | None], part: int, parts: int) -> list[Heard]:
    stimulus, said = sayings(part, parts)
    bare = unrepaired(stimulus.packets, fates)
    found = []
    for saying in said:
        clean = as_float(resampled(saying.audio, SENT_RATE))
        first = round(saying.begins * SENT_RATE) // SENT_SLOT
        span = fates[first : first + len(saying.audio) // SENT_SLOT + 1]
        found.append(
            Heard(
                loss,
                saying.text,
                stoi(clean, placed(clean, received, saying)),
                stoi(clean, placed(clean, bare, saying)),
                sum(fate is None for fate in span) / len(span),
            )
        )
    return found


def unrepaired(packets: Sequence[bytes], fates: Sequence[float | None]) -> Samples:
    """Return the sound of the packets that came, with silence in place of the others."""
    decoder = Decoder(SAMPLE_RATE)
    silence = bytes(2 * _SLOT)
    pcm = [silence if fate is None else decoder.decode(packet) for packet, fate in zip(packets, fates, strict=False)]
    return as_float(np.frombuffer(b"".join(pcm), np.int16))


def placed(clean: Samples, received: Samples, saying: Saying) -> Samples:
    """Return the part of a recording that is most like a sentence, as long as it; silence where none of it came."""
    low = max(0, round((saying.begins - SEARCHED_S) * SAMPLE_RATE))
    within = received[low : round((saying.begins + SEARCHED_S) * SAMPLE_RATE) + len(clean)]
    at = round(find(clean, within)[0] * SAMPLE_RATE)
    piece = within[at : at + len(clean)]
    return np.pad(piece, (0, len(clean) - len(piece)))


def stoi(clean: Samples, received: Samples) -> float:
    """Return the STOI of mono samples at `SAMPLE_RATE` against the clean ones, as long as they are; 0 for silence."""
    from pystoi import stoi as measure  # SciPy with it: whoever reads results needs neither

    return float(measure(clean, received, SAMPLE_RATE)) if received.any() else 0.0
