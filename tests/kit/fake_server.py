"""A server of one session in miniature: it speaks the protocol with stock aiortc and pretends a partner.

The client's own sound comes back on the interpreter's line; when it falls silent, the subtitles of an
utterance follow. `drop()` loses socket and media at once, as a restart would. Its messages and the client's are
judged by the tables of operations and messages: it is no laxer than the server.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack

from tests.kit.contract import check_answer, check_channel, check_request, check_socket

METRICS = {
    "durationMs": 1000,
    "utterances": 1,
    "spoken": 1,
    "failed": 0,
    "firstAudioMs": {"p50": None, "p95": None},
    "quality": {},
}
Message = dict[str, Any]


class Echo(MediaStreamTrack):
    """The microphone's frames again; `heard` is told how loud each was."""

    kind = "audio"

    def __init__(self, source: MediaStreamTrack, heard: Any) -> None:
        super().__init__()
        self._source = source
        self._heard = heard

    async def recv(self) -> Any:
        frame = await self._source.recv()
        self._heard(float(np.abs(frame.to_ndarray()).max()))
        return frame


class Partner(AudioStreamTrack):
    """The partner's own voice: a hum of 250 Hz for one second, then silence."""

    async def recv(self) -> Any:
        frame = await super().recv()
        assert frame.pts is not None
        if frame.pts < frame.sample_rate:
            time = np.arange(frame.pts, frame.pts + frame.samples) / frame.sample_rate
            hum = (5000 * np.sin(2 * np.pi * 250 * time)).astype(np.int16)
            frame.planes[0].update(hum.tobytes())
        return frame


