"""From packets to frames: 20 ms each, on true media time, whatever the packets were like and whatever was lost."""

import ctypes
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs.opus import OpusEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from media.rtp import opus
from media.rtp.audio_level import SILENT_LEVEL
from media.rtp.media_clock import MediaClock
from media.rtp.packets import RtpPacket
from media.rtp.receiver import AUDIO_BURST_S, AUDIO_RATE, Receiver
from pipeline.engines.scripted import strongest_hz, tone
from pipeline.speech import FRAME_BYTES, SAMPLE_RATE, Frame

RATE = 48_000


def encoded(pcm: bytes, ms: int, **options: int) -> list[bytes]:
    encoder, size = opus.Encoder(RATE, **options), RATE * ms // 1000 * 2
    return [encoder.encode(pcm[at : at + size]) for at in range(0, len(pcm) - size + 1, size)]


def packets(payloads: list[bytes], ms: int = 20, **fields: int) -> list[RtpPacket]:
    sequence, timestamp = fields.pop("sequence", 100), fields.pop("timestamp", 7_000)
    return [
        RtpPacket(111, sequence + n, timestamp + n * ms * RATE // 1000, 5, n == 0, payload, **fields)
        for n, payload in enumerate(payloads)
    ]


class Heard:
    """An `Receiver` fed as a network would, and what came out of it."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.receiver = Receiver(self.frames.append)

    def take(self, sent: list[RtpPacket], ms: int = 20, start_ms: float = 1000.0) -> "Heard":
        """Each packet when it was due; `poll` as often."""
        for n, packet in enumerate(sent):
            now = start_ms + n * ms
            self.receiver.receive(packet, now / 1000, now)
            self.receiver.poll((now + ms) / 1000, now + ms)
        return self

    @property
    def times(self) -> list[int]:
        return [frame.start_ms for frame in self.frames]

    @property
    def pcm(self) -> bytes:
        return b"".join(frame.pcm for frame in self.frames)


@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_a_tone_in_packets_of_any_length(ms: int) -> None:
    heard = Heard().take(packets(encoded(tone(440, 1.2, RATE), ms), ms), ms)
    assert {len(frame.pcm) for frame in heard.frames} == {FRAME_BYTES}
    start = heard.times[0]
    assert start == (1010 if ms == 10 else 1000)  # a frame's first half waits for its second
    assert heard.times == list(range(start, start + 1200, 20))
    assert strongest_hz(heard.pcm) == pytest.approx(440, abs=3)
    loudness = np.abs(np.frombuffer(heard.pcm, np.int16)[SAMPLE_RATE // 5 :]).max()
    assert loudness == pytest.approx(4600, rel=0.15)


def stereo(pcm: bytes) -> list[bytes]:
    """Encode as a stock aiortc client does: stereo, 96 kb/s, predicted from frame to frame."""
    encoder, payloads = OpusEncoder(), list[bytes]()
    for n in range(len(pcm) // 1920):
        samples = np.frombuffer(pcm[n * 1920 : (n + 1) * 1920], np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, n * 960, Fraction(1, RATE)
        payloads += encoder.encode(frame)[0]
    return payloads


def test_an_onset_after_silence_by_level_is_not_distorted() -> None:
    """The codec predicts each frame from the one before, so silence has to reach the decoder."""
    quiet = 26
    at = (np.arange(RATE // 2) + quiet * 960) / RATE
    wave = (8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16).tobytes()
    sent = packets(stereo(bytes(quiet * 1920) + wave), level=20)
    for packet in sent[:quiet]:
        packet.level = 127
    heard = Heard().take(sent)
    assert not any(frame.pcm for frame in heard.frames[:quiet])
    assert np.abs(np.frombuffer(heard.pcm, np.int16).astype(int)).max() < 6500


def test_stereo_is_heard_as_mono() -> None:
    payloads = stereo(tone(500, 1.0, RATE))
    heard = Heard().take(packets(payloads))
    assert len(heard.pcm) == len(payloads) * FRAME_BYTES
    assert strongest_hz(heard.pcm) == pytest.approx(500, abs=3)


def test_discontinuous_transmission_keeps_time_and_decodes_nothing() -> None:
    """A browser in DTX: speech, then one packet of a byte or two every 400 ms, then speech."""
    voice = encoded(tone(440, 0.2, RATE), 20)
    heard = Heard().take(packets(voice))
    for n in (1, 2, 3):
        sent = packets([b"\xf8"], sequence=109 + n, timestamp=7_000 + n * 400 * 48)
        heard.take(sent, start_ms=1000 + n * 400)
    heard.take(packets(voice, sequence=113, timestamp=7_000 + 1600 * 48), start_ms=2600)
    assert heard.times == [*range(1000, 1200, 20), 1400, 1800, 2200, *range(2600, 2800, 20)]
    assert [bool(frame.pcm) for frame in heard.frames] == [True] * 10 + [False] * 3 + [True] * 10
    assert heard.receiver.statistics.holes == 0


@pytest.mark.parametrize(
    ("level", "decoded"), [(SILENT_LEVEL, False), (127, False), (SILENT_LEVEL - 1, True), (0, True), (None, True)]
)
def test_silence_by_its_level_and_its_size_is_an_empty_frame(level: int | None, decoded: bool) -> None:
    """The 3 bytes are what Opus makes of digital silence."""
    heard = Heard().take(packets([b"\xf8\xff\xfe"] * 10, level=level))
    assert heard.times == list(range(1000, 1200, 20))
    assert {bool(frame.pcm) for frame in heard.frames} == {decoded}


@pytest.mark.parametrize("ms", [10, 20, 40, 60])
def test_silence_in_packets_of_any_length_keeps_time(ms: int) -> None:
    heard = Heard().take(packets(encoded(bytes(96 * 240), ms), ms, level=127), ms)
    start = heard.times[0]
    assert heard.times == list(range(start, start + 240, 20))


def test_silence_that_is_no_opus_costs_no_word_behind_it() -> None:
    silent = packets([b"\x7b\x83\xff\xff"] * 3, 60, timestamp=7_000 - 3 * 2880, level=127)
    heard = Heard().take(silent, 60)
    heard.take(packets(encoded(tone(440, 0.2, RATE), 20), sequence=103), start_ms=1180)
    assert [bool(frame.pcm) for frame in heard.frames[-10:]] == [True] * 10


def test_packets_of_changing_length_leave_no_seam() -> None:
    voice, heard, encoder, at = tone(440, 0.2, RATE), Heard(), opus.Encoder(RATE), 0
    for n, ms in enumerate((20, 10, 20, 40, 10, 20, 10, 10, 60)):
        payload = encoder.encode(voice[at * 96 : (at + ms) * 96])
        heard.receiver.receive(RtpPacket(111, n, at * 48, 5, False, payload), 1 + at / 1000, 1000 + at)
        at += ms
    assert heard.times == list(range(1000, 1200, 20))


@pytest.mark.parametrize("lost", [{10}, {10, 11}, {10, 20, 30}, {10, 11, 12, 13, 14}])
def test_holes_are_filled_and_time_stays_true(lost: set[int]) -> None:
    whole = packets(encoded(tone(440, 1.0, RATE), 20, expected_loss=20))
    heard = Heard()
    for n, packet in enumerate(whole):
        now = 1000 + n * 20
        if n not in lost:
            heard.receiver.receive(packet, now / 1000, now)
        heard.receiver.poll((now + 19) / 1000, now + 19)
    assert heard.times == list(range(1000, 2000, 20))
    assert heard.receiver.statistics.holes == len(lost)
    assert strongest_hz(heard.pcm) == pytest.approx(440, abs=3)
    for n in sorted(lost)[:2]:  # concealment fades after that
        frame = np.frombuffer(heard.frames[n].pcm, np.int16)
        assert np.abs(frame).max() > 500, "a lost frame of a steady tone is not silence"


def test_a_hole_before_a_packet_with_fec_is_recovered_by_it() -> None:
    from tests.kit.voice_like_audio import speech48k

    payloads = encoded(speech48k(), 20, expected_loss=30)
    carriers = [n for n in range(1, len(payloads)) if opus.carries_fec(payloads[n])]
    assert carriers, "this libopus can't tell FEC, or the encoder makes none"
    gone = carriers[len(carriers) // 2] - 1
    whole = packets(payloads)
    mended = Heard().take(whole[:gone] + whole[gone + 1 :])
    assert mended.receiver.statistics.recovered == 1
    true = Heard().take(whole)
    samples = [np.frombuffer(h.frames[gone].pcm, np.int16).astype(float) for h in (true, mended)]
    assert np.corrcoef(*samples)[0, 1] > 0.8


def test_a_long_loss_is_silence_of_its_length() -> None:
    whole = packets(encoded(tone(440, 1.0, RATE), 20))
    heard = Heard().take(whole[:10])
    heard.take(whole[30:], start_ms=1600)
    assert heard.times == [*range(1000, 1200, 20), *range(1600, 2000, 20)]
    assert heard.receiver.statistics.holes == 20


def test_the_last_hole_is_closed_by_the_poll_alone() -> None:
    whole = packets(encoded(tone(440, 0.2, RATE), 20))
    heard = Heard()
    for n in (0, 1, 2, 4):
        heard.receiver.receive(whole[n], 1.0 + n * 0.02, 1000 + n * 20)
    assert heard.times == [1000, 1020, 1040]
    heard.receiver.poll(1.2, 1200)
    assert heard.times == [1000, 1020, 1040, 1060, 1080]


def test_a_restarted_sender_goes_on_in_session_time() -> None:
    voice = encoded(tone(440, 0.2, RATE), 20)
    heard = Heard().take(packets(voice, timestamp=4_000_000_000))
    other = [RtpPacket(111, 9_000 + n, 12 + n * 960, 6, False, payload) for n, payload in enumerate(voice)]
    heard.take(other, start_ms=5000)
    assert heard.times == [*range(1000, 1200, 20), *range(5000, 5200, 20)]


def test_session_time_begins_with_the_pairing() -> None:
    """Someone who waited half a minute with an open microphone is at 0 when the session is paired."""
    voice = packets(encoded(tone(440, 0.4, RATE), 20))
    heard = Heard().take(voice[:10], start_ms=30_000)
    heard.receiver.begin(heard.frames.append)
    heard.take(voice[10:], start_ms=4)
    assert heard.times[10:] == list(range(4, 204, 20))


@pytest.mark.parametrize("payload", [b"", b"\xff\xff\xff", bytes((0x03, 0x3F)), bytes((0x7B, 0xBF, 0xFF, 0xFF))])
def test_what_is_not_opus_is_dropped(payload: bytes) -> None:
    good = encoded(tone(440, 0.2, RATE), 20)
    heard = Heard().take(packets([*good[:5], payload, *good[6:]]))
    assert heard.times[:5] == list(range(1000, 1100, 20))
    assert heard.times[-4:] == list(range(1120, 1200, 20))


def test_a_hole_before_a_damaged_packet_is_concealed() -> None:
    good = encoded(tone(440, 0.2, RATE), 20)
    damaged = b"\x7b\x83\xff\xff"  # three frames of 20 ms, says its first byte; the rest is nonsense
    sent = packets([*good[:5], good[5], damaged, *good[7:]])
    heard = Heard().take(sent[:5] + sent[6:])
    assert heard.receiver.statistics.holes == 1 and heard.receiver.statistics.undecodable == 1
    assert len(heard.frames[5].pcm) == FRAME_BYTES
    assert heard.times == sorted(set(heard.times)) and heard.times[-1] <= 1180 + 60
    assert strongest_hz(b"".join(frame.pcm for frame in heard.frames[-2:])) == pytest.approx(440, abs=30)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFF) | st.integers(0, 9),
            st.integers(0, 0xFFFFFFFF) | st.integers(0, 20_000),
            st.integers(1, 2),
            st.binary(max_size=12),
            st.none() | st.integers(0, 127),
        ),
        max_size=25,
    )
)
def test_a_hostile_stream_gives_frames_in_order_or_nothing(stream: list) -> None:
    heard = Heard()
    heard.take([RtpPacket(111, s, t, ssrc, False, payload, level) for s, t, ssrc, payload, level in stream])
    heard.receiver.poll(1e6, 1e9)
    assert heard.times == sorted(set(heard.times))
    assert all(len(frame.pcm) in (0, FRAME_BYTES) for frame in heard.frames)


def test_the_media_clock_follows_the_sender_and_not_the_network() -> None:
    clock = MediaClock()
    assert [clock.place(n * 960, 500 + n * 20 + (n % 3) * 30) for n in range(5)] == [500, 520, 540, 560, 580]


def test_the_media_clock_is_set_at_a_talkspurt_that_its_sender_did_not_count() -> None:
    """A phone that slept: 10 s passed, its RTP clock counted half a second."""
    clock = MediaClock()
    assert clock.place(0, 0) == 0
    assert clock.place(24_000, 10_000) == 10_000
    assert clock.place(24_960, 10_020) == 10_020


def test_the_length_of_a_packet_is_what_libopus_says() -> None:
    """All tables of contents, with all counts of frames and without one."""
    library = opus._library()
    library.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32]
    for contents in range(256):
        for rest in (b"", *(bytes((count, 0)) for count in range(256))):
            packet = bytes((contents,)) + rest
            samples = library.opus_packet_get_nb_samples(packet, len(packet), RATE)
            if samples > 0:
                assert opus.duration_48k(packet) == samples
            else:
                with pytest.raises(opus.OpusError):
                    opus.duration_48k(packet)


def test_the_media_clock_never_runs_backwards_or_ahead() -> None:
    clock = MediaClock()
    assert [clock.place(t, 1000) for t in (0, 960_000, 0, 0)] == [1000, 1020, 1040, 1060]


@pytest.mark.parametrize("gap", [1, 11])
def test_no_one_speaks_faster_than_the_clock_whatever_the_packets_say(gap: int) -> None:
    """100 packets of 120 ms a second are within the budget; with holes between them they ask for 132 s of audio."""
    parts = [payload[1:] for payload in encoded(tone(440, 0.12, RATE), 20, bitrate=12_000)]
    assert len(parts) == 6 and all(len(part) < 252 for part in parts)
    toc = encoded(tone(440, 0.02, RATE), 20, bitrate=12_000)[0][0]
    lengths = bytes(len(part) for part in parts[:-1])
    long = bytes([toc & 0xFC | 3, 0x80 | 6]) + lengths + b"".join(parts)  # RFC 6716, 3.2.5
    assert opus.duration_48k(long) == RATE * 120 // 1000
    sent = [RtpPacket(111, n * gap, n * gap * 5760, 5, n == 0, long) for n in range(500)]
    heard = Heard().take(sent, ms=10)
    assert 5_000 <= len(heard.frames) * 20 <= 1000 * AUDIO_BURST_S + AUDIO_RATE * 5_000 + 120
    assert heard.receiver.statistics.dropped > 0


@pytest.mark.parametrize("seconds", [3, 5])
def test_a_stalled_network_may_catch_up(seconds: int) -> None:
    heard = Heard()
    heard.take(packets(encoded(tone(440, seconds, RATE), 20)), ms=0)
    assert len(heard.frames) == seconds * 50


def test_numbers_left_out_while_no_time_passed_are_no_lost_sound() -> None:
    """A client that numbers by two, or whose comfort noise and dialling tones have numbers of the same stream."""
    sent = packets(encoded(tone(440, 1.0, RATE), 20))
    for n, packet in enumerate(sent):
        packet.sequence = 100 + 2 * n
    heard = Heard().take(sent)
    heard.receiver.poll(9.0, 9000)
    assert len(heard.frames) == 50 and heard.receiver.statistics.holes == 0
    assert heard.times == list(range(1000, 2000, 20))
