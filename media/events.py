"""What a room tells the layer above, and what it refuses. The pipeline's own events come beside these."""

from __future__ import annotations

from collections.abc import Mapping
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
class TrackMapping:
    """Who stands behind an m-line of an answer: `kind` is `interpreter` or `original`."""

    mid: str
    kind: str
    participant: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    sdp: str
    tracks: tuple[TrackMapping, ...]


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
    tracks: tuple[TrackMapping, ...]


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """A participant asked for another language on the subtitles channel, `detect` saying whether it is to be detected
    from then on; or another one was `detected`."""

    participant: str
    language: str
    detect: bool = False
    detected: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionQuality:
    """What one participant's connection was like: `sent_` is their microphone as it reached us, `heard_` what
    reached them, by their receiver reports and, where a page sends them, its own figures."""

    sent_packets: int = 0
    sent_lost: int = 0
    sent_concealed: int = 0
    sent_recovered: int = 0
    sent_jitter_ms: float = 0.0
    heard_lost: int = 0
    heard_jitter_ms: float = 0.0
    round_trip_ms: float | None = None
    concealed_ms: float | None = None
    playout_delay_ms: float | None = None


@dataclass(frozen=True, slots=True)
class CallMetrics:
    """The figures of a call so far, as `DELETE /sessions/{id}` and `session_ended` show them."""

    duration_ms: int = 0
    utterances: int = 0
    spoken: int = 0
    failed: int = 0
    first_audio_ms: tuple[float, ...] = field(default=())
    quality: Mapping[str, ConnectionQuality] = field(default_factory=dict)
    """By participant."""


RoomFact: TypeAlias = MediaConnected | MediaLost | TracksChanged | LanguageChanged | Event
