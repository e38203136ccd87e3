"""Profile of our server under load: py-spy's samples of a busy call server, by the innermost Python function."""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from bench.environments import python_of
from bench.media.contenders import Contender, measure, running
from bench.rtp_load.cores import Cores

SHOWN = 15
AREAS = (
    ("Opus encoding", ("Encoder.",)),
    ("Opus decoding", ("Decoder.",)),
    ("SRTP", ("(pylibsrtp/", "_receive_srtp", "DtlsTransport.send_now")),
    ("sending datagrams", ("IceConnection.send_now",)),
    ("interpreting (pipeline/)", ("(pipeline/",)),
    ("the rest of our media path (media/)", ("(media/",)),
    ("aioice, aiortc", ("(aioice/", "(aiortc/")),
)
REST = "event loop and receiving (uvloop), other"


def profile(contender: Contender, cores: Cores, log: Path, peers: int, seconds: float) -> dict[str, Any]:
    """Return the shares of the server's busy time at a load of `peers`."""
    raw = log.with_name("profile.txt")
    settle = 6.0 + peers * 0.1
    plan = {
        "name": "profile",
        "lines": 2,
        "settle": settle,
        "seconds": seconds + 2,
        "seed": 1,
        "groups": [{"clients": peers, "sound": "talk", "encodings": 1}],
    }
    with running(contender, cores, log) as server:
        tool = python_of("tools").with_name("py-spy")
        command = [str(tool), "record", "--pid", str(server.pid), "--duration", str(round(seconds)), "--rate", "250"]

        def record() -> None:
            subprocess.run([*command, "--format", "raw", "--output", str(raw)], check=False, capture_output=True)

        timer = threading.Timer(settle, record)
        timer.start()
        result = measure(server, cores, log, {"phases": [plan]})[0]
        timer.join()
    if not raw.is_file():
        return {"failed": "py-spy could not read the server"}
    return {
        "peers": peers,
        "cpu": result.get("cpu_per_peer", 0.0) * peers,
        **summarise(raw.read_text(encoding="utf-8")),
    }


def summarise(raw: str) -> dict[str, Any]:
    """Shares by area and by function from py-spy's raw format: `outer;...;inner count` on each line."""
    functions: Counter[str] = Counter()
    areas: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        inner = _short(stack.split(";")[-1])
        functions[inner] += int(count)
        area = next((name for name, marks in AREAS if any(mark in inner for mark in marks)), REST)
        areas[area] += int(count)
    total = max(1, functions.total())
    return {
        "samples": functions.total(),
        "areas": {name: round(count / total, 4) for name, count in areas.most_common()},
        "functions": {name: round(count / total, 4) for name, count in functions.most_common(SHOWN)},
    }


def _short(frame: str) -> str:
    """`encode (media/rtp/opus.py)` of `encode (media/rtp/opus.py:117)`, whatever folder it is installed in."""
    name, _, place = frame.partition(" (")
    path = place.rpartition(":")[0] or place.rstrip(")")
    return f"{name} ({'/'.join(path.split('/')[-2:])})"
