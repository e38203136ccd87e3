"""A client's audio levels (RFC 6464) are a hint: whatever they say, a voice is decoded, and silence stays cheap."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.sound.opus import FRAME, Encoder
from media.rtp.opus import Encoder as VoiceEncoder
from media.rtp.packets import RtpPacket
from media.rtp.receiver import Receiver
from pipeline.engines.scripted import strongest_hz, tone
from pipeline.speech import FRAME_BYTES, Frame
from tests.kit.tones import packets

RATE = 48_000
TICKS = 960
SOUND = 100
"""Packets with a tone in the reported input; 8 of silence follow."""
Level = Callable[[int, bool], int | None]
"""The level of the n-th packet, which holds sound or not."""

REPORTED: dict[str, Level] = {
    "true": lambda n, sound: 20 if sound else 127,
    "none": lambda n, sound: None,
    "all 89": lambda n, sound: 89,
    "all 90": lambda n, sound: 90,
    "all 127": lambda n, sound: 127,
    "upside down": lambda n, sound: 100 if sound else 0,
}

GENERATED: dict[str, Level] = {
    **{f"all {level}": (lambda n, sound, level=level: level) for level in (0, 1, 30, 60, 88, 91, 95, 100, 110, 126)},
    "every other": lambda n, sound: (20, 127)[n % 2],
    "every tenth": lambda n, sound: 127 if n % 10 else 20,
    "the first second": lambda n, sound: 127 if n < 50 else 20,
    "the second second": lambda n, sound: 20 if n < 50 else 127,
    "bursts of 3": lambda n, sound: (20, 127)[n // 3 % 2],
    "bursts of 7": lambda n, sound: (127, 20)[n // 7 % 2],
    "dB where -dB is meant": lambda n, sound: 127 - 20 if sound else 0,
    "percent": lambda n, sound: 80 if sound else 0,
    "absent in sound": lambda n, sound: None if sound else 127,
    "absent in silence": lambda n, sound: 127 if sound else None,
    "falling": lambda n, sound: min(127, n),
    "rising": lambda n, sound: max(0, 127 - n),
    "drawn": lambda n, sound: random.Random(n).randrange(128),
}


def sent(payloads: list[bytes], level: Level) -> list[RtpPacket]:
    return [
        RtpPacket(96, 500 + n, n * TICKS, 7, n == 0, payload, level(n, n < len(payloads) - 8))
        for n, payload in enumerate(payloads)
    ]


def heard(stream: list[RtpPacket], ticks: int = TICKS) -> tuple[list[Frame], Receiver]:
    frames: list[Frame] = []
    receiver = Receiver(frames.append)
    for n, packet in enumerate(stream):
        now = 1 + n * ticks / RATE
        receiver.receive(packet, now, now * 1000)
    return frames, receiver


def check_tone(frames: list[Frame], hz: float, seconds: float) -> None:
    """The whole tone was decoded, frame by frame."""
    sounding = [frame for frame in frames if len(frame.pcm) == FRAME_BYTES]
    pcm = b"".join(frame.pcm for frame in sounding)
    assert strongest_hz(pcm) == pytest.approx(hz, abs=3)
    loud = [frame for frame in sounding if np.abs(np.frombuffer(frame.pcm, np.int16).astype(int)).max() > 500]
    assert len(loud) >= seconds * 50 - 3


@pytest.mark.parametrize("name", REPORTED)
def test_the_reported_levels(name: str) -> None:
    payloads = packets(440, 2.0)
    assert len(payloads) == SOUND + 8
    frames, _ = heard(sent(payloads, REPORTED[name]))
    assert len(frames) == SOUND + 8, "time stays whole"
    check_tone(frames, 440, 2.0)


@pytest.mark.parametrize("name", GENERATED)
def test_levels_of_every_pattern(name: str) -> None:
    frames, _ = heard(sent(packets(440, 2.0), GENERATED[name]))
    assert len(frames) == SOUND + 8
    check_tone(frames, 440, 2.0)


@pytest.mark.parametrize("bitrate", [6_000, 8_000, 10_000, 12_000, 16_000, 24_000, 64_000])
@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_voices_of_every_rate_and_length_are_decoded_though_their_level_says_silence(bitrate: int, ms: int) -> None:
    """6 kbit/s is the least at which Opus codes a voice."""
    encoder = VoiceEncoder(RATE, bitrate=bitrate)
    size = RATE * ms // 1000 * 2
    pcm = tone(440, 1.2, RATE)
    payloads = [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]
    ticks = RATE * ms // 1000
    stream = [RtpPacket(96, n, n * ticks, 7, n == 0, payload, 127) for n, payload in enumerate(payloads)]
    frames, receiver = heard(stream, ticks)
    check_tone(frames, 440, 1.1)
    assert receiver.statistics.wrong_levels == 1, "it is counted, once for a stream"


def test_digital_silence_with_its_level_is_not_decoded() -> None:
    """An encoder with FEC makes 21 bytes of it: so much is believed once the levels were right for a voice."""
    encoder = Encoder()
    silence = [encoder.encode(np.zeros(FRAME, np.int16)) for _ in range(100)]
    payloads = packets(440, 0.4)[:20] + silence
    stream = [RtpPacket(96, n, n * TICKS, 7, n == 0, one, 20 if n < 20 else 127) for n, one in enumerate(payloads)]
    frames, receiver = heard(stream)
    assert [bool(frame.pcm) for frame in frames] == [True] * 20 + [False] * 100
    assert receiver.statistics.wrong_levels == 0


def test_true_levels_are_never_counted_as_wrong() -> None:
    """The codec's delay makes the first silent frame behind a voice sound: that refutes no level."""
    payloads = [payload for hz in (300, 440, 700, 1000, 1500) for payload in packets(hz, 0.3)]
    levels = [20 if n % 23 < 15 else 127 for n in range(len(payloads))]
    stream = [RtpPacket(96, n, n * TICKS, 7, False, one, levels[n]) for n, one in enumerate(payloads)]
    _, receiver = heard(stream)
    assert receiver.statistics.wrong_levels == 0


def test_another_source_begins_with_belief() -> None:
    payloads = packets(440, 1.0)
    _, receiver = heard(sent(payloads, REPORTED["all 127"]))
    assert receiver.statistics.wrong_levels == 1
    again = [RtpPacket(96, 9000 + n, n * TICKS, 8, False, payload, 127) for n, payload in enumerate(payloads)]
    for n, packet in enumerate(again):
        receiver.receive(packet, 10 + n / 50, 10_000 + n * 20)
    assert receiver.statistics.wrong_levels == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.integers(0, 127), min_size=58, max_size=58))
def test_no_pattern_of_levels_cuts_a_word(levels: list[int | None]) -> None:
    payloads = packets(440, 1.0)
    frames, _ = heard(sent(payloads, lambda n, sound: levels[n]))
    assert [frame.start_ms for frame in frames] == [1000 + n * 20 for n in range(58)]
    check_tone(frames, 440, 1.0)
