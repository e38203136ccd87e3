"""Handlers of WHIP (RFC 9725): an encoder publishes the microphone of one participant by one HTTP request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aiohttp import hdrs, web

from signaling.http.access_control import AccessControl
from signaling.http.audit_trail import AUDITED_USER
from signaling.http.operations.whip import SDP
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions, Member


class WhipApi:
    """Handlers of the WHIP endpoint of each session, and of the resources that it makes."""

    def __init__(self, dependencies: Dependencies, sessions: LiveSessions, access_control: AccessControl) -> None:
        self._dependencies = dependencies
        self._sessions = sessions
        self._access_control = access_control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes. A method that is not here, such as PATCH, is answered 405 (RFC 9725, 4.3)."""
        endpoint = "/api/v1/sessions/{session}/whip"
        return [
            web.options(endpoint, self.options),
            web.post(endpoint, self.publish),
            web.delete(f"{endpoint}/{{publication}}", self.end),
        ]

    async def options(self, request: web.Request) -> web.Response:
        """Tell what may be posted here. Pages of other origins are not let in: there are no headers of CORS."""
        return web.Response(headers={hdrs.ALLOW: "OPTIONS, POST", "Accept-Post": SDP})

    async def publish(self, request: web.Request) -> web.Response:
        """Answer an offer, by 201 and the location at which the publication is ended."""
        member = self._member(request)
        if request.content_type != SDP:
            raise Refusal(Code.BAD_REQUEST, f"an offer has the type {SDP}")
        base = self._access_control.arrival.http_url(request, f"/api/v1/sessions/{member.session.id}/whip")
        sdp = _text(await body_of(request))
        if self._sessions.closing:
            raise Refusal(Code.AT_CAPACITY, "the server is shutting down", retry_after=1)
        publication, answer = await member.session.publications.start(member.person.id, sdp)
        # Without a charset: some clients compare the type letter by letter.
        location = {hdrs.LOCATION: f"{base}/{publication}"}
        response = web.Response(status=201, body=answer.encode(), content_type=SDP, headers=location)
        for link in links(self._dependencies.ice_servers(member.person.user).servers):
            response.headers.add(hdrs.LINK, link)
        return response

    async def end(self, request: web.Request) -> web.Response:
        """End a publication."""
        member = self._member(request)
        member.session.publications.end(member.person.id, request.match_info["publication"])
        return web.Response()

    def _member(self, request: web.Request) -> Member:
        """Return the admitted participant whom the request's token names. Raises Refusal."""
        member = self._sessions.member(request.match_info["session"], self._access_control.grant(request))
        request[AUDITED_USER] = member.person.user
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        return member


def links(servers: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Return the values of Link headers that tell of ICE servers (RFC 9725, 4.6)."""
    for server in servers:
        urls = server.get("urls", ())
        for url in [urls] if isinstance(urls, str) else urls if isinstance(urls, Sequence) else ():
            link = f'<{url}>; rel="ice-server"'
            if "credential" in server:
                username, credential = _quoted(server["username"]), _quoted(server["credential"])
                link += f'; username={username}; credential={credential}; credential-type="password"'
            yield link


def _quoted(value: object) -> str:
    """Return a quoted-string (RFC 9110, 5.6.4)."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(Code.BAD_SDP, "the offer is not UTF-8") from None
