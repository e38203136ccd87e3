"""Attacks on a TURN relay, from a host of their own: `python relay_attacker.py JSON`.

The argument names the relay, credentials and addresses; the answer on standard output is JSON: the STUN error code
of each attempt, 0 where it succeeded and -1 where no answer came.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import Any

from aioice.stun import Class, Message, Method, TransactionError, TransactionFailed
from aioice.turn import UDP_TRANSPORT, TurnClientUdpProtocol

SILENT = -1


class Client(TurnClientUdpProtocol):
    """Remembers the last request that it sent, so that it can be replayed."""

    last = b""

    def _send(self, data: bytes) -> None:
        self.last = data
        super()._send(data)

    async def code(self, request: Message) -> int:
        """The error code of a request, 0 for success."""
        try:
            await self.request_with_retry(request)
        except TransactionFailed as refused:
            return int(refused.response.error_code)
        except TransactionError:
            return SILENT
        return 0

    async def allocate(self) -> int:
        request = Message(message_method=Method.ALLOCATE, message_class=Class.REQUEST)
        request.attributes["LIFETIME"] = 600
        request.attributes["REQUESTED-TRANSPORT"] = UDP_TRANSPORT
        return await self.code(request)

    async def permit(self, peer: str) -> int:
        request = Message(message_method=Method.CREATE_PERMISSION, message_class=Class.REQUEST)
        request.attributes["XOR-PEER-ADDRESS"] = (peer, 0)
        return await self.code(request)

    async def bind(self, channel: int, peer: str, port: int) -> int:
        request = Message(message_method=Method.CHANNEL_BIND, message_class=Class.REQUEST)
        request.attributes["CHANNEL-NUMBER"] = channel
        request.attributes["XOR-PEER-ADDRESS"] = (peer, port)
        return await self.code(request)

    def indicate(self, peer: str, port: int, data: bytes) -> None:
        """A Send indication, which is never answered."""
        indication = Message(message_method=Method.SEND, message_class=Class.INDICATION)
        indication.attributes["XOR-PEER-ADDRESS"] = (peer, port)
        indication.attributes["DATA"] = data
        self._send(bytes(indication))


class Attacker:
    """All attempts from one host."""

    def __init__(self, relay: tuple[str, int]) -> None:
        self._relay = relay
        self._clients: list[Client] = []

    async def client(self, credential: list[str]) -> Client:
        """A client on a socket of its own."""
        _, client = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Client(self._relay, credential[0], credential[1], lifetime=600, channel_refresh_time=500),
            remote_addr=self._relay,
        )
        self._clients.append(client)
        return client

    async def credentials(self, them: dict[str, list[str]]) -> dict[str, int]:
        return {name: await (await self.client(credential)).allocate() for name, credential in them.items()}

    async def replay(self, credential: list[str]) -> int:
        """Somebody else's authenticated request, byte for byte, from another socket."""
        victim = await self.client(credential)
        assert await victim.allocate() == 0
        heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        class Replayer(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                if not heard.done():
                    heard.set_result(data)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Replayer, remote_addr=self._relay)
        transport.sendto(victim.last)
        try:
            async with asyncio.timeout(2):
                answer = await heard
        except TimeoutError:
            return SILENT
        finally:
            transport.close()
        # Bits 4 and 8 of the type are the class (RFC 8489, 5); an error's code stands in its first attribute here.
        return 0 if answer[0:2] == b"\x01\x03" else int(answer[26]) * 100 + int(answer[27])

    async def peers(self, credential: list[str], peers: list[str], port: int) -> dict[str, list[int]]:
        """For each address: what a permission and a channel were answered. Data is sent all the same."""
        client = await self.client(credential)
        assert await client.allocate() == 0
        codes: dict[str, list[int]] = {}
        for number, peer in enumerate(peers):
            codes[peer] = [await client.permit(peer), await client.bind(0x4000 + number, peer, port)]
            client.indicate(peer, port, b"from the attacker")
        return codes

    async def send(self, credential: list[str], peer: str, ports: list[int]) -> None:
        """Relay a datagram to each port of an allowed peer."""
        client = await self.client(credential)
        assert await client.allocate() == 0 and await client.permit(peer) == 0
        for _ in range(3):
            for port in ports:
                client.indicate(peer, port, b"to port %d" % port)
            await asyncio.sleep(0.1)

    async def flood(self, credential: list[str], attempts: int) -> dict[int, int]:
        """Allocations by one user from many sockets; how often each code came."""
        codes: Counter[int] = Counter()
        for _ in range(attempts):
            codes[await (await self.client(credential)).allocate()] += 1
        return dict(codes)

    async def close(self) -> None:
        for client in self._clients:
            client.transport.close()
        await asyncio.sleep(0)


async def attack(given: dict[str, Any]) -> dict[str, Any]:
    attacker = Attacker((given["relay"], 3478))
    good = given["good"]
    try:
        told: dict[str, Any] = {
            "credentials": await attacker.credentials(given["credentials"]),
            "replayed": await attacker.replay(good["mallory-replays"]),
            "peers": await attacker.peers(good["mallory-asks"], given["peers"], given["port"]),
        }
        await attacker.send(good["mallory-sends"], given["server"], given["ports"])
        told["flood"] = await attacker.flood(good["mallory-floods"], given["attempts"])
        told["strangers"] = await attacker.flood(["", ""], given["attempts"])
        told["afterwards"] = await (await attacker.client(good["honest"])).allocate()
        return told
    finally:
        await attacker.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(attack(json.loads(sys.argv[1])))))
