"""RTP of a client, as it comes out of SRTP: headers, source, budget, order, and Opus."""

from __future__ import annotations

from media.rtp.packets import HeaderExtensions, build, is_rtcp, parse
from media.rtp.peer_budget import PeerBudget
from media.rtp.receiver import AUDIO_BURST_S, AUDIO_RATE, Receiver
from media.webrtc.microphone_source import MicrophoneSource, audio_lines
from media.webrtc.sdp_offer import parse_offer
from pipeline.speech import Frame
from tests.kit.sdp_offers import chromium
from tests.operations.fuzz.target import Target, datagrams, joined, plain

OFFER = parse_offer(chromium())
LINES = audio_lines(OFFER.audio[0], OFFER.m_lines)
MID, LEVEL = 4, 1
FRAME_S = 0.02


def run(data: bytes) -> None:
    heard: list[Frame] = []
    receiver, source, budget, now = Receiver(heard.append), MicrophoneSource(LINES), PeerBudget(), 1000.0
    for _, after_ms, packet in datagrams(data):
        now += after_ms / 1000
        is_rtcp(packet)
        receiver.poll(now, 1000 * (now - 1000))
        try:
            parsed = parse(packet, LEVEL, MID)
        except ValueError:
            continue
        for chosen in source.choose(parsed, now):
            if budget.admits(len(chosen.payload), now):
                receiver.receive(chosen, now, 1000 * (now - 1000))
            else:
                receiver.refuse(chosen, now)
    allowed_s = AUDIO_BURST_S + AUDIO_RATE * (now - 1000) + FRAME_S
    assert len(heard) * FRAME_S <= allowed_s, f"{len(heard)} frames, and {allowed_s:.2f} s of sound are let in"


def packet(sequence: int, payload: bytes, ssrc: int = 7, level: int | None = 40) -> bytes:
    extension = HeaderExtensions(MID, b"0", LEVEL).encode(level, voiced=True)
    return build(111, sequence, sequence * 960, ssrc, payload, extension=extension)


TOCS = (0xF8, 0x08, 0x48, 0x78, 0x0B, 0xFB)
"""Opus of 20 ms by CELT, SILK and hybrid; 60 ms; and packets of several frames (RFC 6716, 3.1)."""

TARGET = Target(
    "rtp",
    plain(run),
    (),
    [
        *(joined(*(packet(one, bytes((toc, 3)) + b"\x5a\x11\xc0" * 9) for one in range(5))) for toc in TOCS),
        joined(*(packet(one, b"\xf8\xff\xfe", level=127) for one in (65533, 65534, 2, 3, 4, 5))),
        joined(packet(1, b"\x48" * 40, ssrc=7), packet(9, b"\x48" * 40, ssrc=8), packet(2, b"\x48" * 40, ssrc=7)),
        joined(build(13, 1, 0, 7, b"\x40"), build(126, 2, 160, 7, bytes(4)), b"\x80\xc8\x00\x01"),
    ],
    [b"\x90\x6f", b"\xbe\xde\x00\x01", b"\x10\x00\x00\x01", b"\xff\x03", b"\xfb\x3f", b"\x0b\x86", b"\xb0\x6f"],
    quick=350,
)
