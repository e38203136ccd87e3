"""Debian's Chromium for the tests of the page: one process for each microphone, which is a WAV file."""

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from playwright.async_api import Browser, BrowserContext, Error, Page, Playwright

from tests.kit.contract import check_socket

EXECUTABLE = "/usr/bin/chromium"
SHELL = "/usr/bin/chromium-headless-shell"
"""The same without a window and all that a person has around the page: half of the work for each tab."""
QUIET = (
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # The last of such lists holds: it repeats what Playwright leaves out and concerns a page.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,PaintHolding,OptimizationHints,"
    "ThirdPartyStoragePartitioning,AvoidUnnecessaryBeforeUnloadCheckSync,AvoidCorsURLLoaderRestartOnRedirect,"
    "DestroyProfileOnBrowserClose,NetworkTimeServiceQuerying,PreconnectToSearch,Translate,"
    # Below the address bar of each tab a page of Chromium's own: half a second of a core.
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
FAKE_MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")

COMMON = [*QUIET, *FAKE_MICROPHONE]
ALONE = {"service_workers": "block"}  # what a test plays in the network's place is not to be answered from a cache
WAIT = """async () => {
    const giveUp = performance.now() + %d;
    while (!(await (%s))) {
        if (performance.now() > giveUp) return false;
        await new Promise((done) => setTimeout(done, 50));
    }
    return true;
}"""
PATIENCE_S = 60.0
"""Time after which a wait fails that promises nothing: a busy machine may need all of it."""
STANDSTILL_S = 10
"""Longest time that a page may not look at itself."""


@dataclass(eq=False)
class Tab:
    """One page in a Chromium of its own, and what its console complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def until(self, expression: str, within_s: float = PATIENCE_S) -> None:
        """Wait until a JavaScript expression is true; AssertionError after `within_s`.

        Playwright's own wait evaluates text inside the page, which its Content-Security-Policy rightly refuses. The
        page itself looks: each look from here would go through three processes.
        """
        give_up = time.monotonic() + within_s
        while not await self._came_true(expression, max(0.0, give_up - time.monotonic())):
            assert time.monotonic() < give_up, f"not within {within_s} s: {expression}; {await self.told()}"

    async def _came_true(self, expression: str, within_s: float) -> bool:
        """Wait in the page. Return False where it did not come true, or where the page was loaded again meanwhile."""
        try:
            async with asyncio.timeout(within_s + STANDSTILL_S):
                return bool(await self.page.evaluate(WAIT % (1000 * within_s, expression)))
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
            return False

    async def told(self) -> str:
        """Return what a person sees now, for the message of a failing test."""
        # Playwright's inner_text would wait for what a page that did not start never shows.
        told = await self.page.evaluate("document.body.innerText")
        return f"{told!r}; console: {self.complaints}"

    async def open(self, url: str) -> None:
        """Load the page and wait until it knows the server's languages."""
        await self.page.goto(url)
        await self.until("!document.getElementById('create-button').disabled")


class Running:
    """Chromium processes by executable and arguments. Each is started when it is first asked for."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self._started: dict[tuple[str, ...], Browser] = {}
        self._starting = asyncio.Lock()

    async def browser(self, executable: str, args: Sequence[str]) -> Browser:
        """Return the one that was started with these, or start it."""
        async with self._starting:
            key = (executable, *args)
            if key not in self._started:
                launched = self.playwright.chromium.launch(executable_path=executable, args=list(args))
                self._started[key] = await launched
            return self._started[key]

    async def close(self) -> None:
        """End them all."""
        for browser in self._started.values():
            await browser.close()


class Browsers:
    """Opens tabs, each in a context of its own; all of them end with the `async with` of `running_browsers`.

    `shared` are browsers for tabs that ask for nothing special. `executable` starts those of this test.
    """

    def __init__(self, shared: Running, executable: str) -> None:
        self._shared = shared
        self._executable = executable
        self._own = Running(shared.playwright)
        self._contexts: list[BrowserContext] = []

    async def tab(
        self, *arguments: str, microphone: Path | None = None, locale: str = "en-US", fake: bool = True,
        executable: str | None = None, **context: Any,
    ) -> Tab:  # fmt: skip
        """Open a tab; `microphone` is played once, as from the moment that the page opens the device."""
        args = [*QUIET, *(FAKE_MICROPHONE if fake else ()), *arguments]
        if microphone is not None:
            args.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
        running = self._shared if args == COMMON and executable is None else self._own
        browser = await running.browser(executable or self._executable, args)
        made = await browser.new_context(**{"locale": locale, **ALONE, **context})
        self._contexts.append(made)
        return watched(await made.new_page())

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Self]:
        """Yield a starter like this one, whose tabs end with the block: each that is left open costs time."""
        inner = type(self)(self._shared, self._executable)
        try:
            yield inner
        finally:
            await inner.close()

    async def close(self) -> None:
        """End what was started here."""
        for context in self._contexts:
            await context.close()
        await self._own.close()


def watched(page: Page) -> Tab:
    """Return the page as a Tab that remembers what its console complains of."""
    tab = Tab(page)
    page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and tab.complaints.append(line.text))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: check_socket(json.loads(text))))
    return tab


@asynccontextmanager
async def running_browsers(shared: Running, executable: str = EXECUTABLE) -> AsyncIterator[Browsers]:
    """Yield a `Browsers`; closes what it started."""
    browsers = Browsers(shared, executable)
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
