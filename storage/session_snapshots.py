"""Protocol of the store that holds a snapshot of each live session, for the next process after a crash."""

from __future__ import annotations

from typing import Protocol

from storage.records import EndedRecord, SessionRecord


class SessionSnapshots(Protocol):
    """Snapshots of sessions. The process's memory is the authority: writes are queued in order and never raise."""

    async def load(self, forget_before: int) -> tuple[list[SessionRecord], list[EndedRecord]]:
        """Return the live sessions, and those that ended at `forget_before` (Unix epoch ms) or later.

        Snapshots that cannot be read are deleted.
        """
        ...

    def save(self, record: SessionRecord) -> None:
        """Write the snapshot of a live session, in place of an older one."""
        ...

    def end(self, ended: EndedRecord, forget_before: int) -> None:
        """Replace a session's snapshot by the record of its end.

        Records of sessions that ended before `forget_before` (Unix epoch ms) are deleted.
        """
        ...

    async def flush(self) -> None:
        """Return once all earlier writes are durable, or have failed and been logged."""
        ...

    async def close(self) -> None:
        """Flush, and free the store's resources. Again is nothing."""
        ...
