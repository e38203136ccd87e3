"""The speaker's own voice goes around the pipeline: at once, as it is, with the gaps that it has."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from clients.webrtc.rtp import Packet, signed16, signed32
from tests.kit.packet_caller import PATIENCE, Arrived, Media, Sent, calling, until
from tests.kit.server_process import Server
from tests.kit.tones import packets

pytestmark = pytest.mark.real_time

HZ, SPOKEN_S = 600, 2.0
LOST = {20, 21, 60}
NOISE = bytes(range(200, 240))  # no decoder would make of it what it is
NOISE_AT = 40
MOST_OVER_DIRECT = 0.06  # s


async def test_it_is_as_good_as_a_direct_call(scripted: Server) -> None:
    payloads = packets(HZ, SPOKEN_S)
    payloads[NOISE_AT] = NOISE
    async with calling(scripted.url) as (ana, ben):
        ana.media.lost = LOST.__contains__
        async with asyncio.TaskGroup() as both:
            both.create_task(ana.speak(payloads))
            direct = both.create_task(_directly(payloads))
        kept = [one for number, one in enumerate(ana.media.mouth.sent) if number not in LOST]
        await until(lambda: len(ben.media.lines[1]) == len(kept))
        came = ben.media.lines[1]
        await ben.media.inbox.wait_for("utterance_end", outcome="spoken", timeout=PATIENCE)
        await ana.leave()
    _is_unaltered(kept, came)
    around, without = _transit(kept, came), direct.result()
    for share in (95, 50):
        ours, theirs = np.percentile(around, share), np.percentile(without, share)
        print(f"\noriginal voice, p{share}: {1000 * ours:.2f} ms by the server, {1000 * theirs:.2f} ms directly")
    assert ours - theirs <= MOST_OVER_DIRECT  # the median: the rest is the machine's


def _is_unaltered(kept: list[Sent], came: list[Arrived]) -> None:
    """The same bytes, the same steps of time, the same holes in the numbers, marked where it begins."""
    assert [one.packet.payload for one in came] == [one.payload for one in kept]
    first = came[0].packet
    steps = [signed32(one.packet.timestamp - first.timestamp) for one in came]
    assert steps == [one.timestamp - kept[0].timestamp for one in kept]
    numbers = [signed16(one.packet.sequence - first.sequence) for one in came]
    assert set(range(numbers[-1] + 1)) - set(numbers) == LOST
    assert [number for number, one in zip(numbers, came, strict=True) if one.packet.marker] == [0]


def _transit(sent: list[Sent], came: list[Arrived]) -> list[float]:
    """Seconds from a packet's leaving to its arrival."""
    return [late.at - early.at for early, late in zip(sent, came, strict=True)]


async def _directly(payloads: list[bytes]) -> list[float]:
    """The same packets over a peer connection without a server, in the same process at the same time."""
    loop = asyncio.get_running_loop()
    came: list[Arrived] = []
    answerer, media = RTCPeerConnection(RTCConfiguration(iceServers=[])), Media(1, 0)

    async def take(data: bytes, arrival_time_ms: int) -> None:
        packet = RtpPacket.parse(data)
        fields = packet.ssrc, packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload
        came.append(Arrived(loop.time(), Packet(*fields)))

    try:
        await answerer.setRemoteDescription(RTCSessionDescription(await media.offer(), "offer"))
        answerer.getTransceivers()[0].receiver.transport._handle_rtp_data = take
        await answerer.setLocalDescription(await answerer.createAnswer())
        await media.accept(answerer.localDescription.sdp)
        media.mouth.say(payloads)
        await until(lambda: len(came) == len(payloads))
    finally:
        await media.close()
        await answerer.close()
    return _transit(media.mouth.sent, came)
