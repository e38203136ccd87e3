"""A client written from the wire protocol alone: stock aiortc, aiohttp, nothing of the server's code."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.kit.contract import check_answer, check_socket

from .inbox import Inbox, Message
from .peer import Pcm, Peer, split_candidates


class Refused(Exception):
    """An HTTP answer of 400 or more: its status, its `error.code`, its headers and its whole body."""

    def __init__(self, status: int, body: Any, headers: dict[str, str]) -> None:
        self.status, self.body, self.headers = status, body, headers
        error = body.get("error", {}) if isinstance(body, dict) else {}
        self.code = error.get("code")
        super().__init__(f"HTTP {status} {self.code}: {error.get('message')}")


@dataclass(frozen=True)
class Reply:
    """A good HTTP answer; `body` is the JSON value, or the text of any other content type."""

    status: int
    body: Any
    headers: dict[str, str]


class Signal(ABC):
    """A carrier of signaling: every message it brought, and how it was closed."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self._closed = asyncio.Event()

    @abstractmethod
    async def read(self) -> None:
        """Collect messages until it closes."""

    async def send(self, type_: str, **fields: Any) -> None:
        await self.send_text(json.dumps({"type": type_, **fields}))

    @abstractmethod
    async def send_text(self, text: str) -> None: ...

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def close_code(self, *, timeout: float = 10.0) -> int | None:
        """Wait until the other side has closed; the close code it gave."""


