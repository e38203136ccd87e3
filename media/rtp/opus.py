"""Opus by libopus itself (RFC 6716, RFC 7587): decoding to 16 kHz mono, encoding, FEC and concealment.

PyAV's own codec decodes to 48 kHz stereo and asks for a second pass of resampling; libopus decodes at any of
its rates for half the cost (docs/adr/0002). We call the library that PyAV carries, so nothing more is needed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import glob
import os
from functools import cache

import av

_OK = 0
_APPLICATION_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_PACKET_LOSS, _SET_DTX = 4002, 4010, 4012, 4014, 4016
_RESET_STATE = 4028
_MAX_PACKET = 1275
_MAX_FRAME_MS = 120


class OpusError(ValueError):
    """libopus refused a packet or a setting."""


@cache
def _library() -> ctypes.CDLL:
    beside_av = os.path.join(os.path.dirname(av.__file__), "..", "av.libs", "libopus*.so*")
    path = next(iter(glob.glob(beside_av)), None) or ctypes.util.find_library("opus")
    if path is None:
        raise OSError("libopus not found: neither inside PyAV nor installed (Debian: libopus0)")
    lib = ctypes.CDLL(path)
    state, size, text = ctypes.c_void_p, ctypes.c_int32, ctypes.c_char_p
    lib.opus_decoder_get_size.argtypes = [ctypes.c_int]
    lib.opus_decoder_init.argtypes = [state, size, ctypes.c_int]
    lib.opus_decode.argtypes = [state, text, size, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    lib.opus_encoder_get_size.argtypes = [ctypes.c_int]
    lib.opus_encoder_init.argtypes = [state, size, ctypes.c_int, ctypes.c_int]
    lib.opus_encode.argtypes = [state, text, ctypes.c_int, ctypes.c_void_p, size]
    if hasattr(lib, "opus_packet_has_lbrr"):  # libopus 1.5 and later
        lib.opus_packet_has_lbrr.argtypes = [text, size]
    return lib


def _frame_48k(config: int) -> int:
    """Return the samples at 48 kHz in a frame of one of the 32 configurations (RFC 6716, table 2)."""
    if config < 12:  # SILK
        return (480, 960, 1920, 2880)[config % 4]
    if config < 16:  # hybrid
        return (480, 960)[config % 2]
    return (120, 240, 480, 960)[config % 4]


_FRAME_48K = tuple(_frame_48k(contents >> 3) for contents in range(256))
_LONGEST_48K = 48 * _MAX_FRAME_MS


def duration_48k(payload: bytes) -> int:
    """Return the samples at 48 kHz in a packet, by its table of contents (RFC 6716, 3.1 and 3.2). Raises OpusError.

    It is read here, and not by libopus: each packet asks, and a foreign call costs more than this.
    """
    if not payload:
        raise OpusError("not an Opus packet")
    contents = payload[0]
    code = contents & 3
    if code == 0:
        return _FRAME_48K[contents]
    if code < 3:
        return 2 * _FRAME_48K[contents]
    samples = 0 if len(payload) < 2 else (payload[1] & 0x3F) * _FRAME_48K[contents]
    if not 0 < samples <= _LONGEST_48K:
        raise OpusError("not an Opus packet")
    return samples


def carries_speech(payload: bytes) -> bool:
    """False for the one or two bytes by which an encoder in DTX marks silence (RFC 6716, 2.1.9)."""
    return len(payload) > 2


def carries_fec(payload: bytes) -> bool:
    """True if the packet holds a copy of the one before it; False where this libopus can't tell."""
    lib = _library()
    return hasattr(lib, "opus_packet_has_lbrr") and lib.opus_packet_has_lbrr(payload, len(payload)) > 0


class Decoder:
    """One stream's decoder to mono s16 at `rate` Hz. Its state lives in memory that Python owns."""

    def __init__(self, rate: int = 16_000) -> None:
        lib = _library()
        self._rate = rate
        self._state = ctypes.create_string_buffer(lib.opus_decoder_get_size(1))
        if lib.opus_decoder_init(self._state, rate, 1) != _OK:
            raise OpusError("opus_decoder_init failed")
        self._capacity = rate * _MAX_FRAME_MS // 1000
        self._pcm = ctypes.create_string_buffer(self._capacity * 2)
        self._decoded = memoryview(self._pcm).cast("B")
        self._decode = lib.opus_decode

    def decode(self, payload: bytes) -> bytes:
        """Return the PCM of one packet. Raises OpusError where libopus cannot read it."""
        return self._run(payload, len(payload), self._capacity, 0)

    def recover(self, following: bytes, samples: int) -> bytes:
        """Return the PCM of the packet lost just before `following`: from its in-band FEC, or concealed without."""
        return self._run(following, len(following), samples, 1)

    def conceal(self, samples: int) -> bytes:
        """Return PCM of a lost packet, made up by libopus; `samples` at this decoder's rate."""
        return self._run(None, 0, samples, 0)

    def _run(self, payload: bytes | None, length: int, samples: int, fec: int) -> bytes:
        decoded = self._decode(self._state, payload, length, self._pcm, samples, fec)
        if decoded < 0:
            raise OpusError(f"opus_decode: {decoded}")
        return self._decoded[: decoded * 2].tobytes()


class Encoder:
    """One stream's encoder of mono s16 at `rate` Hz, with in-band FEC for the packet before (RFC 6716, 2.1.7)."""

    def __init__(self, rate: int, *, bitrate: int = 24_000, complexity: int = 5, expected_loss: int = 10) -> None:
        lib = _library()
        self._state = ctypes.create_string_buffer(lib.opus_encoder_get_size(1))
        if lib.opus_encoder_init(self._state, rate, 1, _APPLICATION_VOIP) != _OK:
            raise OpusError("opus_encoder_init failed")
        self._set(_SET_COMPLEXITY, complexity)
        self._set(_SET_INBAND_FEC, 1)
        self._set(_SET_DTX, 0)  # we stop sending ourselves: the playout knows the end of a talkspurt, DTX guesses it
        self.adapt(bitrate, expected_loss)
        self._packet = ctypes.create_string_buffer(_MAX_PACKET)
        self._encoded = memoryview(self._packet).cast("B")
        self._encode = lib.opus_encode

    def adapt(self, bitrate: int, expected_loss: int) -> None:
        """Use `bitrate` (bit/s) from the next packet on, with FEC for `expected_loss` %. Nothing else changes."""
        self._set(_SET_BITRATE, bitrate)
        self._set(_SET_PACKET_LOSS, expected_loss)

    def _set(self, request: int, value: int) -> None:
        if _library().opus_encoder_ctl(self._state, request, ctypes.c_int(value)) != _OK:
            raise OpusError(f"opus_encoder_ctl {request}")

    def encode(self, pcm: bytes) -> bytes:
        """Return one packet of `pcm`, whose length must be an Opus frame (2.5 to 60 ms). Raises OpusError."""
        length = self._encode(self._state, pcm, len(pcm) // 2, self._packet, _MAX_PACKET)
        if length < 0:
            raise OpusError(f"opus_encode: {length}")
        return self._encoded[:length].tobytes()

    def reset(self) -> None:
        """Discard the last talkspurt's state, so that nothing of it colours the next."""
        _library().opus_encoder_ctl(self._state, _RESET_STATE)
