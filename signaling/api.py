"""The HTTP calls under /api/v1 (PROTOCOL section 1). Handlers raise Refusal; `app` makes answers of them."""

from __future__ import annotations

import secrets

from aiohttp import web

from signaling import bodies, notices
from signaling.gate import Gate
from signaling.notices import Notice
from signaling.ports import Ports
from signaling.refusal import Code, Refusal
from signaling.states import State, Step
from signaling.switchboard import Switchboard
from signaling.tokens import ACCESS_LIFETIME, Access, Grant


class Api:
    def __init__(self, ports: Ports, switchboard: Switchboard, gate: Gate) -> None:
        self._ports = ports
        self._switchboard = switchboard
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        base = "/api/v1"
        return [
            web.post(f"{base}/auth/guest", self.guest),
            web.post(f"{base}/sessions/create", self.create),
            web.post(f"{base}/sessions/join", self.join),
            web.get(f"{base}/sessions/{{session}}", self.show),
            web.delete(f"{base}/sessions/{{session}}", self.delete),
            web.get(f"{base}/languages", self.languages),
            web.get(f"{base}/voices", self.voices),
            web.get(f"{base}/ice-servers", self.ice_servers),
        ]

    async def guest(self, request: web.Request) -> web.Response:
        guest = bodies.guest(await request.read())
        self._gate.count_guest(request)
        access = Access(f"u_{secrets.token_hex(16)}", guest.name)
        token = self._switchboard.tokens.issue_access(access, self._ports.wall())
        answer = {"userId": access.user, "token": token, "expiresIn": ACCESS_LIFETIME}
        return web.json_response(answer, status=201)

    async def create(self, request: web.Request) -> web.Response:
        access = self._gate.access(request)
        body = bodies.create_session(await request.read())
        url = self._gate.websocket_url(request)
        # No await between asking and counting, or parallel requests would all pass.
        self._gate.check_sessions(access)
        record, creator = self._switchboard.create(access, body.language, body.admit)
        self._gate.count_session(access)
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
        body = bodies.join_by_code(await request.read())
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
        ended = self._switchboard.ended(session)
        if ended is not None and access.user in ended.users:
            times = {"createdAt": ended.created_at, "startedAt": ended.started_at, "endedAt": ended.ended_at}
            return web.json_response(_shown(session, State.ENDED, times, []))
        if ended is not None:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        member = self._switchboard.member(session, access)
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        record = member.record
        people = [notices.person(one, member.session.connected(one.id)) for one in record.participants if one.admitted]
        state = State.WAITING if record.started_at is None else State.ACTIVE
        times = {"createdAt": record.created_at, "startedAt": record.started_at}
        return web.json_response(_shown(session, state, times, people))

    async def delete(self, request: web.Request) -> web.Response:
        grant = self._gate.grant(request)
        session = request.match_info["session"]
        ended = self._switchboard.ended(session)
        if ended is not None and isinstance(grant, Access) and grant.user not in ended.users:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        member = self._switchboard.member(session, grant)
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        figures = member.session.end(Step.DELETED, member.person.id)
        await self._switchboard.settled()
        return web.json_response({"success": True, "metrics": figures})

    async def languages(self, request: web.Request) -> web.Response:
        return web.json_response(self._ports.languages().as_json())

    async def voices(self, request: web.Request) -> web.Response:
        return web.json_response({"voices": self._ports.voices(request.query.get("language"))})

    async def ice_servers(self, request: web.Request) -> web.Response:
        grant = self._gate.grant(request)
        ice = self._ports.ice_servers(self._user(grant))
        return web.json_response({"iceServers": list(ice.servers), "expiresIn": ice.expires_in})

    def _user(self, grant: Grant) -> str:
        if isinstance(grant, Access):
            return grant.user
        return self._switchboard.member(grant.session, grant).person.user


def _shown(session: str, state: State, times: dict[str, int | None], people: list[Notice]) -> Notice:
    known = {key: time for key, time in times.items() if time is not None}
    return {
        "session": {"sessionId": session, "status": state.value, **known},
        "participants": people,
        "status": state.value,
    }
