"""The recogniser's, translator's and voice's lanes of a server, and the languages that they serve together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, get_args

from pipeline.engines.registry import EngineSpec, Kind, find
from pipeline.events import EngineStage
from pipeline.lanes.entered_parts import EntersParts
from pipeline.lanes.fallback import FallbackLane
from pipeline.lanes.lane import Lane
from pipeline.lanes.local import LocalLane
from pipeline.lanes.translation_cache import CachingLane
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation, Voice
from pipeline.text.language import primary
from pipeline.timings import Timings


@dataclass(slots=True)
class EngineSet(EntersParts):
    """An asynchronous context manager. Entering opens the lanes and does not wait for them, leaving closes them."""

    stt: Lane[Transcribe, Transcript]
    mt: Lane[Translate, Translation]
    tts: Lane[Synthesize, Speech]
    timings: Timings = field(default_factory=Timings, repr=False)
    """Times of the lanes' jobs, and of the steps that ask for them."""

    def __post_init__(self) -> None:
        for stage, lane in self.by_stage.items():
            lane.tell_times(self.timings, stage)

    async def _enter_parts(self, stack: AsyncExitStack) -> None:
        for lane in self.lanes:
            await stack.enter_async_context(lane)

    @property
    def lanes(self) -> tuple[Lane[Any, Any], ...]:
        """The lanes of recognition, of translation, of speech."""
        return self.stt, self.mt, self.tts

    @property
    def engines(self) -> tuple[Lane[Any, Any], ...]:
        """The lanes of one engine each. Those of speech may be several."""
        return tuple(engine for lane in self.lanes for engine in lane.engines)

    @property
    def by_stage(self) -> dict[EngineStage, Lane[Any, Any]]:
        """The lane of each stage."""
        return {EngineStage.STT: self.stt, EngineStage.MT: self.mt, EngineStage.TTS: self.tts}

    @property
    def ready(self) -> bool:
        """True if each stage has an engine that works."""
        return all(self.stages_ready().values())

    def stages_ready(self) -> dict[EngineStage, bool]:
        """Return for each stage if it has an engine that works."""
        return {stage: lane.ready for stage, lane in self.by_stage.items()}

    async def wait_ready(self) -> None:
        """Return once all three engines are ready. Raises `EngineError` if one can't be loaded."""
        for lane in self.lanes:
            await lane.wait_ready()

    def hears(self, tag: str) -> bool:
        """Return True if speech in this language can be recognised. A recogniser that never was ready may learn it."""
        known = self.stt.languages
        return not known or primary(tag) in known

    def speaks(self, tag: str) -> bool:
        """Return True if text in this language can be spoken."""
        return primary(tag) in self.tts.languages

    def voices(self, tag: str | None = None) -> tuple[Voice, ...]:
        """Return the voices of this language, or of all languages that are recognised or translated into."""
        useful = self.stt.languages | {target for _, target in self.mt.pairs}
        wanted = useful if tag is None else useful & {primary(tag)}
        return tuple(voice for voice in self.tts.voices if primary(voice.language) in wanted)

    def trouble(self, tag: str) -> str | None:
        """Return what people who hear this language should know of its voice, or None if it is as usual."""
        return self.tts.trouble(tag)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the (source, target) primary subtags that can be translated and spoken now.

        A source is recognised; or it is a target itself, whose people type.
        """
        spoken = [(source, target) for source, target in self.mt.pairs if self.speaks(target)]
        recognised = self.stt.languages
        typed = {target for source, target in spoken if source in recognised}
        return frozenset(pair for pair in spoken if pair[0] in recognised or pair[0] in typed)

    def pivoted(self) -> frozenset[tuple[str, str]]:
        """Return those of `pairs` that are translated by way of a third language."""
        return self.pairs() & self.mt.pivoted

    def gist(self) -> frozenset[tuple[str, str]]:
        """Return those of `pairs` of which only the gist is right."""
        return self.pairs() & self.mt.gist


def open_stages(specs: Mapping[Kind, EngineSpec], options: Mapping[Kind, Mapping[str, Any]] | None = None) -> EngineSet:
    """Return the lanes for one engine of each kind, not yet entered.

    A voice has also a lane of the engine that stands in for it, if the registry names one. `options` are `LocalLane`'s,
    by kind. Raises `EngineError` for an engine that the registry doesn't know.
    """
    given = options or {}
    stt, mt, tts = (open_lane(specs[kind], given.get(kind, {})) for kind in get_args(Kind))
    return EngineSet(stt, mt, tts)


def open_lane(spec: EngineSpec, options: Mapping[str, Any]) -> Lane[Any, Any]:
    """Return the lane for one engine in processes here, not yet entered; `options` are `LocalLane`'s.

    Raises `EngineError` for an engine that the registry doesn't know.
    """
    if spec.kind == "mt":
        return CachingLane(spec, **options)
    lane: LocalLane[Any, Any] = LocalLane(spec, **options)
    stand_in = find(spec).stand_in
    if not stand_in:
        return lane
    plain: LocalLane[Synthesize, Speech] = LocalLane(EngineSpec(spec.kind, stand_in), **options)
    return FallbackLane([lane, plain])
