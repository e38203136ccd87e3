"""A real server in a process of its own, on a free port, with a data folder of its own, for any test."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

UNLIMITED = {
    "DRAGOMAN_GUESTS_PER_HOUR": "1000000",
    "DRAGOMAN_SESSIONS_PER_HOUR": "1000000",
    "DRAGOMAN_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
    "DRAGOMAN_WRONG_CODES_PER_MINUTE": "1000000",
    "DRAGOMAN_LOGINS_PER_MINUTE": "1000000",
    "DRAGOMAN_ACCOUNTS_PER_HOUR": "1000000",
    "DRAGOMAN_REFRESHES_PER_MINUTE": "1000000",
    "DRAGOMAN_SESSIONS": "1000",
    "DRAGOMAN_ADDRESS_SHARE": "1",
}
"""Rate limits are tested by their own tests; everywhere else all clients come from one address."""


class Server:
    """`with Server(folder) as server: server.url`. The log goes to `folder/server.log`.

    `prefix` is put before its command, such as one that runs it on another machine; there it may need another
    `host` to listen on. `arguments` are further ones of `dragoman serve`; `said` holds what it says before it is
    ready. `restart(kill=True)` is the crash of a process, on the same port and data. `accounts` is the setting, which
    is on where nobody says otherwise: a start with accounts takes a second more, and most tests have guests alone.
    """

    def __init__(
        self,
        folder: Path,
        *,
        prefix: Sequence[str] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        arguments: Sequence[str] = (),
        accounts: bool = False,
        **settings: str,
    ) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        ours = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        always = {"DRAGOMAN_DATA": str(folder / "data"), "DRAGOMAN_ACCOUNTS": "true" if accounts else "false"}
        self._environment = ours | always | settings
        self._prefix = prefix
        self._arguments = arguments
        self.said: list[str] = []
        self._host = host
        self._port = port
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it is ready; raises AssertionError with its log if it is not within a minute."""
        where = ["--host", self._host, "--port", str(self._port)]
        command = [*self._prefix, sys.executable, "-m", "server.cli.main", "serve", *where, *self._arguments]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=self._environment, bufsize=0
            )
        line = self._line()
        while self._arguments and line and not line.startswith("ready "):
            self.said.append(line.rstrip())
            line = self._line()
        if not line.startswith("ready "):
            self.stop(kill=True)
            raise AssertionError(f"the server did not get ready:\n{self.log}")
        self.url = line.split()[1]
        self._port = int(self.url.rpartition(":")[2])

    def _line(self) -> str:
        """Return the next line that it says; nothing if none comes within a minute."""
        assert self.process is not None and self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        return self.process.stdout.readline().decode() if ready else ""

    def stop(self, *, kill: bool = False, timeout: float = 60) -> int:
        """Its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop in {timeout} s:\n{self.log}") from None
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()

    def restart(self, *, kill: bool = False) -> None:
        """A new process on the same port and data."""
        self.stop(kill=kill)
        self.start()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Until the log holds `text`."""
        deadline = time.monotonic() + seconds
        while text not in self.log:
            assert time.monotonic() < deadline, f"{text!r} is not in the log after {seconds} s:\n{self.log}"
            time.sleep(0.05)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.stop()
