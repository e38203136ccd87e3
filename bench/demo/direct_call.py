"""The reference for delay: the same microphone and the same ear over a peer connection without a server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from clients.sound.microphone import Clip, Microphone, Script
from clients.sound.opus import Decoder
from clients.sound.wav import Recording, load
from clients.webrtc.peer import IceOptions, Peer, PeerEvents
from clients.webrtc.receiver import Receiver
from clients.webrtc.rtp import Packet

START = 0.5  # s after the connection is up


async def call_directly(said: Path, heard: Path) -> float:
    """Send a WAV over a direct peer connection and record it, on the sender's clock. Returns when it was said,
    in seconds of the recording."""
    loop = asyncio.get_running_loop()
    recording = Recording(heard)
    ear = Receiver(Decoder, recording.write)
    clip = Clip(said.name, load(said))
    script = Script([clip])
    microphone = Microphone(script, loop.time)

    async def take(data: bytes, arrival_time_ms: int) -> None:
        arrival = loop.time()
        packet = RtpPacket.parse(data)
        ear.receive(
            Packet(packet.ssrc, packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload), arrival
        )

    answerer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        async with Peer(IceOptions([]), 1, microphone.open().next, PeerEvents()) as peer:
            await answerer.setRemoteDescription(RTCSessionDescription(await peer.offer(), "offer"))
            answerer.getTransceivers()[0].receiver.transport._handle_rtp_data = take  # type: ignore[method-assign]
            await answerer.setLocalDescription(await answerer.createAnswer())
            await peer.accept(answerer.localDescription.sdp)
            await peer.connected()
            microphone.zero = loop.time()
            ear.pair(microphone.zero)
            script.place([START])
            await asyncio.sleep(START + clip.duration + 0.3)
    finally:
        await answerer.close()
        ear.flush()
        recording.close()
    return START
