"""Answers every failure, ours and aiohttp's, in the documented shape: `{"error": {...}}`."""

from __future__ import annotations

import logging

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from signaling.http.event_stream import STREAMED
from signaling.http.sockets import is_websocket
from signaling.refusal import Code, Refusal
from storage.accounts.ports import Unavailable

log = logging.getLogger(__name__)


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a failure of the handler. An answer that has begun can't be replaced: its failure is raised."""
    try:
        return await handler(request)
    except Refusal as problem:
        return answer_of(problem, problem.status)
    except Unavailable:
        return answer_of(Refusal(Code.AT_CAPACITY, "the accounts' database does not answer", retry_after=5), 503)
    except web.HTTPRequestEntityTooLarge:
        return answer_of(Refusal(Code.TOO_LARGE, "the body is too large"), 413)
    except web.HTTPNotFound:
        return answer_of(Refusal(Code.NOT_FOUND, "there is nothing at this path"), 404)
    except web.HTTPMethodNotAllowed as problem:
        answer = answer_of(Refusal(Code.BAD_REQUEST, "this path has no such method"), 405)
        answer.headers[hdrs.ALLOW] = ", ".join(sorted(problem.allowed_methods))
        return answer
    except web.HTTPException as problem:
        if problem.status < 400:
            raise
        return answer_of(Refusal(Code.BAD_REQUEST, problem.reason), problem.status)
    # The request's boundary: a defect costs this request alone, and is answered in the documented shape.
    except Exception:
        if is_websocket(request) or STREAMED in request:
            raise  # too late for an answer: the connection is dropped, and the client may resume
        log.exception("request failed", extra={"method": request.method, "path": ascii(request.path)})
        return answer_of(Refusal(Code.INTERNAL, "the server failed on this request"), 500)


def answer_of(problem: Refusal, status: int) -> web.Response:
    """Return the answer that tells a refusal."""
    answer = web.json_response(problem.as_json(), status=status)
    if problem.retry_after is not None:
        answer.headers[hdrs.RETRY_AFTER] = str(problem.retry_after)
    if status == 401:
        answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer
