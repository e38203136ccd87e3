"""A client floods its connection with STUN, DTLS and SCTP: another call goes on, and the server has time for it."""

from __future__ import annotations

import asyncio
import struct
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from aioice.stun import Class, Message, Method
from aiortc.rtcsctptransport import HeartbeatChunk
from google_crc32c import value as crc32c

from tests.kit.extent import extent
from tests.kit.packet_caller import PATIENCE, Caller, calling
from tests.kit.process_facts import processor_s
from tests.kit.server_process import Server
from tests.kit.tones import packets

pytestmark = pytest.mark.real_time

FLOOD_S = extent(2, 10)
A_TICK = 60
"""Datagrams of each kind in 20 ms: 3000 a second, thirty times what is let in."""
MOST_CORE = 0.25
"""Part of a core that the flood may cost beside the calls; the burst that is let in at first is in it."""
LONGEST_GAP = 0.2
REFUSED = "dragoman_datagrams_refused_total"


class Flood:
    """Datagrams of one client, at the address where the server has it."""

    def __init__(self, client: Caller) -> None:
        self._dtls: Any = client.media.peer._transport
        self._sctp: Any = client.media.peer._channel.transport
        ice = self._dtls.transport._connection
        self._pair = ice._nominated[1]
        check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        check.attributes["USERNAME"] = f"{ice.remote_username}:{ice.local_username}"
        check.attributes["PRIORITY"] = 1
        check.add_message_integrity(ice.remote_password.encode())
        self._check = bytes(check)
        self.sent = 0

    async def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            for _ in range(A_TICK):
                self._pair.protocol.transport.sendto(self._check, self._pair.remote_addr)
                self._pair.protocol.transport.sendto(b"\x17\xfe\xfd" + bytes(97), self._pair.remote_addr)
            for _ in range(4):
                await self._dtls._send_data(self._heartbeats())
            self.sent += 2 * A_TICK + 4
            await asyncio.sleep(0.02)

    def _heartbeats(self) -> bytes:
        """Return one packet of SCTP with 300 heartbeats, each of which is to be answered."""
        body = bytes(HeartbeatChunk()) * 300
        header = struct.pack(
            "!HHL", self._sctp._local_port, self._sctp._remote_port, self._sctp._remote_verification_tag
        )
        return header + struct.pack("<L", crc32c(header + bytes(4) + body)) + body


async def counted(url: str) -> float:
    """Return how many datagrams the server says it has refused."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        text = await answer.text()
    return float(
        next(line.split()[1] for line in text.splitlines() if line.startswith("dragoman_datagrams_refused_to"))
    )


async def test_a_flood_costs_little_and_disturbs_nobody(scripted: Server) -> None:
    assert scripted.process is not None
    pid = scripted.process.pid
    async with calling(scripted.url) as (ana, ben), calling(scripted.url) as (mallory, eve):
        flood = Flood(mallory)
        tone = packets(500, FLOOD_S)
        before = processor_s(pid)
        await ana.speak(tone)
        calm_s = processor_s(pid) - before
        before = processor_s(pid)
        async with asyncio.TaskGroup() as group:
            group.create_task(flood.run(FLOOD_S))
            group.create_task(ana.speak(tone))
        flooded_s = processor_s(pid) - before
        print(f"\n{flood.sent} datagrams; {calm_s:.2f} s of processor time without them, {flooded_s:.2f} s with them")
        assert flooded_s - calm_s < MOST_CORE * FLOOD_S
        came = [one.at for one in ben.media.lines[1]]
        spoken = came[-len(tone) :]
        assert max(b - a for a, b in pairwise(spoken)) < LONGEST_GAP
        assert await ben.media.inbox.wait_for("utterance_end", outcome="spoken", timeout=PATIENCE)
        assert await counted(scripted.url) > flood.sent / 2
        mallory.say("tone 600")
        assert await eve.media.inbox.wait_for("utterance_end", outcome="spoken"), "who stops is heard again"
        await ana.leave()
        await mallory.leave()
    scripted.wait_for("a client's datagrams were dropped")
    assert "Traceback" not in scripted.log
