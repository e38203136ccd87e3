"""Events that a room emits to its observers, and its refusals. The pipeline's own events are part of `RoomEvent`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pipeline.context import Context
from pipeline.events import Event


class RefusalCode(StrEnum):
    """The codes that a room refuses with, a part of the protocol's closed set (docs/protocol.md, section 2)."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    BAD_SDP = "bad_sdp"
    NO_AUDIO = "no_audio"
    RATE_LIMITED = "rate_limited"
    AT_CAPACITY = "at_capacity"
    GAP = "gap"
    ENGINE_FAILED = "engine_failed"
    INTERNAL = "internal"


class Seam(StrEnum):
    """Place where something is done for one participant, and where an error is contained."""

    SUBTITLES = "subtitles"
    """A message on their subtitles channel."""
    REQUEST = "request"
    """A message of theirs on that channel."""
    ORIGINAL = "original"
    """A packet of a partner's own voice."""
    VOICE = "voice"
    """A frame of the interpreter's voice, or its interruption."""
    MICROPHONE = "microphone"
    """A packet of theirs, a hole in their stream, or a slot in which nothing came."""
    OVERHEARD = "overheard"
    """News of the other interpreters for theirs, which guard it from echo."""
    CONNECTION = "connection"
    """A negotiation, a peer connection, its tracks and reports."""
    OBSERVER = "observer"
    """An observer at the room's edge: figures, metrics, session, history."""


class OfferRefused(Exception):
    """An offer or a candidate that is not accepted.

    `bad_sdp`, `no_audio`, `bad_request`, `at_capacity` where no port is left or the room closes, or `internal` for a
    defect of ours.
    """

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TrackKind(StrEnum):
    """The voice on an m-line, which also names its media stream."""

    INTERPRETER = "interpreter"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class TrackMapping:
    """The voice on an m-line of an answer, and the partner whose words it speaks; None while nobody is there."""

    mid: str
    kind: TrackKind
    participant: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An SDP answer, and the voices on its audio m-lines in order."""

    sdp: str
    tracks: tuple[TrackMapping, ...]


@dataclass(frozen=True, slots=True)
class MediaConnected:
    """The participant's peer connection is up."""

    participant: str


@dataclass(frozen=True, slots=True)
class MediaLost:
    """The participant's peer connection is gone: `reason` is a word for logs and `partner_disconnected`."""

    participant: str
    reason: str


@dataclass(frozen=True, slots=True)
class TracksChanged:
    """The voices on the m-lines of a participant's connection changed; `tracks` is the complete new list."""

    participant: str
    tracks: tuple[TrackMapping, ...]


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """A participant asked for another language on the subtitles channel, or spoke another one.

    `detect` is true if the language is to be detected from then on, `detected` if it was.
    """

    participant: str
    language: str
    detect: bool = False
    detected: bool = False


class StatusReason(StrEnum):
    """Reasons of a `status`: why a client is not heard or shown anything (docs/protocol.md, section 4)."""

    MEDIA_NOT_AUTHENTICATED = "media_not_authenticated"
    AUDIO_NOT_DECODED = "audio_not_decoded"
    NOTHING_UNDERSTOOD = "nothing_understood"
    NO_SUBTITLES_CHANNEL = "no_subtitles_channel"
    WRONG_AUDIO_LINE = "wrong_audio_line"
    NOT_INTERPRETED = "not_interpreted"
    OTHER_MICROPHONE = "other_microphone"


class MicrophoneFault(StrEnum):
    """Faults of microphones' packets that are counted (docs/operations.md)."""

    NOT_AUTHENTICATED = "not_authenticated"
    """Packets that are forged, replayed or damaged."""
    OTHER_SOURCE = "other_source"
    """Packets of another source, or for another m-line."""
    OVER_BUDGET = "over_budget"
    """Packets beyond what one microphone may send."""
    NOT_OPUS = "not_opus"
    """Packets that hold no Opus, or another codec."""
    WRONG_LEVEL = "wrong_level"
    """Streams whose audio level said silence, and whose sound was none."""


@dataclass(frozen=True, slots=True)
class ClientStatusChanged:
    """A participant's client is deaf or mute for `reason` since now, or no longer if `over`.

    `message` says it in English. `shown` is true if its subtitles channel could carry it.
    """

    participant: str
    reason: StatusReason
    over: bool
    message: str
    shown: bool


@dataclass(frozen=True, slots=True)
class MicrophoneFaulted:
    """`count` more packets of a participant's microphone had a fault."""

    participant: str
    fault: MicrophoneFault
    count: int


@dataclass(frozen=True, slots=True)
class DatagramsRefused:
    """`count` more datagrams of a participant's STUN, DTLS or SCTP were over their budget, and were dropped."""

    participant: str
    count: int


@dataclass(frozen=True, slots=True)
class HeardLatencyReported:
    """A participant's page has reported how late it heard an interpreted sentence, ms: a client's word."""

    participant: str
    heard_latency_ms: float


@dataclass(frozen=True, slots=True)
class FailureContained:
    """An error in what was done for a participant cost them that, and reached nobody else."""

    participant: str
    seam: Seam


@dataclass(frozen=True, slots=True)
class ConnectionQuality:
    """Figures of one participant's connection.

    `sent_` is their microphone as it reached us; `sent_dropped` packets of it were over a budget of ours.
    `sent_foreign` packets came from another source. `received_` is our sound as it reached them, by their receiver
    reports. The other figures are their page's own, None where it sends none.
    """

    sent_packets: int = 0
    sent_lost: int = 0
    sent_concealed: int = 0
    sent_recovered: int = 0
    sent_dropped: int = 0
    sent_foreign: int = 0
    sent_jitter_ms: float = 0.0
    received_lost: int = 0
    received_jitter_ms: float = 0.0
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


RoomEvent: TypeAlias = (
    MediaConnected
    | MediaLost
    | TracksChanged
    | LanguageChanged
    | ClientStatusChanged
    | MicrophoneFaulted
    | DatagramsRefused
    | HeardLatencyReported
    | FailureContained
    | Event
)

Observer = Callable[[Context, RoomEvent], None]
"""Called synchronously on the loop for each event of a room, with the names of the work that it belongs to."""
