"""SDP offers, and the answers that are written to those that are taken."""

from __future__ import annotations

from media.events import OfferRefused
from media.webrtc.microphone_source import audio_lines
from media.webrtc.network import usable
from media.webrtc.sdp_answer import AnsweredAudio, AnswerTransport, write_answer
from media.webrtc.sdp_offer import SdpOffer, parse_offer
from media.webrtc.sdp_publication import parse_publication
from tests.kit.sdp_dialects import CLIENTS, offer_of
from tests.operations.fuzz.target import Target, plain

TRANSPORT = AnswerTransport("ufrag", "p" * 22, [("sha-256", "AA:BB")], "passive", [], 5000, 65536)
WORDS = """a=group:BUNDLE 0 1|a=mid:0|a=bundle-only|a=rtcp-mux|a=setup:active|a=inactive|m=audio 9 UDP/TLS/RTP/SAVPF 111
|a=rtpmap:111 opus/48000/2|a=ssrc:1 cname:x|a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid|a=sctp-port:5000
|a=max-message-size:0|a=candidate:1 1 udp 1 192.0.2.7 4000 typ host|a=end-of-candidates|\r\n|m=video 9 X 96|:|-1|\x00
|4294967296|a=ice-ufrag:|a=ice-pwd:|a=fingerprint:sha-256 AA|²"""


def run(data: bytes) -> None:
    text = data.decode("utf-8")
    for read in (parse_offer, parse_publication):  # on a socket, and by WHIP
        _answer(read(text))


def _answer(offer: SdpOffer) -> None:
    audio_lines(offer.audio[0], offer.m_lines)
    for candidate in offer.candidates:
        usable(candidate.host, candidate.port, loopback=True)
    answer = write_answer(offer, TRANSPORT, {one.mid: AnsweredAudio(1, "s") for one in offer.audio}, "cname")
    lines = answer.split("\r\n")
    assert lines.pop() == "" and all(line[1:2] == "=" and line.isprintable() for line in lines)
    assert sum(line.startswith("m=") for line in lines) == len(offer.m_lines)


TARGET = Target(
    "sdp",
    plain(run),
    (OfferRefused, UnicodeDecodeError),
    [offer_of(client).encode() for client in CLIENTS],
    [word.strip("\n").encode() for word in WORDS.split("|")],
    quick=600,
    longest=8192,
)
