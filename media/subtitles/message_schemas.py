"""The table of the subtitles channel's messages in both directions: the JSON Schema of each (docs/protocol.md, 4)."""

from __future__ import annotations

from media.events import RefusalCode, StatusReason
from media.subtitles.client_messages import MAX_CLIENT_ID, MAX_RAW
from pipeline.events import Outcome, PlaybackState, SkipReason
from pipeline.overload import OverloadLevel
from pipeline.text.language import TAG_PATTERN
from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from wire.json_schema import (
    Schema,
    array,
    boolean,
    integer,
    lenient,
    message,
    nullable,
    number,
    one_of,
    record,
    text,
)

_NAME = text()
_SEQ = {"seq": integer(least=1)}
_UTTERANCE = {"utteranceId": _NAME}
_SHORTENED = {"shortened": {"const": True}}
_SPEAKER = {**_UTTERANCE, "sourceUserId": _NAME}
_REVISION = {"revision": integer(), "final": boolean()}
_MILLISECONDS = nullable(number())
_LATENCY = record(
    {name: _MILLISECONDS for name in ("endpointMs", "sttMs", "translationMs", "ttsMs", "firstAudioMs")}, title="Latency"
)

_FROM_SERVER = (
    message(
        "transcription",
        "Transcription",
        {
            **_SEQ,
            "sessionId": _NAME,
            **_SPEAKER,
            **_REVISION,
            "text": _NAME,
            "stableLength": integer(),
            "language": _NAME,
            "startMs": integer(least=None),
            "endMs": integer(least=None),
            "confidence": number(),
        },
        {"clientId": _NAME, "continues": _NAME, **_SHORTENED},
    ),
    message(
        "translation",
        "TranslationMessage",
        {
            **_SEQ,
            "sessionId": _NAME,
            "segment": integer(),
            **_SPEAKER,
            **_REVISION,
            "targetUserId": nullable(_NAME),
            "originalText": _NAME,
            "sourceStart": integer(),
            "sourceEnd": integer(),
            "translatedText": _NAME,
            "sourceLanguage": _NAME,
            "targetLanguage": _NAME,
            "timestamp": integer(),
            "latency": integer(),
        },
        {"held": one_of(HeldReason), "unsure": array(one_of(Doubt), fewest=1), "continues": _NAME, **_SHORTENED},
    ),
    message(
        "speech_audio",
        "SpeechAudio",
        {**_SEQ, **_SPEAKER, "segment": integer(), "targetUserId": _NAME, "state": one_of(PlaybackState)},
        {"reason": one_of(SkipReason)},
    ),
    message("processing_start", "ProcessingStart", {**_SEQ, **_UTTERANCE}),
    message("processing_end", "ProcessingEnd", {**_SEQ, **_UTTERANCE}),
    message(
        "utterance_end",
        "UtteranceEnd",
        {**_SEQ, **_SPEAKER, "targetUserId": nullable(_NAME), "outcome": one_of(Outcome), "latency": _LATENCY},
        {"reason": _NAME},
    ),
    message("typing", "PartnerTyping", {**_SEQ, "sourceUserId": _NAME, "on": boolean()}),
    message(
        "status",
        "ChannelStatus",
        {**_SEQ, "level": one_of(OverloadLevel, "Level"), "lagMs": integer()},
        {"message": _NAME, "reason": one_of(StatusReason), **_SHORTENED},
    ),
    message(
        "error",
        "ChannelError",
        {**_SEQ, "code": one_of([*RefusalCode, "unsupported_language"], "ChannelCode"), "message": _NAME},
        {**_UTTERANCE, **_SHORTENED},
    ),
)

_FROM_CLIENT = (
    message("resume", "Resume", {"lastSeq": integer()}),
    message("end_utterance", "EndUtterance"),
    message("start_over", "StartOver"),
    message("typing", "Typing", {"on": boolean()}),
    message(
        "say",
        "Say",
        {"text": {"type": "string", "minLength": 1, "maxLength": MAX_RAW, "format": "typed-text"}},
        lenient({"clientId": {"type": "string", "maxLength": MAX_CLIENT_ID, "format": "printable"}}),
    ),
    message(
        "set_language",
        "ChannelSetLanguage",
        {"language": {"type": "string", "maxLength": 35, "pattern": TAG_PATTERN}},
        lenient({"detect": boolean()}),
    ),
    message(
        "client_stats",
        "ClientStats",
        None,
        lenient(
            dict.fromkeys(
                ("rttMs", "jitterMs", "packetsLost", "concealedMs", "playoutDelayMs", "heardLatencyMs"), number()
            )
        ),
    ),
)

FROM_CLIENT: dict[str, Schema] = {one["properties"]["type"]["const"]: one for one in _FROM_CLIENT}
"""type → schema of each message that a client may send on the channel."""

FROM_SERVER: dict[str, Schema] = {one["properties"]["type"]["const"]: one for one in _FROM_SERVER}
"""type → schema of each message that the server sends on the channel."""
