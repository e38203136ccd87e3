"""RTCP that we send, as another implementation reads it, and the figures in it by RFC 3550."""

import pytest
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSrPacket

from media.rtp.packets import HeaderExtensions, RtpPacket, is_rtcp
from media.rtp.rtcp import compound
from media.rtp.sender import SenderStream
from media.rtp.statistics import ReceiverStatistics


def packet(sequence: int, timestamp: int = 0, ssrc: int = 5) -> RtpPacket:
    return RtpPacket(111, sequence & 0xFFFF, timestamp, ssrc, False, b"x")


def heard(*sequences: int) -> ReceiverStatistics:
    quality = ReceiverStatistics()
    for n, sequence in enumerate(sequences):
        quality.arrived(packet(sequence, n * 960), n * 0.02)
    return quality


def streams(sent: list[int]) -> list[SenderStream]:
    """Streams 11, 12…, of which each has sent its number of packets of 10 bytes."""
    out = []
    for n, count in enumerate(sent):
        stream = SenderStream(11 + n, 111, HeaderExtensions(), lambda data: None)
        for _ in range(count):
            stream.emit(bytes(10), stream.next_sequence, stream.timestamp_at(4.0), 4.0, marker=False, level=None)
        out.append(stream)
    return out


def test_sender_reports_for_those_that_sent_with_our_view_of_the_microphone() -> None:
    block = heard(1, 2, 4, 5).report()
    data = compound(streams([3, 0, 2]), block, None, "name", 5.0, 1_700_000_000.0)
    assert is_rtcp(data)
    first, second, names = RtcpPacket.parse(data)
    assert isinstance(first, RtcpSrPacket) and isinstance(second, RtcpSrPacket)
    assert (first.ssrc, first.sender_info.packet_count, first.sender_info.octet_count) == (11, 3, 30)
    assert (second.ssrc, second.sender_info.packet_count, second.reports) == (13, 2, [])
    (report,) = first.reports
    assert (report.ssrc, report.packets_lost, report.highest_sequence) == (5, 1, 5)
    assert report.fraction_lost == 256 // 5
    assert isinstance(names, RtcpSdesPacket)
    assert [(chunk.ssrc, chunk.items) for chunk in names.chunks] == [(n, [(1, b"name")]) for n in (11, 12, 13)]


def test_a_receiver_report_where_nothing_was_sent() -> None:
    receiver, _ = RtcpPacket.parse(compound(streams([0]), heard(7).report(), None, "name", 5.0, 1.0))
    assert isinstance(receiver, RtcpRrPacket)
    assert receiver.ssrc == 11 and receiver.reports[0].highest_sequence == 7


def test_a_report_before_anything_came_has_no_block() -> None:
    assert ReceiverStatistics().report() is None
    (receiver,) = RtcpPacket.parse(compound([], None, None, "name", 5.0, 1.0))
    assert isinstance(receiver, RtcpRrPacket) and receiver.reports == []


def test_fraction_lost_is_since_the_last_report_and_losses_are_of_all_time() -> None:
    quality = heard(1, 2, 3, 8)
    first = quality.report()
    for sequence in (9, 10):
        quality.arrived(packet(sequence), 1.0)
    second = quality.report()
    assert first is not None and second is not None
    assert (first.packets_lost, first.fraction_lost) == (4, 128)
    assert (second.packets_lost, second.fraction_lost) == (4, 0)
    assert quality.lost == 4


def test_the_extended_sequence_number_counts_wraps() -> None:
    report = heard(0xFFFE, 0xFFFF, 0x10000, 0x10001).report()
    assert report is not None
    assert (report.highest_sequence, report.packets_lost) == (0x10001, 0)


def test_more_packets_than_expected_is_a_negative_loss_on_the_wire() -> None:
    block = heard(1, 2, 2, 2).report()
    assert block is not None and block.packets_lost == -2 and block.fraction_lost == 0
    receiver, _ = RtcpPacket.parse(compound(streams([0]), block, None, "name", 5.0, 1.0))
    assert receiver.reports[0].packets_lost == -2


def test_jitter_is_that_of_the_transit_time() -> None:
    even, uneven = ReceiverStatistics(), ReceiverStatistics()
    for n in range(400):
        even.arrived(packet(n, n * 960), n * 0.02)
        uneven.arrived(packet(n, n * 960), n * 0.02 + (n % 2) * 0.008)
    assert even.jitter_ms < 0.01
    assert 7.5 < uneven.jitter_ms < 8.5  # steps of 8 ms each way


def test_another_source_is_counted_from_its_beginning() -> None:
    quality = heard(1, 2, 9)
    quality.arrived(packet(500, ssrc=6), 1.0)
    report = quality.report()
    assert report is not None
    assert (report.ssrc, report.packets_lost, quality.packets) == (6, 0, 4)


@pytest.mark.parametrize("jump", [3001, 10_000, 40_000, -200, -5000])
def test_a_sender_that_numbers_anew_has_lost_nothing(jump: int) -> None:
    quality = heard(*range(100, 150))
    for n in range(150, 200):
        quality.arrived(packet((n + jump) & 0xFFFF, n * 960), n * 0.02)
    report = quality.report()
    assert report is not None and (quality.lost, report.packets_lost) == (0, 0)
    assert quality.packets == 100


def test_a_stray_packet_is_no_loss() -> None:
    quality = heard(1, 2, 30_000, 3, 4)
    assert quality.lost == 0
