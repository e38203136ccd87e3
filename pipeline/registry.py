"""Which engines there are, by stage and name: how one is made, what it is, under which licence it comes.

Third parties add theirs as entry points of the group `dragoman.engines`; each names an `Entry`.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from pipeline.engines import EngineError, Synthesizer, Transcriber, Translator

Kind: TypeAlias = Literal["stt", "mt", "tts"]
Engine: TypeAlias = Transcriber | Translator | Synthesizer

ENTRY_POINTS = "dragoman.engines"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Names an engine: plain data, so that it can be sent to another process. `options` are the keyword
    arguments of the engine, plain JSON values."""

    kind: Kind
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the registry knows of an engine.

    `make` builds it from the options of its spec; it is called in the engine's own process, so libraries are
    imported in there and not here. `batch` is how many waiting jobs the engine gains from taking at once. `stand_in`
    names the engine of the same kind (tts alone, so far) that does what this one fails to do.
    """

    kind: Kind
    name: str
    make: Callable[..., Engine]
    summary: str
    licence: str
    batch: int = 1
    stand_in: str = ""


def _starter_stt(**options: Any) -> Engine:
    import starter
    from pipeline.engines.whisper import Whisper

    return Whisper(**{"path": str(starter.STT), **starter.STT_OPTIONS, **options})


def _starter_mt(**options: Any) -> Engine:
    import starter
    from pipeline.engines.ctranslate import CTranslate

    return CTranslate(**{"path": str(starter.MT), **options})


def _whisper(**options: Any) -> Engine:
    from pipeline.engines.whisper import Whisper

    return Whisper(**options)


def _ctranslate(**options: Any) -> Engine:
    from pipeline.engines.ctranslate import CTranslate

    return CTranslate(**options)


def _espeak(**options: Any) -> Engine:
    from pipeline.engines.espeak import Espeak

    return Espeak(**options)


def _piper(**options: Any) -> Engine:
    from pipeline.engines.piper import Piper

    return Piper(**options)


def _coqui(**options: Any) -> Engine:
    from pipeline.engines.coqui import Coqui

    return Coqui(**options)


def _program(**options: Any) -> Engine:
    from pipeline.engines.program import Program

    return Program(**options)


def _scripted(name: str) -> Callable[..., Engine]:
    def make(**options: Any) -> Engine:
        from pipeline.engines import scripted

        engine: Engine = getattr(scripted, name)(**options)
        return engine

    return make


BUILT_IN = (
    Entry("stt", "starter", _starter_stt, "bundled phrasebook recogniser, synthetic voices", "Apache-2.0"),
    Entry("stt", "whisper", _whisper, "a Whisper model folder (`path`), by faster-whisper", "MIT"),
    Entry("stt", "scripted", _scripted("ScriptedTranscriber"), "for tests: texts or tones", "Apache-2.0"),
    Entry("mt", "starter", _starter_mt, "bundled phrasebook translator, en↔es", "Apache-2.0", batch=8),
    Entry(
        "mt", "ctranslate", _ctranslate, "a CTranslate2 model folder (`path`)", "that of the model", batch=8
    ),
    Entry(
        "mt", "scripted", _scripted("ScriptedTranslator"), "for tests: texts or tones", "Apache-2.0", batch=8
    ),
    Entry("tts", "espeak", _espeak, "the espeak-ng command, a process of its own", "GPL-3.0-or-later"),
    Entry(
        "tts",
        "piper",
        _piper,
        "a folder of Piper voices (`path`), a process of its own",
        "Piper GPL-3.0-or-later; each voice has its own",
        stand_in="espeak",
    ),
    Entry(
        "tts",
        "coqui",
        _coqui,
        "a folder of Coqui models (`path`), a process of its own",
        "coqui-tts MPL-2.0; each model has its own (XTTS-v2: CPML, non-commercial)",
        stand_in="espeak",
    ),
    Entry(
        "tts",
        "program",
        _program,
        "any program (`command`) that speaks the line protocol of docs/voices.md",
        "that of the program",
        stand_in="espeak",
    ),
    Entry("tts", "scripted", _scripted("ScriptedSynthesizer"), "for tests: tones", "Apache-2.0"),
)


@cache
def entries() -> Mapping[tuple[str, str], Entry]:
    """Every engine known here, built-in and from entry points, by (kind, name). Ours win a clash of names."""
    found: dict[tuple[str, str], Entry] = {}
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        entry = point.load()
        if not isinstance(entry, Entry):
            raise EngineError(f"the entry point {point.name!r} of {ENTRY_POINTS} is not a registry.Entry")
        found[entry.kind, entry.name] = entry
    found.update(((entry.kind, entry.name), entry) for entry in BUILT_IN)
    return found


def find(spec: EngineSpec) -> Entry:
    """The entry that a spec names. Raises `EngineError` with the known names where there is none."""
    try:
        return entries()[spec.kind, spec.name]
    except KeyError:
        known = ", ".join(sorted(name for kind, name in entries() if kind == spec.kind))
        raise EngineError(f"no {spec.kind} engine is called {spec.name!r}; known: {known}") from None


def make(spec: EngineSpec) -> Engine:
    """Loads the engine (seconds for a large model). Raises whatever its library raises."""
    return find(spec).make(**spec.options)
