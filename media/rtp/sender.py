"""Sends one RTP stream of ours: sequence numbers, timestamps, marker bits, sender reports (RFC 3550).

`RTCRtpSender` marks every packet, can't leave a gap and numbers packets by itself. A call needs true talkspurts, so
streams are written here and go out through the DTLS transport.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable

import numpy as np
from aiortc.rtp import RtcpSenderInfo

from media.playout import OutFrame
from media.rtp import packets
from media.rtp.loss_adaptation import LossAdaptation, ReportDifference
from media.rtp.opus import Encoder
from media.rtp.statistics import NTP_EPOCH
from pipeline.speech import FRAME_MS, VOICE_RATE

Send = Callable[[bytes], None]
"""Sends one RTP or RTCP packet; silently nowhere while the peer is not connected."""

FRAME_TICKS = packets.CLOCK_RATE * FRAME_MS // 1000
_FULL_SCALE = 32768.0


def audio_level(pcm: bytes) -> int:
    """Return the -dBov of mono s16 audio, 0 (loudest) to 127 (RFC 6464)."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    power = float(np.dot(samples, samples)) / max(1, len(samples))
    if power <= 0:
        return 127
    return min(127, max(0, round(-10 * math.log10(power / (_FULL_SCALE * _FULL_SCALE)))))


class SenderStream:
    """Numbers packets of one SSRC. Either it is fed by the interpreter's voice or by a forwarded stream."""

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        extensions: packets.HeaderExtensions,
        send: Send,
        most_bitrate: int | None = None,
    ) -> None:
        """`most_bitrate`: bit/s of Opus that the client wants to receive at most; None for any."""
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self.adaptation = LossAdaptation(most_bitrate)
        self._reports = ReportDifference()
        self._holes = 0
        """Sequence numbers that no packet of ours has: a forwarded voice has the holes of its speaker's line."""
        self._payload_type = payload_type
        self._extensions = extensions
        self._extension_of: dict[int | None, bytes] = {}
        """Header extensions by audio level: there are 128 of these at most."""
        self._send = send
        self._base = secrets.randbits(32)
        self.next_sequence = secrets.randbits(15)  # the low half, so that no early wrap confuses SRTP (RFC 3711)
        self._last: tuple[int, float] | None = None

    def timestamp_at(self, now: float) -> int:
        """Return the RTP timestamp of loop time `now`: the stream's clock never stops."""
        return (self._base + round(now * packets.CLOCK_RATE)) & 0xFFFFFFFF

    def emit(
        self,
        payload: bytes,
        sequence: int,
        timestamp: int,
        now: float,
        *,
        marker: bool,
        level: int | None,
    ) -> None:
        """Send one packet with the sequence number and timestamp that its source gives it."""
        extension = self._extension_of.get(level)
        if extension is None:
            extension = self._extensions.encode(level, voiced=level is not None and level < 127)
            self._extension_of[level] = extension
        self._send(
            packets.build(
                self._payload_type,
                sequence,
                timestamp,
                self.ssrc,
                payload,
                marker=marker,
                extension=extension,
            )
        )
        ahead = (sequence + 1 - self.next_sequence) & 0xFFFF
        if ahead < 0x8000:
            self.next_sequence = (sequence + 1) & 0xFFFF
            self._holes += ahead - 1
        else:
            self._holes -= 1  # it came late, and its number was a hole
        self.packets += 1
        self.octets += len(payload)
        self._last = timestamp, now

    def reported(self, highest: int, lost: int, jitter_ms: float, round_trip_ms: float | None, now: float) -> None:
        """Adapt to a receiver report. `highest`: its extended sequence number; `lost`: packets, since the beginning."""
        expected, share = self._reports.since(highest, lost - self._holes, self.packets)
        self.adaptation.report(expected, share, jitter_ms, round_trip_ms, now)

    def report(self, now: float, wall: float) -> tuple[int, RtcpSenderInfo] | None:
        """Return SSRC and sender info at `now` (loop) = `wall` (epoch seconds); None before the first packet."""
        if self._last is None:
            return None
        timestamp, then = self._last
        ntp = int((wall + NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
        info = RtcpSenderInfo(
            ntp_timestamp=ntp,
            rtp_timestamp=(timestamp + round((now - then) * packets.CLOCK_RATE)) & 0xFFFFFFFF,
            packet_count=self.packets & 0xFFFFFFFF,
            octet_count=self.octets & 0xFFFFFFFF,
        )
        return self.ssrc, info


class VoiceSender:
    """The interpreter's voice into a stream: frames of the playout, encoded and put on the stream's clock."""

    def __init__(self, stream: SenderStream) -> None:
        self._stream = stream
        self._encoding = stream.adaptation.encoding
        self._encoder = Encoder(VOICE_RATE, bitrate=self._encoding.bitrate, expected_loss=self._encoding.expected_loss)
        self._timestamp: int | None = None

    def speak(self, frame: OutFrame, now: float) -> None:
        """Send one 20 ms frame; within a talkspurt timestamps step by exactly one frame (no clock jitter)."""
        if frame.first:
            self._timestamp = None
        if self._stream.adaptation.encoding is not self._encoding:
            self._encoding = self._stream.adaptation.encoding
            self._encoder.adapt(self._encoding.bitrate, self._encoding.expected_loss)
        begins = self._timestamp is None  # also where the connection was replaced while we spoke
        if self._timestamp is None:
            self._encoder.reset()
            self._timestamp = self._stream.timestamp_at(now)
        else:
            self._timestamp = (self._timestamp + FRAME_TICKS) & 0xFFFFFFFF
        self._stream.emit(
            self._encoder.encode(frame.pcm),
            self._stream.next_sequence,
            self._timestamp,
            now,
            marker=begins,
            level=audio_level(frame.pcm),
        )

    def skip(self, slots: int) -> None:
        """Let the clock go on over `slots` frames of time that the pacer gave up inside a talkspurt."""
        if self._timestamp is not None:
            self._timestamp = (self._timestamp + slots * FRAME_TICKS) & 0xFFFFFFFF
