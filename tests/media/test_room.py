"""Rooms over real UDP with stock aiortc clients: who hears whom, what is told, and what a client may do wrong."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any

import pytest
from aiortc import RTCSessionDescription

import media.webrtc.peer
from media.events import LanguageChanged, MediaLost, OfferRefused, TrackKind, TrackMapping, TracksChanged
from media.webrtc.network import NetworkOptions
from pipeline.context import Context, current
from pipeline.events import Outcome, UtteranceEnded, UtteranceStarted
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.sdp_offers import chromium, without

pytestmark = pytest.mark.real_time


async def speak(client: Client, hz: float, seconds: float = 0.7) -> None:
    client.microphone.hz = hz
    await asyncio.sleep(seconds)
    client.microphone.hz = None


def ended(scene: Scene) -> list[tuple[str, str]]:
    return [(end.speaker, end.outcome.value) for end in scene.of(UtteranceEnded)]


async def test_a_call_of_two() -> None:
    """Each hears the other interpreted on the first line and as spoken on the second, and never itself."""
    async with Scene() as scene, Client() as ann, Client() as bob:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        assert asyncio.get_running_loop().time() - began < 5
        assert sorted(scene.connected) == ["ann", "bob"]
        scene.begin()
        assert ann.answer is not None and [line.kind for line in ann.answer.tracks] == ["interpreter", "original"]
        told = {fact.participant: fact.tracks for fact in scene.of(TracksChanged)}
        assert [(one.mid, one.kind, one.participant) for one in told["ann"]] == [
            ("0", TrackKind.INTERPRETER, "bob"),
            ("1", TrackKind.ORIGINAL, "bob"),
        ]

        await speak(ann, 440)
        await until(lambda: ended(scene) == [("ann", "spoken")])
        await speak(bob, 700)
        await until(lambda: ended(scene) == [("ann", "spoken"), ("bob", "spoken")])
        await asyncio.sleep(0.2)
        assert (bob.distant_tones(0), bob.distant_tones(1)) == ({1440}, {440})
        assert (ann.distant_tones(0), ann.distant_tones(1)) == ({1700}, {700})

        for client in (ann, bob):
            assert [m["seq"] for m in client.messages] == list(range(1, len(client.messages) + 1))
            finals = [(m["sourceUserId"], m["text"]) for m in client.of("transcription") if m["final"]]
            assert finals == [("ann", "tone 440"), ("bob", "tone 700")]
            (first, second) = client.of("translation")
            assert (first["targetUserId"], second["targetUserId"]) == ("bob", "ann")
            assert [m["outcome"] for m in client.of("utterance_end")] == ["spoken", "spoken"]
        latency = bob.of("utterance_end")[0]["latency"]
        assert 1080 <= latency["endpointMs"] < 1300 and latency["firstAudioMs"] < 1500, "no mark is known of it yet"
        metrics = scene.room.metrics()
        assert (metrics.utterances, metrics.spoken, metrics.failed, len(metrics.first_audio_ms)) == (2, 2, 0, 2)


async def test_another_offer_replaces_the_connection_and_subtitles_go_on() -> None:
    async with Scene() as scene, Client() as bob, Client() as again:
        await bob.join(scene.room, "bob")
        scene.begin()
        bob.send(type="say", text="Hola.", clientId="x")
        await until(lambda: bob.of("transcription"))
        last = bob.messages[-1]["seq"]
        await again.join(scene.room, "bob", negotiation=2, last_seq=last)
        await until(lambda: bob.pc.connectionState == "closed")
        assert scene.connected == ["bob", "bob"] and scene.of(MediaLost) == []
        again.send(type="say", text="Otra vez.", clientId="y")
        await until(lambda: again.of("transcription"))
        assert again.messages[0]["seq"] == last + 1
        assert [m["text"] for m in again.of("transcription")] == ["Otra vez."]


async def test_one_line_and_one_language_is_a_plain_call() -> None:
    people = (("ann", "en"), ("bob", "en-GB"))
    async with Scene(people) as scene, Client(lines=1) as ann, Client(lines=1) as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        assert scene.of(TracksChanged)[-1].tracks == (TrackMapping("0", TrackKind.ORIGINAL, "ann"),)
        await speak(ann, 440)
        await until(lambda: bob.of("utterance_end"))
        assert ended(scene) == [("ann", "not_needed")]
        assert bob.distant_tones(0) == {440} and ann.distant_tones(0) == set()
        assert [m["text"] for m in bob.of("transcription") if m["final"]] == ["tone 440"]
        scene.room.set_language("bob", "es")
        assert scene.of(TracksChanged)[-1].tracks == (TrackMapping("0", TrackKind.INTERPRETER, "ann"),)
        await speak(ann, 500)
        await until(lambda: ended(scene)[1:] == [("ann", "spoken")])
        await asyncio.sleep(0.2)
        assert bob.distant_tones(0) == {440, 1500}


async def test_what_is_asked_on_the_channel() -> None:
    async with Scene() as scene, Client() as ann:
        await ann.join(scene.room, "ann")
        ann.send(type="end_utterance")
        await until(lambda: ann.of("error"))
        assert ann.of("error")[0]["code"] == "bad_request", "nobody is there yet"
        scene.begin()
        ann.send(type="fly")
        ann.send(type="set_language", language="fr")
        ann.send(type="client_stats", rttMs=10**400)
        ann.send(type="say", text="Hello.", clientId="\ud800")
        ann.channel.send(b"\0binary")
        ann.send(type="say", text="Hello \U0001f98a.", clientId="mine")
        await until(lambda: ann.of("transcription"))
        assert [m["code"] for m in ann.of("error")[1:]] == ["unknown_type", "bad_request", "bad_request"]
        assert [(fact.participant, fact.language) for fact in scene.of(LanguageChanged)] == [("ann", "fr")]
        heard = ann.of("transcription")[0]
        assert (heard["text"], heard["clientId"], heard["stableLength"]) == ("Hello \U0001f98a.", "mine", 9)


async def test_hostile_datagrams_disturb_nobody() -> None:
    async with Scene() as scene, Client() as ann, Client() as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        connection = scene.room._people["bob"].connection
        assert connection is not None
        targets = [(c.host, c.port) for c in connection.peer._ice.local_candidates if ":" not in c.host]
        chance = random.Random(3)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for n in range(400):
                first = chance.choice([0, 1, 20, 22, 23, 25, 63, 64, 80, 128, 144, 191, 200, 255])
                stranger.sendto(bytes((first,)) + chance.randbytes(chance.randrange(0, 200)), targets[n % len(targets)])
        for n in range(1, 100):  # bob himself: SCTP and media that make no sense
            await bob.pc.sctp.transport._send_data(chance.randbytes(n))
            await bob.pc.sctp.transport._send_rtp(b"\x80\x6f" + chance.randbytes(10 + n))
        await speak(ann, 440)
        await until(lambda: ended(scene) == [("ann", "spoken")])
        await until(lambda: bob.of("utterance_end"))
        assert bob.distant_tones(0) == {1440}
        assert scene.of(MediaLost) == []


async def test_a_client_that_leaves_is_noticed() -> None:
    async with Scene() as scene, Client() as ann:
        await ann.join(scene.room, "ann")
        await ann.pc.close()
        await until(lambda: scene.of(MediaLost))
        assert scene.of(MediaLost) == [MediaLost("ann", "closed by the client")]


async def test_a_client_that_falls_silent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media.webrtc.peer, "SILENCE_TIMEOUT", 0.3)
    async with Scene() as scene, Client() as ann:
        await ann.join(scene.room, "ann")
        connection = scene.room._people["ann"].connection
        assert connection is not None
        for protocol in ann.pc.sctp.transport.transport._connection._protocols:  # its network is gone
            protocol.transport.close()
        await until(lambda: scene.of(MediaLost), 3)
        assert scene.of(MediaLost) == [MediaLost("ann", "nothing heard")]


async def test_a_client_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media.webrtc.peer, "CONNECT_TIMEOUT", 0.3)
    async with Scene() as scene:
        await scene.room.offer("ann", 1, chromium("Aad"))
        await until(lambda: scene.of(MediaLost), 3)
        assert scene.of(MediaLost) == [MediaLost("ann", "connection timed out")]


async def test_an_offer_that_a_newer_one_overtakes_is_refused() -> None:
    async with Scene() as scene:
        first = asyncio.ensure_future(scene.room.offer("ann", 1, chromium("Aad")))
        second = asyncio.ensure_future(scene.room.offer("ann", 2, chromium("Aad")))
        async with asyncio.timeout(3):
            answer = await second
            with pytest.raises(OfferRefused):
                await first
        assert answer.sdp.startswith("v=0")


async def test_an_offer_without_audio_is_refused_and_the_connection_stays() -> None:
    async with Scene() as scene, Client() as ann:
        await ann.join(scene.room, "ann")
        for text, code in ((chromium("vd"), "no_audio"), ("nonsense", "bad_sdp")):
            with pytest.raises(OfferRefused) as refused:
                await scene.room.offer("ann", 2, text)
            assert refused.value.code == code
        scene.begin()
        ann.send(type="say", text="Still here.")
        await until(lambda: ann.of("translation"))


async def test_where_no_port_is_left_an_offer_is_refused_and_the_room_stays() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with Scene(network=NetworkOptions(("127.0.0.1",), ports=(port, port))) as scene, Client() as ann:
            with pytest.raises(OfferRefused) as refused:
                await scene.room.offer("ann", 1, await ann.offer())
            assert refused.value.code == "at_capacity"
            taken.close()
            await scene.room.offer("ann", 2, chromium("Aad"))


async def test_candidates_may_come_after_the_offer() -> None:
    async with Scene() as scene, Client() as ann:
        text = await ann.offer()
        rows = text.split("m=audio")[1].split("\r\n")
        candidates = [row.removeprefix("a=candidate:") for row in rows if row.startswith("a=candidate:")]
        answer = await scene.room.offer("ann", 5, without(text, "a=candidate:", "a=end-of-candidates"))
        # the client learns of no candidates of ours before it has told all of its own
        await ann.pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        for value in ("candidate:", "candidate:1 1 udp 1 x", "candidate:" + "x " * 400):
            with pytest.raises(OfferRefused) as refused:
                await scene.room.candidate("ann", 5, {"candidate": value, "sdpMid": "0"})
            assert refused.value.code == "bad_request"
        with pytest.raises(OfferRefused):
            await scene.room.candidate("ann", 5, {"candidate": 5})
        await scene.room.candidate("ann", 4, {"candidate": "of an older offer"})
        for value in candidates:
            await scene.room.candidate("ann", 5, {"candidate": f"candidate:{value}", "sdpMid": "0"})
        await scene.room.candidate("ann", 5, None)
        await scene.room.candidate("ann", 5, {"candidate": ""})
        await until(lambda: scene.connected == ["ann"])


async def test_trickled_candidates_have_a_bound() -> None:
    async with Scene() as scene:
        await scene.room.offer("ann", 1, chromium("Aad"))
        for n in range(300):
            await scene.room.candidate("ann", 1, {"candidate": f"candidate:{n} 1 udp 9 192.0.2.1 {4000 + n} typ host"})
        pending = scene.room._people["ann"].pending
        assert pending is not None and len(pending.peer._ice.remote_candidates) <= 64


async def test_leaving_a_room_in_the_middle_of_everything_leaves_nothing_behind() -> None:
    async with Scene() as scene, Client() as bob:
        await bob.join(scene.room, "bob")
        await scene.room.offer("ann", 1, chromium("Aad"))  # who is still connecting
        scene.begin()
        bob.microphone.hz = 700
        bob.send(type="say", text="Hola.")
        await until(lambda: bob.of("transcription"))
        await scene.leave()
        await until(lambda: bob.pc.connectionState == "closed")


async def test_finishing_lets_the_last_sentence_be_heard() -> None:
    async with Scene() as scene, Client() as ann, Client() as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        ann.microphone.hz = 440
        await asyncio.sleep(0.4)
        finishing = asyncio.ensure_future(scene.room.finish(5))
        await asyncio.sleep(0.3)
        ann.microphone.hz = None
        await finishing
        assert [end.outcome for end in scene.of(UtteranceEnded)] == [Outcome.SPOKEN]
        await asyncio.sleep(0.3)
        assert bob.distant_tones(0) == {1440}


async def test_its_state_can_be_seen_in_a_debugger() -> None:
    async with Scene() as scene, Client() as ann:
        assert repr(scene.room) == "<Room s-1 waiting people=2 connected=0>"
        await ann.join(scene.room, "ann")
        scene.begin()
        assert repr(scene.room) == "<Room s-1 interpreting people=2 connected=1>"
        connection = scene.room._people["ann"].connection
        assert connection is not None
        await until(lambda: "channel=open" in repr(connection.peer))
        assert repr(connection.peer) == "<Peer connected streams=2/2 channel=open dropped=0>"


async def test_all_that_a_participant_sends_runs_in_their_context() -> None:
    """Bound once, where the connection's sockets are opened; no packet pays for it."""
    async with Scene() as scene, Client() as ann:
        contexts: set[Context] = set()
        ann_here = scene.room._people["ann"]
        receive_packet, receive_message = ann_here.receive_packet, ann_here.receive_message

        def packet(*arguments: Any) -> None:
            contexts.add(current())
            receive_packet(*arguments)

        def message(data: str | bytes) -> None:
            contexts.add(current())
            receive_message(data)

        ann_here.receive_packet, ann_here.receive_message = packet, message  # type: ignore[method-assign]
        await ann.join(scene.room, "ann")
        scene.begin()
        await speak(ann, 440, 0.4)
        await until(lambda: scene.of(UtteranceStarted))
        assert contexts == {Context("s-1", "ann")}
