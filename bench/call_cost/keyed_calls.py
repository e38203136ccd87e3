"""Calls on a virtual clock whose peers have their SRTP keys beforehand: real rooms, and datagrams in and out.

All is there but sockets, ICE and DTLS: what is measured over it is the same each time, however busy the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pylibsrtp
from aiortc.rtcdtlstransport import State

from bench.rtp_load import stimulus
from media.room import MediaOptions, Room
from media.rtp import packets
from media.webrtc.peer import Peer
from media.webrtc.peer_listener import PeerListener
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, in_loop
from pipeline.hearing.voice_activity import Loudness, VoiceActivity
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import FRAME_MS, Speech, Synthesize, Transcribe, Transcript, Translate, Translation

LANGUAGES = ("en", "es")
SPOKEN_S = 1.5
"""Length of each answer of the interpreter: what is said for 3.5 s is answered in 1.5 s."""
SLOT_S = FRAME_MS / 1000
SLOT_TICKS = packets.CLOCK_RATE * FRAME_MS // 1000
LEVEL_ID, MID_ID = 1, 4
_KEY = bytes(range(30))
_HERE = ("127.0.0.1", 40_000)
_LINE = f"""m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlAa
a=fingerprint:sha-256 {"A1:B2:" * 15 + "C3:D4"}
a=setup:actpass
a=mid:{{mid}}
a=extmap:{LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:{MID_ID} urn:ietf:params:rtp-hdrext:sdes:mid
a={{direction}}
a=rtcp-mux
a=rtpmap:111 opus/48000/2
"""
OFFER = (
    "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1\n"
    + _LINE.format(mid=0, direction="sendrecv")
    + _LINE.format(mid=1, direction="recvonly")
).replace("\n", "\r\n")


def _session(direction: int) -> pylibsrtp.Session:
    return pylibsrtp.Session(pylibsrtp.Policy(key=_KEY, ssrc_type=direction))


class Wire:
    """Stands for a socket: counts what is sent."""

    def __init__(self) -> None:
        self.sent = 0

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """There is nothing to close."""

    def sendto(self, data: bytes, address: object) -> None:
        self.sent += 1


class Microphone:
    """One person's encrypted packets, written beforehand, and their connection."""

    def __init__(self, peer: Any, number: int, slots: int) -> None:
        self.wire: Wire = peer._ice._protocols[0].transport
        self._receive: Callable[[bytes, object], None] = peer._ice._protocols[0].datagram_received
        # Partners take turns, and calls are at different points of their cycle.
        turn = number * 97 + number % 2 * 80
        sound, session = stimulus.code(stimulus.CYCLE, pauses=True), _session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        extensions = packets.HeaderExtensions(MID_ID, b"0", LEVEL_ID)
        self._datagrams = []
        for slot in range(slots):
            place = (slot + turn) % stimulus.CYCLE
            extension = extensions.encode(sound.levels[place], voiced=True)
            packet = packets.build(111, slot, slot * SLOT_TICKS, 7, sound.packets[place], extension=extension)
            self._datagrams.append(session.protect(packet))

    def send(self, slot: int) -> None:
        """Let the packet of a slot arrive."""
        self._receive(self._datagrams[slot], _HERE)


class KeyedCalls:
    """Calls of two that are connected, and the slots that passed."""

    def __init__(self, microphones: list[Microphone]) -> None:
        self.people = len(microphones)
        self._microphones = microphones
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._slot = 0

    @property
    def sent(self) -> int:
        """Packets that were sent to all people so far."""
        return sum(microphone.wire.sent for microphone in self._microphones)

    async def pass_slots(self, count: int) -> None:
        """Let everybody's packets of the next `count` slots arrive, each when it is due."""
        for _ in range(count):
            for microphone in self._microphones:
                microphone.send(self._slot)
            self._slot += 1
            await asyncio.sleep(max(0.0, self._began + self._slot * SLOT_S - self._loop.time()))


async def _keyed(peer: Any, listener: PeerListener) -> None:
    """Stand for `Peer._open`: be connected by keys that are known."""
    peer._dtls._rx_srtp = _session(pylibsrtp.Policy.SSRC_ANY_INBOUND)
    peer._dtls._tx_srtp = _session(pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    peer._dtls._state = State.CONNECTED
    socket = peer._ice._protocols[0]
    socket.transport.close()
    socket.transport = Wire()
    socket.prove(_HERE)
    peer._ice._nominated[1] = SimpleNamespace(protocol=socket, remote_addr=_HERE)
    peer.connected = True
    listener.connected()


@asynccontextmanager
async def keyed_calls(calls: int, slots: int, *, neural: bool = False) -> AsyncIterator[KeyedCalls]:
    """Open calls of two people who speak for at most `slots`; `neural`: by the voice detector of the product."""
    stt = ScriptedTranscriber(texts={"en": "word", "es": "palabra"}, languages=LANGUAGES, delay_s=0.05)
    mt = ScriptedTranslator(pairs=[LANGUAGES, LANGUAGES[::-1]], delay_s=0.02)
    tts = ScriptedSynthesizer(seconds=SPOKEN_S, word_seconds=0.0, tone_hz=600, languages=LANGUAGES, delay_s=0.02)
    options = InterpreterOptions(
        passes=RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9),
        activity=VoiceActivity if neural else Loudness,
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(patch.object(Peer, "_open", _keyed))
        engines = EngineSet(
            InLoopLane[Transcribe, Transcript](in_loop(stt), languages=stt.languages),
            InLoopLane[Translate, Translation](in_loop(mt), pairs=mt.pairs),
            InLoopLane[Synthesize, Speech](in_loop(tts), languages=tts.languages),
        )
        await stack.enter_async_context(engines)
        microphones: list[Microphone] = []
        for call in range(calls):
            room = await stack.enter_async_context(Room(f"{call}", engines, options=MediaOptions(interpreting=options)))
            for language in LANGUAGES:
                room.add(language, language)
            room.begin(round(time.time() * 1000))
            for language in LANGUAGES:
                await room.offer(language, 1, OFFER)
            await asyncio.sleep(0.001)
            for person in room._people.values():
                assert person.connection is not None, "a peer is keyed as soon as it is served"
                microphones.append(Microphone(person.connection.peer, len(microphones), slots))
        yield KeyedCalls(microphones)
