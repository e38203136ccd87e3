"""The states of a session, and every step between them, as one table."""

from __future__ import annotations

from enum import StrEnum

from storage.records import SessionRecord


class SessionState(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"


class SessionStep(StrEnum):
    """An event that changes a session's state."""

    PAIRED = "paired"  # both sockets have joined
    HUNG_UP = "hung_up"  # somebody left
    LOST = "lost"  # somebody vanished, and the grace has passed
    DELETED = "deleted"
    EXPIRED = "expired"  # nobody came in time, or it has lasted too long
    SHUT_DOWN = "shut_down"
    CRASHED = "crashed"  # its room failed


TRANSITIONS: dict[tuple[SessionState, SessionStep], SessionState] = {
    (SessionState.WAITING, SessionStep.PAIRED): SessionState.ACTIVE,
    (SessionState.WAITING, SessionStep.HUNG_UP): SessionState.ENDED,
    (SessionState.WAITING, SessionStep.DELETED): SessionState.ENDED,
    (SessionState.WAITING, SessionStep.EXPIRED): SessionState.ENDED,
    (SessionState.WAITING, SessionStep.SHUT_DOWN): SessionState.ENDED,
    (SessionState.WAITING, SessionStep.CRASHED): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.HUNG_UP): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.LOST): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.DELETED): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.EXPIRED): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.SHUT_DOWN): SessionState.ENDED,
    (SessionState.ACTIVE, SessionStep.CRASHED): SessionState.ENDED,
}

# The `reason` of `session_ended`: (to the one who did it, to everyone else).
REASONS: dict[SessionStep, tuple[str, str]] = {
    SessionStep.HUNG_UP: ("left", "partner_left"),
    SessionStep.LOST: ("left", "partner_lost"),
    SessionStep.DELETED: ("deleted", "deleted"),
    SessionStep.EXPIRED: ("expired", "expired"),
    SessionStep.SHUT_DOWN: ("shutdown", "shutdown"),
    # The protocol has no word of its own for it; an `error` `internal` goes before.
    SessionStep.CRASHED: ("shutdown", "shutdown"),
}


def state_of(record: SessionRecord) -> SessionState:
    """Return the state of a live session: a record of an ended one is an EndedRecord."""
    return SessionState.WAITING if record.started_at is None else SessionState.ACTIVE


def after(state: SessionState, step: SessionStep) -> SessionState:
    """Return the state after `step`. Raises KeyError for a step that the table lacks: a defect of ours."""
    return TRANSITIONS[state, step]
