"""Our Opus follows the line: more for one that loses, less for one that is full, neither for long nor to and fro."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from media.playout import VOICE_FRAME_BYTES, OutFrame
from media.rtp.forwarder import Forwarder
from media.rtp.loss_adaptation import CALM_S, ENCODINGS, USUAL, Encoding, Loss, LossAdaptation, ReportDifference
from media.rtp.opus import Decoder, Encoder, carries_fec
from media.rtp.packets import HeaderExtensions, RtpPacket
from media.rtp.rtcp import RtcpSession
from media.rtp.sender import SenderStream, VoiceSender
from media.rtp.statistics import ntp_middle
from pipeline.speech import VOICE_RATE
from tests.kit.espeak_speech import say

HEADERS = 58
"""Bytes of a packet of ours beside its payload: IPv4, UDP, RTP with two header extensions, SRTP's tag."""
Line = tuple[float, float, float, float]
"""Seconds of it, loss 0..1, jitter in ms, round trip in ms."""
SOME, MUCH = ENCODINGS[Loss.SOME, False], ENCODINGS[Loss.MUCH, False]
FULL, VERY_FULL = ENCODINGS[Loss.SOME, True], ENCODINGS[Loss.MUCH, True]
CLEAN, RADIO, BAD, QUEUE = (0.0, 5.0, 40.0), (0.08, 5.0, 40.0), (0.25, 5.0, 40.0), (0.08, 20.0, 400.0)
ROWS: list[tuple[str, list[Line], list[Encoding]]] = [
    ("clean", [(60, *CLEAN)], []),
    ("a loss now and then", [(60, 0.01, 5, 40)], []),
    ("one bad report", [(10, *CLEAN), (1, 0.1, 5, 40), (30, *CLEAN)], []),
    ("a radio", [(10, *CLEAN), (30, *RADIO)], [SOME]),
    ("a radio that heals", [(30, *RADIO), (60, *CLEAN)], [SOME, USUAL]),
    ("bad, also with fewer bits", [(60, *BAD)], [SOME, MUCH, VERY_FULL, MUCH]),
    ("bad, then a radio", [(30, *BAD), (60, *RADIO)], [SOME, MUCH, VERY_FULL, MUCH, SOME]),
    ("full", [(10, *CLEAN), (30, *QUEUE)], [FULL]),
    ("full, by its jitter alone", [(10, *CLEAN), (30, 0.08, 90, 40)], [FULL]),
    ("slow, and nothing is lost", [(10, *CLEAN), (30, 0.0, 20, 400)], []),
    ("slow from the beginning is no queue", [(60, 0.08, 5, 400)], [SOME]),
    ("longer by its way, not by a queue", [(10, 0.08, 5, 40), (200, 0.08, 5, 250)], [SOME, FULL, SOME]),
    ("full, then empty", [(10, *CLEAN), (30, *QUEUE), (60, *CLEAN)], [FULL, USUAL]),
]


def changes(line: Iterable[Line], every_s: float = 1.0, seed: int = 1) -> list[Encoding]:
    """Return what the encoder is set to, one after the other, over such a line. Losses come by chance."""
    chance, adaptation = random.Random(seed), LossAdaptation()
    found, now = [adaptation.encoding], 100.0
    for seconds, loss, jitter_ms, trip_ms in line:
        for _ in range(round(seconds / every_s)):
            now += every_s
            expected = round(50 * every_s)
            lost = sum(chance.random() < loss for _ in range(expected)) / expected
            adaptation.report(expected, lost, jitter_ms, trip_ms, now)
            if adaptation.encoding is not found[-1]:
                found.append(adaptation.encoding)
    return found[1:]


