"""Registry of engines by kind and name: how each is made, what it is, under which licence it comes.

Entry points of the group `dragoman.engines` add more (docs/engines.md): the bundled models (`starter.engines`), and
third parties' engines. `mt.babel = acme:babel` names the function that makes the engine, any other name an `Entry`.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

from pipeline.engines import EngineError, Transcriber, Translator
from pipeline.engines.entry import Batching as Batching
from pipeline.engines.entry import Engine as Engine
from pipeline.engines.entry import EngineSpec as EngineSpec
from pipeline.engines.entry import Entry as Entry
from pipeline.engines.entry import Kind as Kind

ENTRY_POINTS = "dragoman.engines"
DISTRIBUTION = "dragoman"


def _whisper(**options: Any) -> Engine:
    from pipeline.engines.whisper.transcriber import Whisper

    return Whisper.of(**options)


def _whisper_gathering(options: Mapping[str, Any]) -> Batching:
    """A GPU takes many windows in about the time of one. A CPU encodes them one after the other and gains in decoding
    only: much where the encoder is spared the padding, nothing to speak of where it is not."""
    if options.get("device") == "cuda":
        return Batching(batch=16, linger_ms=10.0)
    return Batching() if options.get("margin") is None else Batching(batch=4, apart=True)


def _by_language(engines: Sequence[str]) -> Engine:
    from pipeline.engines.by_language import ByLanguage

    return ByLanguage([cast(Transcriber, make(parse("stt", one))) for one in engines])


def _by_language_gathering(options: Mapping[str, Any]) -> Batching:
    """The first is the one that people are here for. Jobs of the others go along."""
    first = next(iter(options.get("engines", ())), None)
    if not isinstance(first, str):
        return Batching()  # its engine says what is wrong
    spec = parse("stt", first)
    return find(spec).batching(spec.options)


def _ctranslate(**options: Any) -> Engine:
    from pipeline.engines.translation.ctranslate import CTranslate

    return CTranslate(**options)


def _family(name: str) -> Callable[..., Engine]:
    return lambda **options: _ctranslate(**{**options, "family": name})


def _apertium(**options: Any) -> Engine:
    from pipeline.engines.translation.apertium import Apertium

    return Apertium(**options)


def _openai(**options: Any) -> Engine:
    from pipeline.engines.translation.openai import OpenAiHttp

    return OpenAiHttp(**options)


def _espeak(**options: Any) -> Engine:
    from pipeline.engines.voices.espeak import Espeak

    return Espeak(**options)


def _piper(**options: Any) -> Engine:
    from pipeline.engines.voices.piper import Piper

    return Piper(**options)


def _coqui(**options: Any) -> Engine:
    from pipeline.engines.voices.coqui import Coqui

    return Coqui(**options)


def _program(**options: Any) -> Engine:
    from pipeline.engines.voices.external_program import ExternalProgram

    return ExternalProgram(**options)


def _scripted(name: str) -> Callable[..., Engine]:
    def make(**options: Any) -> Engine:
        from pipeline.engines import scripted

        engine: Engine = getattr(scripted, name)(**options)
        return engine

    return make


BUILT_IN = (
    Entry("stt", "whisper", _whisper, "a Whisper folder (`path`): faster-whisper", "MIT", gathers=_whisper_gathering),
    Entry(
        "stt",
        "by_language",
        _by_language,
        "several recognisers (`engines`, as in DRAGOMAN_STT): each language goes to the first that knows it",
        "that of each",
        gathers=_by_language_gathering,
    ),
    Entry("stt", "scripted", _scripted("ScriptedTranscriber"), "for tests: texts or tones", "Apache-2.0"),
    Entry("mt", "ctranslate", _ctranslate, "a CTranslate2 model folder (`path`)", "that of the model", batch=8),
    Entry("mt", "opus-mt", _family("opus-mt"), "OPUS-MT model folders (`path`), a pair in each", "CC-BY-4.0", batch=8),
    Entry("mt", "m2m100", _family("m2m100"), "an M2M100 model folder (`path`)", "MIT", batch=8),
    Entry("mt", "nllb", _family("nllb"), "an NLLB-200 model folder (`path`)", "CC-BY-NC-4.0: not commercial", batch=8),
    Entry("mt", "apertium", _apertium, "Apertium's installed pairs: rules, gist", "GPL: programs of their own"),
    Entry(
        "mt",
        "openai",
        _openai,
        "an OpenAI-compatible server (`url`, `model`): what is said LEAVES THIS MACHINE for that server",
        "that of the service; its terms say what becomes of the text",
        batch=8,
        keys=("OPENAI_API_KEY",),
        key_option="key",
    ),
    Entry("mt", "scripted", _scripted("ScriptedTranslator"), "for tests: texts or tones", "Apache-2.0", batch=8),
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


def _elsewhere(point: importlib.metadata.EntryPoint) -> Entry:
    """A third party's. A function is imported where its engine is made, in a process of its own; what can't be imported
    costs that engine alone."""
    kind, dot, name = point.name.partition(".")
    if dot and kind in get_args(Kind):
        metadata = {} if point.dist is None else point.dist.metadata.json
        summary, licence = (str(metadata.get(field, "")) for field in ("summary", "license_expression"))

        def make(**options: Any) -> Engine:
            engine: Engine = point.load()(**options)
            return engine

        return Entry(cast(Kind, kind), name, make, summary, licence or "not told")
    entry = point.load()
    if not isinstance(entry, Entry):
        raise EngineError(
            f"the entry point {point.name!r} of {ENTRY_POINTS} is neither called stt.NAME, mt.NAME or tts.NAME, "
            "nor is it a registry.Entry"
        )
    return entry


def _is_ours(point: importlib.metadata.EntryPoint) -> bool:
    return point.dist is not None and point.dist.name == DISTRIBUTION


def _stale() -> str:
    """Return advice if the installed metadata don't name the bundled models as pyproject.toml does, else nothing."""
    if any(map(_is_ours, importlib.metadata.entry_points(group=ENTRY_POINTS))):
        return ""
    return (
        f". The installed metadata of {DISTRIBUTION} are older than this code and name no bundled models: "
        "run `make`, or `pip install -e .`, again"
    )


