"""Running pipeline of one Apertium mode: started once, fed text by text, started anew when it has died.

A null character behind each text makes every program of it write what it has (option `-z`). So a text costs a
millisecond or two, where a pipeline of its own would cost some hundreds. The programs are GPL-2.0 and talk over pipes:
nothing of them is loaded.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import select
import shlex
import subprocess
import time
from pathlib import Path

from pipeline.engines import EngineError
from pipeline.engines.translation.apertium_stream import escaped, unescaped

_NULL = b"\0"
_CAME_THROUGH = b"[]"  # the blank at the end of each text, which nothing translates
_CHUNK = 1 << 16
_LONGEST = 1 << 20  # bytes of one answer
_CLEAN = "-n"  # `$1` of a mode: words that a dictionary lacks are not marked

log = logging.getLogger(__name__)


class _Broken(Exception):
    """A program of the pipeline ended, or the answers are out of step."""


class _Late(Exception):
    """No answer came in time."""


def commands(mode: str) -> list[list[str]]:
    """Return the programs of a mode file, which is one line of shell, each with its arguments and told to flush."""
    lines = [line for line in mode.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = []
    for part in " ".join(lines).split("|"):
        words = shlex.split(re.sub(r"\$\{?\w+\}?", "", part.replace("$1", _CLEAN)))
        if words:
            found.append([words[0], "-z", *words[1:]])
    return found


class ApertiumPipe:
    """The pipeline of the mode file `mode`. `timeout` is for one text, seconds. Not for several threads at once."""

    def __init__(self, mode: Path, timeout: float) -> None:
        self._mode = mode
        self._timeout = timeout
        self._programs: list[subprocess.Popen[bytes]] = []

    def __repr__(self) -> str:
        return f"<ApertiumPipe {self._mode.stem}, programs {[program.pid for program in self._programs]}>"

    @property
    def pids(self) -> tuple[int, ...]:
        """The programs, in their order; none before the first text."""
        return tuple(program.pid for program in self._programs)

    def translate(self, text: str, language: str = "") -> str:
        """Translate one line of printable text in `language`.

        A pipeline that dies of it is started anew and asked once more, one that hangs is not. Raises `EngineError`.
        """
        for last in (False, True):
            try:
                if not self._programs:
                    self._start()
                return unescaped(self._exchange(escaped(text, language)), text)
            except _Broken as broken:
                self.close()
                if last:
                    raise EngineError(f"Apertium's {self._mode.stem}: {broken}") from None
                log.warning("Apertium's %s: %s; starting it anew", self._mode.stem, broken)
            except _Late:
                self.close()
                raise EngineError(f"Apertium's {self._mode.stem} took more than {self._timeout:g} s") from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the programs at once, and reap them."""
        programs, self._programs = self._programs, []
        for program in programs:
            program.kill()
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        for program in programs:
            program.wait()

    def _start(self) -> None:
        before: subprocess.Popen[bytes] | None = None
        try:
            for command in commands(self._mode.read_text("utf-8")):
                program = subprocess.Popen(
                    ["env", "LC_ALL=C.UTF-8", *command],  # they read and write by their locale
                    stdin=subprocess.PIPE if before is None else before.stdout,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # words that were said are no matter for a log
                    bufsize=0,
                )
                self._programs.append(program)
                if before is not None and before.stdout is not None:
                    before.stdout.close()  # the next program's alone: it is told when this one ends
                before = program
        except (OSError, ValueError) as error:
            self.close()
            raise EngineError(f"Apertium's {self._mode.stem} can't be started: {error}") from None
        if before is None:
            raise EngineError(f"{self._mode} names no program")
        os.set_blocking(self._ends[0], False)

    @property
    def _ends(self) -> tuple[int, int]:
        """File descriptors: where text goes in, and where it comes out."""
        first, last = self._programs[0].stdin, self._programs[-1].stdout
        assert first is not None and last is not None
        return first.fileno(), last.fileno()

    def _exchange(self, stream: str) -> str:
        into, out_of = self._ends
        rest = memoryview(stream.encode() + _NULL)
        answer = bytearray()
        poll = select.poll()
        poll.register(out_of, select.POLLIN)
        poll.register(into, select.POLLOUT)
        deadline = time.monotonic() + self._timeout
        while not answer.endswith(_NULL):
            ready = {end for end, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)}
            if not ready:
                raise _Late
            if into in ready:
                try:
                    rest = rest[os.write(into, rest[:_CHUNK]) :]
                except BlockingIOError:
                    pass
                except OSError:
                    raise _Broken("a program of it ended") from None
                if not rest:
                    poll.unregister(into)
            if out_of in ready:
                came = os.read(out_of, _CHUNK)
                if not came:
                    raise _Broken("a program of it ended")
                answer += came
                if len(answer) > _LONGEST or _NULL in answer[:-1]:
                    raise _Broken("its answers are out of step")
        if any(program.poll() is not None for program in self._programs) or _CAME_THROUGH not in answer:
            raise _Broken("a program of it ended")  # those behind it write what they have, as if that were all
        return answer[:-1].decode("utf-8", "replace")
