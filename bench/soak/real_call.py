"""A long call over real UDP with the bundled engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.soak.process_size import process_size


def run_real(minutes: float) -> dict[str, Any]:
    """Run two headless peers in a call of `minutes` with the real server, and watch its memory and threads."""
    from testing.hotel_dialogue import GUEST, RECEPTIONIST, record

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {person.language: record(person, folder) for person in (GUEST, RECEPTIONIST)}
        dragoman = [sys.executable, "-m", "server.cli.main"]
        environment = os.environ | {"DRAGOMAN_DATA": str(folder / "data"), "DRAGOMAN_MODELS": "starter"}
        with subprocess.Popen(
            [*dragoman, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().decode().split()[1]
            turns = int(minutes * 60 // 12)
            peers = []
            for person, more in ((GUEST, ["--create", "--code-file", str(folder / "code")]), (RECEPTIONIST, None)):
                if more is None:
                    while not (folder / "code").exists() or not (folder / "code").read_text().strip():
                        time.sleep(0.05)
                    more = ["--code", (folder / "code").read_text().strip()]
                command = [*dragoman, "call", "--server", url, *more, "--language", person.language]
                for turn in range(turns):
                    at = 1 + 12 * turn + (6 if person is RECEPTIONIST else 0)
                    command += ["--wav", str(files[person.language][turn % 6]), "--at", str(at)]
                command += ["--report", str(folder / f"{person.language}.json"), "--expect", "both"]
                peers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            marks = []
            while any(peer.poll() is None for peer in peers):
                time.sleep(5)
                marks.append(process_size(server.pid))
            server.terminate()
            reports = [json.loads((folder / f"{language}.json").read_text()) for language in files]
    late = [m for m in marks if m]
    settled = late[min(12, len(late) - 1)]
    return {
        "realMinutes": minutes,
        "exits": [peer.returncode for peer in peers],
        "said": 2 * turns,
        "spoken": sum(end["outcome"] == "spoken" for end in reports[0]["subtitles"]["utteranceEnds"]),
        "originalLost": [report["lines"]["original"]["rtp"]["lost"] for report in reports],
        "rssGrowthKb": late[-2]["rss"] - settled["rss"] if len(late) > 1 else None,
        "threads": sorted({mark["threads"] for mark in late}),
        "files": sorted({mark["files"] for mark in late}),
    }