@pytest.mark.parametrize("every_s", [1.0, 5.0], ids=["as aiortc reports", "as browsers do"])
@pytest.mark.parametrize(("name", "line", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_the_encoder_follows_the_line(name: str, line: list[Line], expected: list[Encoding], every_s: float) -> None:
    for seed in range(5):
        found = changes(line, every_s, seed)
        assert found[-1:] == expected[-1:], (seed, found)
        rest = iter([SOME, *expected])  # losses may be seen before the queue is, and a long interval leaps over a state
        assert all(one in rest for one in found), (seed, found)


def test_a_line_at_the_edge_does_not_toggle() -> None:
    for seed in range(20):
        assert len(changes([(600, 0.05, 5, 40)], 1.0, seed)) <= 1


@pytest.mark.parametrize("loss", [0.03, 0.08, 0.12, 0.2])
def test_any_line_settles(loss: float) -> None:
    """A change is not taken back within `CALM_S`, but for a trial of fewer bits: there is one in ten minutes."""
    for seed in range(20):
        found = changes([(600, loss, 5, 40)], 1.0, seed)
        tried = [one for one in found if one in (FULL, VERY_FULL)]
        assert len(found) - len(tried) <= 7 and len(tried) <= 2, (seed, found)


def over_a_rate(rate: int, other_loss: Iterable[float], every_s: float = 1.0) -> Iterator[tuple[Encoding, float]]:
    """Yield the encoding and the share lost in each interval of a line that drops what is over `rate` bit/s.

    It has no queue. `other_loss` is what else it loses, interval by interval.
    """
    adaptation = LossAdaptation()
    for interval, other in enumerate(other_loss):
        on_the_wire = adaptation.encoding.bitrate + 50 * 8 * HEADERS
        lost = min(1.0, other + max(0.0, 1 - rate / on_the_wire))
        yield adaptation.encoding, lost
        adaptation.report(round(50 * every_s), lost, 5, 40, interval * every_s)


@pytest.mark.parametrize("every_s", [1.0, 5.0])
def test_a_line_that_drops_what_is_over_a_rate_gets_fewer_bits(every_s: float) -> None:
    """A burst of other losses leads to more bits than the line takes; these lose more than the burst did."""
    burst = round(10 / every_s)
    seen = list(over_a_rate(48_000, [0.08] * burst + [0.0] * round(110 / every_s), every_s))
    assert max(lost for _, lost in seen) > 0.2, "more bits were tried"
    assert {encoding for encoding, _ in seen[-burst:]} == {USUAL}
    assert sum(lost for _, lost in seen[round(60 / every_s) :]) == 0


def test_a_line_that_never_holds_our_usual_bits_is_tried_seldom() -> None:
    seen = list(over_a_rate(44_000, [0.0] * 600))
    mean = sum(lost for _, lost in seen) / len(seen)
    print(f"{mean:.1%} lost; {sum(encoding.bitrate > USUAL.bitrate for encoding, _ in seen)} s of more bits")
    assert mean < 0.07, "less than the usual bits alone would lose"


def test_as_much_is_lost_with_fewer_bits_so_they_are_taken_back_and_not_tried_again() -> None:
    for seed in range(20):
        assert changes([(600, *BAD)], 1.0, seed)[-2:] == [VERY_FULL, MUCH]


def test_a_first_round_trip_of_0_is_one() -> None:
    """On a fast line the first is 0 by the clock's steps; the mean then begins there."""
    adaptation = LossAdaptation()
    for now, trip_ms in enumerate((0.0, 400.0)):
        adaptation.report(50, 0.2, 5, trip_ms, float(now))
    assert adaptation.encoding == SOME, "one that was held up alone is no queue"


def test_bounds_and_what_the_client_takes() -> None:
    assert {one.bitrate for one in ENCODINGS.values()} <= set(range(20_000, 40_001))
    assert {one.expected_loss for one in ENCODINGS.values()} <= set(range(10, 31))
    capped = LossAdaptation(18_000)
    assert capped.encoding == Encoding(18_000, 10)
    for now in range(20):
        capped.report(50, 0.3, 5, 40, float(now))
    assert capped.encoding == Encoding(18_000, 30)
    assert repr(capped).startswith("<LossAdaptation MUCH (29.9%), no queue")


def test_silence_tells_nothing() -> None:
    adaptation = LossAdaptation()
    for now in range(20):
        adaptation.report(50, 0.1, 5, 40, float(now))
    for now in range(20, 20 + 10 * round(CALM_S)):
        adaptation.report(0, 0.0, 5, 40, float(now))
    assert adaptation.encoding == SOME


def test_a_block_that_tells_of_no_round_trip_repeats_none() -> None:
    """The peer's `lsr` is 0 until it has seen a sender report of this stream (RFC 3550, 6.4.1)."""
    one, _ = stream()
    trips, session = list[float | None](), RtcpSession("name")
    one.reported = lambda *figures: trips.append(figures[3])  # type: ignore[method-assign]
    for lsr in (ntp_middle(1000.0) - 6554, 0):
        block = RtcpReceiverInfo(one.ssrc, 0, 0, 1, 0, lsr, 0)
        session.receive(bytes(RtcpRrPacket(ssrc=1, reports=[block])), [one], 5.0, 1000.0)
    assert trips == [pytest.approx(100, abs=0.1), None]
    assert session.statistics.round_trip_ms == trips[0], "the last that is known stays on show"


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([(100, 10, 100)], [(100, 0.1)]),
        ([(100, 0, 50), (150, 5, 100)], [(50, 0.0), (50, 0.1)]),
        ([(0xFFFFFFF0, 0, 50), (0x10, 8, 82)], [(50, 0.0), (32, 0.25)]),
        ([(100, 4, 50), (150, 2, 100), (200, 4, 150), (250, 9, 200)], [(50, 0.08), (50, 0.0), (50, 0.0), (50, 0.1)]),
        ([(150, 0, 50), (100, 9, 50)], [(50, 0.0), (0, 0.0)]),
        ([(100, -5, 50), (100, 3, 50)], [(50, 0.0), (0, 0.0)]),
        ([(100, 0, 50), (101, 900, 51)], [(50, 0.0), (1, 1.0)]),
    ],
    ids=["the first", "the next", "numbers wrap", "some came late", "overtaken", "more than were sent", "a lie"],
)
def test_what_is_new_in_a_report(reports: list[tuple[int, int, int]], expected: list[tuple[int, float]]) -> None:
    difference = ReportDifference()
    assert [difference.since(*one) for one in reports] == expected


