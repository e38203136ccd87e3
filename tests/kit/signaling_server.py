"""A real signaling server on a free port, with a scripted room behind it, and a client that speaks to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from media.events import Answer, CallMetrics, Observer, OfferRefused, RefusalCode, RoomEvent, TrackKind, TrackMapping
from nodes.running import Node
from pipeline.context import Context
from signaling.config import SignalingLimits, SignalingOptions
from signaling.http.app import LIVE_SESSIONS, make_app
from signaling.languages import Languages
from signaling.ports import Dependencies, IceServers, OpenRoom, Room
from signaling.rate_limits import Rate
from signaling.sessions.directory import Directory
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Tokens
from storage.sqlite import SqliteSessions
from tests.kit.contract import check_answer, check_socket

LANGUAGES = Languages.of(["en", "es", "de"], ["en", "es"], [("en", "es"), ("es", "en")])
ICE = IceServers(({"urls": ["turn:turn.example"], "username": "u", "credential": "c"},), 600)
MANY = Rate(100_000, 1)
GENEROUS = SignalingLimits(
    requests_of_user=MANY,
    requests_of_address=MANY,
    paced_of_address=MANY,
    guests_of_address=MANY,
    sessions_of_user=MANY,
    wrong_codes_of_address=MANY,
    logins_of_address=MANY,
    logins_of_site=MANY,
    accounts_of_address=MANY,
    refreshes_of_address=MANY,
)
SOON = 60.0


@dataclass
class ScriptedRoom:
    """Records what it is asked; an SDP says what is to happen: `bad`, `video`, `crash`, `slow`, or an answer."""

    session: str
    observer: Observer
    asked: list[tuple[object, ...]] = field(default_factory=list)
    figures: CallMetrics = field(default_factory=CallMetrics)
    closed: bool = False
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    sentence: asyncio.Event = field(default_factory=asyncio.Event)
    published: dict[str, str] = field(default_factory=dict)
    """Publication of each participant."""
    unread_by: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sentence.set()

    def tell(self, event: RoomEvent) -> None:
        """Emit an event of this room."""
        self.observer(Context(self.session), event)

    def add(self, participant: str, language: str) -> None:
        self.asked.append(("add", participant, language))

    def refuse(self, participant: str, code: str, message: str) -> None:
        self.asked.append(("refuse", participant, code))

    def hear_self(self, participant: str, language: str) -> None:
        self.asked.append(("hear_self", participant, language))

    def begin(self, started_at_ms: int) -> None:
        self.asked.append(("begin", started_at_ms))

    def unread(self) -> dict[str, object]:
        return self.unread_by

    def go_on(self, participant: str, unread: object) -> None:
        self.asked.append(("go_on", participant, unread))

    async def offer(self, participant: str, negotiation: int, sdp: str) -> Answer:
        self.asked.append(("offer", participant, negotiation, sdp))
        await asyncio.sleep(0)
        if sdp == "bad":
            raise OfferRefused(RefusalCode.BAD_SDP, "that is no SDP")
        if sdp == "video":
            raise OfferRefused(RefusalCode.NO_AUDIO, "no audio line")
        if sdp == "crash":
            raise RuntimeError("the room fails")
        return Answer(f"answer to {sdp}", (TrackMapping("0", TrackKind.INTERPRETER, participant),))

    async def publish(self, participant: str, publication: str, sdp: str) -> str:
        answer = await self.offer(participant, 0, sdp)
        if sdp == "slow":  # it is overtaken by the end of the room, and refused as a real room does
            await self.closing.wait()
            raise OfferRefused(RefusalCode.AT_CAPACITY, "the call's room has closed")
        self.published[participant] = publication
        return answer.sdp

    def unpublish(self, participant: str, publication: str) -> bool:
        found = self.published.get(participant) == publication
        if found:
            del self.published[participant]
        return found

    async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None:
        self.asked.append(("candidate", participant, negotiation, candidate))
        if candidate is not None and candidate["candidate"] == "nonsense":
            raise OfferRefused(RefusalCode.BAD_REQUEST, "not a candidate")

    def set_language(self, participant: str, language: str) -> None:
        self.asked.append(("set_language", participant, language))

    def set_detection(self, participant: str, on: bool) -> None:
        self.asked.append(("set_detection", participant, on))

    def set_voice(self, participant: str, voice: str) -> None:
        self.asked.append(("set_voice", participant, voice))

    def metrics(self) -> CallMetrics:
        return self.figures

    async def finish(self, timeout: float) -> None:
        self.asked.append(("finish", timeout))
        await self.sentence.wait()

    def did(self, what: str) -> list[tuple[object, ...]]:
        return [one for one in self.asked if one[0] == what]


@dataclass
class Front:
    """The server, and what it opened."""

    url: str
    http: aiohttp.ClientSession
    sessions: LiveSessions
    rooms: list[ScriptedRoom]
    store: SqliteSessions
    app: web.Application
    sockets: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)
    streams: list[aiohttp.ClientResponse] = field(default_factory=list)

    async def socket(self, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """One that is let go with the server, however a test leaves it."""
        return await self.socket_at("/ws", **options)

    async def socket_at(self, path: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        self.sockets.append(await self.http.ws_connect(self.url + path, **options))
        return self.sockets[-1]

    @property
    def room(self) -> ScriptedRoom:
        return self.rooms[-1]

    async def guest(self, name: str | None = None) -> Client:
        status, answer = await self.call("POST", "/auth/guest", {"displayName": name} if name else {})
        assert status == 201, answer
        return Client(self, answer["token"], answer["userId"])

    async def call(
        self, method: str, path: str, body: object = None, token: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        url = f"{self.url}/api/v1{path}"
        async with self.http.request(method, url, data=data, headers=headers) as answer:
            content = None if answer.status == 204 or answer.content_length == 0 else await answer.json()
            check_answer(method, f"/api/v1{path}", answer.status, content, answer.content_type)
            return answer.status, content

    async def pair(self, **options: object) -> tuple[Client, Client]:
        """Two people in an active call, each with a socket."""
        ana, bo = await self.guest("Ana"), await self.guest("Bo")
        await meet(ana, bo, **options)
        return ana, bo


async def meet(ana: Client, bo: Client, **options: object) -> None:
    """Let Ana make a call and Bo join it, until it is active for both."""
    await ana.create("es", **options)
    await bo.join(ana.code, "en")
    await ana.open()
    await bo.open()
    await ana.hear("session_joined")
    await bo.hear("session_joined")
    await ana.hear("session_paired")


class Client:
    """One guest, with one socket at a time."""

    def __init__(self, front: Front, token: str, user: str) -> None:
        self.front = front
        self.token = token
        self.user = user
        self.session = self.code = self.me = self.language = self.resume_token = ""
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return await self.front.call(method, path, body, self.token)

    async def create(self, language: str = "es", **options: object) -> dict[str, Any]:
        status, answer = await self.call("POST", "/sessions/create", {"language": language, "options": options})
        assert status == 201, answer
        self.session, self.code, self.me = answer["sessionId"], answer["sessionCode"], answer["participantId"]
        self.language = language
        return dict(answer)

    async def join(self, code: str, language: str = "en") -> dict[str, Any]:
        status, answer = await self.call("POST", "/sessions/join", {"sessionCode": code, "language": language})
        assert status == 200, answer
        self.session, self.code, self.me = answer["sessionId"], code, answer["participantId"]
        self.language = language
        return dict(answer)

    async def connect(self, path: str = "/ws", **headers: str) -> aiohttp.ClientWebSocketResponse:
        self.socket = await self.front.socket_at(path, headers=headers, max_msg_size=0)
        return self.socket

    async def open(self, token: str | None = None, **changes: object) -> None:
        await self.connect()
        join = {"type": "join_session", "sessionId": self.session, "token": token or self.token}
        await self.say({**join, "language": self.language, "protocol": 1, **changes})

    async def say(self, message: object) -> None:
        assert self.socket is not None
        await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    async def hear(self, kind: str, within: float = SOON) -> dict[str, Any]:
        """The next message, which must be of this kind."""
        message = await self.next(within)
        assert isinstance(message, dict) and message["type"] == kind, message
        if kind == "session_joined":
            self.resume_token = message["resumeToken"]
        return message

    async def hear_error(self, code: str, fatal: bool, close: int | None = None) -> None:
        message = await self.hear("error")
        assert (message["code"], message["fatal"]) == (code, fatal), message
        assert message["message"]
        if close is not None:
            assert await self.next() == close

    async def next(self, within: float = SOON) -> dict[str, Any] | int | None:
        """A message, or the close code."""
        assert self.socket is not None
        frame = await self.socket.receive(timeout=within)
        if frame.type is aiohttp.WSMsgType.TEXT:
            message = dict(json.loads(frame.data))
            check_socket(message)
            return message
        return self.socket.close_code

    async def quiet(self) -> None:
        """Nothing else has come, and the socket still answers."""
        await self.say({"type": "heartbeat", "id": "quiet"})
        assert await self.next() == {"type": "heartbeat", "id": "quiet"}

    async def vanish(self) -> None:
        """Without a goodbye."""
        assert self.socket is not None
        connection = self.socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.abort()
        await self.socket.close()


@asynccontextmanager
async def open_front(
    config: SignalingOptions | None = None,
    *,
    path: str | Path = ":memory:",
    open_room: OpenRoom | None = None,
    languages: Languages = LANGUAGES,
    directory: Directory | None = None,
    node: Node | None = None,
    key: bytes | None = None,
    web_root: Path | None = None,
    abandon: bool = False,
    idle_s: float = 75.0,
    **ports: Any,
) -> AsyncIterator[Front]:
    """`idle_s` is the time that a connection without a whole request has. `node` makes it one of several.

    `abandon` leaves the scope as a killed process would: no goodbye, nothing written.
    """
    rooms: list[ScriptedRoom] = []

    @asynccontextmanager
    async def scripted(session: str, observer: Observer) -> AsyncIterator[Room]:
        room = ScriptedRoom(session, observer)
        rooms.append(room)
        try:
            yield room
        finally:
            room.closed = True
            room.closing.set()

    def opened(session: str, observer: Observer) -> AbstractAsyncContextManager[Room]:
        return (open_room or scripted)(session, observer)

    config = config or SignalingOptions(limits=GENEROUS)
    if node is not None:
        directory, ports = node.directory, {"rate_limiter": node.counts.limiter, **ports}
    store = await SqliteSessions(path).__aenter__()
    before = asyncio.all_tasks()
    try:
        async with asyncio.TaskGroup() as tasks:
            app = make_app(
                config,
                Dependencies(opened, lambda: languages, **{"ice_servers": lambda user: ICE, **ports}),
                tasks=tasks,
                snapshots=store if node is None else node.ledger,
                tokens=Tokens(key or await store.signing_key()),
                directory=directory,
                web_root=web_root,
            )
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, keepalive_timeout=idle_s)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            if node is not None:
                node.presence.listens(f"http://{host}:{port}")
            try:
                async with aiohttp.ClientSession() as http:
                    front = Front(f"http://{host}:{port}", http, app[LIVE_SESSIONS], rooms, store, app)
                    try:
                        yield front
                    finally:
                        for socket in front.sockets:
                            socket._response.close()
                        for stream in front.streams:
                            stream.close()
            finally:
                if abandon:
                    await kill(one for one in asyncio.all_tasks() - before if one.get_name().startswith("session "))
                else:
                    await app[LIVE_SESSIONS].shutdown(0)
                await runner.cleanup()
        assert len(app[LIVE_SESSIONS]) == len(app[LIVE_SESSIONS].connections) == 0
        assert all(room.closed for room in rooms)
        if node is not None:
            return  # tasks of other nodes live in this process, too
        async with asyncio.timeout(60):  # a transaction of the database that has begun may end
            while asyncio.all_tasks() - before:
                await asyncio.sleep(0.01)
        assert asyncio.all_tasks() <= before
    finally:
        await store.__aexit__(None, None, None)


async def kill(tasks: Iterable[asyncio.Task[None]]) -> None:
    doomed = list(tasks)
    for task in doomed:
        task.cancel()
    await asyncio.gather(*doomed, return_exceptions=True)
