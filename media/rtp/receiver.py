"""Receives a microphone's RTP as 20 ms frames, and conceals lost packets by Opus FEC or PLC.

Runs on the event loop for every packet: jitter buffer, decode at 16 kHz, cut into 20 ms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress

from media.rtp import opus
from media.rtp.audio_level import AudioLevelHint
from media.rtp.budget import TokenBucket
from media.rtp.jitter_buffer import MAX_CONCEALED, Hole, Item, JitterBuffer, Ready
from media.rtp.media_clock import FRAME_TICKS, MediaClock
from media.rtp.packets import CLOCK_RATE, RtpPacket
from media.rtp.peer_budget import CATCH_UP_S
from media.rtp.statistics import ReceiverStatistics
from pipeline.speech import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Frame

WARM_UP = 3
"""Skipped frames that are decoded before an onset. Opus predicts each frame from the last, and three of them are
enough for the onset to come out as if none had been skipped."""
AUDIO_RATE, AUDIO_BURST_S = 1.25, CATCH_UP_S
"""Seconds of audio that are let in for each second, and at once. A packet of 120 ms, or a hole between packets that
is concealed, is more audio than the packet rate suggests. Nobody speaks faster than the clock, but a stalled network
catches up."""
_DECIMATION = CLOCK_RATE // SAMPLE_RATE

Hear = Callable[[Frame], None]
"""Gets every frame of a microphone, in media order."""


def _unheard(frame: Frame) -> None:
    """Stand for a recogniser where there is none yet."""


class Receiver:
    """One speaker's stream. `now` is loop time in seconds, `arrived_ms` session time."""

    def __init__(self, hear: Hear = _unheard) -> None:
        self.statistics = ReceiverStatistics()
        self._hear = hear
        self._buffer = JitterBuffer()
        self._decoder = opus.Decoder(SAMPLE_RATE)
        self._undecoded: deque[bytes] = deque(maxlen=WARM_UP)
        self._clock = MediaClock()
        self._audio = TokenBucket(AUDIO_RATE, AUDIO_BURST_S)
        self._level = AudioLevelHint()
        self._rest = b""
        self._silence: tuple[int, int] | None = None
        """Undecoded silence that is not heard yet, from and to RTP timestamps: less than a frame."""
        self._end: int | None = None
        """RTP timestamp at which the last packet ended."""

    def begin(self, hear: Hear) -> None:
        """Anchor media time anew, as session time is when a session is paired; `hear` gets the frames from now on."""
        self._hear = hear
        self._clock = MediaClock()
        self._rest, self._silence = b"", None

    def receive(self, packet: RtpPacket, now: float, arrived_ms: float) -> None:
        """Accept one packet as it arrives; what can be decoded of it is heard at once."""
        self.statistics.arrived(packet, now)
        for item in self._buffer.add(packet, now):
            if isinstance(item, Ready):  # nearly each
                self._decode(item.packet, item.timestamp, arrived_ms)
            else:
                self._play(item, arrived_ms)

    def refuse(self, packet: RtpPacket, now: float) -> None:
        """Count a packet that came, and so is not lost, but was over its connection's budget."""
        self.statistics.arrived(packet, now)
        self.statistics.dropped += 1

    @property
    def deadline(self) -> float | None:
        """The loop time at which `poll` has something to do; None while no packet is missing."""
        return self._buffer.deadline

    def poll(self, now: float, arrived_ms: float) -> None:
        """Conceal holes whose wait is over. To be called at `deadline`, or every 20 ms."""
        if self._buffer.deadline is not None:
            for item in self._buffer.poll(now):
                self._play(item, arrived_ms)

    def _play(self, item: Item, arrived_ms: float) -> None:
        if isinstance(item, Ready):
            self._decode(item.packet, item.timestamp, arrived_ms)
        elif isinstance(item, Hole):
            self._conceal(item.count, item.timestamp, item.following, arrived_ms)
        else:
            self._clock.restart()
            self._level = AudioLevelHint()
            self._rest, self._silence, self._end = b"", None, None

    def _decode(self, packet: RtpPacket, timestamp: int, arrived_ms: float) -> None:
        try:
            if not packet.payload:
                return
            ticks = opus.duration_48k(packet.payload)
            if not self._audio.consume(ticks / CLOCK_RATE, arrived_ms / 1000):
                self.statistics.dropped += 1
                return
            silent = not opus.carries_speech(packet.payload) or self._level.silences(packet, ticks)
            if not silent and self._undecoded:
                self._warm_up()
            pcm = b"" if silent else self._decoder.decode(packet.payload)
        except opus.OpusError:
            self.statistics.undecodable += 1
            return
        self.statistics.decoded += 1
        self._end = timestamp + ticks
        if silent:
            self._undecoded.append(packet.payload)
            self._rest = b""
            self._fall_silent(timestamp, ticks, arrived_ms)
            return
        if self._level.refuted_by(packet, pcm):
            self.statistics.wrong_levels += 1
        self._silence = None
        self._cut(pcm, timestamp, arrived_ms)

    def _fall_silent(self, timestamp: int, ticks: int, arrived_ms: float) -> None:
        """Hear `ticks` of undecoded silence in frames of 20 ms; packets of 10 ms are paired."""
        begin = timestamp
        if self._silence is not None and self._silence[1] == timestamp:
            begin = self._silence[0]
        end = timestamp + ticks
        while end - begin >= FRAME_TICKS:
            self._hear(Frame(self._clock.place(begin, arrived_ms)))
            begin += FRAME_TICKS
        self._silence = (begin, end) if end > begin else None

    def _warm_up(self) -> None:
        """Decode the last of the silence that was skipped, which an onset follows."""
        while self._undecoded:
            with suppress(opus.OpusError):  # silence that is no Opus costs no word behind it
                self._decoder.decode(self._undecoded.popleft())

    def _conceal(self, count: int, timestamp: int, following: RtpPacket, arrived_ms: float) -> None:
        """Fill a hole of `count` packets before `timestamp`: concealment, and FEC for the last of them."""
        try:
            ticks = opus.duration_48k(following.payload)
        except opus.OpusError:
            return
        if timestamp == self._end:
            return  # no time passed: a client that leaves numbers out, and no lost sound
        self.statistics.concealed(count)
        if count > MAX_CONCEALED or not self._audio.consume(count * ticks / CLOCK_RATE, arrived_ms / 1000):
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
        self.statistics.recovered += opus.carries_fec(following.payload)
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
