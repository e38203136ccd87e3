"""A speaker's RTP made into frames for the recogniser, on true media time, at the frame rate and inline.

Runs on the event loop for every packet: parse, flood guard, jitter buffer, decode at 16 kHz, cut into 20 ms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from media.rtp import opus
from media.rtp.jitter_buffer import MAX_CONCEALED, Hole, Item, JitterBuffer, Ready
from media.rtp.packets import CLOCK_RATE, RtpPacket
from media.rtp.statistics import ReceiverStatistics
from pipeline.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, Frame

SILENT_LEVEL = 90
"""-dBov at and beyond which a frame is not decoded (RFC 6464); digital near-silence, well below any voice."""
WARM_UP = 3
"""Opus predicts each frame from the last: of the frames that were not decoded so many are decoded before an
onset, and it comes out as if all had been."""
_DECIMATION = CLOCK_RATE // SAMPLE_RATE
_DRIFT_LIMIT_MS = 120
_FRAME_TICKS = CLOCK_RATE * FRAME_MS // 1000


class MediaClock:
    """Maps one sender's RTP timestamps to milliseconds since the session began; never runs backwards.

    Anchored on the first packet's arrival. Where the sender's clock drifts from ours, or a pause was not
    counted by its RTP clock, the anchor moves forward at the next talkspurt.
    """

    def __init__(self) -> None:
        self._anchor: tuple[int, float] | None = None
        self._newest_ms = -FRAME_MS
        self._last_timestamp: int | None = None

    def restart(self) -> None:
        """Forget the sender's clock; media time itself goes on."""
        self._anchor = None
        self._last_timestamp = None

    def place(self, timestamp: int, arrived_ms: float) -> int:
        """The media time of the audio at `timestamp`, strictly later than all before it."""
        if self._anchor is None:
            self._anchor = timestamp, arrived_ms
        start, base = self._anchor
        media_ms = base + (timestamp - start) * 1000 / CLOCK_RATE
        jumped = self._last_timestamp is not None and timestamp - self._last_timestamp > 10 * _FRAME_TICKS
        if (jumped and arrived_ms - media_ms > _DRIFT_LIMIT_MS) or media_ms - arrived_ms > _DRIFT_LIMIT_MS:
            self._anchor = timestamp, arrived_ms
            media_ms = arrived_ms
        self._last_timestamp = timestamp
        self._newest_ms = max(self._newest_ms + FRAME_MS, round(media_ms))
        return self._newest_ms


class FloodGuard:
    """A token bucket over packets and bytes: the surplus of a peer that sends too much is dropped."""

    def __init__(self, packets_per_s: float = 100.0, bits_per_s: float = 128_000.0) -> None:
        self._rates = packets_per_s, bits_per_s / 8
        self._packets, self._bytes = self._rates
        self._then: float | None = None

    def admits(self, size: int, now: float) -> bool:
        elapsed = 0.0 if self._then is None else max(0.0, now - self._then)
        self._then = now
        self._packets = min(self._rates[0], self._packets + elapsed * self._rates[0])
        self._bytes = min(self._rates[1], self._bytes + elapsed * self._rates[1])
        if self._packets < 1 or self._bytes < size:
            return False
        self._packets -= 1
        self._bytes -= size
        return True


class AudioGuard:
    """A token bucket over audio time. Packets of 120 ms, and holes between them to conceal, are a hundred times as
    much audio as the packet rate suggests; nobody speaks faster than the clock, but a stalled network catches up."""

    def __init__(self, burst_ms: float = 4_000.0, rate: float = 1.25) -> None:
        self._burst_ms, self._rate = burst_ms, rate
        self._left = burst_ms
        self._then: float | None = None

    def admits(self, ticks: int, arrived_ms: float) -> bool:
        """Whether so much more audio (at the RTP clock) is let in now."""
        elapsed = 0.0 if self._then is None else max(0.0, arrived_ms - self._then)
        self._then = arrived_ms
        self._left = min(self._burst_ms, self._left + elapsed * self._rate)
        asked = ticks * 1000 / CLOCK_RATE
        if self._left < asked:
            return False
        self._left -= asked
        return True


