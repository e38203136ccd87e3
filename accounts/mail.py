"""Sends letters by an SMTP server (RFC 5321) in a bounded line: posting one never waits and never raises."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from accounts.letters import stamped

log = logging.getLogger(__name__)

MOST_WAITING = 200
ATTEMPTS = 4
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SmtpOptions:
    """An SMTP server, and the sender of our letters."""

    host: str
    port: int
    sender: str
    tls: bool = False
    """True for TLS from the first byte (RFC 8314); else STARTTLS, where the server offers it."""
    username: str | None = None
    password: str | None = None
    retry_s: float = 5.0
    """Time until the second attempt; each further one waits three times as long."""


def smtp_options(url: str, sender: str) -> SmtpOptions:
    """Return the options of a URL such as `smtps://user:password@mail.example.org` or `smtp://localhost:25`.

    Raises ValueError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("it must be like smtps://user:password@mail.example.org:465")
    tls = parts.scheme == "smtps"
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpOptions(parts.hostname, parts.port or (465 if tls else 587), sender, tls, username, password)


class Mail:
    """A line of letters, and the task that sends them."""

    def __init__(self, options: SmtpOptions | None, wall: Callable[[], float] = time.time) -> None:
        """Without `options` no letter is sent."""
        self._options = options
        self._wall = wall
        self._line: asyncio.Queue[EmailMessage] = asyncio.Queue(MOST_WAITING)

    @property
    def on(self) -> bool:
        """True if letters are sent at all."""
        return self._options is not None

    def post(self, letter: EmailMessage) -> None:
        """Put a letter into the line. One that finds it full is lost, and logged."""
        if self._options is None:
            return
        try:
            self._line.put_nowait(stamped(letter, self._options.sender, self._wall()))
        except asyncio.QueueFull:
            log.error("a letter is lost: too many wait for the mail server")

    async def run(self) -> None:
        """Send letters until cancelled."""
        if self._options is None:
            return
        while True:
            letter = await self._line.get()
            await self._deliver(self._options, letter)
            self._line.task_done()

    async def finish(self, timeout: float) -> None:
        """Wait until every letter is sent or given up, for `timeout` seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._line.join()

    async def _deliver(self, options: SmtpOptions, letter: EmailMessage) -> None:
        pause = options.retry_s
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._send(options, letter)
                return
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
                # An answer of the server may quote the address: only its number is logged.
                number = getattr(problem, "code", None)
                log.warning(
                    "a letter could not be sent",
                    extra={"attempt": attempt, "problem": type(problem).__name__, "smtp": number},
                )
                if (isinstance(number, int) and number >= 500) or attempt == ATTEMPTS:
                    return
            # The line's boundary: a letter that can't be sent costs itself and no other.
            except Exception as problem:  # noqa: BLE001
                log.error("a letter could not be sent", extra={"problem": type(problem).__name__})
                return
            await asyncio.sleep(pause)
            pause *= 3

    async def _send(self, options: SmtpOptions, letter: EmailMessage) -> None:
        await aiosmtplib.send(
            letter,
            hostname=options.host,
            port=options.port,
            username=options.username,
            password=options.password,
            use_tls=options.tls,
            start_tls=_starts_tls(options),
            timeout=TIMEOUT_S,
        )


def _starts_tls(options: SmtpOptions) -> bool | None:
    """Return True where STARTTLS must be had: a password goes over a network. None: it is used where it is offered."""
    if options.tls or options.host in ("localhost", "127.0.0.1", "::1"):
        return False
    return True if options.username else None
