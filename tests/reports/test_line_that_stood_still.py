"""Behind a stall of up to 5 s all that arrives is heard, once and in order; what we drop is dropped, and never lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.call_figures import connection_quality
from media.rtp.opus import Encoder
from media.rtp.packets import RtpPacket, build
from media.rtp.peer_budget import CATCH_UP_S, MAX_BITS_PER_S
from media.rtp.receiver import Receiver
from media.rtp.statistics import SenderStatistics
from media.subtitles.client_messages import ClientStats
from media.webrtc.peer import Peer, PeerListener
from media.webrtc.sdp_offer import parse_offer
from pipeline.engines.scripted import strongest_hz, tone
from pipeline.speech import Frame
from testing.virtual_clock import virtually
from tests.kit.sdp_offers import chromium
from tests.kit.tones import packets

SSRC = 1399694169
REPORT = b"\x80\xc9\x00\x01\x00\x00\x00\x07"


class Ear(PeerListener):
    """A participant's ear on one connection, without a partner."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.forwarded: list[int] = []
        self.receiver = Receiver(self.frames.append)
        self.loop = asyncio.get_running_loop()
        self.peer = Peer(parse_offer(chromium("Aad")))
        self.peer._listener = self

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        self.forwarded.append(packet.sequence)
        self.receiver.receive(packet, now, now * 1000)

    def rtp_over_budget(self, packet: RtpPacket, now: float) -> None:
        self.receiver.refuse(packet, now)

    async def take(self, datagrams: Iterable[tuple[float, bytes]]) -> None:
        """Receive each at its time, in s from now; the room's slots pass meanwhile."""
        begin = slot = self.loop.time()
        for at, data in datagrams:
            while slot + 0.02 <= begin + at:
                slot += 0.02
                await self._until(slot)
                self.receiver.poll(slot, slot * 1000)
            await self._until(begin + at)
            self.peer._receive_rtp(data)

    async def _until(self, at: float) -> None:
        if at > self.loop.time():
            await asyncio.sleep(at - self.loop.time())

    @property
    def quality(self) -> dict[str, int]:
        found = connection_quality(self.receiver.statistics, SenderStatistics(), ClientStats())
        return {"packets": found.sent_packets, "lost": found.sent_lost, "dropped": found.sent_dropped}


def stream(payloads: list[bytes], ms: int = 20, first: int = 100) -> list[bytes]:
    return [
        build(111, (first + n) & 0xFFFF, 7000 + n * ms * 48, SSRC, one, marker=n == 0) for n, one in enumerate(payloads)
    ]


def in_bursts(at: float, n: int) -> float:
    """20 packets every 5 ms, as in the report."""
    return at + n // 20 * 0.005


SHAPES: dict[str, Callable[[float, int], float]] = {
    "20 every 5 ms": in_bursts,
    "all at once": lambda at, n: at,
    "one a millisecond": lambda at, n: at + n * 0.001,
    "100 every 100 ms": lambda at, n: at + n // 100 * 0.1,
    "twice as fast as spoken": lambda at, n: at + n * 0.01,
}


def held(
    data: list[bytes], after: int, stall_s: float, ms: int = 20, shape: Callable[[float, int], float] = in_bursts
) -> list[tuple[float, bytes]]:
    """Return datagrams with their times of arrival: the line stands still after `after` packets, for `stall_s`."""
    back_at = after * ms / 1000 + stall_s
    found = []
    for n, one in enumerate(data):
        due = n * ms / 1000
        found.append((due if n < after else max(due, shape(back_at, n - after)), one))
    return found


