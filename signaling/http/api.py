"""The HTTP calls under /api/v1 (PROTOCOL section 1). Handlers raise Refusal; `app` makes answers of them."""

from __future__ import annotations

import asyncio
import secrets

from aiohttp import web

from pipeline.text.language import is_tag
from signaling.http import bodies
from signaling.http.access_control import AccessControl
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionState, SessionStep
from signaling.sessions.live_sessions import LiveSessions, Member
from signaling.sessions.registry import state
from signaling.tokens import ACCESS_LIFETIME, AccessClaims, Grant
from signaling.websocket import server_messages
from signaling.websocket.server_messages import Notice
from storage.records import EndedRecord

# What a client may take to send 64 KiB.
BODY_TIME = 10.0


class Api:
    def __init__(self, ports: Dependencies, switchboard: LiveSessions, gate: AccessControl) -> None:
        self._ports = ports
        self._switchboard = switchboard
        self._gate = gate
        self._made_from: dict[str, str] = {}
        """Of each live session that this process made, the address of who made it."""

    def routes(self) -> list[web.RouteDef]:
        base = "/api/v1"
        return [
            web.post(f"{base}/auth/guest", self.guest),
            web.post(f"{base}/sessions/create", self.create),
            web.post(f"{base}/sessions/join", self.join),
            web.get(f"{base}/sessions/{{session}}", self.show),
            web.delete(f"{base}/sessions/{{session}}", self.delete),
            web.get(f"{base}/sessions/{{session}}/history", self.history),
            web.get(f"{base}/sessions/{{session}}/transcript", self.transcript),
            web.get(f"{base}/languages", self.languages),
            web.get(f"{base}/voices", self.voices),
            web.get(f"{base}/ice-servers", self.ice_servers),
        ]

    async def guest(self, request: web.Request) -> web.Response:
        guest = bodies.guest(await _body(request))
        self._gate.count_guest(request)
        access = AccessClaims(f"u_{secrets.token_hex(16)}", guest.name)
        token = self._switchboard.tokens.issue_access(access, self._ports.wall())
        answer = {"userId": access.user, "token": token, "expiresIn": ACCESS_LIFETIME}
        return web.json_response(answer, status=201)

    async def create(self, request: web.Request) -> web.Response:
        access = self._gate.access(request)
        body = bodies.create_session(await _body(request))
        url = self._gate.websocket_url(request)
        # No await between asking and counting, or parallel requests would all pass.
        self._gate.check_sessions(access)
        self._made_from = {one: address for one, address in self._made_from.items() if self._switchboard.lives(one)}
        self._gate.check_share(request, self._made_from.values())
        record, creator = self._switchboard.create(access, body.language, body.admit)
        self._gate.count_session(access)
        self._made_from[record.id] = self._gate.address(request)
        await self._switchboard.settled()
        answer = {
            "sessionId": record.id,
            "sessionCode": record.code,
            "participantId": creator.id,
            "wsUrl": url,
            "expiresAt": record.code_expires_at,
        }
        return web.json_response(answer, status=201)

    async def join(self, request: web.Request) -> web.Response:
        access = self._gate.access(request)
        body = bodies.join_by_code(await _body(request))
        url = self._gate.websocket_url(request)
        self._gate.check_wrong_codes(request)
        try:
            record = self._switchboard.by_code(body.code)
        except Refusal as problem:
            if problem.code is not Code.AT_CAPACITY:
                self._gate.count_wrong_code(request)
            raise
        record, joiner = self._switchboard.join(record, access, body.language)
        await self._switchboard.settled()
        answer = {
            "sessionId": record.id,
            "participantId": joiner.id,
            "partnerId": record.participants[0].id,
            "wsUrl": url,
        }
        return web.json_response(answer)

    async def show(self, request: web.Request) -> web.Response:
        access = self._gate.access(request)
        session = request.match_info["session"]
        ended = self._former_session(request, access)
        if ended is not None:
            times = {"createdAt": ended.created_at, "startedAt": ended.started_at, "endedAt": ended.ended_at}
            return web.json_response(_shown(session, SessionState.ENDED, times, []))
        member = self._member(session, access)
        record = member.record
        present = member.session.connected
        people = [server_messages.person(one, present(one.id)) for one in record.participants if one.admitted]
        times = {"createdAt": record.created_at, "startedAt": record.started_at}
        return web.json_response(_shown(session, state(record), times, people))

    async def delete(self, request: web.Request) -> web.Response:
        grant = self._gate.grant(request)
        if isinstance(grant, AccessClaims) and self._former_session(request, grant) is not None:
            raise Refusal(Code.SESSION_ENDED, "the session has ended")
        member = self._member(request.match_info["session"], grant)
        figures = member.session.end(SessionStep.DELETED, member.person.id)
        await self._switchboard.settled()
        return web.json_response({"success": True, "metrics": figures})

    async def history(self, request: web.Request) -> web.Response:
        """Nothing is kept yet, and the list says so."""
        self._require_member(request)
        return web.json_response({"translations": [], "total": 0})

    async def transcript(self, request: web.Request) -> web.Response:
        self._require_member(request)
        raise Refusal(Code.NOT_FOUND, "no transcript of this session is kept")

    async def languages(self, request: web.Request) -> web.Response:
        return web.json_response(self._ports.languages().as_json())

    async def voices(self, request: web.Request) -> web.Response:
        language = request.query.get("language")
        if language is not None and not is_tag(language):
            raise Refusal(Code.BAD_REQUEST, "language must be a BCP-47 tag", {"field": "language"})
        return web.json_response({"voices": self._ports.voices(language)})

    async def ice_servers(self, request: web.Request) -> web.Response:
        """The relay's credentials are for those who take part in a session; others get what needs none."""
        grant = self._gate.grant(request)
        user = self._user(grant)
        ice = self._ports.ice_servers(user)
        shown = [one for one in ice.servers if "credential" not in one or self._switchboard.takes_part(user)]
        return web.json_response({"iceServers": shown, "expiresIn": ice.expires_in})

    def _former_session(self, request: web.Request, access: AccessClaims) -> EndedRecord | None:
        """The session if it has ended. Raises Refusal `forbidden` for who was not in it."""
        ended = self._switchboard.ended(request.match_info["session"])
        if ended is not None and access.user not in ended.users:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        return ended

    def _member(self, session: str, grant: Grant) -> Member:
        """Who `grant` is in a live session, and let in. Raises Refusal."""
        member = self._switchboard.member(session, grant)
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        return member

    def _require_member(self, request: web.Request) -> None:
        access = self._gate.access(request)
        if self._former_session(request, access) is None:
            self._member(request.match_info["session"], access)

    def _user(self, grant: Grant) -> str:
        if isinstance(grant, AccessClaims):
            return grant.user
        return self._switchboard.member(grant.session, grant).person.user


async def _body(request: web.Request) -> bytes:
    """Raises Refusal `bad_request` where the body does not come; aiohttp refuses one that is too large."""
    try:
        async with asyncio.timeout(BODY_TIME):
            return await request.read()
    except TimeoutError:
        raise Refusal(Code.BAD_REQUEST, "the body did not come in time") from None


def _shown(session: str, now: SessionState, times: dict[str, int | None], people: list[Notice]) -> Notice:
    known = {key: time for key, time in times.items() if time is not None}
    return {
        "session": {"sessionId": session, "status": now.value, **known},
        "participants": people,
        "status": now.value,
    }
