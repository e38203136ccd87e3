"""Boundary around what is done for one participant: an error there is logged and counted, and reaches nobody else."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

from media.events import FailureContained, OfferRefused, RefusalCode, RoomEvent, Seam

log = logging.getLogger(__name__)

P = ParamSpec("P")


def _unobserved(event: RoomEvent) -> None:
    """Stand for the observers where there are none."""


def is_logged(count: int) -> bool:
    """True for the first, second, fourth, eighth, … of errors that may come with every packet."""
    return count & (count - 1) == 0


class Boundary:
    """Contains errors of one session's seams. Each costs its participant one message, packet, frame or connection.

    At frame rate a plain `try` calls `note`, which costs nothing where there is no error. Elsewhere use `contain`.
    """

    def __init__(self, session: str, emit: Callable[[RoomEvent], None] = _unobserved) -> None:
        self._session = session
        self._emit = emit
        self._failures: Counter[tuple[str, Seam]] = Counter()

    def contain(
        self, seam: Seam, participant: str, act: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Call `act` for the participant. Returns False where it raised."""
        try:
            act(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - `note` logs it
            self.note(seam, participant, error)
            return False
        return True

    def note(self, seam: Seam, participant: str, error: Exception) -> None:
        """Count an error, and log it unless there were many of this seam (`is_logged`)."""
        self._failures[participant, seam] += 1
        count = self._failures[participant, seam]
        if is_logged(count):
            extra = {"session": self._session, "participant": participant, "seam": seam.value, "count": count}
            log.error("an error was contained", exc_info=error, extra=extra)
        self._emit(FailureContained(participant, seam))

    @contextmanager
    def refusing(self, participant: str) -> Iterator[None]:
        """Make an error of a negotiation an OfferRefused `internal`."""
        try:
            yield
        except OfferRefused:
            raise
        except Exception as error:
            self.note(Seam.CONNECTION, participant, error)
            raise OfferRefused(RefusalCode.INTERNAL, "a defect of the server: it is logged there") from error
