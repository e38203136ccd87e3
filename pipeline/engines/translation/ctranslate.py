"""Translator by CTranslate2: one model folder or several, by way of English where no model knows the pair.

The three families of `model_families`, and any other model that `translation.json` describes (`model_description`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipeline.engines import EngineError
from pipeline.engines.translation.model import Asked, TextModel
from pipeline.engines.translation.model_description import Pair, describe
from pipeline.speech import Begun, Translate, Translation
from pipeline.text.language import primary

PIVOT = "en"


class CTranslate:
    """A `Translator`. All sentences of all jobs go through a model as one batch.

    `path` is a model's folder, or a folder of such folders; `paths` are several. Where two models know a pair, the
    one that is named first (or comes first by name) has it. A pair that none knows goes by way of English where both
    halves are known, in two batches: `pivoted` are those. `family` refuses folders of any other family.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        paths: Sequence[str] = (),
        family: str | None = None,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 1,
        beam: int = 1,
    ) -> None:
        folders = list(_folders([*([path] if path is not None else []), *paths]))
        self._models = [
            TextModel(describe(folder, family), device=device, compute_type=compute_type, threads=threads, beam=beam)
            for folder in folders
        ]
        self._direct: dict[Pair, TextModel] = {}
        for model in self._models:
            for pair in model.pairs:
                self._direct.setdefault(pair, model)
        self.pivoted = _by_way_of(PIVOT, self._direct)
        self.pairs = frozenset(self._direct) | self.pivoted
        self.identity = "ctranslate " + " ".join(model.identity for model in self._models)

    def warm_up(self) -> None:
        """The first run allocates; nobody should wait for that."""
        for model in self._models:
            source, target = min(model.pairs)
            model.translate([Asked("One.", source, target)])

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        asked = [self._asked(job) for job in jobs]
        legs = [self._legs(one) for one in asked]
        texts = self._run([first for first, _ in legs])
        onward = {n: Asked(texts[n], PIVOT, leg.target) for n, (_, leg) in enumerate(legs) if leg is not None}
        for n, text in zip(onward, self._run(list(onward.values())), strict=True):
            texts[n] = text
        return [
            Translation(text, job.source, job.target, carried_on=first.begun is not None)
            for text, job, (first, _) in zip(texts, jobs, legs, strict=True)
        ]

    def _asked(self, job: Translate) -> Asked:
        begun = job.begun and Begun(_sendable(job.begun.said), _sendable(job.begun.translated))
        asked = Asked(_sendable(job.text), primary(job.source), primary(job.target), begun)
        if (asked.source, asked.target) not in self.pairs:
            raise EngineError(f"the translator doesn't know {job.source} → {job.target}")
        return asked

    def _legs(self, asked: Asked) -> tuple[Asked, Asked | None]:
        """Return the first request, and the second if English stands between (whose text is not known yet).

        A translation by way of English carries nothing on: nobody has the English of the beginning.
        """
        if (asked.source, asked.target) in self._direct:
            return asked, None
        return Asked(asked.text, asked.source, PIVOT), Asked("", PIVOT, asked.target)

    def _run(self, asked: Sequence[Asked]) -> list[str]:
        """One batch for each model that has something to do."""
        by_model: dict[TextModel, list[int]] = {}
        for n, one in enumerate(asked):
            by_model.setdefault(self._direct[one.source, one.target], []).append(n)
        texts = [""] * len(asked)
        for model, numbers in by_model.items():
            for n, text in zip(numbers, model.translate([asked[n] for n in numbers]), strict=True):
                texts[n] = text
        return texts


def _sendable(text: str) -> str:
    """Return a text without lone surrogates, which are no characters."""
    return text.encode("utf-8", "replace").decode()


def _by_way_of(pivot: str, direct: Mapping[Pair, object]) -> frozenset[Pair]:
    into = {source for source, target in direct if target == pivot}
    out_of = {target for source, target in direct if source == pivot}
    return frozenset((one, other) for one in into for other in out_of if one != other and (one, other) not in direct)


def _folders(paths: Iterable[str]) -> Iterable[Path]:
    """Each folder that is a model, or the models in it."""
    given = [Path(path).expanduser() for path in paths]
    if not given:
        raise EngineError("no model folder is given: ctranslate:/path/to/model")
    for path in given:
        if (path / "model.bin").is_file() or not path.is_dir():
            yield path
            continue
        inner = sorted(folder for folder in path.iterdir() if (folder / "model.bin").is_file())
        if not inner:
            raise EngineError(f"{path} holds no model.bin, and no folder in it does")
        yield from inner
