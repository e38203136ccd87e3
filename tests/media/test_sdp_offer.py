"""Offers read and answers written, judged by aiortc's own parser; whatever is sent, OfferRefused at the worst."""

import random

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from media.events import OfferRefused
from media.webrtc.sdp_answer import AnsweredAudio, write_answer
from media.webrtc.sdp_offer import MAX_CANDIDATES, MAX_LINES, SdpOffer, parse_candidate, parse_offer
from tests.kit.extent import extent
from tests.kit.sdp_offers import CANDIDATES, FINGERPRINT, OUR_TRANSPORT, chromium, without

STREAMS = ("interpreter", "original", "original-2")


def answered(offer: SdpOffer) -> SessionDescription:
    audio = {line.mid: AnsweredAudio(100 + n, STREAMS[n]) for n, line in enumerate(offer.audio)}
    return SessionDescription.parse(write_answer(offer, OUR_TRANSPORT, audio, "cname-1"))


def refusal(text: str) -> str:
    with pytest.raises(OfferRefused) as refused:
        parse_offer(text)
    assert refused.value.message
    return refused.value.code


# reading


def test_an_offer_of_chromium() -> None:
    offer = parse_offer(chromium("Aad", candidates=CANDIDATES))
    first, second = offer.audio
    assert (first.mid, first.direction, first.opus) == ("0", "sendrecv", 111)
    assert (second.mid, second.direction) == ("1", "recvonly")
    assert (first.level_id, first.mid_id) == (1, 4)
    assert offer.data is not None
    assert (offer.data.mid, offer.data.sctp_port, offer.data.max_message_size) == ("2", 5000, 262144)
    assert (offer.ufrag, offer.password, offer.setup) == ("4ZcD", "2/1muCWoOi3uLifh0NuRHlAa", "actpass")
    assert offer.fingerprints == [("sha-256", FINGERPRINT)]
    hosts = [(c.host, c.port, c.type) for c in offer.candidates]
    assert hosts == [
        ("192.168.1.23", 46243, "host"),
        ("bd6f6a5e-0f3c-4a8c-9a05-0f3e7a7b4c1d.local", 44512, "host"),
        ("203.0.113.7", 36768, "srflx"),
    ]
    assert not offer.candidates_end


def test_bare_newlines_and_attributes_of_the_session() -> None:
    rows = chromium("A").splitlines()
    moved = [row for row in rows if row.startswith(("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"))]
    rest = [row for row in rows if row not in moved]
    at = next(n for n, row in enumerate(rest) if row.startswith("m="))
    offer = parse_offer("\n".join(rest[:at] + moved + rest[at:]) + "\n")
    assert (offer.ufrag, offer.setup, len(offer.fingerprints)) == ("4ZcD", "actpass", 1)


async def aiortc_offer(policy: RTCBundlePolicy) -> str:
    client = RTCPeerConnection(RTCConfiguration([], bundlePolicy=policy))
    try:
        client.createDataChannel("subtitles")
        client.addTransceiver("audio", "sendrecv")
        client.addTransceiver("audio", "recvonly")
        await client.setLocalDescription(await client.createOffer())
        return client.localDescription.sdp
    finally:
        await client.close()


@pytest.mark.udp
@pytest.mark.parametrize("policy", list(RTCBundlePolicy))
async def test_offers_of_aiortc(policy: RTCBundlePolicy) -> None:
    text = await aiortc_offer(policy)
    offer = parse_offer(text)
    assert [line.direction for line in offer.audio] == ["sendrecv", "recvonly"]
    assert offer.data is not None and offer.candidates_end
    first = SessionDescription.parse(text).media[0]
    assert offer.ufrag == first.ice.usernameFragment
    # BUNDLE: the candidates of the other lines' transports are of transports that it drops
    assert {c.port for c in offer.candidates} == {c.port for c in first.ice_candidates}
    assert [m.direction for m in answered(offer).media if m.kind == "audio"] == ["sendrecv", "sendonly"]


def test_the_transport_is_that_of_the_bundles_first_line() -> None:
    first, *others = chromium("Aad").split("m=audio")
    others[1] = (
        others[1].replace("4ZcD", "2nd0").replace("c=IN", "a=candidate:1 1 udp 9 192.0.2.9 4009 typ host\r\nc=IN", 1)
    )
    offer = parse_offer("m=audio".join([first, *others]).replace("BUNDLE 0 1 2", "BUNDLE 1 0 2"))
    assert offer.ufrag == "2nd0"
    assert [candidate.host for candidate in offer.candidates] == ["192.0.2.9"]


# refusing


@pytest.mark.parametrize(
    "text",
    [
        chromium("vd"),
        chromium("d"),
        chromium("A").replace("opus/48000/2", "speex/16000"),
        chromium("A").replace("BUNDLE 0", "BUNDLE"),
        chromium("Av").replace("BUNDLE 0 1", "BUNDLE 1"),
    ],
)
def test_without_a_bundled_opus_line_there_is_no_audio(text: str) -> None:
    assert refusal(text) == "no_audio"


