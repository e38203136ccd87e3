"""Decides what carries the messages next: a WebSocket, or a stream with requests where the network breaks those."""

from __future__ import annotations

PATIENCE_S = (2.5, 2.5, 4.0, 8.0)
"""Time that each attempt in turn has to open; the last one repeats. A lost SYN is sent again after 1, 3 and 7 s."""
DOUBTED_PATIENCE_S = 1.0
"""Time that a WebSocket has to open where a stream has been needed in this call."""
FAILURES_OF_NEW = 1
"""Failed WebSockets before a stream is tried, where none has worked in this call."""
FAILURES_OF_PROVEN = 3
"""The same in a row where one has worked: networks come and go."""
NO_CLOSE_CODE = frozenset({None, 1006})
"""Signs of a connection that ended without a close code (RFC 6455, 7.1.5)."""


class Carriers:
    """The course of one call's connections (docs/protocol.md, "Without a WebSocket")."""

    def __init__(self) -> None:
        self.streams = False
        """True if a stream comes next."""
        self._failures = 0  # of WebSockets, in a row
        self._allowed = FAILURES_OF_NEW
        self._doubted = False  # a stream has joined where WebSockets failed
        self._attempt = 0

    def __repr__(self) -> str:
        return f"<Carriers {'stream' if self.streams else 'WebSocket'} next, {self._failures}/{self._allowed} failures>"

    @property
    def patience_s(self) -> float:
        """Time that the next one has to open."""
        if self._doubted and not self.streams:
            return DOUBTED_PATIENCE_S
        return PATIENCE_S[min(self._attempt, len(PATIENCE_S) - 1)]

    def joined(self) -> None:
        """Note that the connection that was opened has joined."""
        self._attempt = 0
        self._doubted = self.streams

    def ended(self, *, heard: bool, close_code: int | None) -> None:
        """Note the end of a connection, or of an attempt. If `streams` is true then, a stream is to be tried at once.

        `heard`: a message has come by it. `close_code`: None where there was none.
        """
        was_stream, self.streams = self.streams, False
        if not was_stream and heard:
            self._failures, self._allowed = 0, FAILURES_OF_PROVEN
        elif not was_stream and close_code in NO_CLOSE_CODE:
            self._failures += 1
            self.streams = self._failures >= self._allowed
        if not self.streams:
            self._attempt += 1