@cache
def entries() -> Mapping[tuple[str, str], Entry]:
    """Return every engine known here by (kind, name). Dragoman's own win a clash of names."""
    found: dict[tuple[str, str], Entry] = {}
    for point in sorted(importlib.metadata.entry_points(group=ENTRY_POINTS), key=_is_ours):
        entry = _elsewhere(point)
        found[entry.kind, entry.name] = entry
    found.update(((entry.kind, entry.name), entry) for entry in BUILT_IN)
    return found


def find(spec: EngineSpec) -> Entry:
    """The entry that a spec names. Raises `EngineError` with the known names where there is none."""
    try:
        return entries()[spec.kind, spec.name]
    except KeyError:
        known = ", ".join(sorted(name for kind, name in entries() if kind == spec.kind))
        raise EngineError(f"no {spec.kind} engine is called {spec.name!r}; known: {known}{_stale()}") from None


def parse(kind: Kind, text: str) -> EngineSpec:
    """Return the spec of an engine as settings write it: `name`, `name:/path/to/model` or `name:{JSON options}`.

    Raises `EngineError` for an engine that is not known, and for options that are no JSON object.
    """
    name, _, rest = text.partition(":")
    find(EngineSpec(kind, name))
    if not rest:
        return EngineSpec(kind, name)
    if not rest.startswith("{"):
        return EngineSpec(kind, name, {"path": str(Path(rest).expanduser())})
    try:
        options = json.loads(rest)
    except ValueError as error:
        raise EngineError(f"the options are not JSON: {error}") from None
    return EngineSpec(kind, name, options)


def key_variables(spec: EngineSpec) -> tuple[str, ...]:
    """Return the names of the variables with this engine's keys: those of its entry, or what `key_variable` names."""
    named = spec.options.get("key_variable")
    return (named,) if isinstance(named, str) else find(spec).keys


def make(spec: EngineSpec, environment: Mapping[str, str] | None = None) -> Engine:
    """Load the engine, which takes seconds for a large model. Raises whatever its library raises.

    `environment` holds the engine's keys. Every translator takes the option `glossary`, a file
    (`pipeline.text.glossary`).
    """
    options = dict(spec.options)
    if (option := find(spec).key_option) and environment:
        options[option] = next((environment[name] for name in key_variables(spec) if name in environment), "")
    glossary = options.pop("glossary", None) if spec.kind == "mt" else None
    engine = find(spec).make(**options)
    if glossary is None:
        return engine
    from pipeline.engines.translation.with_glossary import Glossed
    from pipeline.text.glossary import read

    return Glossed(cast(Translator, engine), read(Path(glossary)))
