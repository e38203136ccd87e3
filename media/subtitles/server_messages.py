"""Events as messages of the subtitles channel (docs/protocol.md, section 4, server → client). Pure.

Lengths on the wire count UTF-16 code units, as JavaScript and Dart do; inside they are code points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from media.events import RefusalCode, StatusReason
from pipeline.events import (
    EngineFailed,
    EngineStage,
    Event,
    LoadChanged,
    ProcessingEnded,
    ProcessingStarted,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
)
from wire.strict_json import utf16_length

Message = dict[str, Any]

_KEPT_TEXTS = 64
"""Transcripts that are kept: far more than the utterances whose segments may still come out of the pipeline's
queues."""

_STAGES = {
    EngineStage.STT: "Recognition",
    EngineStage.MT: "Translation",
    EngineStage.TTS: "The interpreter's voice",
}


class ServerMessages:
    """Writes one session's events for one receiver. Keeps the last transcripts, which segments refer to."""

    def __init__(self, session: str, receiver: str, now: Callable[[], float], wall_ms: Callable[[], int]) -> None:
        self._session = session
        self._receiver = receiver
        self._now = now
        self._wall_ms = wall_ms
        self._texts: dict[str, str] = {}

    def write(self, event: Event) -> Message | None:
        """Return the message for `event`, or None where the protocol has none for it."""
        match event:
            case Transcribed():
                return self._transcription(event)
            case Translated():
                return self._translation(event)
            case SpeechPlayed():
                return _given(
                    type="speech_audio",
                    utteranceId=event.utterance,
                    segment=event.segment,
                    sourceUserId=event.speaker,
                    targetUserId=event.listener,
                    state=event.state,
                    reason=event.reason,
                )
            case ProcessingStarted():
                return {"type": "processing_start", "utteranceId": event.utterance}
            case ProcessingEnded():
                return {"type": "processing_end", "utteranceId": event.utterance}
            case UtteranceEnded():
                return self._end(event)
            case EngineFailed():
                return {
                    "type": "error",
                    "code": RefusalCode.ENGINE_FAILED,
                    "message": f"{_STAGES[event.stage]} failed on this utterance; the call goes on.",
                    "utteranceId": event.utterance,
                }
            case LoadChanged():
                return _given(type="status", level=event.level, lagMs=round(event.lag_ms), message=event.message)
        return None

    def _target(self, listeners: tuple[str, ...]) -> str | None:
        if self._receiver in listeners:
            return self._receiver
        return listeners[0] if listeners else None

    def _transcription(self, event: Transcribed) -> Message:
        if event.final:
            self._texts[event.utterance] = event.text
            if len(self._texts) > _KEPT_TEXTS:
                del self._texts[next(iter(self._texts))]
        return _given(
            type="transcription",
            sessionId=self._session,
            utteranceId=event.utterance,
            revision=event.revision,
            final=event.final,
            sourceUserId=event.speaker,
            text=event.text,
            stableLength=utf16_length(event.text[: event.stable_length]),
            language=event.language,
            startMs=event.start_ms,
            endMs=event.end_ms,
            confidence=round(event.confidence, 3),
            clientId=event.client_id,
            continues=event.continues,
        )

    def _translation(self, event: Translated) -> Message:
        before = self._texts.get(event.utterance, "")[: event.segment.start]
        start = utf16_length(before)
        return _given(
            type="translation",
            sessionId=self._session,
            utteranceId=event.utterance,
            segment=event.segment.index,
            revision=event.revision,
            final=event.final,
            sourceUserId=event.speaker,
            targetUserId=self._target(event.listeners),
            originalText=event.segment.text,
            sourceStart=start,
            sourceEnd=start + utf16_length(event.segment.text),
            translatedText=event.text,
            sourceLanguage=event.source,
            targetLanguage=event.target,
            timestamp=self._wall_ms(),
            latency=max(0, round((self._now() - event.voiced_at) * 1000)),
            held=event.held,
            unsure=list(event.unsure) or None,
            continues=event.continues,
        )

    def _end(self, event: UtteranceEnded) -> Message:
        latency = event.latency
        return _given(
            type="utterance_end",
            utteranceId=event.utterance,
            sourceUserId=event.speaker,
            targetUserId=self._target(event.listeners),
            outcome=event.outcome.value,
            latency={
                "endpointMs": _rounded(latency.endpoint_ms),
                "sttMs": _rounded(latency.stt_ms),
                "translationMs": _rounded(latency.translation_ms),
                "ttsMs": _rounded(latency.tts_ms),
                "firstAudioMs": _rounded(latency.first_audio_ms),
            },
            reason=event.reason,
        )


def is_lasting(message: Message) -> bool:
    """True if a client that missed the message must get it later: all but texts that are not final, and typing."""
    return bool(message.get("final", message["type"] != "typing"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _given(**fields: Any) -> Message:
    """Return a message of `fields` without the optional ones that are None (`reason?`, `message?`)."""
    optional = ("reason", "message", "clientId", "held", "unsure", "continues")
    return {name: value for name, value in fields.items() if value is not None or name not in optional}


def typing(participant: str, *, on: bool) -> Message:
    """Return the message that a partner types, or does so no longer. It holds nothing of the text."""
    return {"type": "typing", "sourceUserId": participant, "on": on}


def status(reason: StatusReason, *, over: bool, message: str) -> Message:
    """Return the `status` that tells a client why it is deaf or mute, or that it is no longer."""
    level = "ok" if over else "degraded"
    return {"type": "status", "level": level, "lagMs": 0, "reason": reason, "message": message}
