"""Real packets over a line that loses a quarter of them: the client's own reports set our encoder, and FEC is in it."""

from __future__ import annotations

import asyncio
import re

import pytest
from aioice.ice import get_host_addresses
from aiortc import RTCSessionDescription

from media.room import Room
from media.rtp.loss_adaptation import ENCODINGS, USUAL, Loss
from media.webrtc.network import NetworkOptions
from pipeline.engines.scripted import ScriptedSynthesizer
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.lossy_relay import LossyRelay, lossy_relay

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

LOSS = 0.25


async def join(client: Client, room: Room, participant: str, line: LossyRelay) -> None:
    """Let the client join by way of `line`, and by no other: the server is told no address of the client's."""
    offer = re.sub(r"a=(candidate:.*|end-of-candidates)\r?\n", "", await client.offer())
    answer = await room.offer(participant, 1, offer)
    await client.pc.setRemoteDescription(RTCSessionDescription(await line.before(answer.sdp), "answer"))
    await until(lambda: client.pc.connectionState == "connected" and client.channel.readyState == "open")
    client.send(type="resume", lastSeq=0)


async def test_a_quarter_of_the_packets_is_lost() -> None:
    network = NetworkOptions(get_host_addresses(use_ipv4=True, use_ipv6=False)[:1])
    tts = ScriptedSynthesizer(seconds=3.0)
    async with Scene(network=network, tts=tts) as scene, Client() as ann, Client() as bob, lossy_relay(LOSS) as line:
        await asyncio.gather(ann.join(scene.room, "ann"), join(bob, scene.room, "bob", line))
        scene.begin()
        connections = [scene.room._people[name].connection for name in ("ann", "bob")]
        voices = [connection.voice for connection in connections if connection is not None and connection.voice]
        assert [voice._encoding for voice in voices] == [USUAL, USUAL]
        for client in (ann, bob):
            for hz in range(500, 600, 20):  # 15 s of interpretation
                client.send(type="say", text=f"tone {hz}", clientId=f"c-{hz}")
        # A busy machine holds packets up, which is a queue: then the bits are fewer, and FEC is made all the same.
        await until(lambda: voices[1]._encoding in (ENCODINGS[Loss.MUCH, False], ENCODINGS[Loss.MUCH, True]))
        print(f"\nafter {line.carried} packets, of which {line.lost} were lost: {voices[1]._stream.adaptation!r}")
        assert 0.1 < line.lost / line.carried < 0.4
        assert voices[0]._encoding == USUAL, "the other's line is clean"
