"""Decides what of a segment the translator is asked: words alone. Links, emoji and signs come through untouched.

A link within a sentence is asked for as a name that no language has. If that name does not come back as it was, what
stands before the link and behind it is translated apart.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.lanes.queue import Priority
from pipeline.lanes.spare_time import DoesJobs
from pipeline.speech import Translate, Translation
from pipeline.text.untouched import Kind, Part, marks_first, parts

MOST_ASKED = 6
"""Jobs that one segment may become. Beyond that its words are asked for together, and all else stands behind them."""
_NAME = "QZ"


async def words_translated(
    lane: DoesJobs[Translate, Translation], job: Translate, *, timeout: float | None, urgent: bool | Priority
) -> Translation:
    """Return the translation of a segment, with its links and signs as they were. Raises what `Lane.do` raises."""
    found = marks_first(parts(job.text))
    if len(found) != 1:
        job = replace(job, begun=None)  # a sentence in several jobs is carried on by none
    kept: list[bool] = []
    carried_on: list[bool] = []

    async def ask(text: str) -> str:
        """Return the translation of a stretch of words, with the space that stands around it."""
        answer = await lane.do(replace(job, text=text.strip()), timeout=timeout, urgent=urgent)
        lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        kept.append(answer.kept)
        carried_on.append(answer.carried_on)
        return f"{lead}{answer.text.strip()}{tail}"

    def made(text: str) -> Translation:
        return Translation(text.strip(), job.source, job.target, kept=all(kept), carried_on=any(carried_on))

    words = [part.text for part in found if part.worded]
    if not words:
        return made(job.text)
    if len(words) > MOST_ASKED:
        rest = [part.text for part in found if part.kind is not Kind.TEXT]
        return made(" ".join([await ask(" ".join(" ".join(words).split())), *rest]))
    said: list[str] = []
    for clause in _clauses(found):
        named = _named(clause)
        whole = None if named is None else _restored(await ask(named), clause)
        said += [await ask(part.text) if part.worded else part.text for part in clause] if whole is None else [whole]
    return made("".join(said))


def _clauses(found: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield the parts between signs, and each run of signs by itself."""
    for _, group in itertools.groupby(found, key=lambda part: part.kind is Kind.SIGN):
        yield list(group)


def _names(clause: Sequence[Part]) -> list[tuple[str, str]]:
    """Return (name, link) of each link of a clause."""
    links = [part.text for part in clause if part.kind is Kind.LINK]
    return [(f"{_NAME}{chr(ord('A') + number % 26)}", link) for number, link in enumerate(links)]


def _named(clause: Sequence[Part]) -> str | None:
    """Return a clause with names in the place of its links. None if that is of no use, or such a name is in it."""
    names = [name for name, _ in _names(clause)]
    worded = any(part.worded for part in clause)
    if not names or not worded or len(names) > MOST_ASKED or any(_NAME in part.text for part in clause):
        return None
    order = iter(names)
    return "".join(next(order) if part.kind is Kind.LINK else part.text for part in clause)


def _restored(text: str, clause: Sequence[Part]) -> str | None:
    """Return a translated clause with its links in the place of their names. None unless each name is there once."""
    for name, link in _names(clause):
        before, found, after = text.partition(name)
        if not found or name in after or re.search(r"[A-Za-z0-9]$", before) or re.match(r"[A-Za-z0-9]", after):
            return None
        spaces = [" " if char.isalnum() else "" for char in (before[-1:], after[:1])]
        text = f"{before}{spaces[0]}{link}{spaces[1]}{after}"
    return text
