"""Sends letters by an SMTP server (RFC 5321) in a bounded line: posting one never waits and never raises."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache

import aiosmtplib

from accounts.letters.mail_server import Protection, SmtpOptions
from accounts.letters.texts import stamped

log = logging.getLogger(__name__)

MOST_WAITING = 200
ATTEMPTS = 4
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class _Posted:
    """A letter on its way, and which attempt is the next."""

    write: Callable[[], EmailMessage]
    attempt: int = 1


class Mail:
    """A line of letters, and the task that sends them."""

    def __init__(self, options: SmtpOptions | None, wall: Callable[[], float] = time.time) -> None:
        """Without `options` no letter is sent."""
        self._options = options
        self._wall = wall
        self._line: asyncio.Queue[_Posted] = asyncio.Queue(MOST_WAITING)
        self._unsent = 0
        """Letters in the line, with the mail server, or put off."""
        self.lost = 0
        """Letters that were not sent, and will not be."""

    def __repr__(self) -> str:
        return f"<Mail, {self._unsent} unsent>"

    @property
    def on(self) -> bool:
        """True if letters are sent at all."""
        return self._options is not None

    def post(self, write: Callable[[], EmailMessage]) -> None:
        """Put a letter into the line, which is written by `write` once it is sent.

        One that comes while `MOST_WAITING` are unsent is lost, and logged.
        """
        if self._options is None:
            return
        if self._unsent >= MOST_WAITING:
            self.lost += 1
            log.error("a letter is lost: too many wait for the mail server")
            return
        self._unsent += 1
        sender, now = self._options.sender, self._wall()
        self._line.put_nowait(_Posted(cache(lambda: stamped(write(), sender, now))))

    async def run(self) -> None:
        """Send letters until cancelled. One that is put off lets the others pass."""
        if self._options is None:
            return
        async with asyncio.TaskGroup() as tasks:
            while True:
                posted = await self._line.get()
                if await self._is_done(self._options, posted):
                    self._unsent -= 1
                    self._line.task_done()
                else:
                    tasks.create_task(self._again(posted, self._options.retry_s * 3 ** (posted.attempt - 1)))

    async def finish(self, timeout: float) -> None:
        """Wait until every letter is sent or given up, for `timeout` seconds at most. Those that are left are lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._line.join()
        if self._unsent:
            self.lost += self._unsent
            log.error("letters are lost: the server ends", extra={"count": self._unsent})

    async def _again(self, posted: _Posted, pause: float) -> None:
        """Put a letter back into the line after a pause. For `finish` it has been there all the time."""
        await asyncio.sleep(pause)
        self._line.put_nowait(_Posted(posted.write, posted.attempt + 1))
        self._line.task_done()

    async def _is_done(self, options: SmtpOptions, posted: _Posted) -> bool:
        """Try to send a letter. Return True if it is sent or given up, and False if it may be sent later."""
        try:
            await self._send(options, posted.write())
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as problem:
            # An answer of the server may quote the address: only its number is logged.
            number = _number(problem)
            log.warning(
                "a letter could not be sent",
                extra={"attempt": posted.attempt, "problem": _kind(problem), "smtp": number},
            )
            given_up = (number is not None and number >= 500) or posted.attempt == ATTEMPTS
            self.lost += given_up
            return given_up
        # The line's boundary: a letter that can't be sent costs itself and no other.
        except Exception as problem:  # noqa: BLE001
            self.lost += 1
            log.error("a letter could not be sent", extra={"problem": type(problem).__name__})
        return True

    async def _send(self, options: SmtpOptions, letter: EmailMessage) -> None:
        await aiosmtplib.send(
            letter,
            hostname=options.host,
            port=options.port,
            username=options.username,
            password=options.password,
            use_tls=options.protection is Protection.TLS,
            start_tls=options.protection is Protection.STARTTLS,
            timeout=TIMEOUT_S,
        )


def _number(problem: Exception) -> int | None:
    """Return the number of a mail server's refusal (RFC 5321, 4.2.1): from 500 on it is for good. None: no answer."""
    if isinstance(problem, aiosmtplib.SMTPRecipientsRefused):
        # A letter has one recipient; of several, one that may be had later decides.
        return min((one.code for one in problem.recipients), default=None)
    return problem.code if isinstance(problem, aiosmtplib.SMTPResponseException) else None


def _kind(problem: Exception) -> str:
    """Return what an operator needs to know of a failure, without a word that the mail server has sent."""
    for one in (problem, problem.__cause__):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"certificate: {one.verify_message}"
    # The library's own words: STARTTLS, or signing in, is not offered.
    return str(problem) if type(problem) is aiosmtplib.SMTPException else type(problem).__name__
