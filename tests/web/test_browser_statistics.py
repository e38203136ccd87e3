"""The browser's own figures (W3C webrtc-stats) of what our server sends: nothing concealed, a short jitter buffer."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from clients.sound.wav import load
from tests.kit.chromium import Browsers, Tab, speech_file
from tests.kit.extent import extent
from tests.kit.packet_caller import Caller
from tests.kit.page_meeting import IN_CALL
from tests.kit.server_process import UNLIMITED, Server
from tests.kit.tones import encoded

pytestmark = pytest.mark.real_time

LOSS = 0.02
SAID = "The hotel is next to the bank. The museum opens at nine. Breakfast costs seven euros.", 1.2
CLEAN, LOSSY = SAID * extent(2, 3), SAID * extent(3, 5)  # about 7 s each
EVERY_MS = 100
SETTLING = 20  # readings after the first packet, in which NetEq fills its buffer

CONCEALED, CONCEALED_IN_ALL = 0.01, 0.03
STALLED = 0.05
"""Share of the readings, the worst: a stall of the machine costs a few, and they may hold 3 % of the sound, no more."""
BUFFER_MS = 80.0
"""NetEq takes 20 to 35 ms on a clean loopback, and about 100 where our server stops for 90 ms at every tenth packet."""
PER_LOST = 1.0
"""Packets' worth concealed for each lost: most single losses are recovered from the packet after (in-band FEC), and
0.2 were seen."""

REMEMBER = """
    globalThis.connections = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...all) { super(...all); connections.push(this); }
    };
"""
READ = """everyMs => {
    globalThis.readings = [];
    setInterval(async () => {
        const lines = [];
        for (const one of (await connections.at(-1).getStats()).values()) {
            if (one.type === "inbound-rtp" && one.kind === "audio") lines.push(one);
        }
        readings.push(lines.sort((one, other) => Number(one.mid) - Number(other.mid)));
    }, everyMs);
}"""
COUNTERS = (
    "packetsReceived",
    "packetsLost",
    "totalSamplesReceived",
    "concealedSamples",
    "jitterBufferDelay",
    "jitterBufferEmittedCount",
)


@dataclass(frozen=True)
class Figures:
    """Figures of one line while packets flowed; `lost` is of all the time.

    `concealed` is a share, `usually` the same without the worst readings, and `buffer_ms` a mean.
    """

    seconds: float
    lost: int
    concealed: float
    usually: float
    buffer_ms: float

    @property
    def packets(self) -> float:
        """Return the number of packets that were concealed."""
        return self.concealed * self.seconds * 50

    def __str__(self) -> str:
        return (
            f"{self.seconds:.1f} s, {self.lost} packets lost, {self.concealed:.2%} concealed (usually "
            f"{self.usually:.2%}; {self.packets:.1f} packets' worth), jitter buffer {self.buffer_ms:.0f} ms"
        )


def figures(readings: list[list[dict[str, float]]], line: int) -> Figures:
    """Return the rise of a line's counters between readings where packets came, and came just before and after.

    Between talkspurts nothing is sent; a browser's filling there conceals nothing.
    """
    seen = [[float(reading[line].get(name, 0)) for name in COUNTERS] for reading in readings if len(reading) > line]
    rises = [[after - before for before, after in zip(*pair, strict=True)] for pair in pairwise(seen)]
    first = next((place for place, rise in enumerate(rises) if rise[0]), len(rises))
    flowing = [
        here
        for before, here, after in zip(rises[first:], rises[first + 1 :], rises[first + 2 :], strict=False)
        if before[0] and here[0] and after[0]
    ][SETTLING:]
    assert len(flowing) > 50, f"packets came for {len(flowing) * EVERY_MS / 1000} s"
    for rise in flowing:
        rise[3] = max(0.0, rise[3])  # NetEq takes back what it filled in before a talkspurt that came early
    _, _, samples, concealed, delay, emitted = (sum(column) for column in zip(*flowing, strict=True))
    calm = sorted((rise[3], rise[2]) for rise in flowing)[: round(len(flowing) * (1 - STALLED))]
    return Figures(
        seconds=samples / 48_000,
        lost=round(seen[-1][COUNTERS.index("packetsLost")]),
        concealed=concealed / samples,
        usually=sum(filled for filled, _ in calm) / sum(whole for _, whole in calm),
        buffer_ms=delay / emitted * 1000,
    )


@pytest.fixture(scope="module")
def talker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose interpreter says a tone of 3 s after whatever was said."""
    engines = {
        "DRAGOMAN_MODELS": "scripted",
        "DRAGOMAN_STT": 'scripted:{"texts": {"en": "word", "es": "palabra"}}',
        "DRAGOMAN_TTS": 'scripted:{"seconds": 3.0, "tone_hz": 400}',
    }
    with Server(tmp_path_factory.mktemp("talker"), **UNLIMITED, **engines) as server:
        yield server.url


