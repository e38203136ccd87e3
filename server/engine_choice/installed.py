"""Chooses engines for installed models: of a set such as `standard`, or of all in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models import ModelError, Trouble
from models.catalogue import Model, catalogue
from models.choice import Choice, choose
from models.store import ModelStore
from pipeline.engines.registry import EngineSpec, Kind
from server.settings import Settings

FOLDER = "models"
"""In the data folder."""


def store_of(settings: Settings) -> ModelStore:
    """Return the store into which `dragoman models pull` puts models, and in which a set is looked for."""
    return ModelStore(settings.data / FOLDER)


def of_set(settings: Settings, kinds: Sequence[Kind]) -> dict[Kind, EngineSpec]:
    """The engines of `settings.models` for `settings.languages`. Raises ModelError with the command that fetches
    what is missing."""
    store = store_of(settings)
    choice = choose(catalogue().sets[settings.models], settings.languages, catalogue())
    needed = [model for model in choice.to_pull(store.installed) if model.kind in kinds]
    require(store, needed)
    return engines(store, choice, kinds)


def require(store: ModelStore, models: Sequence[Model]) -> None:
    """Raises ModelError `not_installed` where one is missing."""
    missing = [model.name for model in models if not store.installed(model)]
    if missing:
        raise ModelError(
            Trouble.NOT_INSTALLED,
            f"{len(missing)} of its models are not in {store.folder}; fetch them: "
            f"dragoman models pull {' '.join(missing)}",
        )


def of_folder(settings: Settings, kinds: Sequence[Kind]) -> dict[Kind, EngineSpec]:
    """The engines for what lies in the folder that `settings.models` names. Raises ModelError."""
    store = ModelStore.at(Path(settings.models).expanduser())
    if not store.folder.is_dir():
        raise ModelError(Trouble.BAD_FOLDER, f"{store.folder} is no folder")
    choice = present(store)
    lacking = [kind for kind in kinds if kind != "tts" and not getattr(choice, kind)]
    if lacking:
        raise ModelError(
            Trouble.NOT_INSTALLED,
            f"{store.folder} has no {' and no '.join(lacking)} model that the catalogue knows; add one by "
            f"dragoman models pull NAME (dragoman models list), or set DRAGOMAN_{lacking[0].upper()} to an engine",
        )
    return engines(store, choice, kinds)


def present(store: ModelStore) -> Choice:
    """All that is installed, best first."""
    known = catalogue()
    sets = [known.sets["quality"], known.sets["standard"]]
    recognisers = dict.fromkeys([*(name for one in sets for name in one.stt), *reversed(list(known.models))])
    families = {kind: list(dict.fromkeys(model.family for model in known.models.values() if model.kind == kind))
                for kind in ("mt", "tts")}  # fmt: skip
    best = {"mt": [family for one in sets for family in one.mt], "tts": [family for one in sets for family in one.tts]}
    order = {kind: dict.fromkeys([*best[kind], *families[kind]]) for kind in families}
    return Choice(
        tuple(store.among(model for name in recognisers if (model := known.models[name]).kind == "stt")),
        tuple(store.among(known.of_family("mt", order["mt"]))),
        tuple(store.among(known.of_family("tts", order["tts"]))),
    )


def engines(store: ModelStore, choice: Choice, kinds: Sequence[Kind]) -> dict[Kind, EngineSpec]:
    """For models of which at least one recogniser and all translators and voices are installed."""
    found: dict[Kind, EngineSpec] = {}
    if "stt" in kinds:
        best = store.among(choice.stt)[0]
        found["stt"] = spec(store, best)
    if "mt" in kinds:
        found["mt"] = _translator(store, choice.mt)
    if "tts" in kinds:
        found["tts"] = _synthesizer(store, choice.tts)
    return found


def spec(store: ModelStore, model: Model) -> EngineSpec:
    """The engine of one model alone."""
    return EngineSpec(model.kind, model.engine, {"path": str(store.path(model)), **model.options})


def _translator(store: ModelStore, models: Sequence[Model]) -> EngineSpec:
    """Several folders are one engine, which goes by way of English where no model knows a pair."""
    if len(models) == 1:
        return spec(store, models[0])
    options = {name: value for model in models for name, value in model.options.items()}
    return EngineSpec("mt", models[0].engine, {"paths": [str(store.path(model)) for model in models], **options})


def _synthesizer(store: ModelStore, voices: Sequence[Model]) -> EngineSpec:
    """espeak-ng where there is no voice."""
    if not voices:
        return EngineSpec("tts", "espeak")
    return EngineSpec("tts", voices[0].engine, {"path": [str(store.path(voice)) for voice in voices]})
