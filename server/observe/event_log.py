"""Log of a room's events: failures that an operator must hear of while they happen."""

from __future__ import annotations

import logging

from media.events import ClientStatusChanged, RoomEvent
from pipeline.context import Context
from pipeline.events import EngineFailed, Translated
from pipeline.text.translation_checks.verdict import HeldReason

log = logging.getLogger(__name__)


def log_failures(context: Context, event: RoomEvent) -> None:
    """Log a failed engine, an answer of the translator that was held back, and a deaf or mute client; an `Observer`."""
    match event:
        case EngineFailed():
            log.error(
                "engine failed",
                extra={
                    "session": context.session,
                    "utterance": event.utterance,
                    "stage": event.stage,
                    "detail": event.detail,
                },
            )
        case Translated(held=HeldReason() as reason):
            log.warning(
                "translation held back",
                extra={"session": context.session, "utterance": event.utterance, "detail": reason.value},
            )
        case ClientStatusChanged(reason=why, over=False):
            log.warning(
                "client is deaf or mute",
                extra={"session": context.session, "participant": event.participant, "reason": why.value},
            )
