"""Debian's Chromium for the tests of the page: one process for each speaker, a WAV file as its microphone."""

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page, Playwright

from tests.kit.contract import check_socket

EXECUTABLE = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
FAKE_MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")

COMMON = [*QUIET, *FAKE_MICROPHONE]
ALONE = {"service_workers": "block"}  # what a test plays in the network's place is not to be answered from a cache


@dataclass(eq=False)
class Tab:
    """One page in a Chromium of its own, and what its console complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def until(self, expression: str, within_s: float = 10.0) -> None:
        """Wait until a JavaScript expression is true; AssertionError after `within_s`.

        Playwright's own wait evaluates text inside the page, which its Content-Security-Policy rightly refuses.
        """
        give_up = time.monotonic() + within_s
        while not await self.page.evaluate(expression):
            assert time.monotonic() < give_up, f"not within {within_s} s: {expression}; {await self.told()}"
            await asyncio.sleep(0.05)

    async def told(self) -> str:
        """Return what a person sees now, for the message of a failing test."""
        # Playwright's inner_text would wait for what a page that did not start never shows.
        told = await self.page.evaluate("document.body.innerText")
        return f"{told!r}; console: {self.complaints}"

    async def open(self, url: str) -> None:
        """Load the page and wait until it knows the server's languages."""
        await self.page.goto(url)
        await self.until("!document.getElementById('create-button').disabled")


class Browsers:
    """Starts Chromium processes and contexts; all of them end with the `async with` of `running_browsers`.

    `shared` is a Chromium that may be given to tabs that ask for nothing special: each has a context of its own.
    """

    def __init__(self, playwright: Playwright, shared: Browser | None = None) -> None:
        self._playwright = playwright
        self._shared = shared
        self._contexts: list[BrowserContext] = []
        self._own: list[Browser] = []

    async def tab(
        self, *arguments: str, microphone: Path | None = None, locale: str = "en-US", fake: bool = True,
        executable: str = EXECUTABLE, **context: Any,
    ) -> Tab:  # fmt: skip
        """Start a Chromium; `microphone` is played once, as from the moment that the page opens the device."""
        args = [*QUIET, *(FAKE_MICROPHONE if fake else ()), *arguments]
        if microphone is not None:
            args.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
        browser = self._shared
        if browser is None or args != COMMON or executable != EXECUTABLE:
            browser = await self._playwright.chromium.launch(executable_path=executable, args=args)
            self._own.append(browser)
        made = await browser.new_context(**{"locale": locale, **ALONE, **context})
        self._contexts.append(made)
        return watched(await made.new_page())

    async def close(self) -> None:
        """End what was started here."""
        for context in self._contexts:
            await context.close()
        for browser in self._own:
            await browser.close()


def watched(page: Page) -> Tab:
    """Return the page as a Tab that remembers what its console complains of."""
    tab = Tab(page)
    page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and tab.complaints.append(line.text))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: check_socket(json.loads(text))))
    return tab


@asynccontextmanager
async def running_browsers(playwright: Playwright, shared: Browser | None = None) -> AsyncIterator[Browsers]:
    """Yield a `Browsers`; closes what it started."""
    browsers = Browsers(playwright, shared)
    try:
        yield browsers
    finally:
        await browsers.close()


def speech_file(path: Path, voice: str, *parts: str | float) -> Path:
    """Write a 48 kHz WAV: texts are spoken by espeak-ng, numbers are seconds of silence. Return `path`."""
    pieces = []
    for part in parts:
        if isinstance(part, str):
            said = ["espeak-ng", "-v", voice, "-s", "150", "--stdin", "--stdout"]
            wav = subprocess.run(said, input=part.encode(), check=True, capture_output=True).stdout
            raw = ["sox", "-t", "wav", "-", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-"]
            pieces.append(subprocess.run(raw, input=wav, check=True, capture_output=True).stdout)
        else:
            pieces.append(bytes(2 * int(part * 48000)))
    to_wav = ["sox", "-t", "raw", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-", str(path)]
    subprocess.run(to_wav, input=b"".join(pieces), check=True, capture_output=True)
    return path


class Recording:
    """Return the sound of one voice of a page's mixer, `interpreter` or `original`, gains included."""

    def __init__(self, tab: Tab, voice: str) -> None:
        self._tab = tab
        self._voice = voice

    async def start(self) -> None:
        """Tap the voice; the processor itself plays nothing."""
        await self._tab.page.evaluate(
            """voice => {
                const { context, gains } = dragoman.state.mixer;
                const tap = context.createScriptProcessor(4096, 1, 1);
                const chunks = [];
                tap.onaudioprocess = ({ inputBuffer }) => chunks.push(inputBuffer.getChannelData(0).slice());
                gains[voice].connect(tap);
                tap.connect(context.destination);
                (globalThis.recordings ??= {})[voice] = chunks;
            }""",
            self._voice,
        )

    async def heard(self) -> list[np.ndarray]:
        """Return what was played since `start`, cut where it was silent for 1 s: 16 kHz mono float32 pieces."""
        encoded = await self._tab.page.evaluate(
            """async voice => {
                const chunks = globalThis.recordings[voice];
                if (!chunks.length) return "";
                const rate = dragoman.state.mixer.context.sampleRate;
                const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
                const buffer = new AudioBuffer({ length, sampleRate: rate });
                let at = 0;
                for (const chunk of chunks) { buffer.copyToChannel(chunk, 0, at); at += chunk.length; }
                const offline = new OfflineAudioContext(1, Math.ceil(length * 16000 / rate), 16000);
                const source = new AudioBufferSourceNode(offline, { buffer });
                source.connect(offline.destination);
                source.start();
                const bytes = new Uint8Array((await offline.startRendering()).getChannelData(0).buffer);
                let text = "";
                for (let i = 0; i < bytes.length; i += 8192) {
                    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
                }
                return btoa(text);
            }""",
            self._voice,
        )
        samples = np.frombuffer(base64.b64decode(encoded), np.float32)
        loud = np.flatnonzero(np.abs(samples) > 0.01)
        spurts = np.split(loud, np.flatnonzero(np.diff(loud) > 16000) + 1) if loud.size else []
        margin = 4800  # 0.3 s of what surrounds it, as a recogniser likes it
        return [samples[max(0, spurt[0] - margin) : spurt[-1] + margin] for spurt in spurts]


Recognise = Callable[[np.ndarray, str], str]
