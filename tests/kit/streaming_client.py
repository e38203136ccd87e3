"""A guest who signals without a WebSocket: an event stream, and a request for each message."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from tests.kit.contract import check_answer, check_socket
from tests.kit.signaling_server import SOON, Client, Front, meet

LOST = 1006
"""Close code of a stream that ended without one, as a WebSocket shows it (RFC 6455, 7.1.5)."""


class StreamingClient(Client):
    """One guest, with one stream at a time, in the place of the socket."""

    def __init__(self, front: Front, token: str, user: str) -> None:
        super().__init__(front, token, user)
        self.answer: aiohttp.ClientResponse | None = None
        self.stream = ""
        """Name of the stream."""
        self.comments: list[str] = []

    async def listen(self, token: str | None = None, **headers: str) -> tuple[int, Any]:
        """Ask for a stream. Return (status, None), or (status, body) of a refusal."""
        path = f"/api/v1/sessions/{self.session}/messages"
        headers = {"Authorization": f"Bearer {token or self.token}", **headers}
        endless = aiohttp.ClientTimeout(total=None)
        answer = await self.front.http.get(self.front.url + path, headers=headers, timeout=endless)
        body = await answer.json() if answer.status != 200 else None
        check_answer("GET", path, answer.status, body, answer.content_type)
        if body is None:
            self.answer = answer
            self.front.streams.append(answer)
            name, data = await self.event()
            assert name == "opened"
            self.stream = json.loads(data)["stream"]
        return answer.status, body

    async def open(self, token: str | None = None, **changes: object) -> None:
        assert await self.listen(token) == (200, None)
        await self.join_session(token, **changes)

    async def join_session(self, token: str | None = None, **changes: object) -> None:
        """Say the first message."""
        join = {"type": "join_session", "sessionId": self.session, "token": token or self.token}
        await self.say({**join, "language": self.language, "protocol": 1, **changes})

    async def post(
        self, message: object, token: str | None = None, stream: str | None = None, session: str | None = None
    ) -> tuple[int, Any]:
        """Post a message: bytes and texts as they are. Return the status, and the body of a refusal."""
        body = message.encode() if isinstance(message, str) else message
        path = f"/sessions/{session or self.session}/messages?stream={stream or self.stream}"
        return await self.front.call("POST", path, body, token or self.resume_token or self.token)

    async def say(self, message: object) -> None:
        assert await self.post(message) == (202, None)

    async def event(self) -> tuple[str, str]:
        """Return (name, data) of the next event; ("lost", "") once nothing more comes."""
        assert self.answer is not None
        while True:
            try:
                block = (await self.answer.content.readuntil(b"\n\n")).decode()
            except (aiohttp.ClientError, OSError):
                return "lost", ""
            if not block.endswith("\n\n"):
                return "lost", ""
            lines = [line.partition(": ") for line in block.splitlines() if line]
            if lines[0][0] == "":
                self.comments.append(lines[0][2])
                continue
            fields = {name: value for name, _, value in lines}
            return fields.get("event", "message"), fields["data"]

    async def next(self, within: float = SOON) -> dict[str, Any] | int | None:
        """A message, or the close code."""
        name, data = await self.event()
        if name == "lost":
            return LOST
        content = json.loads(data)
        if name == "close":
            return int(content["code"])
        assert name == "message", name
        check_socket(content)
        return dict(content)

    async def ended(self) -> bool:
        """True if nothing comes any more, and the answer has ended as it should."""
        assert self.answer is not None
        return await self.answer.content.read() == b""

    async def vanish(self) -> None:
        """Without a goodbye."""
        assert self.answer is not None and self.answer.connection is not None
        assert self.answer.connection.transport is not None
        self.answer.connection.transport.abort()
        self.answer.close()


async def streaming(front: Front, name: str) -> StreamingClient:
    """A guest who has made or joined no session yet."""
    guest = await front.guest(name)
    return StreamingClient(front, guest.token, guest.user)


async def streaming_pair(front: Front) -> tuple[StreamingClient, Client]:
    """Two people in an active call: the first by a stream, the second by a socket."""
    ana, bo = await streaming(front, "Ana"), await front.guest("Bo")
    await meet(ana, bo)
    return ana, bo
