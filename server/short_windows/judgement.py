"""Decides by what was heard padded and short whether a model's weights bear short windows, and if that still stands.

Pure. Few sentences can't show half a point of word errors, and a doubtful one comes out differently for any change.
So what counts is what the padded encoder hears right and is sure of. Weights that miss the padding go round in circles
there too. Beside it stands a coarse bound over all sentences.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

JUDGE = 1
"""Version of these rules and of the sentences. A judgement by another one does not stand."""
LEAST_SURE_WORDS = 60
"""Words of a language, in sentences that the padded encoder is sure of and hears right, below which nothing is shown.
"""
MOST_OF_SURE = 0.02
"""Share of those words that short windows may hear wrong."""
MOST_MORE = 0.05
"""Share of all words of a language that may be wrong beyond those that are wrong with padding."""
_FORMAT = 1


class Outcome(StrEnum):
    """Outcome of a judgement. Short windows are on where they are `BORNE`, and nowhere else."""

    BORNE = "borne"
    REFUSED = "refused"
    NOT_SHOWN = "not shown"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Basis:
    """Facts without which a judgement does not hold: weights by their SHA-256, judge with libraries, way, device.

    `device` names the type of numbers, too, and options by which the engine hears in an unusual way.
    """

    weights: str
    judge: str
    margin: int
    silent_tail: int
    device: str


@dataclass(slots=True)
class Tally:
    """Counts of one language. `padded`, `short`: words heard wrong. `sure`: words of sentences that the padded encoder
    is sure of and hears right; `sure_wrong` of them were heard wrong in short windows."""

    sentences: int = 0
    words: int = 0
    padded: int = 0
    short: int = 0
    sure: int = 0
    sure_wrong: int = 0

    def add(self, words: int, padded: int, short: int, *, sure: bool) -> None:
        """Count a sentence of `words` words: `padded` were wrong with the padding, `short` in a short window."""
        self.sentences += 1
        self.words += words
        self.padded += padded
        self.short += short
        if sure and not padded:
            self.sure += words
            self.sure_wrong += short

    @property
    def enough(self) -> bool:
        """True if the counts show something."""
        return self.sure >= LEAST_SURE_WORDS

    @property
    def borne(self) -> bool:
        """True if no more words are wrong than the bounds allow."""
        return self.sure_wrong <= MOST_OF_SURE * self.sure and self.short - self.padded <= MOST_MORE * self.words

    def hopeless(self, words: int) -> bool:
        """True if more words are wrong already than the bounds allow for all sentences, which have `words` words."""
        return self.sure_wrong > MOST_OF_SURE * words or self.short - self.padded > MOST_MORE * words


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement as it is kept. `asked`: the languages that it was made for. `why`: its reason in words.

    A language that the model doesn't know has no tally.
    """

    basis: Basis
    asked: tuple[str, ...]
    outcome: Outcome
    why: str
    tallies: Mapping[str, Tally]

    def dump(self) -> str:
        """Return it as JSON."""
        document = {"format": _FORMAT, **asdict(self), "asked": sorted(self.asked)}
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def load(cls, text: str) -> Judgement:
        """Read what `dump` wrote. Raises ValueError for anything else."""
        document: Any = json.loads(text)
        try:
            if document["format"] != _FORMAT:
                raise ValueError(f"its format is {document['format']!r}")
            return cls(
                Basis(**document["basis"]),
                tuple(map(str, document["asked"])),
                Outcome(document["outcome"]),
                str(document["why"]),
                {str(language): Tally(**tally) for language, tally in document["tallies"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it is no judgement: {error!r}") from None


def judged(
    basis: Basis, asked: Collection[str], tallies: Mapping[str, Tally], lacking: Collection[str], *, whole: bool
) -> Judgement:
    """Return the judgement on these counts.

    `lacking`: languages that the model knows and that there are no sentences in. `whole`: all sentences were heard.
    """

    def made(outcome: Outcome, why: str) -> Judgement:
        return Judgement(basis, tuple(sorted(asked)), outcome, why, dict(tallies))

    figures = "; ".join(f"{language}: {_figures(tally)}" for language, tally in sorted(tallies.items()))
    if lost := sorted(language for language, tally in tallies.items() if not tally.borne):
        return made(Outcome.REFUSED, f"words are lost in {', '.join(lost)}. {figures}")
    if lacking:
        return made(Outcome.NOT_SHOWN, f"there are no sentences to judge by in {', '.join(sorted(lacking))}")
    if not tallies:
        return made(Outcome.NOT_SHOWN, f"the model knows none of {', '.join(sorted(asked))}")
    if few := sorted(language for language, tally in tallies.items() if not tally.enough):
        outcome = Outcome.NOT_SHOWN if whole else Outcome.UNFINISHED
        return made(outcome, f"too few words that it is sure of with all the padding in {', '.join(few)}. {figures}")
    return made(Outcome.BORNE, figures)


def fault(judgement: Judgement | None, basis: Basis, wanted: Collection[str]) -> str:
    """Return why a judgement does not stand for these facts and languages; nothing if it does."""
    if judgement is None:
        return "not judged yet"
    found = judgement.basis
    for same, what in (
        (found.weights == basis.weights, "other weights"),
        (found.judge == basis.judge, "another version of the judge or of its libraries"),
        ((found.margin, found.silent_tail) == (basis.margin, basis.silent_tail), "another margin or tail"),
        (found.device == basis.device, "another device, type of numbers or way of hearing"),
    ):
        if not same:
            return f"judged with {what}"
    if others := sorted(set(wanted) - set(judgement.asked)):
        return f"judged without {', '.join(others)}"
    return "judged, and not finished" if judgement.outcome is Outcome.UNFINISHED else ""


def _figures(tally: Tally) -> str:
    return (
        f"{tally.short} of {tally.words} words wrong, {tally.padded} with the padding; "
        f"{tally.sure_wrong} of {tally.sure} that it is sure of"
    )
