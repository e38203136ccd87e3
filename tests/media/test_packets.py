"""RTP as bytes: what is written is read back, what is not RTP is a ValueError and nothing else."""

import struct

import pytest
from aiortc.rtp import RtpPacket as Reference
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packets import HeaderExtensions, RtpPacket, Unwrapped, build, is_rtcp, parse

headers = st.fixed_dictionaries(
    {
        "payload_type": st.integers(0, 127),
        "sequence": st.integers(0, 0xFFFF),
        "timestamp": st.integers(0, 0xFFFFFFFF),
        "ssrc": st.integers(0, 0xFFFFFFFF),
        "payload": st.binary(max_size=60),
        "marker": st.booleans(),
    }
)


@given(st.binary(max_size=80), st.integers(1, 14))
def test_any_bytes_are_a_packet_or_a_value_error(data: bytes, level_id: int) -> None:
    try:
        packet = parse(data, level_id)
    except ValueError:
        return
    assert data[0] >> 6 == 2 and packet.payload in data
    assert packet.level is None or 0 <= packet.level <= 127


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=60))
def test_any_rtp_header_is_a_packet_or_a_value_error(first: int, second: int, rest: bytes) -> None:
    data = bytes((0x80 | first & 0x3F, second)) + bytes(10) + rest
    try:
        packet = parse(data, 1)
    except ValueError:
        return
    assert len(packet.payload) <= len(rest)


@given(
    headers,
    st.none() | st.integers(0, 127),
    st.none() | st.integers(1, 14),
    st.none() | st.integers(1, 14),
    st.binary(min_size=1, max_size=16),
)
def test_what_is_built_is_parsed(
    header: dict, level: int | None, level_id: int | None, mid_id: int | None, mid: bytes
) -> None:
    if mid_id == level_id:
        mid_id = None
    block = HeaderExtensions(mid_id, mid, level_id).encode(level, voiced=True)
    packet = parse(build(**header, extension=block), level_id)
    assert packet == RtpPacket(**header, level=level if level_id else None)


def test_our_header_extensions_as_another_implementation_reads_them() -> None:
    block = HeaderExtensions(mid_id=3, mid=b"audio0", level_id=7).encode(42, voiced=True)
    packet = Reference.parse(build(111, 5, 960, 77, b"opus", marker=True, extension=block))
    assert packet.payload == b"opus" and packet.marker == 1 and packet.ssrc == 77
    _, profile, words = struct.unpack_from("!HHH", b"\0\0" + block)
    assert profile == 0xBEDE and len(block) == 4 + 4 * words
    assert block[4:11] == bytes(((3 << 4) | 5,)) + b"audio0"
    assert block[11:13] == bytes((7 << 4, 0x80 | 42))


@pytest.mark.parametrize(
    ("elements", "level"),
    [
        (bytes((0x10, 30)), 30),
        (bytes((0x10, 0x80 | 30)), 30),  # the voice bit is not part of the level
        (bytes((0, 0, 0x22, 9, 9, 9, 0x10, 31)), 31),  # padding and a stranger before it
        (bytes((0xF0, 1, 0x10, 31)), None),  # 15 ends the block (RFC 8285, 4.2)
        (bytes((0x1F, 1)), None),  # runs out of the block
    ],
)
def test_audio_level_in_one_byte_elements(elements: bytes, level: int | None) -> None:
    elements += bytes(-len(elements) % 4)
    block = struct.pack("!HH", 0xBEDE, len(elements) // 4) + elements
    assert parse(build(111, 1, 1, 1, b"x", extension=block), 1).level == level


def test_audio_level_in_two_byte_elements() -> None:
    block = struct.pack("!HH", 0x1000, 2) + bytes((9, 0, 1, 1, 44, 0, 0, 0))
    assert parse(build(111, 1, 1, 1, b"x", extension=block), 1).level == 44


@pytest.mark.parametrize("cut", range(12, 24))
def test_contributing_sources_and_padding_are_not_payload(cut: int) -> None:
    head = struct.pack("!BBHII", 0xA2, 111, 1, 2, 3) + bytes(8)
    whole = head + b"opus" + bytes((0, 0, 0, 4))
    assert parse(whole).payload == b"opus"
    if cut < 20:
        with pytest.raises(ValueError, match=r"padding|truncated|shorter"):
            parse(whole[:cut])


@pytest.mark.parametrize("padding", [0, 9, 255])
def test_impossible_padding(padding: int) -> None:
    with pytest.raises(ValueError, match="padding"):
        parse(struct.pack("!BBHII", 0xA0, 111, 1, 2, 3) + b"opus" + bytes((0, 0, 0, padding)))


def test_rtcp_is_told_from_rtp() -> None:
    assert is_rtcp(bytes((0x80, 200))) and is_rtcp(bytes((0x81, 201, 0, 1)))
    assert not is_rtcp(bytes((0x80, 0x80 | 111))) and not is_rtcp(bytes((0x80, 111))) and not is_rtcp(b"\x80")


@given(
    st.sampled_from([16, 32]),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(-2000, 30_000), min_size=1, max_size=300),
)
def test_unwrapped_follows_a_counter_over_its_wraps(bits: int, start: int, steps: list[int]) -> None:
    size = 1 << bits
    start %= size
    unwrapped = Unwrapped(bits)
    assert unwrapped.see(start) == start
    newest = start
    for step in steps:
        assert unwrapped.see((newest + step) % size) == newest + step
        newest = max(newest, newest + step)
        assert unwrapped.last == newest