@pytest.mark.parametrize("stall_s", [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
@virtually
async def test_the_reported_stalls(stall_s: float) -> None:
    ear = Ear()
    data = stream(packets(440, 6.0))
    assert len(data) == 308
    await ear.take(held(data, 50, stall_s))
    assert ear.forwarded == list(range(100, 408))
    assert ear.quality == {"packets": 308, "lost": 0, "dropped": 0}
    check_order(ear.frames, 308)
    assert strongest_hz(b"".join(frame.pcm for frame in ear.frames)) == pytest.approx(440, abs=3)


def check_order(frames: list[Frame], count: int) -> None:
    times = [frame.start_ms for frame in frames]
    assert len(frames) == count and times == sorted(set(times))


@pytest.mark.parametrize("ms", [10, 20, 40, 60])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stall_s", [1.0, 2.5, 5.0])
@virtually
async def test_stalls_of_any_length_shape_and_packet(stall_s: float, shape: str, ms: int) -> None:
    encoder, pcm, size = Encoder(48_000), tone(440, 8.4, 48_000), 96 * ms
    payloads = [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]
    ear = Ear()
    await ear.take(held(stream(payloads, ms), 60 // ms * 10, stall_s, ms, SHAPES[shape]))
    assert ear.quality == {"packets": len(payloads), "lost": 0, "dropped": 0}
    check_order(ear.frames, 420)


@virtually
async def test_one_stall_after_another() -> None:
    """Ten stalls of 3 s, with 2 s of a good line in between."""
    ear, data = Ear(), stream(packets(440, 50.0))
    await ear.take((max(n * 0.02, n * 0.02 // 5 * 5 + 3), one) for n, one in enumerate(data))
    assert ear.quality == {"packets": len(data), "lost": 0, "dropped": 0}
    check_order(ear.frames, len(data))


@pytest.mark.parametrize("stall_s", [1.0, 3.0, 5.0])
@virtually
async def test_a_stall_that_begins_in_discontinuous_transmission(stall_s: float) -> None:
    """Silence by DTX, then a sentence that is held; every frame of it is heard."""
    ear, encoder = Ear(), Encoder(48_000)
    pcm = tone(440, 2.0, 48_000)
    voice = [encoder.encode(pcm[at : at + 1920]) for at in range(0, len(pcm), 1920)]
    quiet = [(n * 0.4, build(111, 100 + n, 7000 + n * 19_200, SSRC, b"\xf8")) for n in range(5)]
    spoken = [
        (2.0 + stall_s + n * 0.0005, build(111, 105 + n, 7000 + 5 * 19_200 + n * 960, SSRC, one))
        for n, one in enumerate(voice)
    ]
    await ear.take([*quiet, *spoken])
    check_order(ear.frames, 105)
    assert all(frame.pcm for frame in ear.frames[5:])
    assert ear.quality == {"packets": 105, "lost": 0, "dropped": 0}


@virtually
async def test_what_is_dropped_is_counted_as_dropped_and_not_as_lost() -> None:
    """Half a minute of voice at once: more than anybody can have said in a stall."""
    ear = Ear()
    data = stream(packets(440, 30.0))
    await ear.take((0.0, one) for one in data)
    quality = ear.quality
    assert quality["packets"] == len(data) and quality["lost"] == 0
    assert quality["dropped"] == len(data) - len(ear.frames) > 1000
    report = ear.receiver.statistics.report()
    assert report is not None and (report.fraction_lost, report.packets_lost) == (0, 0), "nor is it in RTCP"


@virtually
async def test_true_losses_are_still_losses() -> None:
    ear = Ear()
    data = stream(packets(440, 4.0))
    await ear.take([pair for n, pair in enumerate(held(data, 50, 2.0)) if n % 10])
    assert ear.quality["lost"] == len(data) // 10 and ear.quality["dropped"] == 0


@virtually
async def test_reports_and_other_sources_cost_the_microphone_nothing() -> None:
    ear, data = Ear(), stream(packets(440, 6.0))
    await ear.take(held(data[:5], 5, 0.0))
    for n in range(2000):
        ear.peer._receive_rtp(build(111, n, n * 960, 0x12345678, b"foreign"))
        ear.peer._receive_rtcp(REPORT)
    await ear.take(held(data[5:], 0, 5.0))
    assert ear.quality == {"packets": 308, "lost": 0, "dropped": 0}
    check_order(ear.frames, 308)
    assert ear.peer.microphone.foreign == 2000 and ear.peer.dropped > 1000, "surplus reports"


@virtually
async def test_packets_that_were_held_cost_their_own_bytes() -> None:
    """A source that takes over brings what was held of it: a small packet behind large ones opens no door for them."""
    ear, rounds = Ear(), 10
    ear.peer._receive_rtp(build(111, 0, 0, SSRC, b"first"))
    for source in range(1, 1 + rounds):
        for n in range(99):
            ear.peer._receive_rtp(build(111, n, n * 960, source, bytes(1400)))
        await asyncio.sleep(0.7)
        ear.peer._receive_rtp(build(111, 99, 99 * 960, source, b"small"))
    assert len(ear.forwarded) == 1 + rounds * 100 - ear.quality["dropped"], "each came, and was let in or dropped"
    let_in_a_second = MAX_BITS_PER_S / 8
    assert len(ear.forwarded) * 1400 < let_in_a_second * (CATCH_UP_S + 0.7 * rounds) + 1400 * 2 * rounds


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(10, 150), st.floats(0, 5)), min_size=1, max_size=4), st.integers(0, 2**32))
def test_any_stalls_with_any_reordering(stalls: list[tuple[int, float]], seed: int) -> None:
    """Pairs that come the wrong way round are put in order, too."""

    @virtually
    async def run() -> None:
        ear, chance, left = Ear(), random.Random(seed), list(stalls)
        data = stream(packets(440, 12.0))
        arriving: list[tuple[float, bytes]] = []
        late, until = 0.0, 0
        for n, one in enumerate(data):
            due = n * 0.02
            if n == until and left:
                good, stall_s = left.pop()
                until, late = n + good, due + stall_s
            arriving.append((max(due, late), one))
        for n in range(2, len(arriving) - 1, 2):  # what comes before the first packet is no part of the stream
            if chance.random() < 0.1 and arriving[n][0] == arriving[n + 1][0]:
                arriving[n], arriving[n + 1] = arriving[n + 1], arriving[n]
        await ear.take(arriving)
        assert ear.quality == {"packets": len(data), "lost": 0, "dropped": 0}
        check_order(ear.frames, len(data))

    run()
