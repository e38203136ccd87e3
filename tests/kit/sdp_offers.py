"""Offers as real clients write them, to be answered, mutilated and refused."""

from aioice import Candidate

from media.webrtc.sdp_answer import AnswerTransport

FINGERPRINT = "A1:B2:" * 15 + "C3:D4"

OUR_TRANSPORT = AnswerTransport(
    ufrag="abcd",
    password="0123456789abcdefghijkl",
    fingerprints=[("sha-256", FINGERPRINT)],
    role="active",
    candidates=[Candidate("1", 1, "udp", 2130706431, "198.51.100.4", 40000, "host")],
    sctp_port=5000,
    max_message_size=65536,
)
"""Transport of the server's answer."""

_SESSION = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
a=extmap-allow-mixed
a=msid-semantic: WMS 7f1c
"""

_TRANSPORT = f"""a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlAa
a=ice-options:trickle
a=fingerprint:sha-256 {FINGERPRINT}
a=setup:actpass
"""

_AUDIO = (
    """m=audio {port} UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 {address}
a=rtcp:9 IN IP4 0.0.0.0
{candidates}"""
    + _TRANSPORT
    + """a=mid:{mid}
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a={direction}
{sending}a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
"""
)

_SENDING = """a=msid:7f1c 9b0e
a=ssrc:1399694169 cname:Xy+T3eJ7XbVfv6Tq
a=ssrc:1399694169 msid:7f1c 9b0e
"""

_VIDEO = (
    """m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
"""
    + _TRANSPORT
    + """a=mid:{mid}
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
"""
)

_DATA = (
    """m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
"""
    + _TRANSPORT
    + """a=mid:{mid}
a=sctp-port:5000
a=max-message-size:262144
"""
)

CANDIDATES = """a=candidate:1467250027 1 udp 2122260223 192.168.1.23 46243 typ host generation 0 network-id 1
a=candidate:2960373343 1 udp 2122194687 bd6f6a5e-0f3c-4a8c-9a05-0f3e7a7b4c1d.local 44512 typ host generation 0
a=candidate:435653019 1 tcp 1518280447 192.168.1.23 9 typ host tcptype active generation 0 network-id 1
a=candidate:1853887674 1 udp 1686052607 203.0.113.7 36768 typ srflx raddr 192.168.1.23 rport 46243 generation 0
"""


def chromium(lines: str = "Aad", *, candidates: str = "") -> str:
    """`A`: the microphone, sendrecv; `a`: a recvonly audio line; `v`: video; `d`: the data channel."""
    mids = [str(n) for n in range(len(lines))]
    text = _SESSION.format(mids=" ".join(mids))
    for n, (kind, mid) in enumerate(zip(lines, mids, strict=True)):
        here = candidates if n == 0 else ""
        if kind in "Aa":
            text += _AUDIO.format(
                mid=mid,
                candidates=here,
                port=46243 if here else 9,
                address="192.168.1.23" if here else "0.0.0.0",
                direction="sendrecv" if kind == "A" else "recvonly",
                sending=_SENDING if kind == "A" else "",
            )
        else:
            text += (_VIDEO if kind == "v" else _DATA).format(mid=mid)
    return text.replace("\n", "\r\n")


def without(offer: str, *beginnings: str) -> str:
    """The offer less all rows that begin so."""
    return "".join(row for row in offer.splitlines(keepends=True) if not row.startswith(beginnings))
