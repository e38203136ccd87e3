"""Table of the kinds of turns that a human voice says in a real call, and which recordings are of a kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from testing.real_material import HUMAN, LANGUAGE, NUMBERS, Prompt, prompts

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Kind:
    """Recordings of `folders` between two lengths, s, with as many sentences; how many are said, and in a quick run."""

    folders: tuple[Path, ...]
    shortest_s: float
    longest_s: float
    sentences: range
    count: int
    quick: int

    def holds(self, prompt: Prompt) -> bool:
        """Return True if a recording is of this kind. One that breaks off ("press ...") is of none."""
        whole = not prompt.text.rstrip().endswith("...")
        return (
            whole
            and self.shortest_s <= prompt.seconds < self.longest_s
            and len(sentences(prompt.text)) in self.sentences
        )


KINDS = {
    "single": Kind((HUMAN,), 0.0, 8.0, range(1, 2), 24, 4),
    "several": Kind((HUMAN,), 0.0, 15.0, range(2, 99), 12, 2),
    # Some are one sentence of many clauses. Those that are longest have numbers in them.
    "long": Kind((HUMAN, NUMBERS), 15.0, 75.0, range(1, 99), 6, 1),
}


def sentences(text: str) -> list[str]:
    """Return the sentences of a recording's text, each with its mark."""
    return [one for one in _SENTENCE_END.split(text.strip()) if re.search(r"\w", one)]


def chosen(found: Iterable[Prompt], kind: Kind, count: int) -> list[Prompt]:
    """Return `count` recordings of a kind, the shortest and the longest and others evenly between them."""
    fitting = sorted(filter(kind.holds, found), key=lambda one: (one.seconds, one.name))
    if count >= len(fitting):
        return fitting
    step = (len(fitting) - 1) / max(1, count - 1)
    return [fitting[round(number * step)] for number in range(count)]


def recordings(names: Sequence[str], *, quick: bool) -> dict[str, list[Prompt]]:
    """Return the recordings that are said, by kind."""
    kinds = {name: KINDS[name] for name in names}
    return {
        name: chosen(
            (one for folder in kind.folders for one in prompts(folder / LANGUAGE)),
            kind,
            kind.quick if quick else kind.count,
        )
        for name, kind in kinds.items()
    }
