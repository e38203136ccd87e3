"""Decides /translate, /synthesize and /transcribe: the operator's, in the spare time of the engines that calls use."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from aiohttp import hdrs, web

from pipeline.delivery.translating import words_translated
from pipeline.errors import EngineError, LaneBusy
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.spare_time import SpareTime
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation
from pipeline.text.characters import cleaned
from pipeline.text.language import is_tag, primary, same
from pipeline.text.translation_checks.verdict import judged
from signaling.http.operator import bodies
from signaling.http.operator.sounds import heard, spoken
from signaling.http.request_body import body_of
from signaling.refusal import Code, Refusal

MOST_AT_ONCE = 4
"""Requests that are read or wait for engines; more are refused."""
BODY_TIMEOUT_S = 30.0

Parsed = TypeVar("Parsed")


class OperatorCalls:
    """Handlers of the operator's calls. `token` has at least 32 bytes."""

    def __init__(self, token: str, engines: EngineSet, patience_s: float = 30.0) -> None:
        self._token = hashlib.sha256(token.encode()).digest()
        self._engines = engines
        self._ears: SpareTime[Transcribe, Transcript] = SpareTime(engines.stt, patience_s)
        self._translator: SpareTime[Translate, Translation] = SpareTime(engines.mt, patience_s)
        self._voice: SpareTime[Synthesize, Speech] = SpareTime(engines.tts, patience_s)
        self._running = 0

    def routes(self) -> list[web.RouteDef]:
        base = "/api/v1"
        return [
            web.post(f"{base}/translate", self.translate),
            web.post(f"{base}/synthesize", self.synthesize),
            web.post(f"{base}/transcribe", self.transcribe),
        ]

    async def translate(self, request: web.Request) -> web.Response:
        async with self._request(request, bodies.translate) as wishes:
            self._require_pair(wishes.source, wishes.target)
            found = [await self._translated(Translate(text, wishes.source, wishes.target)) for text in wishes.texts]
        return web.json_response({"translations": found})

    async def synthesize(self, request: web.Request) -> web.StreamResponse:
        """Answer in pieces: the sound of all texts is too much to be written as JSON at once."""
        async with self._request(request, bodies.synthesize) as wishes:
            self._require_language(wishes.language, self._engines.speaks)
            if wishes.voice and all(one.id != wishes.voice for one in self._engines.tts.voices):
                raise Refusal(Code.NOT_FOUND, "this server has no such voice; GET /voices lists its voices")
            said = [cleaned(text) for text in wishes.texts]
            speeches = [await _done(self._voice.do(Synthesize(one, wishes.language, wishes.voice))) for one in said]
            answer = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "application/json"})
            await answer.prepare(request)
            for number, speech in enumerate(speeches):
                await answer.write(b'{"speech": [' if not number else b", ")
                figures = json.dumps({"durationMs": round(speech.duration_ms, 1)})[1:]
                await answer.write(b'{"audio": "' + spoken(speech) + b'", ' + figures.encode())
            await answer.write(b"]}")
            await answer.write_eof()
        return answer

    async def transcribe(self, request: web.Request) -> web.Response:
        async with self._request(request, bodies.transcribe) as wishes:
            self._require_language(wishes.language, self._engines.hears)
            sounds = [await heard(sound) for sound in wishes.sounds]
            found = [await _done(self._ears.do(Transcribe(sound, wishes.language))) for sound in sounds]
        answer = [
            {
                "text": one.text,
                "language": one.language,
                "confidence": round(one.confidence, 3),
                "understood": one.understood,
            }
            for one in found
        ]
        return web.json_response({"transcripts": answer})

    async def _translated(self, job: Translate) -> dict[str, object]:
        """Return a translation as a call would show it, with what is to be doubted of it."""
        if same(job.source, job.target):
            return {"text": job.text}
        answer = await _done(words_translated(self._translator, job, timeout=None, urgent=False))
        verdict = judged(job, answer)
        found: dict[str, object] = {"text": verdict.text}
        if verdict.held is not None:
            found["held"] = verdict.held
        if verdict.unsure:
            found["unsure"] = list(verdict.unsure)
        return found

    @asynccontextmanager
    async def _request(self, request: web.Request, parse: Callable[[bytes], Parsed]) -> AsyncIterator[Parsed]:
        """Check the token, count the request while it runs, and yield what its body asks for."""
        self._require_operator(request)
        if not self._engines.ready:
            raise Refusal(Code.AT_CAPACITY, "the engines are still loading", retry_after=10)
        with self._counted():
            yield parse(await body_of(request.clone(client_max_size=bodies.MOST_BYTES), BODY_TIMEOUT_S))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self._running >= MOST_AT_ONCE:
            raise Refusal(Code.AT_CAPACITY, "too many operator calls at once", retry_after=5)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _require_operator(self, request: web.Request) -> None:
        """Compare digests of equal length in constant time: neither the token nor its length shows."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        given = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        if not hmac.compare_digest(given, self._token) or scheme.lower() != "bearer":
            raise Refusal(Code.UNAUTHORIZED, "this needs the operator's token: Authorization: Bearer …")

    def _require_pair(self, source: str, target: str) -> None:
        known = self._engines.mt.pairs
        if not (is_tag(source) and is_tag(target)) or not (
            same(source, target) or (primary(source), primary(target)) in known
        ):
            pairs = sorted(map(list, known))
            raise Refusal(Code.UNSUPPORTED_PAIR, "this server does not translate that way", {"pairs": pairs})

    def _require_language(self, language: str, served: Callable[[str], Any]) -> None:
        if not is_tag(language) or not served(language):
            raise Refusal(Code.UNSUPPORTED_LANGUAGE, "this server has no engine for that language")


async def _done(answer: Awaitable[Parsed]) -> Parsed:
    """Return an engine's answer. Raises Refusal `at_capacity` where calls left no time, or `engine_failed`."""
    try:
        return await answer
    except LaneBusy:
        raise Refusal(Code.AT_CAPACITY, "the calls leave no spare time", retry_after=10) from None
    except EngineError:
        raise Refusal(Code.ENGINE_FAILED, "an engine failed on this job", retry_after=10) from None
