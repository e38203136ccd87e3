"""What a room tells the layer above, and what it refuses. The pipeline's own events come beside these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.events import Event


class OfferRefused(Exception):
    """An offer that cannot be answered. `code` is `bad_sdp` or `no_audio` of the protocol's closed set."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class TrackLine:
    """Who stands behind an m-line of an answer: `kind` is `interpreter` or `original`."""

    mid: str
    kind: str
    participant: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    sdp: str
    tracks: tuple[TrackLine, ...]


@dataclass(frozen=True, slots=True)
class MediaConnected:
    participant: str


@dataclass(frozen=True, slots=True)
class MediaLost:
    """The participant's peer connection is gone: `reason` is a word for logs and `partner_disconnected`."""

    participant: str
    reason: str


@dataclass(frozen=True, slots=True)
class TracksChanged:
    """Who stands behind a line changed; the complete new list for that participant's connection."""

    participant: str
    tracks: tuple[TrackLine, ...]


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """A participant asked for another language on the subtitles channel."""

    participant: str
    language: str


@dataclass(frozen=True, slots=True)
class CallMetrics:
    """The figures of a call so far, as `DELETE /sessions/{id}` and `session_ended` show them."""

    duration_ms: int = 0
    utterances: int = 0
    spoken: int = 0
    failed: int = 0
    first_audio_ms: tuple[float, ...] = field(default=())


RoomFact: TypeAlias = MediaConnected | MediaLost | TracksChanged | LanguageChanged | Event