@pytest.mark.parametrize("missing", ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup", "v="])
def test_an_offer_that_lacks_what_a_transport_needs(missing: str) -> None:
    assert refusal(without(chromium("Aad"), missing)) == "bad_sdp"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=mid:1", "a=mid:0"),
        ("a=mid:0", "a=mid:" + "x" * 17),
        ("a=mid:0", "a=mid:"),
        ("a=mid:0", "a=mid:ü"),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("a=ice-ufrag:4ZcD", "a=ice-ufrag:4 D"),
        ("a=ice-ufrag:4ZcD", "a=ice-ufrag:4"),
        ("a=ice-pwd:", "a=ice-pwd:" + "x" * 300),
        ("a=fingerprint:sha-256 A1", "a=fingerprint:sha-256 G1"),
        ("a=fingerprint:sha-256 ", "a=fingerprint:"),
        ("a=sctp-port:5000", "a=sctp-port:70000"),
        ("a=sctp-port:5000", "a=sctp-port:x"),
        ("a=rtpmap:111", "a=rtpmap:x"),
        ("a=extmap:1 ", "a=extmap:x "),
        ("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio\r\nx"),
        ("a=rtcp-mux", "nonsense"),
        ("a=candidate:1467250027 1", "a=candidate:1467250027 x"),
        ("a=candidate:1467250027 1 udp 2122260223 192.168.1.23 46243", "a=candidate:1"),
    ],
)
def test_an_offer_that_makes_no_sense(old: str, new: str) -> None:
    text = chromium("Aad", candidates=CANDIDATES)
    if old.startswith("m="):
        old = old.replace(" 9 ", " 46243 ")
    assert old in text
    assert refusal(text.replace(old, new)) == "bad_sdp"


@pytest.mark.parametrize("text", ["", "\0", "hello", "v=0", "v=0\r\n", "m=audio 9 x 111", "v=1\r\n"])
def test_what_is_no_offer(text: str) -> None:
    assert refusal(text) == "bad_sdp"


def test_too_many_lines() -> None:
    assert refusal(chromium("A" + "a" * MAX_LINES)) == "bad_sdp"
    assert len(parse_offer(chromium("A" + "a" * (MAX_LINES - 1))).audio) == MAX_LINES


def test_too_many_candidates_are_left_out() -> None:
    many = "".join(f"a=candidate:{n} 1 udp 99 192.0.2.1 {4000 + n} typ host\n" for n in range(200))
    assert len(parse_offer(chromium("A", candidates=many)).candidates) == MAX_CANDIDATES


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        ("candidate:1 1 udp 99 192.0.2.1 4000 typ host", True),
        ("1 1 UDP 99 192.0.2.1 4000 typ host generation 0 ufrag x", True),
        ("candidate:1 1 tcp 99 192.0.2.1 9 typ host tcptype active", False),
        ("candidate:1 2 udp 99 192.0.2.1 4000 typ host", False),
        ("candidate:1 1 udp 99 192.0.2.1 0 typ host", False),
        ("candidate:1 1 udp 99 192.0.2.1 65536 typ host", False),
    ],
)
def test_candidates_that_can_and_cannot_be_used(value: str, usable: bool) -> None:
    assert (parse_candidate(value) is not None) == usable


@given(st.text(max_size=80) | st.lists(st.sampled_from(["1", "udp", "99", "typ", "raddr", "x", "-1"])).map(" ".join))
def test_any_text_is_a_candidate_or_a_value_error(value: str) -> None:
    try:
        parse_candidate(value)
    except ValueError:
        return


# answering


