"""Decides whether changed files take the place of the certificate that is served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from server.tls.certificate import Files, Served, UnusableCertificate, load, readable_by_others

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Time between two looks at the files."""

_State = tuple[tuple[int, int, int, int] | None, ...]
"""Identity, size and times of each file; None for one that can't be seen."""


def wall() -> datetime:
    """Return the time by this machine's clock, with its zone."""
    return datetime.now(UTC)


class Renewal:
    """The certificate that the next handshake is made with. Connections keep the one that they began with."""

    def __init__(self, files: Files, wall: Callable[[], datetime] = wall) -> None:
        """Load it. Raises UnusableCertificate; one that has expired is served, for the next one to take its place."""
        self._files = files
        self._wall = wall
        self._served_state = self._refused_state = _state(files)
        self.served = load(files)
        self.taken = 0
        """Certificates that took the place of another."""
        self.refused = 0
        """Changes of the files after which the one before stayed."""
        if why := self.served.invalid(wall()):
            log.error("clients refuse the certificate: %s", why)
        self._warn_of_readers()

    def __repr__(self) -> str:
        return f"Renewal({self._files.certificate}, taken={self.taken}, refused={self.refused})"

    async def watch(self) -> None:
        """Look at the files until the end. A defect costs one look: calls go on with the certificate before."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                self.look()
            except Exception:
                log.exception("the certificate's files could not be looked at")

    def look(self) -> None:
        """Serve what the files hold, if they have changed and hold a certificate that clients take now.

        A refused certificate is tried again at every look: it may become valid while its files stay as they are. It is
        logged and counted once.
        """
        state = _state(self._files)
        if state == self._served_state:
            return
        try:
            found = self._usable()
        except UnusableCertificate as problem:
            if state != self._refused_state:
                self._refused_state = state
                self.refused += 1
                log.error("the certificate before stays: %s", problem)
            return
        self.served, self._served_state = found, state
        self.taken += 1
        log.info("a new certificate is served", extra={"expires": found.leaf.not_valid_after_utc.isoformat()})
        self._warn_of_readers()

    def _usable(self) -> Served:
        """Raises UnusableCertificate also for one that clients refuse at this time."""
        found = load(self._files)
        if why := found.invalid(self._wall()):
            raise UnusableCertificate(f"{self._files.certificate}: {why}")
        return found

    def _warn_of_readers(self) -> None:
        if readable_by_others(self._files.key):
            log.warning("every user of this machine may read %s; chmod o-r", self._files.key)


def _state(files: Files) -> _State:
    return tuple(_seen(path) for path in (files.certificate, files.key))


def _seen(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
