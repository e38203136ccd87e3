"""Decides which engines and models a machine gets for its languages, by tables of rungs, the best first. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from models.catalogue import Catalogue, Model
from models.choice import choose as choose_of_set
from pipeline.engines.registry import Kind
from pipeline.engines.translation.apertium_pairs import PACKAGES, Pair, packages
from server.first_call.facts import Facts

BUNDLED = frozenset({"en", "es"})
"""Languages of the bundled phrasebook."""
SET = "standard"
"""The set that translators and voices are taken from."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A recogniser, and the machine that it needs to keep up with two people who talk."""

    model: str
    cores: int = 1
    memory_gb: float = 1.0
    gpu: bool = False

    def fits(self, facts: Facts) -> bool:
        """Return True if the machine is fast and large enough."""
        return facts.cores >= self.cores and facts.memory_gb >= self.memory_gb and (facts.gpu or not self.gpu)


RECOGNISERS = (
    Rung("whisper-large-v3-turbo", memory_gb=8.0, gpu=True),
    Rung("whisper-small", cores=8, memory_gb=4.0),
    Rung("whisper-base", cores=4, memory_gb=2.0),
    Rung("whisper-tiny"),
    Rung("whisper-tiny-en"),
)
"""Recognisers, the best first. Below them all is the bundled one, for its own languages."""


@dataclass(frozen=True, slots=True)
class Part:
    """An engine of one kind, what has to be fetched for it, and the languages or pairs that it is there for."""

    kind: Kind
    engine: str
    models: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Debian packages that are not here yet."""
    languages: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The parts of a server. `unheard` are languages whose people have to type; `untranslated` are pairs that nothing
    here translates."""

    recognisers: tuple[Part, ...]
    translator: Part
    voice: Part
    unheard: tuple[str, ...] = ()
    untranslated: tuple[Pair, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return *self.recognisers, self.translator, self.voice


def choose(facts: Facts, languages: Sequence[str], known: Catalogue) -> Choice:
    """Choose for people who speak `languages` (primary subtags), each with each."""
    recognisers, unheard = _recognisers(facts, languages, known)
    translator = _translator(facts, languages, known)
    wanted = itertools.permutations(languages, 2)
    untranslated = tuple(pair for pair in wanted if pair not in translator.pairs)
    return Choice(recognisers, translator, _voice(facts, languages, known), unheard, untranslated)


def obtainable(model: Model, facts: Facts) -> bool:
    """Return True if the model is here, or can be fetched and made ready."""
    if model.name in facts.installed:
        return True
    if model.name in facts.failed:
        return False
    source = facts.pypi if model.source == "pypi" else facts.hub
    return source and (facts.converts or not model.convert)


def _recognisers(facts: Facts, languages: Sequence[str], known: Catalogue) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    able = [
        known.models[rung.model]
        for rung in RECOGNISERS
        if rung.fits(facts) and obtainable(known.models[rung.model], facts)
    ]
    found: dict[str, list[str]] = {}
    unheard = []
    for language in languages:
        model = next((model.name for model in able if language in model.languages), None)
        if model is None and language not in BUNDLED:
            unheard.append(language)
        else:
            found.setdefault(model or "", []).append(language)
    parts = [
        Part("stt", known.models[name].engine if name else "starter", (name,) if name else (), languages=tuple(served))
        for name, served in sorted(found.items(), key=lambda one: not one[0])
    ]
    return tuple(parts) or (Part("stt", "starter"),), tuple(unheard)


def _translator(facts: Facts, languages: Sequence[str], known: Catalogue) -> Part:
    """Return a set's models where all of them can be had, else Apertium where it can do anything, else the bundled."""
    wanted = tuple(itertools.permutations(languages, 2))
    chosen = choose_of_set(known.sets[SET], languages, known)
    if chosen.mt and not chosen.impossible and all(obtainable(model, facts) for model in chosen.mt):
        return Part("mt", chosen.mt[0].engine, tuple(model.name for model in chosen.mt), pairs=wanted)
    coming = [pair for pair in wanted if pair not in facts.apertium and _can_be_installed(pair, facts)]
    lacking = lacking_packages(coming, facts)
    translates = facts.apertium | (frozenset(coming) if lacking else frozenset())
    if any(pair in translates for pair in wanted):
        return Part("mt", "apertium", (), lacking, pairs=tuple(pair for pair in wanted if pair in translates))
    return Part("mt", "starter", pairs=tuple(pair for pair in wanted if set(pair) <= BUNDLED))


def lacking_packages(pairs: Collection[Pair], facts: Facts) -> tuple[str, ...]:
    """Return the Debian packages that Apertium needs for pairs, but for those that are here; none if none help."""
    here = {name for pair, name in PACKAGES.items() if pair in facts.apertium}
    needed = dict.fromkeys(name for pair in pairs for name in packages(*pair) if name not in here)
    return (*(() if facts.apertium else ("apertium",)), *needed) if needed else ()


def _can_be_installed(pair: Pair, facts: Facts) -> bool:
    needed = packages(*pair)
    return facts.debian and bool(needed) and not facts.failed & {"apertium", *needed}


def _voice(facts: Facts, languages: Sequence[str], known: Catalogue) -> Part:
    voices = choose_of_set(known.sets[SET], languages, known).tts
    able = [voice for voice in voices if facts.piper and obtainable(voice, facts)]
    if not able:
        return Part("tts", "espeak", languages=tuple(languages))
    spoken = tuple(tag for tag in languages if any(tag in voice.languages for voice in able))
    return Part("tts", able[0].engine, tuple(voice.name for voice in able), languages=spoken)
