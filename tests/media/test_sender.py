"""One stream of ours: numbers, times, marks and reports, from the interpreter and forwarded."""

from itertools import pairwise

from media.playout import VOICE_FRAME_BYTES, OutFrame, Playout
from media.rtp.forwarder import Forwarder
from media.rtp.opus import Decoder
from media.rtp.packets import HeaderExtensions, RtpPacket, parse
from media.rtp.sender import SenderStream, VoiceSender, audio_level
from pipeline.engines.scripted import strongest_hz, tone
from pipeline.speech import Speech

LEVEL_ID = 4


class Sent(list[RtpPacket]):
    """Packets as they left, parsed."""

    def __call__(self, data: bytes) -> None:
        self.append(parse(data, LEVEL_ID))

    def steps(self) -> list[tuple[int, int]]:
        """(sequence, timestamp in ms) from packet to packet."""
        return [
            ((b.sequence - a.sequence) & 0xFFFF, ((b.timestamp - a.timestamp) & 0xFFFFFFFF) // 48)
            for a, b in pairwise(self)
        ]


def stream() -> tuple[SenderStream, Sent]:
    sent = Sent()
    return SenderStream(77, 111, HeaderExtensions(1, b"0", LEVEL_ID), sent), sent


def out(voiced: bool = True, first: bool = False) -> OutFrame:
    pcm = tone(300, 0.02) if voiced else bytes(VOICE_FRAME_BYTES)
    return OutFrame(pcm, first=first, voiced=voiced)


def incoming(n: int, ssrc: int = 9, marker: bool = False, ms: int | None = None) -> RtpPacket:
    at = n * 20 if ms is None else ms
    return RtpPacket(111, n & 0xFFFF, (at * 48) & 0xFFFFFFFF, ssrc, marker, b"payload %d" % n, 33)


# the interpreter's voice


def test_talkspurts_are_marked_and_time_stays_on_the_clock() -> None:
    line, sent = stream()
    voice, playout = VoiceSender(line), Playout()
    for begin, now in ((0, 10.0), (1, 13.5)):
        playout.play(Speech(tone(440, 0.1)), lambda state: None)
        n = 0
        while (frame := playout.next_frame()) is not None:
            voice.speak(frame, now + n * 0.02 + 0.003 * (n % 2))  # the loop's jitter is not the stream's
            n += 1
        assert n == 13 and [p.marker for p in sent[begin * 13 :]] == [True] + [False] * 12
    assert sent.steps() == [(1, 20)] * 12 + [(1, 3500 - 240)] + [(1, 20)] * 12
    assert {p.ssrc for p in sent} == {77} and {p.payload_type for p in sent} == {111}


def test_what_is_spoken_is_heard() -> None:
    line, sent = stream()
    voice, playout, decoder = VoiceSender(line), Playout(), Decoder()
    playout.play(Speech(tone(640, 0.5)), lambda state: None)
    while (frame := playout.next_frame()) is not None:
        voice.speak(frame, 1.0)
    pcm = b"".join(decoder.decode(packet.payload) for packet in sent)
    assert abs(strongest_hz(pcm[:16_000]) - 640) < 4
    assert strongest_hz(pcm[-2 * 16_000 * 100 // 1000 :]) is None  # the tail
    assert len(pcm) == (25 + 8) * 640
    assert [packet.level for packet in sent[-8:]] == [127] * 8
    assert all(15 <= packet.level <= 30 for packet in sent[1:24])


def test_given_up_slots_are_a_hole_in_time_and_not_in_numbers() -> None:
    line, sent = stream()
    voice = VoiceSender(line)
    voice.speak(out(first=True), 1.0)
    voice.speak(out(), 1.02)
    voice.skip(7)
    voice.speak(out(), 1.18)
    assert sent.steps() == [(1, 20), (1, 160)]
    assert [p.marker for p in sent] == [True, False, False]


def test_a_new_connection_in_the_middle_of_a_talkspurt_begins_with_a_mark() -> None:
    line, sent = stream()
    VoiceSender(line).speak(out(first=False), 5.0)
    assert sent[0].marker and sent[0].timestamp == line.timestamp_at(5.0)


def test_levels_are_decibels_below_overload() -> None:
    assert audio_level(bytes(960)) == 127
    assert audio_level(b"") == 127
    assert audio_level(b"\x00\x80" * 480) == 0
    assert audio_level(b"\xff\x7f" * 480) == 0
    assert audio_level(b"\x00\x40" * 480) == 6
    assert audio_level(tone(440, 1.0)) == 20


# forwarded


def test_forwarded_packets_keep_payload_level_gaps_and_marks() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    for n, at in ((100, 0), (101, 20), (104, 80), (105, 500)):
        forward.send(incoming(n, marker=n == 105, ms=at), 2.0 + at / 1000)
    assert [p.payload for p in sent] == [b"payload %d" % n for n in (100, 101, 104, 105)]
    assert sent.steps() == [(1, 20), (3, 60), (1, 420)]
    assert [p.marker for p in sent] == [True, False, False, True]
    assert {p.level for p in sent} == {33} and {p.ssrc for p in sent} == {77}
    assert sent[0].timestamp == line.timestamp_at(2.0)


def test_reordering_is_kept_and_does_not_disturb_numbering() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    for n in (10, 13, 11, 12):
        forward.send(incoming(n), 2.0)
    base = sent[0].sequence
    assert [p.sequence - base for p in sent] == [0, 3, 1, 2]
    assert not any(p.marker for p in sent[1:])
    assert line.next_sequence == base + 4


def test_source_numbers_that_wrap() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    for n in range(0xFFFE, 0x10003):
        forward.send(incoming(n), 2.0)
    assert sent.steps() == [(1, 20)] * 4
    assert [p.marker for p in sent] == [True] + [False] * 4


def test_another_source_goes_on_without_a_hole() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    forward.send(incoming(10), 2.0)
    forward.send(incoming(11), 2.02)
    forward.send(incoming(40_000, ssrc=10), 9.0)
    forward.send(incoming(40_001, ssrc=10), 9.02)
    assert sent.steps() == [(1, 20), (1, 6980), (1, 20)]
    assert [p.marker for p in sent] == [True, False, True, False]


def test_a_source_that_jumps_is_a_new_beginning() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    forward.send(incoming(10), 2.0)
    forward.send(incoming(20_000), 2.5)
    forward.send(incoming(20_001), 2.52)
    assert sent.steps() == [(1, 500), (1, 20)]


def test_the_voice_and_the_forwarded_take_turns_on_one_line() -> None:
    line, sent = stream()
    voice, forward = VoiceSender(line), Forwarder(line)
    forward.send(incoming(10), 1.0)
    forward.send(incoming(11), 1.02)
    forward.rest()
    voice.speak(out(first=True), 3.0)
    voice.speak(out(), 3.02)
    forward.send(incoming(12), 5.0)
    forward.send(incoming(13), 5.02)
    assert sent.steps() == [(1, 20), (1, 1980), (1, 20), (1, 1980), (1, 20)]
    assert [p.marker for p in sent] == [True, False, True, False, True, False]


def test_a_packet_from_before_a_new_beginning_never_takes_a_used_number() -> None:
    line, sent = stream()
    voice, forward = VoiceSender(line), Forwarder(line)
    forward.send(incoming(10), 1.0)
    forward.rest()
    voice.speak(out(first=True), 3.0)
    forward.send(incoming(12), 5.0)
    forward.send(incoming(11), 5.001)
    numbers = [p.sequence for p in sent]
    assert len(set(numbers)) == len(numbers) == 3


def test_a_long_forward_is_never_taken_for_old() -> None:
    line, sent = stream()
    forward = Forwarder(line)
    for n in range(70_000):
        forward.send(incoming(n), 1.0)
    assert len(sent) == 70_000


# reports


def test_a_sender_report_ties_the_stream_to_the_wall_clock() -> None:
    line, _ = stream()
    assert line.report(1.0, 1.0) is None
    voice = VoiceSender(line)
    voice.speak(out(first=True), 100.0)
    voice.speak(out(), 100.02)
    report = line.report(101.5, 1_700_000_000.25)
    assert report is not None
    ssrc, info = report
    assert ssrc == 77 and info.packet_count == 2
    assert info.octet_count == line.octets > 0
    assert info.rtp_timestamp == line.timestamp_at(101.5)
    assert info.ntp_timestamp >> 32 == 1_700_000_000 + 2_208_988_800
    assert abs((info.ntp_timestamp & 0xFFFFFFFF) / 2**32 - 0.25) < 1e-5
