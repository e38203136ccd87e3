"""HTTP calls under /api/v1 (docs/protocol.md, section 1). Handlers raise Refusal; `app` answers with it."""

from __future__ import annotations

import secrets

from aiohttp import web

from pipeline.text.language import is_tag
from signaling.http import bodies
from signaling.http.access_control import AccessControl
from signaling.http.audit_trail import AUDITED_SESSION
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionState, SessionStep, state_of
from signaling.sessions.live_sessions import LiveSessions, Member
from signaling.tokens import ACCESS_LIFETIME_S, AccessClaims, Grant, ResumeClaims
from signaling.websocket import server_messages
from signaling.websocket.server_messages import ServerMessage
from storage.records import EndedRecord


class Api:
    """Handlers of the calls, over the live sessions."""

    def __init__(self, dependencies: Dependencies, sessions: LiveSessions, access_control: AccessControl) -> None:
        self._dependencies = dependencies
        self._sessions = sessions
        self._access_control = access_control
        self._creator_addresses: dict[str, str] = {}
        """Live session that this process made → the address of its creator."""

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
        guest = bodies.guest(await body_of(request))
        self._access_control.count_guest(request)
        access = AccessClaims(f"u_{secrets.token_hex(16)}", guest.name)
        token = self._sessions.tokens.issue_access(access, self._dependencies.wall())
        answer = {"userId": access.user, "token": token, "expiresIn": ACCESS_LIFETIME_S}
        return web.json_response(answer, status=201)

    async def create(self, request: web.Request) -> web.Response:
        access = self._access_control.access(request)
        body = bodies.create_session(await body_of(request))
        own_url = self._access_control.arrival.websocket_url(request)
        async with self._sessions.claim_place(coded=body.solo is None) as place:
            # No await between asking and counting, or parallel requests would all pass.
            self._access_control.check_sessions(access)
            live = self._sessions.lives
            self._creator_addresses = {id: at for id, at in self._creator_addresses.items() if live(id)}
            self._access_control.check_share(request, self._creator_addresses.values())
            record, creator = self._sessions.create(place, access, body.language, body.admit, body.solo)
            self._access_control.count_session(access)
            self._creator_addresses[record.id] = self._access_control.arrival.address(request)
            request[AUDITED_SESSION] = record.id
        await self._sessions.flush()
        answer = {
            "sessionId": record.id,
            "sessionCode": record.code or None,
            "participantId": creator.id,
            "wsUrl": place.websocket_url or own_url,
            "expiresAt": record.code_expires_at,
        }
        return web.json_response(answer, status=201)

    async def join(self, request: web.Request) -> web.Response:
        access = self._access_control.access(request)
        body = bodies.join_by_code(await body_of(request))
        own_url = self._access_control.arrival.websocket_url(request)
        async with self._access_control.trying_code(request):
            try:
                place = await self._sessions.locate_code(body.code)
            except Refusal as problem:
                if problem.code is not Code.AT_CAPACITY:
                    self._access_control.count_wrong_code(request)
                raise
        request[AUDITED_SESSION] = place.session
        record, joiner = self._sessions.join(place.session, access, body.language)
        await self._sessions.flush()
        answer = {
            "sessionId": record.id,
            "participantId": joiner.id,
            "partnerId": record.participants[0].id,
            "wsUrl": place.websocket_url or own_url,
        }
        return web.json_response(answer)

    async def show(self, request: web.Request) -> web.Response:
        access = self._access_control.access(request)
        session = request.match_info["session"]
        ended = self._ended_session(request, access)
        if ended is not None:
            times = {"createdAt": ended.created_at, "startedAt": ended.started_at, "endedAt": ended.ended_at}
            return web.json_response(_session_json(session, SessionState.ENDED, times, []))
        member = self._member(session, access)
        record = member.record
        connected = member.session.connected
        people = [server_messages.person(one, connected(one.id)) for one in record.participants if one.admitted]
        times = {"createdAt": record.created_at, "startedAt": record.started_at}
        return web.json_response(_session_json(session, state_of(record), times, people))

    async def delete(self, request: web.Request) -> web.Response:
        grant = self._access_control.grant(request)
        if isinstance(grant, AccessClaims) and self._ended_session(request, grant) is not None:
            raise Refusal(Code.SESSION_ENDED, "the session has ended")
        member = self._member(request.match_info["session"], grant)
        metrics = member.session.end(SessionStep.DELETED, member.person.id)
        await self._sessions.flush()
        return web.json_response({"success": True, "metrics": metrics})

    async def languages(self, request: web.Request) -> web.Response:
        return web.json_response(self._dependencies.languages().as_json())

    async def voices(self, request: web.Request) -> web.Response:
        language = request.query.get("language")
        if language is not None and not is_tag(language):
            raise Refusal(Code.BAD_REQUEST, "language must be a BCP-47 tag", {"field": "language"})
        return web.json_response({"voices": self._dependencies.voices(language)})

    async def ice_servers(self, request: web.Request) -> web.Response:
        """Answer with the relay's credentials to participants of a session; to others with the servers without any."""
        grant = self._access_control.grant(request)
        if isinstance(grant, ResumeClaims) and not self._sessions.lives(grant.session):
            await self._sessions.placing.here(grant.session)
        user = self._user(grant)
        ice = self._dependencies.ice_servers(user)
        shown = [one for one in ice.servers if "credential" not in one or self._sessions.takes_part(user)]
        return web.json_response({"iceServers": shown, "expiresIn": ice.expires_in})

    def _ended_session(self, request: web.Request, access: AccessClaims) -> EndedRecord | None:
        """Return the session if it has ended. Raises Refusal `forbidden` for a user who was not in it."""
        ended = self._sessions.ended(request.match_info["session"])
        if ended is not None and access.user not in ended.users:
            raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
        return ended

    def _member(self, session: str, grant: Grant) -> Member:
        """Return the admitted participant of a live session whom `grant` names. Raises Refusal."""
        member = self._sessions.member(session, grant)
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        return member

    def _user(self, grant: Grant) -> str:
        if isinstance(grant, AccessClaims):
            return grant.user
        return self._sessions.member(grant.session, grant).person.user


def _session_json(
    session: str, state: SessionState, times: dict[str, int | None], people: list[ServerMessage]
) -> ServerMessage:
    known = {key: time for key, time in times.items() if time is not None}
    return {
        "session": {"sessionId": session, "status": state.value, **known},
        "participants": people,
        "status": state.value,
    }
