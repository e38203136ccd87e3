"""A worker's offer: the engine, languages, pairs and voices that it serves over Redis, by which jobs find it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Any

from pipeline.engines.registry import find
from pipeline.lanes.lane import Lane
from pipeline.speech import Synthesize, Transcribe, Translate, Voice
from pipeline.text.language import primary
from pipeline.types import LanguagePairs
from remote.codec import Unreadable, from_json, rows, text, texts, to_json

_pairs = rows(text, text)


@dataclass(frozen=True, slots=True)
class Offer:
    """Capabilities of an engine that is loaded. Workers with equal ones take their jobs from the same streams."""

    engine: str
    """Name of the engine in the registry."""
    licence: str
    identity: str
    """The engine with its model and options: see `Lane.identity`."""
    languages: frozenset[str]
    pairs: LanguagePairs
    pivoted: LanguagePairs
    gist: LanguagePairs
    voices: tuple[Voice, ...]

    @staticmethod
    def of(lane: Lane[Any, Any]) -> Offer:
        """Return the offer of a lane that is ready."""
        licence = find(lane.spec).licence
        capabilities = lane.languages, lane.pairs, lane.pivoted, lane.gist, tuple(lane.voices)
        return Offer(lane.spec.name, licence, lane.identity, *capabilities)

    @property
    def id(self) -> str:
        """Return a name that only equal offers have."""
        return hashlib.sha256(self.encoded()).hexdigest()[:16]

    def encoded(self) -> bytes:
        """Return it as it stands in Redis."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return to_json({name: sorted(v) if isinstance(v, frozenset) else v for name, v in values.items()})

    @staticmethod
    def decoded(data: bytes) -> Offer:
        """Return the offer. Raises `remote.codec.Unreadable`."""
        given = from_json(data)
        try:
            engine, licence, identity = (text(given[name]) for name in ("engine", "licence", "identity"))
            pairs, pivoted, gist = (frozenset(_pairs(given[name])) for name in ("pairs", "pivoted", "gist"))
            voices = tuple(Voice(*map(text, one)) for one in given["voices"])
            languages = frozenset(texts(given["languages"]))
            return Offer(engine, licence, identity, languages, pairs, pivoted, gist, voices)
        except (KeyError, TypeError, ValueError):
            raise Unreadable("no offer") from None

    def takes(self, job: Transcribe | Translate | Synthesize) -> bool:
        """Return True if its engine can do this job."""
        if isinstance(job, Translate):
            return (primary(job.source), primary(job.target)) in self.pairs
        return primary(job.language) in self.languages

    def has_voice(self, job: Transcribe | Translate | Synthesize) -> bool:
        """Return True if the job asks for no voice that this engine lacks."""
        wanted = getattr(job, "voice", "") if isinstance(job, Synthesize) else ""
        return not wanted or any(voice.id == wanted for voice in self.voices)
