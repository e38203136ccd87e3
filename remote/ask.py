"""Ask: a job's envelope as it stands in a stream, without the job itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.context import Context
from pipeline.lanes.envelope import Envelope
from remote.codec import Unreadable, from_json, to_json

LONGEST_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Ask:
    """An entry of a stream of jobs. Its moments count from the entry's own time, which Redis's clock gives."""

    id: str
    asker: str
    """The lane that waits for the answer."""
    left_ms: int
    """Time from the entry's own to the job's deadline."""
    run_ms: int
    """Bound of one run."""
    context: Context

    @staticmethod
    def of(envelope: Envelope[Any], asker: str, now: float) -> Ask:
        """Return the ask for an envelope. `now` is loop time."""
        left_ms = max(0, round((envelope.deadline - now) * 1000))
        return Ask(envelope.id, asker, left_ms, max(1, round(envelope.run_s * 1000)), envelope.context)

    def as_fields(self) -> dict[str, str | int | bytes]:
        """Return the entry's fields."""
        context = self.context
        names = context.session, context.participant, context.utterance, context.segment, context.span
        return {
            "id": self.id,
            "asker": self.asker,
            "left": self.left_ms,
            "run": self.run_ms,
            "context": to_json({"names": names}),
        }

    @staticmethod
    def of_fields(fields: Mapping[bytes, bytes]) -> Ask:
        """Return the ask of an entry. Raises `remote.codec.Unreadable`."""
        try:
            session, participant, utterance, segment, span = from_json(fields[b"context"])["names"]
            words = all(isinstance(one, str | None) for one in (session, participant, utterance, span))
            if session is None or not words or not isinstance(segment, int | None):
                raise Unreadable("no context")
            return Ask(
                fields[b"id"].decode("ascii"),
                fields[b"asker"].decode("ascii"),
                _span_ms(fields[b"left"]),
                _span_ms(fields[b"run"]),
                Context(session, participant, utterance, segment, span),
            )
        except (KeyError, TypeError, ValueError):
            raise Unreadable("no envelope") from None

    def envelope(self, job: Any, *, entry_ms: int, redis_ms: float, now: float, attempt: int) -> Envelope[Any]:
        """Return the job in its envelope, with the deadline in this process's loop time.

        `redis_ms` is the time of Redis's clock at `now`, `entry_ms` that of the entry.
        """
        left_s = (entry_ms + self.left_ms - redis_ms) / 1000
        return Envelope(job, self.id, now + left_s, self.run_ms / 1000, self.context, attempt)


def _span_ms(field: bytes) -> int:
    """Return a time of at most `LONGEST_MS`: more is too much for a clock. Raises ValueError."""
    span = int(field)
    if not 0 <= span <= LONGEST_MS:
        raise ValueError("no time that a job may take")
    return span


def milliseconds_of(entry: bytes) -> int:
    """Return the time of Redis's clock at which an entry was added, ms: the first half of its id."""
    return int(entry.partition(b"-")[0])
