"""Context of the present work: the session, participant, utterance, segment and step that it is done for.

The room binds its session and each participant once, delivery binds utterance and segment, and each step itself. A task
that is started inside `bound` keeps the context for good. Envelopes (`pipeline.lanes.envelope`) carry it to engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """Names of the present work, the widest first. `session` is empty outside of any session."""

    session: str
    participant: str | None = None
    """The one who speaks."""
    utterance: str | None = None
    segment: int | None = None
    span: str | None = None
    """The step that it is part of (`pipeline.timings`), 16 hexadecimal digits."""

    def __str__(self) -> str:
        """Return the names for a log line, without those that are not known."""
        parts = (self.session, self.participant, self.utterance, self.segment)
        return "/".join(str(part) for part in parts if part not in (None, ""))


NOWHERE = Context("")
"""The context of work that nobody bound to a session: command-line tools, tests."""

_CURRENT: ContextVar[Context] = ContextVar("pipeline.context", default=NOWHERE)


def current() -> Context:
    """Return the context of the running task."""
    return _CURRENT.get()


@contextmanager
def bound(
    session: str | None = None,
    *,
    participant: str | None = None,
    utterance: str | None = None,
    segment: int | None = None,
    span: str | None = None,
) -> Iterator[Context]:
    """Bind the names that are given, inside the `with` statement; names that are not given stay as they are.

    A task inherits the context in which it is created.
    """
    outer = _CURRENT.get()
    context = Context(
        outer.session if session is None else session,
        outer.participant if participant is None else participant,
        outer.utterance if utterance is None else utterance,
        outer.segment if segment is None else segment,
        outer.span if span is None else span,
    )
    token = _CURRENT.set(context)
    try:
        yield context
    finally:
        _CURRENT.reset(token)