class FakeDragoman:
    def __init__(self) -> None:
        self.ice_servers: list[Message] = []
        self.markers: list[bool] = []  # of the microphone's packets
        self.url = ""
        self.received: list[Message] = []  # on the socket
        self.on_channel: list[Message] = []
        self.sent: list[Message] = []  # on the channel, in order, numbered
        self.interpreted = asyncio.Event()
        self.resumed = asyncio.Event()
        self.refuse_join: str | None = None
        self.down = False
        self._sockets: list[web.WebSocketResponse] = []
        self._connections: list[RTCPeerConnection] = []
        self._channel: RTCDataChannel | None = None
        self._voiced = 0
        self._silent = 0
        self._utterance = 0

    def of_type(self, kind: str) -> list[Message]:
        return [message for message in self.received if message.get("type") == kind]

    # ── HTTP ─────────────────────────────────────────────────────────────────────────────────────

    async def guest(self, request: web.Request) -> web.Response:
        return self._respond(request, {"userId": "u", "token": "access", "expiresIn": 900}, 201)

    async def create(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer access"
        return self._respond(request, self._place() | {"sessionCode": "123456", "expiresAt": 0}, 201)

    async def join(self, request: web.Request) -> web.Response:
        if self.refuse_join:
            error = {"error": {"code": self.refuse_join, "message": "no"}}
            return self._respond(request, error, 404)
        return self._respond(request, self._place() | {"partnerId": "you"}, 200)

    def _respond(self, request: web.Request, content: Message, status: int) -> web.Response:
        check_answer(request.method, request.path, status, content)
        return web.json_response(content, status=status)

    def _place(self) -> Message:
        ws = self.url.replace("http", "ws", 1) + "/ws"
        return {"sessionId": "s", "participantId": "me", "wsUrl": ws}

    # ── WebSocket ────────────────────────────────────────────────────────────────────────────────

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        async for received in socket:
            if received.type is WSMsgType.TEXT:
                message = json.loads(received.data)
                check_request("socket", message)
                self.received.append(message)
                await self._answer(socket, message)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, message: Message) -> None:
        kind = message["type"]
        if kind == "join_session":
            again = len(self.of_type("join_session")) > 1
            assert message["token"] == ("resume" if again else "access")
            partner = {"participantId": "you", "displayName": "P", "language": "es", "connected": True}
            joined = {"partner": partner if again else None, "status": "active" if again else "waiting"}
            joined |= {"sessionId": "s", "participantId": "me", "language": "en", "iceServers": self.ice_servers}
            await self._send(socket, {"type": "session_joined", "resumeToken": "resume"} | joined)
            if not again:
                await self._send(socket, {"type": "session_paired", "partner": partner, "startedAt": 0})
        elif kind == "offer":
            await self._send(socket, await self._accept(message))
        elif kind == "leave_session":
            await self._send(socket, {"type": "session_ended", "reason": "left", "metrics": METRICS})
            await socket.close()

    async def _send(self, socket: web.WebSocketResponse, message: Message) -> None:
        check_socket(message)
        await socket.send_json(message)

    async def _accept(self, message: Message) -> Message:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connections.append(connection)
        connection.on("datachannel", self._open)
        await connection.setRemoteDescription(RTCSessionDescription(message["sdp"], "offer"))
        first = connection.getTransceivers()[0]
        self._watch_markers(first.receiver)
        connection.addTrack(Echo(first.receiver.track, self._heard))
        if len(connection.getTransceivers()) > 1:
            connection.addTrack(Partner())
        await connection.setLocalDescription(await connection.createAnswer())
        mids = [transceiver.mid for transceiver in connection.getTransceivers()]
        kinds = ["interpreter", "original"]
        tracks = [{"mid": m, "kind": k, "participantId": "you"} for m, k in zip(mids, kinds, strict=False)]
        sdp = connection.localDescription.sdp
        return {"type": "answer", "negotiation": message["negotiation"], "sdp": sdp, "tracks": tracks}

    def _watch_markers(self, receiver: Any) -> None:
        stock = receiver._handle_rtp_packet

        async def watch(packet: Any, arrival_time_ms: int) -> None:
            self.markers.append(bool(packet.marker))
            await stock(packet, arrival_time_ms)

        receiver._handle_rtp_packet = watch

    # ── subtitles ────────────────────────────────────────────────────────────────────────────────

    def _open(self, channel: RTCDataChannel) -> None:
        def receive(text: str) -> None:
            message = json.loads(text)
            check_request("channel", message)
            self.on_channel.append(message)
            if message["type"] == "resume":
                self._channel = channel
                self.resumed.set()
                # One number too many on purpose: repetitions must not hurt.
                for old in self.sent[max(0, message["lastSeq"] - 1) :]:
                    channel.send(json.dumps(old))

        channel.on("message", receive)

    def tell(self, **message: Any) -> None:
        message["seq"] = len(self.sent) + 1
        check_channel(message)
        self.sent.append(message)
        if self._channel and self._channel.readyState == "open":
            self._channel.send(json.dumps(message))

    def _heard(self, peak: float) -> None:
        if peak > 500:
            self._voiced += 1
            self._silent = 0
        elif self._voiced > 5:
            self._silent += 1
            if self._silent == 15:
                self._voiced = 0
                self._interpret()

    def _interpret(self) -> None:
        self._utterance += 1
        mine = {"utteranceId": f"u{self._utterance}", "sourceUserId": "me"}
        who = {**mine, "targetUserId": "you"}
        state = {"sessionId": "s", "revision": 0, "final": True}
        times = {"startMs": 0, "endMs": 900, "confidence": 0.9}
        self.tell(type="transcription", text="hello", stableLength=5, language="en", **mine, **state, **times)
        texts = {"originalText": "hello", "sourceStart": 0, "sourceEnd": 5, "translatedText": "hola"}
        languages = {"sourceLanguage": "en", "targetLanguage": "es", "timestamp": 0, "latency": 300}
        self.tell(type="translation", segment=0, **who, **state, **texts, **languages)
        back = {"utteranceId": f"v{self._utterance}", "sourceUserId": "you", "targetUserId": "me"}
        self.tell(type="speech_audio", state="start", segment=0, **back)
        latency = dict.fromkeys(("endpointMs", "sttMs", "translationMs", "ttsMs", "firstAudioMs"))
        self.tell(type="utterance_end", outcome="spoken", latency=latency, **back)
        self.tell(type="utterance_end", outcome="spoken", latency=latency, **who)
        self.interpreted.set()

    # ── accidents ────────────────────────────────────────────────────────────────────────────────

    async def drop(self) -> None:
        """Everything that a restart loses."""
        await self.drop_sockets()
        await self.drop_media()

    async def drop_sockets(self) -> None:
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            await socket.close(code=1001)

    async def drop_media(self) -> None:
        self._channel = None
        connections, self._connections = self._connections, []
        for connection in connections:
            await connection.close()

    async def end(self, reason: str) -> None:
        await self._send(self._sockets[-1], {"type": "session_ended", "reason": reason, "metrics": METRICS})


@asynccontextmanager
async def serving() -> AsyncIterator[FakeDragoman]:
    fake = FakeDragoman()
    app = web.Application()
    app.router.add_post("/api/v1/auth/guest", fake.guest)
    app.router.add_post("/api/v1/sessions/create", fake.create)
    app.router.add_post("/api/v1/sessions/join", fake.join)
    app.router.add_get("/ws", fake.socket)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await fake.drop()
        await runner.cleanup()
        await asyncio.sleep(0.05)
