"""Renews the benches' `phrases.json` for the models that are there now: `python -m starter.recipe.phrasing`.

A sentence stays if they understand and translate it word for word from the whole, clean recording. One that they
don't gives its place, and its voice, to the next of a random draw that lasts 2-4 s and that training never saw.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import starter
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import SAMPLE_RATE, Transcribe, Translate
from starter.recipe.domain import draw
from testing import speech_material
from testing.speech_material import LANGUAGES, OTHER
from testing.spoken_turns import RATE, Pcm, speak
from testing.words import words

FILE = Path(speech_material.__file__).parent / "phrases.json"
SECONDS = (2.0, 4.0)
AROUND_S = 0.3


class Models:
    def __init__(self) -> None:
        self._whisper = Whisper.of(**{"path": str(starter.STT), **starter.STT_OPTIONS})
        self._translator = CTranslate(str(starter.MT))

    def understand(self, one: dict[str, Any]) -> bool:
        """True if a sentence of the file is understood and translated word for word."""
        sound = _at_16k(speak(one["text"], one["voice"]))
        quiet = bytes(2 * round(AROUND_S * SAMPLE_RATE))
        (heard,) = self._whisper.transcribe([Transcribe(quiet + sound + quiet, one["language"])])
        if not heard.understood or words(heard.text) != words(one["text"]):
            return False
        (translation,) = self._translator.translate([Translate(heard.text, one["language"], OTHER[one["language"]])])
        return words(translation.text) == words(one["translation"])


def _at_16k(samples: Pcm) -> bytes:
    """By averaging three samples: espeak-ng has little above 8 kHz."""
    assert RATE == 3 * SAMPLE_RATE
    pcm: bytes = samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1).astype("int16").tobytes()
    return pcm


def renewed(known: list[dict[str, Any]], models: Models) -> tuple[list[dict[str, Any]], int]:
    """Return the sentences as they should be, and the number of new ones."""
    chance = random.Random("phrases")
    said = {one["text"] for one in known}
    kept, new = [], 0
    for one in known:
        while not models.understand(one):
            pair = draw(chance, held_out=True)
            side = LANGUAGES.index(one["language"])
            long_enough = SECONDS[0] <= len(speak(pair[side], one["voice"])) / RATE <= SECONDS[1]
            if long_enough and pair[side] not in said:
                one = {**one, "text": pair[side], "translation": pair[1 - side]}
                said.add(pair[side])
                new += 1
        kept.append(one)
    return kept, new


def main() -> None:
    known, new = renewed(json.loads(FILE.read_text("utf-8")), Models())
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in known)
    FILE.write_text(f"[\n{lines}\n]\n", "utf-8")
    print(f"{new} sentences tried in place of others; {len(known)} in {FILE.name}")


if __name__ == "__main__":
    main()
