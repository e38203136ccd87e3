"""Answer of a worker to one job, as it stands in the asker's stream. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.engines.entry import Kind
from pipeline.lanes.pipe_messages import Answer, JobDone, JobFailed
from remote.codec import RESULTS, Unreadable, decode, encode, number

LONGEST_NAME = 256
LONGEST_RUN_MS = 3_600_000.0


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """An answer with the name of the worker that gave it."""

    job: str
    worker: str
    ran_ms: float
    """Length of the run that gave it; 0 if the job never ran."""
    attempt: int
    answer: Answer

    def as_fields(self) -> dict[str, str | int | float | bytes]:
        """Return the entry's fields."""
        head: dict[str, str | int | float | bytes] = {
            "id": self.job,
            "worker": self.worker,
            "ran": self.ran_ms,
            "attempt": self.attempt,
        }
        if isinstance(self.answer, JobFailed):
            return {**head, "why": self.answer.reason.encode("utf-8", "replace")}
        return {**head, "result": encode(self.answer.result)}

    @staticmethod
    def of_fields(kind: Kind, fields: Mapping[bytes, bytes]) -> RemoteAnswer:
        """Return the answer of an entry. Raises `remote.codec.Unreadable`."""
        try:
            job, worker = fields[b"id"].decode("ascii"), fields[b"worker"].decode()
            ran_ms, attempt = number(float(fields[b"ran"])), int(fields[b"attempt"])
        except (KeyError, ValueError):
            raise Unreadable("no answer") from None
        if not (0 <= ran_ms <= LONGEST_RUN_MS and 0 <= attempt < 1000 and len(worker) <= LONGEST_NAME):  # NaN, too
            raise Unreadable("an answer with figures that no run has")
        if b"result" not in fields:
            return RemoteAnswer(
                job, worker, ran_ms, attempt, JobFailed(fields.get(b"why", b"").decode("utf-8", "replace"))
            )
        try:
            answer: Answer = JobDone(decode(RESULTS[kind], fields[b"result"]))
        except Unreadable as error:
            answer = JobFailed(f"the worker's answer can't be read: {error}")
        return RemoteAnswer(job, worker, ran_ms, attempt, answer)
