"""Stock aiortc's echo: the received track is sent back."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from front import front


async def main() -> None:
    """Every offer becomes an echo, until standard input ends."""
    connections: set[RTCPeerConnection] = set()

    async def answer(posted: dict[str, Any]) -> str:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.add(connection)

        @connection.on("track")
        def received(track: MediaStreamTrack) -> None:
            connection.addTrack(track)

        @connection.on("connectionstatechange")
        async def changed() -> None:
            if connection.connectionState == "failed":
                await connection.close()

        await connection.setRemoteDescription(RTCSessionDescription(posted["sdp"], "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    await front(answer)


if __name__ == "__main__":
    asyncio.run(main())
