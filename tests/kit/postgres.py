"""A real PostgreSQL of Debian's package: a cluster of its own in a temporary folder, reached by a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.process_facts import children

USER = "dragoman"
_UNPRIVILEGED = ("postgres", "nobody")
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""For tests in which the machine does not fail, nor PostgreSQL."""
_SMALL = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "max_wal_size": "64MB",
    "autovacuum": "off",
    "log_min_messages": "warning",
}


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version; None where the package is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


class _Psql:
    """A psql that stays connected to one database: to start one for each statement costs more than the statement."""

    END = "(end of the answer)"

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def run(self, sql: str) -> str:
        """Run SQL; return what psql prints. It ends with its first error."""
        asks, says = self._process.stdin, self._process.stdout
        assert asks is not None and says is not None
        asks.write(f"{sql};\n\\echo {self.END}\n".encode())
        asks.flush()
        lines: list[str] = []
        for line in says:
            if line.decode() == f"{self.END}\n":
                return "".join(lines).strip()
            lines.append(line.decode())
        raise AssertionError("".join(lines))

    def close(self) -> None:
        """End it, whether its server lives or not."""
        self._process.kill()
        self._process.communicate()


class Postgres:
    """A cluster in `folder`, which belongs to an unprivileged user where we are root: PostgreSQL refuses root."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        programs = binaries()
        assert programs is not None, "PostgreSQL is not installed: scripts/setup test"
        self._programs = programs
        self._folder = folder
        self._settings = _SMALL | ({} if durable else _QUICK)
        self._user = _account()
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: dict[str, _Psql] = {}

    def make(self) -> None:
        """Make the cluster."""
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        options = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-locale", "--no-sync"]
        made = self._popen("initdb", "-D", str(self.data), *options)
        out, _ = made.communicate()
        assert made.returncode == 0, out.decode()

    def start(self) -> None:
        """Start the server, and return once it accepts connections."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            self._process = self._popen(
                "postgres", "-D", str(self.data), "-k", str(self._folder), *settings, output=log
            )
        # After a kill it repairs every database of the cluster first: on a machine with other work, for minutes.
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and self._process.poll() is None:
            asked = self._popen("pg_isready", "-q", "-h", str(self._folder), "-U", USER, "-d", "postgres")
            asked.communicate()
            if asked.returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"PostgreSQL did not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        """Stop the server at once, and orderly."""
        self._signal(signal.SIGQUIT if self._settings.get("fsync") == "off" else signal.SIGINT)

    def kill(self) -> None:
        """Kill every process of the server, as a machine's end would."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let every process of the server stand still, as a machine that is out of reach."""
        server = self._pid
        for process in (server, *children(server)):
            os.kill(process, signal.SIGSTOP)

    def go_on(self) -> None:
        """End a pause."""
        server = self._pid
        for process in (*children(server), server):  # a child that ended is there until its parent goes on
            os.kill(process, signal.SIGCONT)

    def run(self, sql: str, database: str = "postgres") -> str:
        """Run SQL by psql; return what it prints, without headings."""
        if database not in self._asking:
            options = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self._folder), "-U", USER, "-d", database]
            self._asking[database] = _Psql(self._popen("psql", *options, told=subprocess.PIPE))
        try:
            return self._asking[database].run(sql)
        except (AssertionError, OSError):
            self._asking.pop(database).close()
            raise

    def url(self, database: str) -> str:
        """Return the URL of a database for the store of accounts."""
        return f"postgresql+asyncpg://{USER}@/{database}?host={self._folder}"

    @property
    def data(self) -> Path:
        """Return the folder of the cluster's files."""
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "postgres.log"

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _signal(self, number: int) -> None:
        process, self._process = self._process, None
        while self._asking:
            self._asking.popitem()[1].close()
        if process is None:
            return
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        process.wait(timeout=60)
        while _group_lives(process.pid):  # a server that is started beside its ancestor's children refuses
            time.sleep(0.01)

    def _popen(
        self, program: str, *arguments: str, output: object = subprocess.PIPE, told: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        who = {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return subprocess.Popen(
            [str(self._programs / program), *arguments],
            stdin=told,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            **who,
        )  # type: ignore[call-overload,no-any-return]


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a new cluster; stop it and remove it on leaving. `durable`: with the safety of a real one, and its pace."""
    folder = Path(tempfile.mkdtemp(prefix="dragoman-pg-", dir="/tmp"))  # a socket's path has at most 107 bytes
    server = Postgres(folder, durable=durable)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


def _account() -> pwd.struct_passwd | None:
    """Return the unprivileged account under which PostgreSQL runs; None where we are not root."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
