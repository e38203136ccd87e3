"""docs/protocol.md, 2 and 3: offers and answers, the lines and who stands behind them, trickle, replacement."""

from __future__ import annotations

import asyncio
import re

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from .calls import answers, call, check_keys, connected, guest, refused_on
from .inbox import Message
from .peer import Peer

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


def sections(sdp: str) -> list[str]:
    """The media sections of an SDP, each from its `m=` line."""
    return re.split(r"(?m)^(?=m=)", sdp)[1:]


def attribute(section: str, name: str) -> str:
    """The value of the first `a=name:value` of a section, or the empty string."""
    found = re.search(rf"(?m)^a={name}:(\S*)", section)
    return found[1] if found else ""


async def test_answer_is_complete(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.offer()
        answer = ana.peer.answer
        check_keys(answer, "type negotiation sdp tracks")
        assert "a=candidate:" in sections(answer["sdp"])[0]
        assert "a=ice-ufrag:" in answer["sdp"] and "a=fingerprint:" in answer["sdp"]


async def test_answer_carries_the_number_of_its_offer(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        first = (await ana.offer()).answer["negotiation"]
        second = (await ana.offer()).answer["negotiation"]
        assert (first, second) == (ana.negotiation - 1, ana.negotiation)


async def test_answer_has_the_m_lines_of_the_offer_bundled(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        peer = await ana.offer()
        offered = sections(peer.connection.localDescription.sdp)
        answered = sections(peer.answer["sdp"])
        assert [s.split()[0] for s in answered] == [s.split()[0] for s in offered]
        assert [attribute(s, "mid") for s in answered] == [attribute(s, "mid") for s in offered]
        group = re.search(r"(?m)^a=group:BUNDLE (.*\S)", peer.answer["sdp"])
        assert group is not None
        assert group[1].split() == [attribute(s, "mid") for s in offered]


async def test_answered_audio_is_opus_over_one_muxed_port(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        peer = await ana.offer()
        for section in sections(peer.answer["sdp"])[:2]:
            assert re.search(r"(?m)^a=rtpmap:\d+ opus/48000/2", section)
            assert "a=rtcp-mux" in section


async def test_directions_of_the_two_lines(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        first, second = sections((await ana.offer()).answer["sdp"])[:2]
        assert "a=sendrecv" in first
        assert "a=sendonly" in second


async def test_media_stream_ids_are_interpreter_and_original(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        first, second = sections((await ana.offer()).answer["sdp"])[:2]
        assert attribute(first, "msid") == "interpreter"
        assert attribute(second, "msid") == "original"


async def test_tracks_of_the_answer_name_each_line(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        peer = await ana.offer()
        tracks = peer.answer["tracks"]
        for track in tracks:
            check_keys(track, "mid kind participantId")
        assert [(t["mid"], t["kind"]) for t in tracks] == [
            (peer.lines[0].mid, "interpreter"),
            (peer.lines[1].mid, "original"),
        ]
        assert [t["participantId"] for t in tracks] == [ben.participant_id, ben.participant_id]


async def test_nobody_stands_behind_the_lines_before_pairing(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana:
        await ana.create("en")
        await ana.connect()
        tracks = (await ana.offer()).answer["tracks"]
        assert [t["participantId"] for t in tracks] == [None, None]


async def test_tracks_message_tells_who_came(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        await ben.join(ana.session_code, "es")
        await ben.connect()
        await ben.offer()
        await ana.signal.inbox.wait_for("tracks")
        await ana.signal.inbox.wait_for("partner_connected")
        told = ana.signal.inbox.of("tracks")[-1]["tracks"]
        assert [t["kind"] for t in told] == ["interpreter", "original"]
        assert [t["participantId"] for t in told] == [ben.participant_id, ben.participant_id]


async def test_one_line_is_answered_with_one_track(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        peer = await ana.offer(lines=1)
        assert len(sections(peer.answer["sdp"])) == 2
        assert [t["mid"] for t in peer.answer["tracks"]] == [peer.lines[0].mid]


async def test_more_lines_than_participants_are_answered(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        tracks = (await ana.offer(lines=3)).answer["tracks"]
        assert len(tracks) == 3
        assert [t["participantId"] for t in tracks] == [ben.participant_id, ben.participant_id, None]


@pytest.mark.parametrize("lines", [1, 2])
async def test_trickled_candidates_connect(server_url: str, lines: int) -> None:
    async with connected(server_url) as (ana, _):
        await ana.offer(lines=lines, trickle=True)
        assert ana.peer.connection.connectionState == "connected"
        assert ana.peer.channel.readyState == "open"


async def test_empty_candidate_ends_the_candidates_as_null_does(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.offer()
        end: Message = {"candidate": "", "sdpMid": "0", "sdpMLineIndex": 0}
        await ana.signal.send("candidate", negotiation=ana.negotiation, candidate=end)
        await answers(ana.signal)
        assert not ana.signal.inbox.of("error")


async def test_offer_is_welcome_before_pairing(server_url: str) -> None:
    async with guest(server_url) as ana:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        assert ana.peer.connection.connectionState == "connected"


async def test_partner_connected_comes_after_session_paired(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        up = await ana.signal.inbox.wait_for("partner_connected")
        check_keys(up, "type participantId", "reason")
        assert up["participantId"] == ben.participant_id
        types = [r.message["type"] for r in ana.signal.inbox.received]
        assert types.index("session_paired") < types.index("partner_connected")


async def test_participant_with_media_up_shows_as_connected(server_url: str) -> None:
    async with call(server_url) as (ana, _):
        assert all(p["connected"] for p in (await ana.get())["participants"])


@pytest.mark.parametrize("sdp", ["", "nonsense", "v=0\r\n", "v=0\r\nm=audio x y z\r\n"])
async def test_malformed_sdp_is_bad_sdp(server_url: str, sdp: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("offer", negotiation=1, sdp=sdp)
        await refused_on(ana.signal, "bad_sdp", *(["bad_request"] if not sdp else []), fatal=False)
        await answers(ana.signal)


@pytest.mark.parametrize("kind", ["video", "channel alone"])
async def test_offer_without_audio_is_no_audio(server_url: str, kind: str) -> None:
    async with connected(server_url) as (ana, _):
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            if kind == "video":
                connection.addTransceiver("video")
            connection.createDataChannel("subtitles")
            await connection.setLocalDescription(await connection.createOffer())
            await ana.signal.send("offer", negotiation=1, sdp=connection.localDescription.sdp)
            await refused_on(ana.signal, "no_audio", fatal=False)
        finally:
            await connection.close()


@pytest.mark.parametrize("size", ["1023", "-1", "many"])
async def test_offer_that_takes_too_short_messages_is_bad_sdp(server_url: str, size: str) -> None:
    async with call(server_url) as (ana, ben):
        peer = Peer(ana.joined["iceServers"])
        try:
            sdp = re.sub(r"(?m)^a=max-message-size:\d+", f"a=max-message-size:{size}", await peer.offer())
            assert f"a=max-message-size:{size}" in sdp
            await ana.signal.send("offer", negotiation=ana.negotiation + 1, sdp=sdp)
            await refused_on(ana.signal, "bad_sdp", fatal=False)
        finally:
            await peer.close()
        after = len(ben.peer.inbox.received)
        ana.say("Where is the hotel?")
        await ben.peer.inbox.wait_for("utterance_end", after=after, timeout=40.0)


async def test_offer_may_begin_with_a_line_that_is_out_of_use(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        peer = Peer(ana.joined["iceServers"])
        try:
            dead = "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n"
            before, first, after = (await peer.offer()).partition("m=audio")
            answer = await ana.negotiate(f"{before}{dead}{first}{after}")
            answered = sections(answer["sdp"])
            assert [attribute(s, "mid") for s in answered] == ["", "0", "1", "2"]
            assert [s.split()[1] != "0" for s in answered] == [False, True, True, True]
        finally:
            await peer.close()


async def test_good_offer_connects_after_a_bad_one(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("offer", negotiation=0, sdp="nonsense")
        await refused_on(ana.signal, "bad_sdp", fatal=False)
        await ana.offer()


async def test_newer_offer_replaces_the_connection_unnoticed(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        before = len(ben.signal.inbox.received)
        await ana.offer()
        ana.say("Where is the hotel?")
        end = await ana.peer.inbox.wait_for("utterance_end", timeout=40)
        assert end["outcome"] == "spoken"
        types = [r.message["type"] for r in ben.signal.inbox.received[before:]]
        assert "partner_disconnected" not in types and "session_ended" not in types


async def test_replaced_connection_is_let_go_by_the_server(server_url: str) -> None:
    async with call(server_url) as (ana, _):
        old = ana.peer
        await ana.offer(keep_old=True)
        async with asyncio.timeout(35):
            await old.gone.wait()
        assert ana.peer.connection.connectionState == "connected"


async def test_older_negotiation_is_ignored(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.offer()
        await ana.offer()
        before = len(ana.signal.inbox.received)
        sdp = ana.peer.connection.localDescription.sdp
        await ana.signal.send("offer", negotiation=ana.negotiation - 1, sdp=sdp)
        await asyncio.sleep(1)
        await answers(ana.signal)
        assert not [r for r in ana.signal.inbox.received[before:] if r.message["type"] == "answer"]
        assert ana.peer.connection.connectionState == "connected"


async def test_a_client_without_a_subtitles_channel_learns_so_on_the_socket(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        connection = RTCPeerConnection(RTCConfiguration([]))
        try:
            connection.addTransceiver("audio", "sendrecv")
            await connection.setLocalDescription(await connection.createOffer())
            answer = await ana.negotiate(connection.localDescription.sdp)
            await connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
            status = await ana.signal.inbox.wait_for("status", timeout=8)
            check_keys(status, "type level lagMs message reason")
            assert (status["level"], status["reason"]) == ("degraded", "no_subtitles_channel")
            assert ben.signal.inbox.of("status") == []
        finally:
            await connection.close()
