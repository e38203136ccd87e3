"""Translator by Apertium's rules (Forcada et al. 2011): the pairs that are installed, in running pipelines.

For any text, within a millisecond or two, and of gist quality: for a machine that has no better translator. Apertium is
GPL, a program of its own, and is talked to over pipes.
"""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from pipeline.engines import EngineError
from pipeline.engines.translation.apertium_pairs import Pair, modes, packages, ways
from pipeline.engines.translation.apertium_pipe import ApertiumPipe
from pipeline.engines.translation.apertium_stream import plain
from pipeline.engines.translation.carrying_on import rest_of
from pipeline.speech import Begun, Translate, Translation
from pipeline.text.language import primary
from pipeline.text.segmenter import joined

FOLDERS = ("/usr/share/apertium", "/usr/local/share/apertium")
"""Folders that are looked for modes where none is named."""
_PROGRAM = "lt-proc"
_HOW = "Debian: apt-get install apertium apertium-eng-spa"


class Apertium:
    """A `Translator`. `path` is the folder that has Apertium's `modes`.

    A sentence is carried on by translating all of it, and leaving out what listeners have already (`carrying_on`).
    A pair without a mode of its own goes by a way-station, in two steps: `pivoted` are those. `timeout_s` is for one
    text. At most `pipelines` run at once, each some ten programs; the one that was unused longest is ended for another.
    """

    def __init__(self, path: str | None = None, *, timeout_s: float = 3.0, pipelines: int = 8) -> None:
        if pipelines < 1:
            raise EngineError(f"pipelines: {pipelines}; it must be 1 or more")
        if path is None and shutil.which(_PROGRAM) is None:
            raise EngineError(f"the command {_PROGRAM!r} of Apertium is not installed ({_HOW})")
        folders = [Path(one) / "modes" for one in ([path] if path is not None else FOLDERS)]
        self._modes = {mode.stem: mode for folder in reversed(folders) for mode in folder.glob("*.mode")}
        self._direct = modes(self._modes)
        if not self._direct:
            raise EngineError(f"{' and '.join(map(str, folders))} hold no pair of languages ({_HOW})")
        self._stations = ways(self._direct)
        self.pivoted: frozenset[Pair] = frozenset(self._stations)
        self.pairs: frozenset[Pair] = frozenset(self._direct) | self.pivoted
        self.gist: frozenset[Pair] = self.pairs  # rules and dictionaries: the gist, of any text
        self._timeout_s = timeout_s
        self._most = pipelines
        self._pipes: OrderedDict[Pair, ApertiumPipe] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Apertium {len(self._direct)} modes, running {list(self._pipes.values())}>"

    def warm_up(self) -> None:
        """Start the pipelines, as many as may run."""
        for pair in sorted(self._direct)[: self._most]:
            self._step("1", pair)

    def close(self) -> None:
        """End all programs."""
        while self._pipes:
            self._pipes.popitem()[1].close()

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]:
        return [self._result(job) for job in jobs]

    def _result(self, job: Translate) -> Translation | EngineError:
        pair = primary(job.source), primary(job.target)
        if pair not in self.pairs:
            needed = packages(*pair)
            advice = f" (Debian: apt-get install {' '.join(needed)})" if needed else ""
            return EngineError(f"Apertium doesn't translate {job.source} → {job.target} here{advice}")
        try:
            alone = self._translated(plain(job.text), pair)
            rest = "" if job.begun is None else self._carried_on(job.text, job.begun, alone, pair)
        except EngineError as error:
            return error
        return Translation(rest or alone, job.source, job.target, carried_on=bool(rest))

    def _carried_on(self, text: str, begun: Begun, alone: str, pair: Pair) -> str:
        """Return what goes on behind a sentence's beginning. Empty where the whole is no continuation of it."""
        whole = self._translated(plain(joined([begun.said, text], pair[0])), pair)
        return rest_of(whole, begun.translated, alone, pair[1])

    def _translated(self, text: str, pair: Pair) -> str:
        """Return the translation of plain text, in one step or by a way-station."""
        station = self._stations.get(pair)
        for step in [pair] if station is None else [(pair[0], station), (station, pair[1])]:
            text = self._step(text, step)
        return text

    def _step(self, text: str, pair: Pair) -> str:
        return self._pipe(pair).translate(text, pair[0]) if text else ""

    def _pipe(self, pair: Pair) -> ApertiumPipe:
        pipe = self._pipes.pop(pair, None)
        if pipe is None:
            while len(self._pipes) >= self._most:
                self._pipes.popitem(last=False)[1].close()
            pipe = ApertiumPipe(self._modes[self._direct[pair]], self._timeout_s)
        self._pipes[pair] = pipe  # behind all others
        return pipe
