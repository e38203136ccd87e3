"""One call of two generated peers, joined as anybody's: guests' tokens, a session code, WebSockets, offers."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from bench.rtp_load.generated_peer import Client, NotConnected
from clients.signaling.api import Api, Entry
from clients.signaling.connection import Message, SocketLost
from clients.signaling.web_socket import Socket

LANGUAGES = ("en", "es")
PATIENCE = 10.0  # s for an answer


class Seat(Client):
    """A participant of a session; `sent` holds when each slot's packet left (ns of the wall clock)."""

    def __init__(self) -> None:
        super().__init__(lines=2)
        self.sent: list[int] = []
        self.first_source: set[int] = set()
        self.lost = False
        self._signal: Socket | None = None

    async def enter(self, api: Api, entry: Entry, language: str, readers: asyncio.TaskGroup) -> None:
        """Join the session and wait until media can flow.

        The socket is read from then on. Raises Refused, SocketLost or NotConnected.
        """
        self._signal = socket = await api.connect(entry.ws_url)
        await socket.join(entry.session_id, entry.token, language)
        offer = await self.offer()
        await socket.send({"type": "offer", "negotiation": 1, "sdp": offer})
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        readers.create_task(_read(socket, answer))
        try:
            async with asyncio.timeout(PATIENCE):
                sdp = str((await answer)["sdp"])
        except TimeoutError:
            raise NotConnected("no answer to the offer") from None
        await self.accept(offer, sdp)
        self.first_source = self._ssrcs[0]

    def send(self, slot: int, payload: bytes, level: int) -> int:
        try:
            at = super().send(slot, payload, level)
        except OSError:  # aiortc has closed the socket: nothing has come from the server for half a minute
            self.lost = True
            return 0
        self.sent.append(at or time.time_ns())
        return at

    async def leave(self) -> None:
        """Say goodbye and close the socket.

        Where the partner has left, the server closes it. The connection is still to be closed.
        """
        if self._signal is not None:
            with suppress(SocketLost):
                await self._signal.send({"type": "leave_session"})


async def _read(socket: Socket, answer: asyncio.Future[Message]) -> None:
    """Receive messages until the server closes, which also answers its pings."""
    async with socket:
        try:
            async for message in socket.messages():
                if message["type"] == "answer" and not answer.done():
                    answer.set_result(message)
                elif message["type"] == "error" and not answer.done():
                    answer.set_exception(NotConnected(str(message)))
        except SocketLost as lost:
            if not answer.done():
                answer.set_exception(NotConnected(str(lost)))


@dataclass(slots=True)
class Caller:
    """Makes calls, with the tokens of the same two guests."""

    api: Api
    readers: asyncio.TaskGroup
    tokens: list[str] = field(default_factory=list)

    async def call(self) -> tuple[Seat, Seat]:
        """Make a call whose media is up at both ends.

        Raises Refused where the server has no room, else Unreachable, SocketLost or NotConnected.
        """
        while len(self.tokens) < len(LANGUAGES):
            self.tokens.append(await self.api.guest(f"guest {len(self.tokens)}"))
        created = await self.api.create(self.tokens[0], LANGUAGES[0])
        joined = await self.api.join(self.tokens[1], str(created.session_code), LANGUAGES[1])
        seats = Seat(), Seat()
        await asyncio.gather(
            *(
                seat.enter(self.api, entry, language, self.readers)
                for seat, entry, language in zip(seats, (created, joined), LANGUAGES, strict=True)
            )
        )
        return seats
