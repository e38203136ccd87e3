"""Offers as eight kinds of clients write them, of the same m-lines, and m-lines that are out of use."""

from __future__ import annotations

from tests.kit.sdp_offers import FINGERPRINT, chromium

_TRANSPORT = ["a=ice-ufrag:4ZcD", "a=ice-pwd:2/1muCWoOi3uLifh0NuRHlAa"]
_PRINT = f"a=fingerprint:sha-256 {FINGERPRINT}"
_PROXY = ["c=IN IP4 0.0.0.0"]
_CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.7 46243 typ host"


def _aiortc(kind: str, mid: str, first: bool) -> list[str]:
    ice = [_CANDIDATE, "a=end-of-candidates", *_TRANSPORT, _PRINT]
    ice += [f"a=fingerprint:sha-384 {FINGERPRINT}:{FINGERPRINT[:47]}", "a=setup:actpass"]
    if kind == "d":
        port = 46243 if first else 9
        rows = [f"m=application {port} UDP/DTLS/SCTP webrtc-datachannel", *_PROXY, f"a=mid:{mid}"]
        return [*rows, "a=sctp-port:5000", "a=max-message-size:262144", *ice]
    return [
        "m=audio 46243 UDP/TLS/RTP/SAVPF 96 9 0 8",
        "c=IN IP4 192.0.2.7",
        "a=sendrecv" if kind == "A" else "a=recvonly",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        f"a=mid:{mid}",
        "a=msid:7d0b 8f1e",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=ssrc:1399694169 cname:7d0b",
        "a=rtpmap:96 opus/48000/2",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        *ice,
    ]


def _firefox(kind: str, mid: str, first: bool) -> list[str]:
    bundled = [] if first else ["a=bundle-only"]
    port = 9 if first else 0
    if kind == "d":
        rows = [f"m=application {port} UDP/DTLS/SCTP webrtc-datachannel", *_PROXY, *bundled, "a=sendrecv", *_TRANSPORT]
        return [*rows, f"a=mid:{mid}", "a=setup:actpass", "a=sctp-port:5000", "a=max-message-size:1073741823"]
    return [
        f"m=audio {port} UDP/TLS/RTP/SAVPF 109 9 0 8 101",
        *_PROXY,
        *bundled,
        "a=sendrecv" if kind == "A" else "a=recvonly",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level",
        "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1",
        "a=fmtp:101 0-15",
        *_TRANSPORT,
        f"a=mid:{mid}",
        "a=msid:{7d0b3c9e-1111-4222-8333-444455556666} {8f1e3c9e-1111-4222-8333-444455556666}",
        "a=rtcp-mux",
        "a=rtpmap:109 opus/48000/2",
        "a=rtpmap:9 G722/8000/1",
        "a=rtpmap:101 telephone-event/8000",
        "a=setup:actpass",
        "a=ssrc:1399694169 cname:{9a2b3c9e-1111-4222-8333-444455556666}",
    ]


def _gstreamer(kind: str, mid: str, first: bool) -> list[str]:
    port, bundled = (9, []) if first else (0, ["a=bundle-only"])
    ice = ["a=setup:actpass", *_TRANSPORT]
    if kind == "d":
        rows = [f"m=application {port} UDP/DTLS/SCTP webrtc-datachannel", *_PROXY, *ice, *bundled, f"a=mid:{mid}"]
        return [*rows, "a=sctp-port:5000", "a=max-message-size:0", _PRINT]
    return [
        f"m=audio {port} UDP/TLS/RTP/SAVPF 97",
        *_PROXY,
        *ice,
        *bundled,
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=sendrecv" if kind == "A" else "a=recvonly",
        "a=rtpmap:97 OPUS/48000/2",
        "a=rtcp-fb:97 nack",
        "a=fmtp:97 sprop-maxcapturerate=48000;sprop-stereo=0;useinbandfec=1",
        "a=ssrc:2137482913 msid:user3182731@host-1f webrtctransceiver0",
        f"a=mid:{mid}",
        _PRINT,
    ]


def _pion(kind: str, mid: str, first: bool) -> list[str]:
    if kind == "d":
        rows = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", *_PROXY, "a=setup:actpass", f"a=mid:{mid}"]
        return [*rows, "a=sendrecv", "a=sctp-port:5000", "a=max-message-size:1073741823", *_TRANSPORT]
    return [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8",
        *_PROXY,
        "a=setup:actpass",
        f"a=mid:{mid}",
        *_TRANSPORT,
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtcp-fb:111 transport-cc ",
        "a=rtpmap:9 G722/8000",
        "a=ssrc:1399694169 cname:pion",
        "a=sendrecv" if kind == "A" else "a=recvonly",
    ]


