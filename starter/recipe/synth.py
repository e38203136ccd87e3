"""Speaks the training data: `python -m starter.recipe.synth FOLDER`.

Banks of log-mel features as Whisper takes them, in pieces of 500 utterances; pieces that are there are kept, so it
can be stopped and started again. Each piece has its own seed.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from starter.recipe import foreign, noises
from starter.recipe.domain import LANGUAGES, Pair, crossed, draw
from starter.recipe.progress import Progress
from starter.recipe.voices import RATE, STOCK, STRANGERS, Speaker, Spoken, manner, random_name, with_random_variants

PIECE = 500
CROSSED = 0.35
"""Share of the sentences that nobody would say."""
VARIANTS = 1000
"""Random variants: all but the last hundred are for training, those for validation."""

UNSEEN = [random_name(number) for number in range(VARIANTS - 100, VARIANTS)]
HEARD = [random_name(number) for number in range(VARIANTS - 100)]
LONGEST_S = 7.0
PEAK = 0.5
_extract = FeatureExtractor(feature_size=80)


@dataclass(frozen=True)
class Item:
    """One utterance of a bank. `frames` from `first` on in the piece, 10 ms each; `starts`: the frame at which each
    word begins, -1 where unknown; `breaks`: the frames at which the speaker halted. `text` is empty for what is to be
    refused."""

    text: str
    language: str
    voice: str
    first: int
    frames: int
    starts: tuple[int, ...] = ()
    breaks: tuple[int, ...] = ()
    pair: tuple[str, str] = ("", "")


def features(audio: NDArray[np.float32]) -> NDArray[np.float16]:
    """Return log-mel features, [frames, 80], of sound that is brought to the common peak."""
    loud = audio * np.float32(PEAK / max(float(np.abs(audio).max()), 1e-3))
    mel: NDArray[np.float16] = _extract(loud, padding=160).T.astype(np.float16)
    return mel


class Made(NamedTuple):
    """An utterance that a bank's function made. `breaks`: words before which the speaker halted."""

    text: str
    language: str
    voice: str
    spoken: Spoken
    pair: tuple[str, str] = ("", "")
    breaks: tuple[int, ...] = ()


def _phrase(chance: random.Random, speaker: Speaker, variants: list[str], pair: Pair) -> Made:
    side = chance.randrange(2)
    how = manner(chance, LANGUAGES[side], variants)
    said = pair[side]
    if chance.random() < 0.05:  # with the tone of something that goes on
        said = said.rstrip(".?!") + ","
    return Made(pair[side], LANGUAGES[side], how.voice, speaker.say(said, how), (pair.en, pair.es))


def phrase(chance: random.Random, speaker: Speaker) -> Made:
    """Return a sentence of the phrasebook, half of them by espeak-ng's own variants."""
    pair = crossed(chance) if chance.random() < CROSSED else draw(chance)
    return _phrase(chance, speaker, STOCK if chance.random() < 0.5 else HEARD, pair)


def phrase_unseen(chance: random.Random, speaker: Speaker) -> Made:
    return _phrase(chance, speaker, UNSEEN, draw(chance))


def _hesitation(chance: random.Random, speaker: Speaker, variants: list[str], pair: Pair) -> Made:
    """Return a sentence in two parts or three, without a pause between.

    Each part but the last has the tone of something that goes on.
    """
    side = chance.randrange(2)
    how = manner(chance, LANGUAGES[side], variants)
    last = len(pair[side].split()) - 1
    breaks = tuple(sorted(chance.sample(range(1, last + 1), min(chance.choice((1, 1, 1, 2)), last))))
    going_on = [chance.random() < 0.8 for _ in breaks]
    spoken = speaker.say_in_parts(pair[side], breaks, going_on, how)
    begun = [0.0, *accumulate(len(part.audio) / RATE for part in spoken)]
    starts = tuple(
        at + start if start >= 0 else -1.0
        for at, part in zip(begun, spoken, strict=False)
        for start in (max(0.0, part.starts[0]), *part.starts[1:])
    )
    together = Spoken(np.concatenate([part.audio for part in spoken]), starts)
    return Made(pair[side], LANGUAGES[side], how.voice, together, (pair.en, pair.es), breaks)


