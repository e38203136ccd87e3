"""Writes the SDP answer: complete, with our candidates, our streams and our wishes for the client's Opus."""

from __future__ import annotations

from dataclasses import dataclass

from aioice import Candidate

from media.webrtc.sdp_offer import LEVEL_URI, MID_URI, MediaLine, SdpOffer

_ANSWERED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
OPUS_FMTP = "minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=24000"


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """Our side of the one transport."""

    ufrag: str
    password: str
    fingerprints: list[tuple[str, str]]
    role: str  # `active` or `passive`
    candidates: list[Candidate]
    sctp_port: int
    max_message_size: int


@dataclass(frozen=True, slots=True)
class AnsweredAudio:
    """Our stream on an accepted audio m-line: its SSRC, and the media stream id that names it."""

    ssrc: int
    stream: str


def write_answer(offer: SdpOffer, transport: AnswerTransport, audio: dict[str, AnsweredAudio], cname: str) -> str:
    """Return the complete answer, candidates included; `audio` is keyed by mid."""
    accepted = [one for one in offer.m_lines if offer.accepts(one) and (one.kind != "audio" or one.mid in audio)]
    rows = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if offer.grouped:
        rows.append("a=group:BUNDLE " + " ".join(m_line.mid for m_line in accepted))
    rows.append("a=msid-semantic:WMS *")
    for m_line in offer.m_lines:
        if m_line not in accepted:
            rows += [f"m={m_line.kind} 0 {m_line.protocol} {' '.join(m_line.formats)}", "c=IN IP4 0.0.0.0"]
            rows += [*_mid(m_line), "a=inactive"]
            continue
        rows += _audio(m_line, audio[m_line.mid], cname) if m_line.kind == "audio" else _data(m_line, transport)
        rows += _transport(transport)
    return "\r\n".join(rows) + "\r\n"


def _mid(m_line: MediaLine) -> list[str]:
    return [f"a=mid:{m_line.mid}"] if m_line.mid else []


def _audio(m_line: MediaLine, sent: AnsweredAudio, cname: str) -> list[str]:
    direction = _ANSWERED[m_line.direction]
    rows = [
        f"m=audio 9 {m_line.protocol} {m_line.opus}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        *_mid(m_line),
        f"a={direction}",
        f"a=rtpmap:{m_line.opus} opus/48000/2",
        f"a=fmtp:{m_line.opus} {OPUS_FMTP}",
        "a=ptime:20",
    ]
    if m_line.mid_id is not None and m_line.mid:
        rows.append(f"a=extmap:{m_line.mid_id} {MID_URI}")
    if m_line.level_id is not None:
        rows.append(f"a=extmap:{m_line.level_id} {LEVEL_URI}")
    if direction in ("sendrecv", "sendonly"):
        track = f"{sent.stream}-{m_line.mid}"
        rows += [
            f"a=msid:{sent.stream} {track}",
            f"a=ssrc:{sent.ssrc} cname:{cname}",
            f"a=ssrc:{sent.ssrc} msid:{sent.stream} {track}",
        ]
    return rows


def _data(m_line: MediaLine, transport: AnswerTransport) -> list[str]:
    return [
        f"m=application 9 {m_line.protocol} webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        *_mid(m_line),
        f"a=sctp-port:{transport.sctp_port}",
        f"a=max-message-size:{transport.max_message_size}",
    ]


def _transport(transport: AnswerTransport) -> list[str]:
    rows = [f"a=ice-ufrag:{transport.ufrag}", f"a=ice-pwd:{transport.password}"]
    rows += [f"a=fingerprint:{algorithm} {digest}" for algorithm, digest in transport.fingerprints]
    rows.append(f"a=setup:{transport.role}")
    # With BUNDLE the first m-line's candidates would do, but aiortc's max-bundle reads those of the last m-line.
    rows += [f"a=candidate:{candidate.to_sdp()}" for candidate in transport.candidates]
    return [*rows, "a=end-of-candidates"]
