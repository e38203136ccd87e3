"""A participant whose media is GStreamer's: `gstreamer/main.py` for that, our own calls of the protocol around it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.independent.client import Client

from .process import Process, started

PYTHON = "/usr/bin/python3"  # where Debian's bindings of GStreamer are
MAIN = Path(__file__).parent / "gstreamer" / "main.py"
ELEMENTS = ("webrtcbin", "nicesrc", "dtlsdec", "srtpdec", "sctpdec", "opusenc", "opusdec", "rtpopuspay", "rtpbin")


def missing() -> str:
    """Return the parts of GStreamer that this machine lacks; empty if none."""
    look = (
        "import gi\n"
        "for name in ('Gst', 'GstApp', 'GstSdp', 'GstWebRTC'): gi.require_version(name, '1.0')\n"
        "from gi.repository import Gst\n"
        "Gst.init(None)\n"
        f"print(*(name for name in {ELEMENTS} if Gst.ElementFactory.find(name) is None))\n"
    )
    done = subprocess.run([PYTHON, "-c", look], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


@asynccontextmanager
async def joined(client: Client, folder: Path) -> AsyncIterator[Process]:
    """GStreamer's media in the call of a client that is on its socket; up, and resumed."""
    async with started([PYTHON, str(MAIN), str(folder)], folder) as peer:
        answer: dict[str, Any] = await client.negotiate(await peer.do("offer"))
        await peer.do("answer", answer["sdp"])
        await peer.until("state", state="connected")
        await peer.until("open")
        await peer.do("send", "resume", {"lastSeq": 0})
        yield peer