def _sipsorcery(kind: str, mid: str, first: bool) -> list[str]:
    ice = [*_TRANSPORT, _PRINT, "a=setup:actpass", _CANDIDATE, "a=ice-options:ice2,trickle"]
    if kind == "d":
        rows = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", *_PROXY, *ice, f"a=mid:{mid}"]
        return [*rows, "a=sctp-port:5000", "a=max-message-size:262144"]
    return [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 101",
        *_PROXY,
        *ice,
        f"a=mid:{mid}",
        "a=rtpmap:111 OPUS/48000/2",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=rtcp-mux",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ssrc:1399694169 cname:d9f9c5c1",
        "a=sendrecv" if kind == "A" else "a=recvonly",
    ]


_SESSIONS = {
    "aiortc": ["o=- 3973 3973 IN IP4 0.0.0.0", "s=-", "t=0 0"],
    "firefox": ["o=mozilla...THIS_IS_SDPARTA-99.0 46117 0 IN IP4 0.0.0.0", "s=-", "t=0 0", _PRINT],
    "gstreamer": ["o=- 8213371 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-options:trickle"],
    "pion": ["o=- 7527853158 1567 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=msid-semantic:WMS*", _PRINT],
    "sipsorcery": ["o=- 51361 0 IN IP4 127.0.0.1", "s=sipsorcery", "t=0 0"],
}
_LINES = {
    "aiortc": _aiortc,
    "firefox": _firefox,
    "gstreamer": _gstreamer,
    "pion": _pion,
    "sipsorcery": _sipsorcery,
}


def _written(client: str, lines: str) -> str:
    """Return an offer in the client's own order of attributes and with its own names of lines."""
    names = [f"audio{n}" if kind in "Aa" else f"application{n}" for n, kind in enumerate(lines)]
    mids = names if client == "gstreamer" else [str(n) for n in range(len(lines))]
    rows = ["v=0", *_SESSIONS[client], "a=group:BUNDLE " + " ".join(mids)]
    for n, (kind, mid) in enumerate(zip(lines, mids, strict=True)):
        rows += _LINES[client](kind, mid, n == 0)
    return "\r\n".join(rows) + "\r\n"


def _safari(lines: str) -> str:
    return chromium(lines).replace("a=extmap-allow-mixed\r\n", "").replace(" 111 63 9 0 8", " 111 9 0 8 105")


def _flutter(lines: str) -> str:
    return chromium(lines).replace("IN IP4 127.0.0.1", "IN IP4 0.0.0.0").replace("WMS 7f1c", " WMS")


CLIENTS = ("aiortc", "chromium", "firefox", "safari", "gstreamer", "pion", "sipsorcery", "flutter_webrtc")


def offer_of(client: str, lines: str = "Aad") -> str:
    """Return that client's offer. `A`: the microphone; `a`: a recvonly audio line; `d`: the data channel."""
    of_libwebrtc = {"chromium": chromium, "safari": _safari, "flutter_webrtc": _flutter}
    return of_libwebrtc[client](lines) if client in of_libwebrtc else _written(client, lines)


def sections(text: str) -> list[str]:
    """Return the part of the session, and then each m-line's."""
    first, *others = text.removesuffix("\r\n").split("\r\nm=")
    return [f"{first}\r\n", *(f"m={other}\r\n" for other in others)]


def with_line(text: str, line: str, at: int) -> str:
    """Return the offer with one more m-line, before the line of that index; -1 is behind all."""
    parts = sections(text)
    place = len(parts) if at < 0 else 1 + at
    return "".join([*parts[:place], line.replace("\n", "\r\n"), *parts[place:]])


OUT_OF_USE = {
    "audio": "m=audio 0 UDP/TLS/RTP/SAVPF 0\nc=IN IP4 0.0.0.0\na=inactive\n",
    "video": "m=video 0 UDP/TLS/RTP/SAVPF 120\nc=IN IP4 0.0.0.0\na=inactive\n",
    "two of them": "m=audio 0 UDP/TLS/RTP/SAVPF 0\nc=IN IP4 0.0.0.0\nm=video 0 UDP/TLS/RTP/SAVPF 120\na=inactive\n",
    "with a mid": "m=audio 0 UDP/TLS/RTP/SAVPF 0\nc=IN IP4 0.0.0.0\na=mid:x\na=inactive\n",
    "with opus and all": "m=audio 0 RTP/AVP 111\na=rtpmap:111 opus/48000/2\na=ice-ufrag:dead\na=setup:active\n",
    "a data channel": "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\na=sctp-port:0\na=max-message-size:-1\n",
    "a fax": "m=image 0 udptl t38\n",
    "two ports": "m=audio 0/2 RTP/AVP 0\n",
    "port 00": "m=audio 00 RTP/AVP 0\n",
    "unreadable": "m=audio 0 RTP/AVP 0\na=rtpmap:x\na=extmap:y\na=candidate:z\na=fingerprint:f\na=ice-ufrag:?\n",
    "a long mid": f"m=video 0 UDP/TLS/RTP/SAVPF 120\na=mid:{'x' * 40}\n",
    "no formats": "m=audio 0 UDP/TLS/RTP/SAVPF\n",
}
"""M-lines that clients leave in their offers."""