class Receiver:
    """One speaker's stream. `hear` gets every frame; `now` is loop time, `arrived_ms` session time."""

    def __init__(self, hear: Callable[[Frame], None]) -> None:
        self.quality = ReceiverStatistics()
        self._hear = hear
        self._buffer = JitterBuffer()
        self._decoder = opus.Decoder(SAMPLE_RATE)
        self._undecoded: deque[bytes] = deque(maxlen=WARM_UP)
        self._clock = MediaClock()
        self._guard = AudioGuard()
        self._rest = b""

    def set_clock(self) -> None:
        """Session time began anew (the session was paired): media time is anchored again."""
        self._clock = MediaClock()
        self._rest = b""

    def take(self, packet: RtpPacket, now: float, arrived_ms: float) -> None:
        """A packet has come (the flood guard let it pass)."""
        self.quality.arrived(packet, now)
        for item in self._buffer.add(packet, now):
            self._play(item, arrived_ms)

    @property
    def deadline(self) -> float | None:
        """When `poll` will have something to do (loop time); None while nothing is missing."""
        return self._buffer.deadline

    def poll(self, now: float, arrived_ms: float) -> None:
        """To be called at `deadline`, or every 20 ms: holes whose wait is over are concealed."""
        if self._buffer.deadline is not None:
            for item in self._buffer.poll(now):
                self._play(item, arrived_ms)

    def _play(self, item: Item, arrived_ms: float) -> None:
        match item:
            case Ready(packet, timestamp):
                self._decode(packet, timestamp, arrived_ms)
            case Hole(count, timestamp, following):
                self._mend(count, timestamp, following, arrived_ms)
            case _:
                self._clock.restart()
                self._rest = b""

    def _decode(self, packet: RtpPacket, timestamp: int, arrived_ms: float) -> None:
        try:
            if not packet.payload:
                return
            ticks = opus.duration_48k(packet.payload)
            if not self._guard.admits(ticks, arrived_ms):
                self.quality.dropped += 1
                return
            silent = not opus.carries_speech(packet.payload) or (
                packet.level is not None and packet.level >= SILENT_LEVEL
            )
            pcm = b"" if silent else self._decode_after_silence(packet.payload)
        except opus.OpusError:
            self.quality.undecodable += 1
            return
        if silent:
            self._undecoded.append(packet.payload)
            self._rest = b""
            for offset in range(0, ticks - _FRAME_TICKS + 1, _FRAME_TICKS):
                self._hear(Frame(self._clock.place(timestamp + offset, arrived_ms)))
        else:
            self._cut(pcm, timestamp, arrived_ms)

    def _decode_after_silence(self, payload: bytes) -> bytes:
        while self._undecoded:
            self._decoder.decode(self._undecoded.popleft())
        return self._decoder.decode(payload)

    def _mend(self, count: int, timestamp: int, following: RtpPacket, arrived_ms: float) -> None:
        """Fill a hole of `count` packets before `timestamp`: concealment, and FEC for the last of them."""
        try:
            ticks = opus.duration_48k(following.payload)
        except opus.OpusError:
            return
        self.quality.concealed(count)
        if count > MAX_CONCEALED or not self._guard.admits(count * ticks, arrived_ms):
            return  # media time jumps over it: silence of the right length
        samples = ticks // _DECIMATION
        for missing in range(count, 0, -1):
            pcm = self._recover(following, samples) if missing == 1 else self._decoder.conceal(samples)
            self._cut(pcm, timestamp - missing * ticks, arrived_ms)

    def _recover(self, following: RtpPacket, samples: int) -> bytes:
        try:
            pcm = self._decoder.recover(following.payload, samples)
        except opus.OpusError:  # a good table of contents before a damaged body
            return self._decoder.conceal(samples)
        self.quality.recovered += opus.carries_fec(following.payload)
        return pcm

    def _cut(self, pcm: bytes, timestamp: int, arrived_ms: float) -> None:
        """Cut decoded audio into 20 ms frames; packets of 10 ms are paired, of 60 ms divided."""
        if self._rest:
            timestamp -= len(self._rest) // 2 * _DECIMATION
            pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        for offset in range(0, whole, FRAME_BYTES):
            at = timestamp + offset // FRAME_BYTES * FRAME_SAMPLES * _DECIMATION
            self._hear(Frame(self._clock.place(at, arrived_ms), pcm[offset : offset + FRAME_BYTES]))
        self._rest = pcm[whole:]
