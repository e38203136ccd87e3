"""HTTP calls of those who read a session's subtitles without taking part (docs/protocol.md, "Viewers")."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress

from aiohttp import web

from signaling.http.access_control import AccessControl
from signaling.http.audit_trail import AUDITED_USER
from signaling.http.event_stream import PING_EVERY_S, EventStream
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions, Member
from signaling.sessions.viewing import Reader, ReadingEnd

BASE = "/api/v1/sessions/{session}"
LAST_EVENT_ID = "Last-Event-ID"

_NUMBER = re.compile(r"\d{1,16}", re.ASCII)


class ViewersApi:
    """Handlers that make a viewer and take viewers back, and that tell a viewer the subtitles."""

    def __init__(self, sessions: LiveSessions, access_control: AccessControl) -> None:
        self._sessions = sessions
        self._access_control = access_control

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{BASE}/viewers", self.admit),
            web.delete(f"{BASE}/viewers", self.revoke),
            web.delete(f"{BASE}/viewers/{{viewer}}", self.revoke),
            web.get(f"{BASE}/subtitles", self.read, allow_head=False),
        ]

    def _member(self, request: web.Request) -> Member:
        """Return the participant whose viewers a request is about. Raises Refusal."""
        member = self._sessions.member(request.match_info["session"], self._access_control.grant(request))
        request[AUDITED_USER] = member.person.user
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        if self._sessions.closing:  # the next process, or node, would not know of it
            raise Refusal(Code.AT_CAPACITY, "the server is shutting down", retry_after=1)
        return member

    async def admit(self, request: web.Request) -> web.Response:
        member = self._member(request)
        viewer = self._sessions.viewing.admit(member.record.id, member.person)
        member.session.info.announce_viewers()
        await self._sessions.flush()
        answer = {"viewerId": viewer.id, "token": viewer.token, "expiresAt": viewer.expires_at}
        return web.json_response(answer, status=201)

    async def revoke(self, request: web.Request) -> web.Response:
        member = self._member(request)
        viewer = request.match_info.get("viewer")
        if self._sessions.viewing.revoke(member.record.id, member.person, viewer):
            member.session.info.announce_viewers()
            await self._sessions.flush()
        return web.Response(status=204)

    async def read(self, request: web.Request) -> web.StreamResponse:
        token, last = self._access_control.bearer(request), _last_event_id(request)
        stream = EventStream(request)
        reading = self._sessions.viewing.reading(request.match_info["session"], token, last, stream)
        with reading as reader, suppress(ConnectionError):  # the reader has gone, or takes nothing
            await stream.open()
            await _tell(stream, reader)
            await stream.end()
        return stream.response


async def _tell(stream: EventStream, reader: Reader) -> None:
    """Send each line as it comes, until the reading is over. A restart is not told: the viewer comes again."""
    while True:
        try:
            async with asyncio.timeout(PING_EVERY_S):
                line = await reader.next()
        except TimeoutError:
            await stream.ping()
            continue
        if line is None:
            break
        await stream.send(line.text, id=str(line.seq))
    if reader.over is not ReadingEnd.RESTART:
        await stream.send(json.dumps({"type": "ended", "reason": reader.over}))


def _last_event_id(request: web.Request) -> int | None:
    """Return the number behind which a viewer goes on (WHATWG HTML, 9.2.4). Raises Refusal `bad_request`."""
    text = request.headers.get(LAST_EVENT_ID, "").strip()
    if text and not _NUMBER.fullmatch(text):
        raise Refusal(Code.BAD_REQUEST, f"{LAST_EVENT_ID} must be the id of an event", {"field": LAST_EVENT_ID})
    return int(text) if text else None