@asynccontextmanager
async def listening(browsers: Browsers, url: str, folder: Path) -> AsyncIterator[tuple[Caller, Tab]]:
    """Ana is a headless speaker, Luis listens in a Chromium that remembers its connections and is read from."""
    silence = speech_file(folder / "silence.wav", "es", 120.0)
    luis = await browsers.tab(microphone=silence, locale="es-ES")
    await luis.page.add_init_script(REMEMBER)
    await luis.open(url)
    async with Caller(url) as ana:
        await ana.sign_in("Ana")
        await ana.create("en")
        await luis.page.fill("#name", "Luis")
        await luis.page.select_option("#language", "es")
        await luis.page.fill("#code", ana.session_code)
        await luis.page.click("#join-button")
        await ana.connect()
        await ana.offer()
        await luis.until(IN_CALL)
        await luis.page.evaluate(READ, EVERY_MS)
        yield ana, luis
        await ana.leave()


async def heard(ana: Caller, luis: Tab, packets: list[bytes]) -> tuple[Figures, Figures]:
    """Ana says it; what Luis's browser counted of the interpreter and of her own voice."""
    await ana.speak(packets)
    await asyncio.sleep(2 * EVERY_MS / 1000)
    readings = json.loads(await luis.page.evaluate("JSON.stringify(readings)"))
    return figures(readings, 0), figures(readings, 1)


def speech(folder: Path, *parts: str | float) -> list[bytes]:
    return encoded(load(speech_file(folder / "ana.wav", "en-us", *parts)))


async def test_on_a_clean_way_nothing_is_concealed(browsers: Browsers, talker_url: str, tmp_path: Path) -> None:
    async with listening(browsers, talker_url, tmp_path) as (ana, luis):
        interpreter, original = await heard(ana, luis, speech(tmp_path, *CLEAN))
    print(f"\ninterpreter: {interpreter}\noriginal: {original}")
    for line in (interpreter, original):
        assert line.lost == 0
        assert line.usually < CONCEALED
        assert line.concealed < CONCEALED_IN_ALL
        assert 0 < line.buffer_ms < BUFFER_MS


async def test_what_the_speaker_loses_is_not_lost_twice(browsers: Browsers, talker_url: str, tmp_path: Path) -> None:
    """2 % of the speaker's packets never reach the server. The interpreter's stream is our own, and whole; the gaps
    of the original voice are true ones, which the browser's own FEC and concealment fill."""
    chance = random.Random(2)
    lost: list[int] = []

    def loses(number: int) -> bool:
        if chance.random() < LOSS:
            lost.append(number)
        return number in lost[-1:]

    packets = speech(tmp_path, *LOSSY)
    async with listening(browsers, talker_url, tmp_path) as (ana, luis):
        ana.media.lost = loses
        interpreter, original = await heard(ana, luis, packets)
    print(f"\n{len(lost)} of {len(packets)} packets lost\ninterpreter: {interpreter}\noriginal: {original}")
    assert len(lost) > 0.01 * len(packets)
    assert interpreter.lost == 0
    assert interpreter.usually < CONCEALED
    assert interpreter.concealed < CONCEALED_IN_ALL
    assert original.lost == pytest.approx(len(lost), abs=2), "the gaps are true ones: no more, no fewer"
    assert 0 < original.packets <= PER_LOST * original.lost
