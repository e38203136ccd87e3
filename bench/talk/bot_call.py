"""A call to a translation bot: one client that speaks and hears the bot; offer and answer by one HTTP POST."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import aiohttp

from bench.talk.timed_receiver import TimedReceiver
from bench.talk.turns import silent_script, speak
from clients.sound.microphone import Microphone
from clients.webrtc.peer import IceOptions, Peer, PeerEvents
from clients.webrtc.rtp import Packet

CONNECT = 20.0  # s
LEAST = 2.0  # s: pauses are found in chunks of 0.6 s, and there is no message that tells


@dataclass(slots=True)
class _Line(PeerEvents):
    microphone: Microphone
    ear: TimedReceiver
    settled: bool = True
    least: float = LEAST

    def packet_received(self, mid: str, packet: Packet, arrival: float) -> None:
        """Hand a packet to the recording."""
        self.ear.receive(packet, arrival)


async def converse(server: str, call: dict[str, Any]) -> dict[str, Any]:
    """Hold one call, and return all that the listener received; the recording is still an object."""
    loop = asyncio.get_running_loop()
    line = _Line(Microphone(silent_script(), loop.time), TimedReceiver(), least=call.get("least") or LEAST)

    capture = line.microphone.open()
    async with Peer(IceOptions([]), 1, capture.next, line) as peer:
        posted = {"sdp": await peer.offer(), "type": "offer", "webrtc_id": secrets.token_hex(8)}
        patience = aiohttp.ClientTimeout(30)
        async with aiohttp.ClientSession(timeout=patience) as http, http.post(server, json=posted) as response:
            answer = await response.json()
        await peer.accept(answer["sdp"])
        async with asyncio.timeout(CONNECT):
            await peer.connected()
        line.microphone.zero = loop.time()
        await asyncio.sleep(1.5)
        said = await speak(line, call["turns"])
    return {
        "language": call["language"],
        "target": call["target"],
        "speaker": "",
        "said": said,
        "heard": line.ear,
        "messages": [],
        "microphone": line.microphone.summary(),
    }