class Socket(Signal):
    """One WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__()
        self.socket = socket

    async def read(self) -> None:
        async for frame in self.socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                message = json.loads(frame.data)
                check_socket(message)
                self.inbox.put(message)
        self._closed.set()

    async def send_text(self, text: str) -> None:
        await self.socket.send_str(text)

    async def close(self) -> None:
        await self.socket.close()

    async def close_code(self, *, timeout: float = 10.0) -> int | None:
        async with asyncio.timeout(timeout):
            await self._closed.wait()
        return self.socket.close_code


class Client:
    """One user with one session. Use as an async context manager; all it started ends with it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = self.user_id = ""
        self.session_id = self.participant_id = self.session_code = self.ws_url = ""
        self.language = ""
        self.resume_token = ""
        self.joined: Message = {}
        self._negotiation = 0
        self._signal: Signal | None = None
        self._peer: Peer | None = None
        self._peers: list[Peer] = []
        self._signals: list[Signal] = []

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession()
        self._tasks = await asyncio.TaskGroup().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for peer in self._peers:
                await peer.close()
            for signal in self._signals:
                await signal.close()
        finally:
            # The body's own error goes on as it is, not wrapped in a group: the tasks end by themselves
            # once their sockets and tracks have ended. A cancellation the group made is for the group.
            passed = (kind, error, trace) if isinstance(error, asyncio.CancelledError) else (None, None, None)
            try:
                await self._tasks.__aexit__(*passed)
            finally:
                await self.http.close()

    @property
    def signal(self) -> Signal:
        """The newest socket."""
        assert self._signal is not None, "not connected"
        return self._signal

    @property
    def peer(self) -> Peer:
        """The newest peer connection."""
        assert self._peer is not None, "no media"
        return self._peer

    # HTTP

    async def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Reply:
        """One request under /api/v1, with this user's token unless another ("" for none) is given."""
        data = None if body is None else json.dumps(body).encode()
        return await self.raw(method, "/api/v1" + path, data, token=token)

    async def raw(self, method: str, path: str, data: bytes | None, *, token: str | None = None) -> Reply:
        """One request with any bytes as its body; raises Refused from status 400 on."""
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if data is not None:
            headers["Content-Type"] = "application/json"
        async with self.http.request(method, self.base_url + path, data=data, headers=headers) as answer:
            is_json = answer.content_type.endswith("json")
            text = await answer.text()
            content = json.loads(text) if is_json and text else text
            check_answer(method, path, answer.status, content, answer.content_type)
            got = {key.lower(): value for key, value in answer.headers.items()}
            if answer.status >= 400:
                raise Refused(answer.status, content, got)
            return Reply(answer.status, content, got)

    async def sign_in(self, name: str = "Guest") -> Message:
        """Take a guest token."""
        body: Message = (await self.call("POST", "/auth/guest", {"displayName": name})).body
        self.token, self.user_id = body["token"], body["userId"]
        return body

    async def create(self, language: str, *, admit: bool | None = None, solo: Message | None = None) -> Message:
        given = {name: value for name, value in (("admit", admit), ("solo", solo)) if value is not None}
        options = {"options": given} if given else {}
        body: Message = (await self.call("POST", "/sessions/create", {"language": language, **options})).body
        self.session_code = body["sessionCode"] or ""
        self._entered(body, language)
        return body

    async def join(self, code: str, language: str) -> Message:
        body: Message = (await self.call("POST", "/sessions/join", {"sessionCode": code, "language": language})).body
        self._entered(body, language)
        return body

    def _entered(self, body: Message, language: str) -> None:
        self.session_id, self.participant_id = body["sessionId"], body["participantId"]
        self.ws_url, self.language = body["wsUrl"], language

    async def get(self) -> Message:
        body: Message = (await self.call("GET", f"/sessions/{self.session_id}")).body
        return body

    async def delete(self, *, token: str | None = None) -> Message:
        body: Message = (await self.call("DELETE", f"/sessions/{self.session_id}", token=token)).body
        return body

    async def ice_servers(self, *, token: str | None = None) -> Message:
        body: Message = (await self.call("GET", "/ice-servers", token=token)).body
        return body

    async def languages(self) -> Message:
        body: Message = (await self.call("GET", "/languages")).body
        return body

    # WebSocket

    async def open(self) -> Signal:
        """Open a socket without saying anything; it becomes the newest one."""
        signal = Socket(await self.http.ws_connect(self.ws_url))
        self._begin(signal)
        return signal

    def _begin(self, signal: Signal) -> None:
        self._signal = signal
        self._signals.append(signal)
        self._tasks.create_task(signal.read())

    async def connect(self, *, token: str | None = None) -> Message:
        """Open a socket and join; the `session_joined` message. Called again, it takes over."""
        signal = await self.open()
        await signal.send(
            "join_session",
            sessionId=self.session_id,
            token=self.token if token is None else token,
            language=self.language,
            protocol=1,
        )
        self.joined = await signal.inbox.wait_for("session_joined")
        self.resume_token = self.joined["resumeToken"]
        return self.joined

    async def resume(self) -> Message:
        """Come back with the resume token; media is offered anew by `offer`."""
        return await self.connect(token=self.resume_token)

    async def leave(self) -> None:
        await self.signal.send("leave_session")

    async def set_language(self, language: str, *, by_channel: bool = False) -> None:
        if by_channel:
            self.peer.send("set_language", language=language)
        else:
            await self.signal.send("set_language", language=language)

    # Media

    async def offer(
        self, *, lines: int = 2, trickle: bool = False, last_seq: int | None = None, keep_old: bool = False
    ) -> Peer:
        """A new peer connection, up and resumed; it replaces the one before.

        `trickle` sends the offer bare and then its candidates one by one. `last_seq` is what `resume`
        says, by default the last number seen. `keep_old` leaves the connection before open at this end.
        """
        peer = Peer(self.joined["iceServers"], lines)
        self._peers.append(peer)
        answer = await self.negotiate(await peer.offer(), trickle=trickle)
        await peer.accept(answer, self._tasks)
        peer.send("resume", lastSeq=self.last_seq if last_seq is None else last_seq)
        previous, self._peer = self._peer, peer
        if previous is not None and not keep_old:
            await previous.close()
        return peer

    async def negotiate(self, sdp: str, *, trickle: bool = False) -> Message:
        """Send an offer, and its candidates apart if asked; the answer to it."""
        self._negotiation += 1
        number = self._negotiation
        bare, candidates = split_candidates(sdp) if trickle else (sdp, [])
        await self.signal.send("offer", negotiation=number, sdp=bare)
        for candidate in candidates:
            await self.signal.send("candidate", negotiation=number, candidate=candidate)
        if trickle:
            await self.signal.send("candidate", negotiation=number, candidate=None)
        return await self.signal.inbox.wait_for("answer", negotiation=number)

    @property
    def negotiation(self) -> int:
        return self._negotiation

    @property
    def last_seq(self) -> int:
        """The highest number of a `subtitles` message seen on any connection of this session."""
        return max((r.message.get("seq", 0) for p in self._peers for r in p.inbox.received), default=0)

    async def speak(self, pcm: Pcm) -> None:
        """Send speech through the microphone in real time; returns when it is sent."""
        self.peer.microphone.play(pcm)
        await self.peer.microphone.drained()

    def say(self, text: str, client_id: str = "typed-1") -> None:
        self.peer.send("say", text=text, clientId=client_id)

    def end_utterance(self) -> None:
        self.peer.send("end_utterance")

    def start_over(self) -> None:
        self.peer.send("start_over")

    def typing(self, on: bool) -> None:
        self.peer.send("typing", on=on)
