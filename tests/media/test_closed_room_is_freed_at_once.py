"""A closed room's memory is free at once, without the garbage collector: it comes late, since it counts objects,
and can't see how much OpenSSL, libsrtp and libopus hold behind a few of them."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter

import pytest

from media.call import Call
from media.participant import Participant
from media.playout import Playout
from media.publication import Publication
from media.room import Room
from media.rtp.jitter_buffer import JitterBuffer
from media.rtp.opus import Decoder, Encoder
from media.subtitles.outbox import SubtitlesOutbox
from media.webrtc.peer import Peer
from media.webrtc.transports import DtlsTransport, IceConnection, SctpTransport
from pipeline.events import UtteranceEnded
from pipeline.interpreter import Interpreter
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.sdp_offers import chromium
from tests.kit.whip_encoder import WhipEncoder

pytestmark = pytest.mark.real_time

HEAVY = (
    *(Room, Call, Participant, Interpreter, SubtitlesOutbox, Playout, JitterBuffer, Decoder, Encoder),
    *(Publication, Peer, IceConnection, DtlsTransport, SctpTransport),
)


async def a_call() -> None:
    """Something is said by an encoder, heard and interpreted; one client hangs up, the others are there at the end."""
    async with Scene() as scene, Client() as ann, WhipEncoder() as encoder:
        async with Client() as bob:
            await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
            scene.begin()
            await encoder.publish(scene.room, "ann", "w_1")
            await scene.room.publish("ann", "w_2", chromium("A"))
            encoder.microphone.hz = 440
            await asyncio.sleep(0.4)
            encoder.microphone.hz = None
            bob.send(type="say", text="tone 500", clientId="1")
            await until(lambda: len(scene.of(UtteranceEnded)) == 2)
        assert sum(living().values()) > len(HEAVY)


def living() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, HEAVY))


async def test_closed_room_is_freed_at_once() -> None:
    gc.collect()
    assert not living()
    gc.disable()
    try:
        await a_call()
        await asyncio.sleep(0.1)
        assert not living()
    finally:
        gc.enable()
