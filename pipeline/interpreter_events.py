"""Makes the events of one speaker's interpreter: revised texts, changes of load, failures of engines."""

from __future__ import annotations

from pipeline.errors import EngineError
from pipeline.events import EngineFailed, EngineStage, LoadChanged, Transcribed
from pipeline.overload import OverloadLadder, OverloadLevel
from pipeline.recognition.actions import Show
from pipeline.types import Clock, Emit


def transcribed(speaker: str, shown: Show) -> Transcribed:
    """Return the event of a revision of the text."""
    utterance = shown.utterance
    return Transcribed(
        utterance.id,
        speaker,
        shown.revision,
        shown.text,
        shown.final_length,
        shown.final,
        utterance.language,
        utterance.start_ms,
        utterance.end_ms,
        shown.confidence,
        utterance.client_id,
        shown.continues,
    )


def emit_load(emit: Emit, speaker: str, level: OverloadLevel, lag_ms: float, message: str | None) -> None:
    """Emit a new level of load."""
    emit(LoadChanged(speaker, level, lag_ms, message))


def emit_failure(
    emit: Emit,
    speaker: str,
    overload: OverloadLadder,
    now: Clock,
    stage: EngineStage,
    utterance: str,
    error: EngineError,
) -> None:
    """Emit that an engine failed on an utterance, and note it for the overload ladder."""
    emit(EngineFailed(utterance, speaker, stage, str(error)))
    overload.failed(stage, now())
