"""Turns of a human voice that hold numbers: prompts as they were recorded, and numbers put together with a pause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.speech import SAMPLE_RATE
from pipeline.text.values import reading
from testing.disturbances import Sound
from testing.real_material import HUMAN, LANGUAGE, NUMBERS, PARTS, Prompt, prompts
from testing.spoken_turns import SOUNDING

PAUSES_MS = (160, 320, 480, 560)
"""Silence within a number: before the soft end, and after it. The voice detector hears up to 100 ms more of it."""
_EDGE_MS, _JOINED_MS = 20, 40
"""Sound kept around what is louder than silence, and silence between two words of one breath."""
_PAUSE = "|"

DICTATED = (
    ("you are entering conference number 5551234", "conf-enteringno 5 5 5 | 1 2 3 4"),
    ("you are entering conference number 4071", "conf-enteringno 4 0 | 7 1"),
    ("you are entering conference number 600", "conf-enteringno 6 | hundred"),
    ("you are entering conference number 8500", "conf-enteringno 8 thousand | 5 hundred"),
    ("you are entering conference number 1995", "conf-enteringno 19 | 90 5"),
    ("there are currently 205 other participants in the conference",
     "conf-thereare 2 hundred | vm-and 5 conf-otherinparty"),
    ("there are currently 205 other participants in the conference",
     "conf-thereare 2 hundred vm-and | 5 conf-otherinparty"),
    ("there are currently 600 other participants in the conference", "conf-thereare 6 hundred | conf-otherinparty"),
    ("there are currently 42 other participants in the conference", "conf-thereare 40 | 2 conf-otherinparty"),
    ("the estimated hold time is currently 15 minutes", "queue-holdtime 15 | minutes"),
    ("the estimated hold time is currently 25 minutes", "queue-holdtime 20 | 5 minutes"),
    ("extension 500 and extension 8500", "vm-extension 5 hundred | vm-and vm-extension 8 thousand 5 hundred"),
)  # fmt: skip
"""Pairs of a text and the recordings of which it is made; `|` is the pause."""


@dataclass(frozen=True, slots=True)
class NumberTurn:
    """A turn of one person. `spelled` is True where digits are said one by one, however they are grouped."""

    name: str
    text: str
    audio: bytes
    pause_ms: int | None = None
    spelled: bool = False


def recorded() -> list[NumberTurn]:
    """Return the prompts that hold a number, in digits or in words."""
    found = [*prompts(NUMBERS / LANGUAGE), *prompts(HUMAN / LANGUAGE)]
    return [NumberTurn(one.name, one.text, one.audio) for one in found if _has_number(one.text)]


def dictated(pauses_ms: Sequence[int] = PAUSES_MS) -> Iterator[NumberTurn]:
    """Yield each number that is put together, with each pause."""
    parts = {one.name.removeprefix("digits-"): one for one in prompts(PARTS / LANGUAGE)}
    for text, recipe in DICTATED:
        for pause_ms in pauses_ms:
            sound = np.concatenate(list(_pieces(recipe, parts, pause_ms)))
            spelled = all(name == _PAUSE or (len(name) == 1 and name.isdecimal()) for name in recipe.split()[1:])
            yield NumberTurn(f"{recipe}, {pause_ms} ms", text, sound.tobytes(), pause_ms, spelled)


def _pieces(recipe: str, parts: dict[str, Prompt], pause_ms: int) -> Iterator[Sound]:
    for name in recipe.split():
        if name == _PAUSE:
            yield _quiet(pause_ms - 2 * _EDGE_MS - _JOINED_MS)
        else:
            yield _trimmed(np.frombuffer(parts[name].audio, np.int16))
            yield _quiet(_JOINED_MS)


def _trimmed(sound: Sound) -> Sound:
    loud = np.flatnonzero(np.abs(sound) > SOUNDING)
    edge = _EDGE_MS * SAMPLE_RATE // 1000
    return sound[max(0, int(loud[0]) - edge) : int(loud[-1]) + edge]


def _quiet(ms: int) -> Sound:
    return np.zeros(ms * SAMPLE_RATE // 1000, np.int16)


def _has_number(text: str) -> bool:
    return any(char.isdecimal() for unit in reading(text, LANGUAGE).units for one in unit.texts for char in one)
