"""History of a call over HTTP: a page of it, the whole as a file, and the withdrawal of one's own words."""

from __future__ import annotations

from aiohttp import hdrs, web

from accounts.audit_events import AuditEvent
from accounts.history.page_json import page_json
from accounts.history.reading import OpenedHistory
from accounts.history.transcripts.call import TranscribedCall
from accounts.history.transcripts.formats import FORMATS, file_name
from signaling.http.access_control import AccessControl
from signaling.http.audit_trail import AuditTrail
from signaling.http.forwarding import UNPLACED
from signaling.http.page_query import page_of
from signaling.http.visible_calls import VisibleCall, VisibleCalls
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions

BASE = "/api/v1/sessions/{session}"


class HistoryApi:
    """Handlers of a call's history. A server without accounts has none to show."""

    def __init__(
        self,
        dependencies: Dependencies,
        sessions: LiveSessions,
        access_control: AccessControl,
        trail: AuditTrail | None,
    ) -> None:
        self._kept = dependencies.kept_calls
        self._trail = trail
        self._visible = VisibleCalls(sessions, self._kept)
        self._access_control = access_control

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{BASE}/history", self.history),
            web.delete(f"{BASE}/history", self.withdraw),
            web.get(f"{BASE}/transcript", self.transcript),
        ]

    async def history(self, request: web.Request) -> web.Response:
        call = await self._look(request, AuditEvent.HISTORY_READ)
        limit, offset = page_of(request)
        if self._kept is None:
            return web.json_response({"translations": [], "total": 0})
        history = await self._kept.reader.read(call.session)
        shown = (one.as_json(call.session) for one in history.entries[offset : offset + limit])
        others: dict[str, object] = {"total": len(history.entries)}
        if history.missing:
            others["missing"] = [one.as_json() for one in history.missing]
        text = await self._kept.reader.work(page_json, "translations", shown, others)
        return web.Response(text=text, content_type="application/json")

    async def transcript(self, request: web.Request) -> web.Response:
        name = request.query.get("format", "vtt")
        if name not in FORMATS:
            raise Refusal(Code.BAD_REQUEST, f"format must be one of {', '.join(FORMATS)}", {"field": "format"})
        call = await self._look(request, AuditEvent.HISTORY_READ)
        history = OpenedHistory() if self._kept is None else await self._kept.reader.read(call.session)
        if self._kept is None or not (history.entries or history.missing):
            raise Refusal(Code.NOT_FOUND, "no transcript of this session is kept")
        written = TranscribedCall(call.session, call.started_at, history.entries, history.missing)
        text = await self._kept.reader.work(FORMATS[name].write, written)
        answer = web.Response(text=text, content_type=FORMATS[name].media_type, charset="utf-8")
        answer.headers[hdrs.CONTENT_DISPOSITION] = (
            f'attachment; filename="{file_name(call.session, call.started_at, name)}"'
        )
        return answer

    async def withdraw(self, request: web.Request) -> web.Response:
        """Delete what the caller said in the call, and withdraw their consent if it still runs."""
        call = await self._look(request, AuditEvent.HISTORY_DELETE)
        if call.live is not None:
            call.live.session.set_history(call.participant, False)
        if self._kept is not None and call.participant:
            self._kept.writer.withdraw(call.session, call.participant)  # of what is not written yet
            await self._kept.reader.withdraw(call.session, call.participant)
        return web.Response(status=204)

    async def _look(self, request: web.Request, event: AuditEvent) -> VisibleCall:
        """Return the call that the request is about. Raises Refusal; both outcomes are audited."""
        access = self._access_control.access(request)
        session = request.match_info["session"]
        try:
            call = await self._visible.get(session, access)
            if event is AuditEvent.HISTORY_DELETE and UNPLACED in request and call.live is None and not call.over:
                # Another node may have it, and would go on writing down what is said.
                raise Refusal(Code.AT_CAPACITY, "the servers can't find each other just now", retry_after=5)
        except Refusal as problem:
            if self._trail is not None:
                self._trail.note(request, event, problem.code.value, user=access.user, session=session)
            raise
        if self._trail is not None:
            self._trail.note(request, event, user=access.user, session=session)
        return call
