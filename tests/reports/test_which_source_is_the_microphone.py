"""Two sources on one connection: the microphone is heard, the other dropped and counted, a changed one believed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packets import HeaderExtensions, RtpPacket, build, parse
from media.webrtc.microphone_source import FEW, FEW_DECLARED, MAX_HELD, MicrophoneSource, audio_lines
from media.webrtc.sdp_offer import parse_offer
from tests.kit.sdp_offers import chromium

MINE, FOREIGN = 1399694169, 0x12345678
"""The source that the offer declares for its microphone, and one that it does not name."""


def source(offer: str | None = None, *, declared: bool = True) -> MicrophoneSource:
    text = chromium("Aad") if offer is None else offer
    if not declared:
        text = "".join(row for row in text.splitlines(keepends=True) if not row.startswith("a=ssrc"))
    parsed = parse_offer(text)
    return MicrophoneSource(audio_lines(parsed.audio[0], parsed.m_lines))


def packet(number: int, ssrc: int = MINE, *, mid: str | None = None, payload_type: int = 111) -> RtpPacket:
    return RtpPacket(payload_type, number & 0xFFFF, number * 960, ssrc, False, b"%d" % number, mid=mid)


class Line:
    """Packets as they come every 20 ms, and the numbers of those that are heard of each source."""

    def __init__(self, microphone: MicrophoneSource) -> None:
        self.microphone = microphone
        self.now = 100.0
        self.chosen: list[RtpPacket] = []

    def take(self, *packets: RtpPacket, after: float = 0.02) -> Line:
        self.now += after
        for one in packets:
            self.chosen += self.microphone.choose(one, self.now)
        return self

    def heard(self, ssrc: int) -> list[int]:
        return [int(one.payload) for one in self.chosen if one.ssrc == ssrc]


@pytest.mark.parametrize("number", ["9" * 5000, "1000", "\u0661\u0661\u0661", "x"])
def test_a_format_that_is_no_payload_type_is_ignored(number: str) -> None:
    """Python reads no number of more than 4300 digits: such an offer was answered as a defect of ours."""
    offer = chromium("Aad").replace("SAVPF 111", f"SAVPF {number} 111", 1)
    assert number in offer
    line = Line(source(offer)).take(packet(1), packet(2))
    assert line.heard(MINE) == [1, 2]


def test_the_reported_second_source_is_not_heard() -> None:
    """158 packets of the microphone, after each of them one of another source; and the control without it."""
    for foreign in (True, False):
        line = Line(source())
        for n in range(158):
            line.take(packet(n), *([packet(1000 + n, FOREIGN)] if foreign else []))
        assert line.heard(MINE) == list(range(158)) and line.heard(FOREIGN) == []
        assert line.microphone.foreign >= 150 * foreign, "it is counted; a few may be held yet"


INTERLEAVED = {
    "before each": lambda n: [(FOREIGN, 1), (MINE, 1)],
    "after each": lambda n: [(MINE, 1), (FOREIGN, 1)],
    "two after each": lambda n: [(MINE, 1), (FOREIGN, 2)],
    "three before each": lambda n: [(FOREIGN, 3), (MINE, 1)],
    "ten after each": lambda n: [(MINE, 1), (FOREIGN, 10)],
    "now and then": lambda n: [(MINE, 1), (FOREIGN, int(n % 7 == 0))],
    "first": lambda n: [(FOREIGN, int(n == 0)), (MINE, 1)],
    "four at first": lambda n: [(FOREIGN, 4 * (n == 0)), (MINE, 1)],
    "in bursts of 5": lambda n: [(MINE, 5 * (n % 5 == 0)), (FOREIGN, 5 * (n % 5 == 0))],
    "in bursts of 20": lambda n: [(MINE, 20 * (n % 20 == 0)), (FOREIGN, 20 * (n % 20 == 0))],
    "two others": lambda n: [(MINE, 1), (FOREIGN, 1), (FOREIGN + 1, 1)],
    "another each time": lambda n: [(MINE, 1), (FOREIGN + n, 1)],
}


FOREIGN_FIRST = ("before each", "three before each", "first", "four at first")
"""Here only the offer can tell which of them is the microphone."""


@pytest.mark.parametrize(
    ("pattern", "declared"),
    [
        (pattern, declared)
        for pattern in INTERLEAVED
        for declared in (True, False)
        if declared or pattern not in FOREIGN_FIRST
    ],
)
def test_interleaved_sources(pattern: str, declared: bool) -> None:
    """The source that came first is the microphone, unless the offer declares another."""
    line, numbers = Line(source(declared=declared)), dict[int, int]()

    def next_of(ssrc: int) -> RtpPacket:
        numbers[ssrc] = numbers.get(ssrc, 0) + 1
        return packet(numbers[ssrc], ssrc)

    for n in range(200):
        line.take(*(next_of(ssrc) for ssrc, count in INTERLEAVED[pattern](n) for _ in range(count)))
    assert line.heard(MINE) == list(range(1, numbers[MINE] + 1))
    assert {one.ssrc for one in line.chosen} == {MINE}


@pytest.mark.parametrize("gap_s", [0.02, 0.1, 0.4, 1.0, 5.0])
@pytest.mark.parametrize("declared", [True, False])
def test_a_changed_source_is_believed_and_no_packet_of_it_is_lost(declared: bool, gap_s: float) -> None:
    line = Line(source(declared=declared))
    for n in range(50):
        line.take(packet(n))
    line.take(after=gap_s)
    for n in range(100):
        line.take(packet(n, FOREIGN))
    assert line.heard(MINE) == list(range(50)) and line.heard(FOREIGN) == list(range(100))
    assert line.microphone.foreign == 0


def test_a_few_packets_in_a_row_after_a_silence_are_enough() -> None:
    line = Line(source())
    line.take(packet(0)).take(after=1.0)
    for n in range(FEW - 1):
        line.take(packet(n, FOREIGN))
    assert line.heard(FOREIGN) == []
    line.take(packet(FEW - 1, FOREIGN))
    assert line.heard(FOREIGN) == list(range(FEW))


def test_the_microphone_that_comes_back_from_a_silence_takes_over_again() -> None:
    """DTX, and another line that goes on: it may be taken for the microphone, but not for ever."""
    line = Line(source())
    line.take(packet(0))
    for n in range(100):
        line.take(packet(n, FOREIGN))
    for n in range(1, 50):
        line.take(packet(n), packet(100 + n, FOREIGN))
    assert line.heard(MINE) == list(range(50))
    assert max(line.heard(FOREIGN)) <= 100 + FEW_DECLARED


@pytest.mark.parametrize("period_s", [0.1, 0.2, 0.4])
def test_discontinuous_transmission_does_not_give_the_microphone_away(period_s: float) -> None:
    line = Line(source(declared=False))
    for n in range(20):
        line.take(packet(n))
        for _ in range(round(period_s / 0.02) - 1):
            line.take(packet(round(line.now * 50), FOREIGN))
    assert line.heard(MINE) == list(range(20)) and line.heard(FOREIGN) == []


# mid (RFC 8843): extension 4 of this offer


def test_the_mid_is_read() -> None:
    for extensions in (HeaderExtensions(4, b"0", 1), HeaderExtensions(4, b"audio-line", None)):
        data = build(111, 1, 2, 3, b"opus", extension=extensions.encode(20, True))
        found = parse(data, 1, 4)
        assert found.mid == extensions.mid.decode() and found.level == (None if extensions.level_id is None else 20)
        assert parse(data, 1).mid is None
    two_byte = b"\x90\x6f" + bytes(10) + b"\x10\x00\x00\x02" + b"\x04\x02ab" + b"\x01\x01\x14\x00"
    assert (parse(two_byte, 1, 4).mid, parse(two_byte, 1, 4).level) == ("ab", 20)
    assert parse(b"\x90\x6f" + bytes(10) + b"\xbe\xde\x00\x01" + b"\x40\xff\x00\x00", 1, 4).mid == "\ufffd"


@pytest.mark.parametrize("mids", ["always", "first packet", "first 20", "on the other only", "later only"])
def test_a_source_with_the_mid_of_another_line_is_never_the_microphone(mids: str) -> None:
    offer = chromium("AAd").replace("a=ssrc", "a=x-ssrc")
    line = Line(source(offer))
    for n in range(100):
        mine = {"always": True, "first packet": n == 0, "first 20": n < 20}.get(mids, mids == "later only" and n > 50)
        other = {"first packet": n == 0, "first 20": n < 20}.get(mids, True)
        line.take(packet(n, 1, mid="0" if mine else None), packet(n, 2, mid="1" if other else None))
    assert line.heard(1) == list(range(100)) and line.heard(2) == []
    assert line.microphone.elsewhere >= 99


def test_the_other_line_that_begins_first_is_left_as_soon_as_the_microphone_sends() -> None:
    line = Line(source(chromium("AAd").replace("a=ssrc", "a=x-ssrc")))
    for n in range(50):
        line.take(packet(n, 2, mid="1"))
    for n in range(50):
        line.take(packet(n, 1, mid="0"), packet(50 + n, 2, mid="1"))
    assert line.heard(1) == list(range(50)) and line.heard(2) == []


@pytest.mark.parametrize("mid", ["", "9", "audio", "\ufffd", "0 "])
def test_a_mid_that_the_offer_does_not_have_is_no_reason_to_be_deaf(mid: str) -> None:
    line = Line(source(declared=False))
    for n in range(20):
        line.take(packet(n, mid=mid))
    assert line.heard(MINE) == list(range(20))


def test_a_source_that_moves_to_another_line_is_no_longer_the_microphone() -> None:
    line = Line(source(chromium("AAd").replace("a=ssrc", "a=x-ssrc")))
    for n in range(20):
        line.take(packet(n, 1, mid="0"))
    for n in range(20):
        line.take(packet(n, 1, mid="1"), packet(n, 2, mid="0"))
    assert line.heard(1) == list(range(20)) and line.heard(2) == list(range(20))


# payload types


def twice_opus() -> str:
    """An offer with Opus under two numbers."""
    return chromium("Aad").replace("a=rtpmap:63 red/48000/2", "a=rtpmap:63 opus/48000/2")


@pytest.mark.parametrize(
    ("payload_type", "heard"),
    [(111, True), (63, True), (96, True), (127, True), (0, False), (8, False), (9, False), (13, False), (110, False)],
)
def test_every_number_of_opus_and_every_one_without_a_meaning_is_heard(payload_type: int, heard: bool) -> None:
    line = Line(source(twice_opus()))
    for n in range(10):
        line.take(packet(n, payload_type=payload_type))
    assert line.heard(MINE) == (list(range(10)) if heard else [])
    signal = payload_type in (13, 110)
    assert line.microphone.unknown == (0 if heard or signal else 10), "comfort noise and dialling tones are no voice"


def test_dialling_tones_amid_speech_are_left_out() -> None:
    line = Line(source())
    for n in range(30):
        line.take(packet(n, payload_type=126 if 10 <= n < 20 else 111))
    assert line.heard(MINE) == [*range(10), *range(20, 30)] and line.microphone.unknown == 0


def test_the_other_lines_number_of_opus_is_the_other_line() -> None:
    first, mark, second = chromium("AAd").replace("a=ssrc", "a=x-ssrc").rpartition("m=audio")
    offer = first + mark + second.replace("111", "109")
    line = Line(source(offer))
    for n in range(20):
        line.take(packet(n, 1), packet(n, 2, payload_type=109))
    assert line.heard(1) == list(range(20)) and line.heard(2) == []
    assert line.microphone.elsewhere == 20


def test_video_that_was_refused_is_no_audio_on_a_wrong_line() -> None:
    offer = chromium("Avd")
    line = Line(source(offer))
    for n in range(40):
        line.take(packet(n, 77, mid="1", payload_type=96), packet(n))
    assert line.heard(MINE) == list(range(40))
    assert (line.microphone.elsewhere, line.microphone.foreign, line.microphone.unplaced) == (0, 40, 0)


@given(st.integers(0, 2**32))
def test_whatever_comes_is_heard_once_in_order_or_counted(seed: int) -> None:
    chance = random.Random(seed)
    offer = chance.choice([chromium("AAd"), chromium("Aad"), chromium("A")])
    line, taken = Line(source(offer, declared=chance.random() < 0.5)), 0
    numbers = dict[int, int]()
    sources = [MINE, FOREIGN, 1, 2][: chance.randint(1, 4)]
    for _ in range(chance.randint(1, 300)):
        ssrc = chance.choice(sources)
        numbers[ssrc] = numbers.get(ssrc, 0) + 1
        mid = chance.choice([None, None, None, "0", "1", "x"])
        line.take(packet(numbers[ssrc], ssrc, mid=mid), after=chance.choice([0.0, 0.02, 0.02, 0.4, 1.0]))
        taken += 1
    for ssrc in sources:
        assert line.heard(ssrc) == sorted(set(line.heard(ssrc)))
    assert len(line.microphone._held) <= MAX_HELD
    assert len(line.chosen) + line.microphone.foreign + len(line.microphone._held) == taken
    assert "MicrophoneSource" in repr(line.microphone)


@given(st.integers(0, 2**32))
def test_a_single_source_is_always_heard_whatever_its_headers_say(seed: int) -> None:
    """The one thing that may keep it out is the mid, or the declaration, of another line."""
    chance = random.Random(seed)
    microphone, ssrc = source(declared=chance.random() < 0.5), chance.choice([MINE, 5, 0, 2**32 - 1])
    first = packet(chance.randrange(2**16), ssrc, payload_type=chance.choice([111, 97, 120]))
    stream = [replace(first, sequence=first.sequence + n & 0xFFFF, payload=b"%d" % n) for n in range(60)]
    for one in stream:
        one.mid = chance.choice([None, "0", "zz"])
    line = Line(microphone)
    for one in stream:
        line.take(one)
    assert line.heard(ssrc) == list(range(60))
