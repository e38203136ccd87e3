"""The states of a session, and every step between them, as one table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"


class Step(StrEnum):
    """What moves a session on."""

    PAIRED = "paired"  # both sockets have joined
    HUNG_UP = "hung_up"  # somebody left
    LOST = "lost"  # somebody vanished, and the grace has passed
    DELETED = "deleted"
    EXPIRED = "expired"  # nobody came in time, or it has lasted too long
    SHUT_DOWN = "shut_down"
    CRASHED = "crashed"  # its room failed


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.WAITING, Step.PAIRED): State.ACTIVE,
    (State.WAITING, Step.HUNG_UP): State.ENDED,
    (State.WAITING, Step.DELETED): State.ENDED,
    (State.WAITING, Step.EXPIRED): State.ENDED,
    (State.WAITING, Step.SHUT_DOWN): State.ENDED,
    (State.WAITING, Step.CRASHED): State.ENDED,
    (State.ACTIVE, Step.HUNG_UP): State.ENDED,
    (State.ACTIVE, Step.LOST): State.ENDED,
    (State.ACTIVE, Step.DELETED): State.ENDED,
    (State.ACTIVE, Step.EXPIRED): State.ENDED,
    (State.ACTIVE, Step.SHUT_DOWN): State.ENDED,
    (State.ACTIVE, Step.CRASHED): State.ENDED,
}

# The `reason` of `session_ended`: (to the one who did it, to everyone else).
REASONS: dict[Step, tuple[str, str]] = {
    Step.HUNG_UP: ("left", "partner_left"),
    Step.LOST: ("left", "partner_lost"),
    Step.DELETED: ("deleted", "deleted"),
    Step.EXPIRED: ("expired", "expired"),
    Step.SHUT_DOWN: ("shutdown", "shutdown"),
    # The protocol has no word of its own for it; an `error` `internal` goes before.
    Step.CRASHED: ("shutdown", "shutdown"),
}


def after(state: State, step: Step) -> State:
    """Raises KeyError for a step that is not in the table: that is a defect of ours, never a client's."""
    return TRANSITIONS[state, step]
