"""A real server of two processes at one port, and the address at which the processes reach one another."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.kit.process_facts import children, command, sockets
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import SHIFTED_TONES

NAMES = ("p1", "p2")
_LISTENS = "0A"
"""State of a socket that listens (Linux, net/tcp_states.h)."""


def of_two(folder: Path, *, accounts: bool = False, **settings: str) -> Server:
    """Return a server of two processes, not yet started, that interprets tones."""
    return Server(folder, arguments=("--processes", "2"), accounts=accounts, **{**SHIFTED_TONES, **settings})


def pids(server: Server) -> dict[str, int]:
    """Return the process of each name that runs now."""
    assert server.process is not None
    found = {}
    for pid in children(server.process.pid):
        words = command(pid).split()
        if "server.one_process" in words:
            found[words[words.index("server.one_process") + 1]] = pid
    return found


def inside(server: Server) -> Mapping[str, str]:
    """Return for each process the address that is its alone. Waits until both listen."""
    port = int(server.url.rpartition(":")[2])
    deadline = time.monotonic() + 60
    while True:
        found = {}
        for name, pid in pids(server).items():
            if own := _listening(pid) - {port}:
                found[name] = f"http://127.0.0.1:{own.pop()}"
        if found.keys() == set(NAMES):
            return {name: found[name] for name in NAMES}
        assert time.monotonic() < deadline, f"only {found} listen:\n{server.log}"
        time.sleep(0.05)


def know_each_other(server: Server) -> None:
    """Wait until both processes take calls, and each knows that the other one does."""
    deadline = time.monotonic() + 60
    both = dict.fromkeys(NAMES, 1.0)
    while any(samples(url, "dragoman_ready") != both for url in inside(server).values()):
        assert time.monotonic() < deadline, server.log
        time.sleep(0.1)


def home(server: Server, session: str) -> str:
    """Return the process that has a session, by what the processes have logged of it."""
    lines = [json.loads(line) for line in server.log.splitlines() if session in line and line.startswith("{")]
    taken = [line["process"] for line in lines if line["message"] in ("session created", "session taken over")]
    return str(taken[-1])


def is_ready(url: str) -> bool:
    """Return the answer of `GET /ready`. Raises URLError where nobody answers."""
    with urllib.request.urlopen(f"{url}/ready", timeout=60) as answer:
        return bool(json.load(answer)["ready"])


def _listening(pid: int) -> set[int]:
    try:
        ours = {int(re.sub(r"\D", "", name)) for name in sockets(pid)}
    except OSError:
        return set()
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {int(row[1].partition(":")[2], 16) for row in rows if row[3] == _LISTENS and int(row[9]) in ours}


def samples(url: str, name: str) -> dict[str, float]:
    """Return a metric's value for each process, by the page of metrics at `url`."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    found = [one for family in families for one in family.samples if one.name == name]
    return {one.labels["process"]: one.value for one in found}


def ends(pid: int, within_s: float = 60.0) -> None:
    """Wait until a process that is no child of ours is gone."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")