def stream(most_bitrate: int | None = None) -> tuple[SenderStream, list[bytes]]:
    sent = list[bytes]()
    return SenderStream(11, 111, HeaderExtensions(), sent.append, most_bitrate), sent


def report(one: SenderStream, highest: int, lost: int, now: float) -> None:
    """Let the peer report on the stream, as bytes."""
    block = RtcpReceiverInfo(one.ssrc, 0, lost, highest, 0, 0, 0)
    RtcpSession("name").receive(bytes(RtcpRrPacket(ssrc=1, reports=[block])), [one], now, now)


def test_the_voice_is_encoded_by_what_is_reported() -> None:
    speech = say("Where is the nearest hotel, and how do I get there?", "en-us")
    one, _ = stream()
    voice, payloads = VoiceSender(one), list[bytes]()
    one.emit = lambda payload, *_, **__: payloads.append(payload)  # type: ignore[method-assign]
    pcm = (speech * 3)[: VOICE_FRAME_BYTES * 100]
    frames = [pcm[at : at + VOICE_FRAME_BYTES] for at in range(0, len(pcm), VOICE_FRAME_BYTES)]
    rates = []
    for second in range(6):
        one.packets = 50 * second
        if second:
            report(one, 50 * second, 10 * second, float(second))
        payloads.clear()
        for place, frame in enumerate(frames):
            voice.speak(OutFrame(frame, first=second == place == 0, voiced=True), second + 0.02 * place)
        rates.append(sum(map(len, payloads)) * 8 * 50 / len(payloads))
        assert sum(map(carries_fec, payloads)) > len(payloads) / 2
    assert one.adaptation.encoding == MUCH
    assert rates[0] < 27_000 and rates[-1] > 1.3 * rates[0]


def test_holes_of_the_speakers_line_are_no_loss_of_the_listeners() -> None:
    """One of ten packets of a forwarded voice is missing; all that were sent are received."""
    one, sent = stream()
    forwarder = Forwarder(one)
    first = one.next_sequence
    for number in range(1000):
        if number % 10 != 5:
            forwarder.send(RtpPacket(111, number, number * 960, 9, number == 0, b"payload", 20), number * 0.02)
        if number % 50 == 49:
            highest = first + number - 3  # a report is older than what was sent last
            report(one, highest, (number - 3) // 10, number * 0.02)
    assert one.adaptation.encoding == USUAL and len(sent) == 900


def test_a_late_packet_fills_its_hole() -> None:
    one, _ = stream()
    forwarder = Forwarder(one)
    for number in (0, 1, 3, 2, 4, 6, 5, 5):
        forwarder.send(RtpPacket(111, number, number * 960, 9, number == 0, b"payload", 20), 0.02 * number)
    assert one._holes == -1, "a packet that came twice counts as one received, as RFC 3550 has it"


@pytest.mark.parametrize("encoding", sorted(set(ENCODINGS.values()), key=str), ids=str)
def test_each_encoding_carries_fec(encoding: Encoding) -> None:
    pcm = say("Good morning. I would like to check in, please.", "en-us")
    encoder = Encoder(VOICE_RATE, bitrate=encoding.bitrate, expected_loss=encoding.expected_loss)
    packets = [
        encoder.encode(pcm[at : at + VOICE_FRAME_BYTES])
        for at in range(0, len(pcm) - VOICE_FRAME_BYTES, VOICE_FRAME_BYTES)
    ]
    assert sum(map(carries_fec, packets)) > 0.6 * len(packets)


def test_an_encoder_that_is_adapted_is_heard_without_a_break() -> None:
    pcm = say("Good morning. I would like to check in, please.", "en-us")
    encoder, decoder = Encoder(16_000), Decoder()
    for place, at in enumerate(range(0, len(pcm) - 640, 640)):
        if place % 20 == 10:
            encoder.adapt(*((40_000, 30) if place % 40 == 10 else (16_000, 20)))
        assert len(decoder.decode(encoder.encode(pcm[at : at + 640]))) == 640
