"""A TURN client that holds one allocation: aioice's, without what ICE adds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aioice.turn import TurnClientUdpProtocol

from tests.kit.coturn_process import RunningCoturn
from turn.credentials import Credential


@asynccontextmanager
async def allocation(server: RunningCoturn, credential: Credential) -> AsyncIterator[TurnClientUdpProtocol]:
    """Hold an allocation of `server` over UDP; raises aioice's TransactionFailed where it is refused."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(
        lambda: TurnClientUdpProtocol(
            server.address,
            username=credential.username,
            password=credential.password,
            lifetime=600,
            channel_refresh_time=500,
        ),
        remote_addr=server.address,
    )
    try:
        await client.connect()
        try:
            yield client
        finally:
            await client.delete()
    finally:
        transport.close()
        await asyncio.sleep(0)  # the transport closes its socket in the loop's next round
