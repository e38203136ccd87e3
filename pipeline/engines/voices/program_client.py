"""Our end of the line protocol of docs/voices.md: starts, feeds, kills and restarts a speaking program.

Whatever the program does, what comes out is audio or an `EngineError`: it may crash, hang, talk nonsense or print where
it should not, and is then killed and started anew.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engines import EngineError
from pipeline.engines.voices.program_memory import LIMIT_MB, MemoryLimit, resident_mb
from pipeline.speech import Voice
from pipeline.text.language import is_tag

PROTOCOL = 1

_LONGEST_LINE = 1 << 20  # bytes: the first one tells of hundreds of voices
_LONGEST_ID = 128  # of a voice; what the wire protocol takes
_LONGEST_AUDIO = 64 << 20  # bytes of one answer: over ten minutes at any rate
_RESTS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the next start, by the number of failed ones before

log = logging.getLogger(__name__)


class _Broken(Exception):
    """The program ended, or said what is not in the protocol: nothing that it says now can be trusted."""


class _Late(Exception):
    """The program did not answer in time."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Audio as the program gave it: mono s16, little-endian."""

    rate: int
    pcm: bytes


class ProgramClient:
    """One program. Seconds: `start_timeout` from its start to its first line, which tells its voices; `timeout` for all
    of one answer; `patience` is how long a text waits for a program that is being started anew. Behind a text a program
    that has grown over `memory_mb` (`program_memory`) is started anew. Not for several threads
    at once."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        start_timeout: float = 60.0,
        timeout: float = 10.0,
        patience: float = 2.0,
        memory_mb: int = LIMIT_MB,
    ) -> None:
        self._command = list(command)
        self._start_timeout = start_timeout
        self._timeout = timeout
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._greeted = False
        self._launched_at = 0.0
        self._buffer = bytearray()
        self._number = 0
        self._failed_starts = 0
        self._not_before = 0.0
        self._memory = MemoryLimit(memory_mb)
        self.program = self._command[0]
        """Name that the program gave itself, once it was started."""

    def voices(self) -> tuple[Voice, ...]:
        """Starts the program, and returns the voices that it tells. Raises `EngineError` if it can't be started."""
        self.close()
        return self._started(self._start_timeout)

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def say(self, text: str, voice: str, tempo: float) -> list[Chunk]:
        """The audio of a text, in the order in which it is heard. A program that dies of it is started anew and asked
        once more, one that hangs is not. Raises `EngineError`, soon also where the program is still loading."""
        for last in (False, True):
            self._started(self._patience)
            try:
                chunks = self._ask(text, voice, tempo, time.monotonic() + self._timeout)
                self._renew_if_grown()
                return chunks
            except _Broken as broken:
                log.error("%s: %s; starting it anew", self.program, broken)
                self._launch_again()
                if last:
                    raise EngineError(f"{self.program}: {broken}") from None
            except _Late:
                log.error("%s gave no answer in %g s: killed", self.program, self._timeout)
                self._launch_again()
                raise EngineError(f"{self.program} took more than {self._timeout:g} s") from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the program at once, and reap it."""
        if self._process is None:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
        self._process = None
        self._greeted = False
        self._buffer.clear()

    def _renew_if_grown(self) -> None:
        """Start a program anew that holds too much: what an allocator keeps grows with the longest text."""
        held_mb = 0.0 if self._process is None else resident_mb(self._process.pid)
        if self._memory.exceeded(held_mb):
            log.warning("%s holds %.0f MiB; starting it anew", self.program, held_mb)
            self._launch_again()

    def _launch_again(self) -> None:
        """Start the program while nobody waits. The next job checks that it has started."""
        self.close()
        with contextlib.suppress(EngineError):
            self._launch()

    def _launch(self) -> None:
        self._launched_at = time.monotonic()
        self._memory.begin()
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        except OSError as error:
            raise EngineError(f"the program {self._command[0]!r} can't be started: {error.strerror}") from None

    def _started(self, patience: float) -> tuple[Voice, ...]:
        """The program is up and has told its voices (returned only when it does so now). It may take longer than one
        text can wait, and goes on loading then."""
        if self._greeted:
            return ()
        wait = self._not_before - time.monotonic()
        if wait > 0:
            raise EngineError(f"{self.program} does not start; the next attempt is in {wait:.0f} s")
        try:
            if self._process is None:
                self._launch()
            voices = self._greeting(min(time.monotonic() + patience, self._launched_at + self._start_timeout))
        except _Late:
            if time.monotonic() < self._launched_at + self._start_timeout:
                raise EngineError(f"{self.program} is loading") from None
            raise self._unstarted(f"it said nothing in {self._start_timeout:g} s") from None
        except (EngineError, _Broken) as problem:
            raise self._unstarted(str(problem)) from None
        self._greeted = True
        self._failed_starts = 0
        return voices

    def _unstarted(self, reason: str) -> EngineError:
        self.close()
        self._failed_starts += 1
        self._not_before = time.monotonic() + _RESTS[min(self._failed_starts, len(_RESTS)) - 1]
        return EngineError(f"{self.program} does not start: {reason}")

    def _greeting(self, deadline: float) -> tuple[Voice, ...]:
        message = self._line(deadline)
        if "error" in message:
            raise _Broken(_reason(message))
        if message.get("protocol") != PROTOCOL:
            raise _Broken(f"it speaks the protocol {message.get('protocol')!r}, not {PROTOCOL}")
        self.program = str(message.get("program", self.program))[:80]
        try:
            voices = tuple(_voice(one) for one in message["voices"])
        except (KeyError, TypeError, ValueError) as problem:
            raise _Broken(f"its voices can't be read ({problem})") from None
        if len({voice.id for voice in voices}) < len(voices):
            raise _Broken("two of its voices have one id")
        return voices

    def _ask(self, text: str, voice: str, tempo: float, deadline: float) -> list[Chunk]:
        self._number += 1
        asked = {"id": self._number, "text": text, "voice": voice, "tempo": tempo}
        self._write((json.dumps(asked, ensure_ascii=False) + "\n").encode())
        chunks: list[Chunk] = []
        received = 0
        while True:
            message = self._line(deadline)
            if message.get("id") != self._number:
                raise _Broken(f"it answered {message.get('id')!r} to {self._number}")
            if "error" in message:
                raise EngineError(f"{self.program}: {_reason(message)}")
            if message.get("done") is True:
                return chunks
            size, rate = _count(message, "bytes"), _count(message, "rate")
            received += size
            if size % 2 or received > _LONGEST_AUDIO:
                raise _Broken(f"it announced {size} bytes of audio, {received} in all")
            chunks.append(Chunk(rate, self._bytes(size, deadline)))

    def _write(self, data: bytes) -> None:
        """A request is far smaller than a pipe, and there is one at a time: this never waits."""
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError:
            raise _Broken(self._ending()) from None

    def _line(self, deadline: float) -> dict[str, Any]:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_LINE:
                raise _Broken("its line has no end")
            self._read(deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            raise _Broken(f"it said {line[:60]!r}, which is no message")
        return message

    def _bytes(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._read(deadline)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _read(self, deadline: float) -> None:
        assert self._process is not None and self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise _Late
        data = os.read(pipe, 1 << 16)
        if not data:
            raise _Broken(self._ending())
        self._buffer += data

    def _ending(self) -> str:
        assert self._process is not None
        try:
            status = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        return f"it was killed by signal {-status}" if status < 0 else f"it ended with status {status}"


def _reason(message: dict[str, Any]) -> str:
    return str(message["error"])[:300]


def _voice(message: dict[str, Any]) -> Voice:
    id, language, name, licence = (message[key] for key in ("id", "language", "name", "licence"))
    if not all(isinstance(text, str) for text in (id, language, name, licence)):
        raise TypeError(f"{id!r}: not all is text")
    if not 0 < len(id) <= _LONGEST_ID or not is_tag(language):
        raise ValueError(f"{id[:40]!r}: its id or its language {language[:40]!r}")
    return Voice(id, language, name[:80], licence[:200])


def _count(message: dict[str, Any], key: str) -> int:
    value = message.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise _Broken(f"it announced audio whose {key} are {value!r}")
    return value