def test_the_answer_to_chromium() -> None:
    answer = answered(parse_offer(chromium("Avad", candidates=CANDIDATES)))
    first, video, second, data = answer.media
    assert [m.kind for m in answer.media] == ["audio", "video", "audio", "application"]
    assert [m.rtp.muxId for m in answer.media] == ["0", "1", "2", "3"]
    assert [m.port for m in answer.media] == [9, 0, 9, 9]
    assert (first.direction, video.direction, second.direction) == ("sendrecv", "inactive", "sendonly")
    (bundle,) = [group for group in answer.group if group.semantic == "BUNDLE"]
    assert bundle.items == ["0", "2", "3"]
    assert first.msid == "interpreter interpreter-0" and second.msid == "original original-2"
    assert [(s.ssrc, s.cname) for m in (first, second) for s in m.ssrc] == [(100, "cname-1"), (101, "cname-1")]
    assert [(c.mimeType, c.payloadType) for c in first.rtp.codecs] == [("audio/opus", 111)]
    fmtp = first.rtp.codecs[0].parameters
    assert fmtp == {"minptime": 10, "useinbandfec": 1, "usedtx": "1", "maxaveragebitrate": "24000"}
    assert {(e.id, e.uri) for e in first.rtp.headerExtensions} == {
        (1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
        (4, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    }
    assert first.rtcp_mux and data.sctp_port == 5000 and data.sctpCapabilities.maxMessageSize == 65536
    for media in (first, second, data):
        assert (media.ice.usernameFragment, media.ice.password) == (OUR_TRANSPORT.ufrag, OUR_TRANSPORT.password)
        assert [(f.algorithm, f.value) for f in media.dtls.fingerprints] == OUR_TRANSPORT.fingerprints
        assert media.dtls.role == "client"
    assert [(c.ip, c.port) for c in first.ice_candidates] == [("198.51.100.4", 40000)]
    assert first.ice_candidates_complete


@pytest.mark.parametrize(
    ("offered", "direction"),
    [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")],
)
def test_directions_are_turned_round(offered: str, direction: str) -> None:
    offer = parse_offer(chromium("A").replace("a=sendrecv", f"a={offered}"))
    (media,) = answered(offer).media
    assert media.direction == direction
    assert bool(media.msid) == bool(media.ssrc) == (direction in ("sendrecv", "sendonly"))


def test_a_line_outside_the_bundle_is_refused_in_the_answer() -> None:
    offer = parse_offer(chromium("Aad").replace("BUNDLE 0 1 2", "BUNDLE 0 2"))
    assert [m.port for m in answered(offer).media] == [9, 0, 9]


def test_header_extensions_that_were_not_offered_are_not_answered() -> None:
    (media,) = answered(parse_offer(without(chromium("A"), "a=extmap:"))).media
    assert media.rtp.headerExtensions == []


# fuzzing

_ROWS = chromium("Avad", candidates=CANDIDATES).split("\r\n")
_ODD = ["", "0", "-1", "65536", "9" * 5000, "½", "\0", "\u2028", "a=", ":", "/", " ", "🦊", "\ud800"]


@settings(max_examples=extent(400, 20_000), deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_a_mutilated_offer_is_answered_or_refused(chance: random.Random, times: int) -> None:
    rows = list(_ROWS)
    for _ in range(times):
        n = chance.randrange(len(rows))
        row = rows[n]
        match chance.randrange(6):
            case 0:
                del rows[n]
            case 1:
                rows.insert(n, chance.choice(_ROWS))
            case 2:
                at = chance.randrange(len(row) + 1)
                rows[n] = row[:at] + chance.choice(_ODD) + row[at:]
            case 3:
                rows[n] = row[: chance.randrange(len(row) + 1)]
            case 4:
                parts = row.split(" ")
                parts[chance.randrange(len(parts))] = chance.choice(_ODD)
                rows[n] = " ".join(parts)
            case 5:
                other = chance.randrange(len(rows))
                rows[n], rows[other] = rows[other], rows[n]
        if not rows:
            break
    try:
        offer = parse_offer("\r\n".join(rows))
    except OfferRefused:
        assert refusal("\r\n".join(rows)) in ("bad_sdp", "no_audio")
        return
    audio = {line.mid: AnsweredAudio(100 + n, f"s{n}") for n, line in enumerate(offer.audio)}
    text = write_answer(offer, OUR_TRANSPORT, audio, "cname-1")
    assert text.count("\r\nm=") == len(offer.m_lines)
    assert all(row[1:2] == "=" for row in text.split("\r\n") if row)


@settings(max_examples=extent(200, 20_000), deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    assert refusal(text) == "bad_sdp"
    assert refusal("v=0\r\n" + text.replace("m=", "")) == "bad_sdp"


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1b", "\x7f", "\u2028"])
def test_no_control_character_of_a_media_line_comes_back_in_the_answer(sign: str) -> None:
    """Also of a line that is refused: the answer repeats its formats."""
    assert refusal(chromium("Av").replace(" 97", f" 97{sign}")) == "bad_sdp"


@pytest.mark.parametrize(
    ("parameters", "most"),
    [
        ("minptime=10;useinbandfec=1", None),
        ("minptime=10;maxaveragebitrate=20000", 20_000),
        (" MaxAverageBitrate=18000 ; useinbandfec=1", 18_000),
        ("maxaveragebitrate=510000", 510_000),
        ("maxaveragebitrate=0", None),
        ("maxaveragebitrate=5999", None),
        ("maxaveragebitrate=9999999999999999", None),
        ("maxaveragebitrate=fast", None),
        ("maxaveragebitrate=²0000", None),
        ("maxaveragebitrate", None),
        ("=", None),
    ],
)
def test_the_bit_rate_that_a_client_takes(parameters: str, most: int | None) -> None:
    offer = parse_offer(chromium("Aad").replace("minptime=10;useinbandfec=1", parameters))
    assert [m_line.most_bitrate for m_line in offer.audio] == [most, most]


def test_the_bit_rate_may_be_told_before_the_codec() -> None:
    """RFC 8866 demands no order of a=fmtp and a=rtpmap. An a=fmtp counts for its own payload type alone."""
    fmtp = "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    early = "a=fmtp:111 maxaveragebitrate=20000\r\na=fmtp:63 maxaveragebitrate=8000\r\na=rtpmap:111 opus"
    text = chromium("Aad").replace(fmtp, "").replace("a=rtpmap:111 opus", early)
    assert [m_line.most_bitrate for m_line in parse_offer(text).audio] == [20_000, 20_000]