def hesitation(chance: random.Random, speaker: Speaker) -> Made:
    """Return a sentence of the phrasebook whose speaker halts inside."""
    pair = crossed(chance) if chance.random() < CROSSED else draw(chance)
    return _hesitation(chance, speaker, STOCK if chance.random() < 0.5 else HEARD, pair)


def hesitation_unseen(chance: random.Random, speaker: Speaker) -> Made:
    return _hesitation(chance, speaker, UNSEEN, draw(chance))


def stranger(chance: random.Random, speaker: Speaker) -> Made:
    """Return a text that is not of the phrasebook, two thirds of them in English or Spanish."""
    language = chance.choice(LANGUAGES) if chance.random() < 0.67 else chance.choice(STRANGERS)
    how = manner(chance, language, STOCK if chance.random() < 0.5 else HEARD)
    spoken = speaker.say(foreign.sentence(chance, language), how)
    return Made("", language if language in LANGUAGES else chance.choice(LANGUAGES), how.voice, spoken)


def stranger_unseen(chance: random.Random, speaker: Speaker) -> Made:
    language = chance.choice(LANGUAGES)
    how = manner(chance, language, UNSEEN)
    return Made("", language, how.voice, speaker.say(foreign.sentence(chance, language), how))


def noise(chance: random.Random, speaker: Speaker) -> Made:
    sound = noises.sound(np.random.default_rng(chance.getrandbits(32)))
    return Made("", chance.choice(LANGUAGES), "", Spoken(sound, ()))


BANKS: dict[str, tuple[Callable[[random.Random, Speaker], Made], int]] = {
    "valid-same": (phrase, 1),
    "valid-voices": (phrase_unseen, 1),
    "valid-strangers": (stranger_unseen, 1),
    "valid-noises": (noise, 1),
    "valid-hesitations": (hesitation_unseen, 1),
    "noises": (noise, 4),
    "strangers": (stranger, 14),
    "phrases": (phrase, 113),
    "hesitations": (hesitation, 28),
}
"""Banks by name: the function that makes an utterance, and the number of pieces. The names are part of the seeds."""


def make_piece(folder: Path, bank: str, number: int) -> None:
    """Write one piece: `BANK-NUMBER.npy` with the features, `BANK-NUMBER.json` (written last) with its items."""
    chance = random.Random(f"{bank} {number}")
    speaker = Speaker(folder)
    make = BANKS[bank][0]
    items: list[Item] = []
    mels: list[NDArray[np.float16]] = []
    first = 0
    while len(items) < PIECE:
        made = make(chance, speaker)
        spoken = made.spoken
        if len(spoken.audio) > LONGEST_S * RATE:
            continue
        mel = features(spoken.audio)
        starts = tuple(-1 if start < 0 else round(start * 100) for start in spoken.starts) if made.text else ()
        breaks = tuple(starts[word] for word in made.breaks)
        items.append(Item(made.text, made.language, made.voice, first, len(mel), starts, breaks, made.pair))
        mels.append(mel)
        first += len(mel)
    np.save(folder / f"{bank}-{number}.npy", np.concatenate(mels))
    part = folder / f"{bank}-{number}.part"
    part.write_text(json.dumps([asdict(item) for item in items], ensure_ascii=False), "utf-8")
    part.rename(folder / f"{bank}-{number}.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    with_random_variants(chosen.folder, VARIANTS)
    wanted = [(bank, number) for bank, (_, pieces) in BANKS.items() for number in range(pieces)]
    left = [one for one in wanted if not (chosen.folder / "{}-{}.json".format(*one)).exists()]
    bar = Progress("speaking", len(wanted), len(wanted) - len(left))
    with ProcessPoolExecutor(chosen.jobs) as pool:
        running = [pool.submit(make_piece, chosen.folder, *one) for one in left]
        for number, one in enumerate(running):
            one.result()
            bar.show(len(wanted) - len(left) + number + 1)


if __name__ == "__main__":
    main()
