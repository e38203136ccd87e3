"""Pauses in transmission, however a client makes them: every packet of voice is heard once, and nothing is invented."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.rtp.opus import Encoder
from media.rtp.packets import RtpPacket
from media.rtp.receiver import Receiver
from pipeline.engines.scripted import tone
from pipeline.speech import Frame

TICKS = 960


@dataclass(frozen=True)
class Pauses:
    """A client's way of falling silent.

    `update_s`: time between packets without speech, none at all if None. `counts`: true if its RTP clock goes on in a
    pause. `numbers`: true if its sequence numbers go on for packets that it does not send.
    """

    update_s: float | None = 0.4
    payload: bytes = b"\xf8"
    counts: bool = True
    numbers: bool = False
    level: int | None = None
    marker: bool = True


def voice() -> list[bytes]:
    pcm, encoder = tone(440, 0.4, 48_000), Encoder(48_000)
    return [encoder.encode(pcm[at : at + 1920]) for at in range(0, len(pcm), 1920)]


VOICE = voice()


def spoken(pauses: Pauses, gaps_s: list[float], late: random.Random | None = None) -> tuple[list[Frame], Receiver, int]:
    """Return what is heard of talkspurts of 0.4 s with pauses of `gaps_s` between them, and the packets of voice."""
    frames: list[Frame] = []
    receiver = Receiver(frames.append)
    now, timestamp, sequence, count = 5.0, 70_000, 65_500, 0

    def send(payload: bytes, *, marker: bool = False) -> None:
        nonlocal sequence
        arrived = now + (late.random() * 0.015 if late is not None else 0.0)
        packet = RtpPacket(111, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 9, marker, payload, pauses.level)
        receiver.receive(packet, arrived, arrived * 1000)
        receiver.poll(now + 0.019, (now + 0.019) * 1000)
        sequence += 1

    for gap_s in [*gaps_s, 0.0]:
        for n, payload in enumerate(VOICE):
            send(payload, marker=pauses.marker and n == 0)
            now, timestamp, count = now + 0.02, timestamp + TICKS, count + 1
        until = now + gap_s
        while now < until - 0.001:
            step = min(pauses.update_s or gap_s, until - now)
            if pauses.update_s is not None:
                send(pauses.payload)
            skipped = round(step / 0.02)
            now += step
            timestamp += skipped * TICKS if pauses.counts else (TICKS if pauses.update_s is not None else 0)
            sequence += (skipped - 1) * pauses.numbers
    receiver.poll(now + 1, (now + 1) * 1000)
    return frames, receiver, count


def check(frames: list[Frame], receiver: Receiver, count: int) -> None:
    times = [frame.start_ms for frame in frames]
    assert times == sorted(set(times)), "in order, and never twice"
    assert sum(bool(frame.pcm) for frame in frames) >= count
    assert receiver.statistics.undecodable == receiver.statistics.dropped == 0


WAYS = {
    f"{update} {payload!r} counts={counts} level={level}": Pauses(update, payload, counts, level=level)
    for update, payload, counts, level in itertools.product(
        (None, 0.1, 0.4), (b"\xf8", b"\xf8\x00", b"\xf8\xff\xfe"), (True, False), (None, 127, 90)
    )
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_of_falling_silent(name: str) -> None:
    frames, receiver, count = spoken(WAYS[name], [0.5, 1.0, 0.2, 4.0, 0.06])
    check(frames, receiver, count)
    if WAYS[name].payload != b"\xf8\xff\xfe":
        assert sum(bool(frame.pcm) for frame in frames) == count, "nothing is concealed or invented"
    assert receiver.statistics.holes == 0


def test_a_client_that_numbers_what_it_does_not_send() -> None:
    """Its pauses look like losses: a little may be concealed, and no voice is lost."""
    frames, receiver, count = spoken(Pauses(numbers=True), [0.5, 1.0, 2.0])
    check(frames, receiver, count)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.02, 0.06, 0.1, 0.2, 0.4, 0.5, 1.0, 3.0, 8.0]), min_size=1, max_size=8),
    st.sampled_from([None, 0.02, 0.1, 0.4, 1.0]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 0, 60, 90, 127]),
    st.integers(0, 2**32),
)
def test_any_pauses_in_any_order(
    gaps_s: list[float], update_s: float | None, counts: bool, marker: bool, level: int | None, seed: int
) -> None:
    pauses = Pauses(update_s, counts=counts, level=level, marker=marker)
    check(*spoken(pauses, gaps_s, random.Random(seed)))
