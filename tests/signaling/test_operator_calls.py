"""The operator's calls: off by default, behind their token alone, within their sizes, and never ahead of a call."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.errors import LaneBusy
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.spare_time import SpareTime
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Speech, Synthesize, Translate, Translation
from signaling.config import SignalingOptions
from signaling.http.operator.calls import MOST_AT_ONCE
from testing.virtual_clock import virtually
from tests.kit.moved_clock import until
from tests.kit.scripted_stages import scripted_stages
from tests.kit.signaling_server import GENEROUS, Front, open_front

TOKEN = "operator-0123456789-0123456789-0123"
OPTIONS = SignalingOptions(limits=GENEROUS, operator_token=TOKEN)
SAY = {"text": "tone 440", "language": "en"}
BODIES: dict[str, dict[str, object]] = {
    "/translate": {"text": "Hello", "source": "en", "target": "es"},
    "/synthesize": SAY,
    "/transcribe": {"audio": "", "language": "en"},
}


@asynccontextmanager
async def operator(options: SignalingOptions = OPTIONS, **lanes: Any) -> AsyncIterator[Front]:
    async with scripted_stages(**lanes) as stages, open_front(options, engines=stages) as front:
        yield front


async def ask(front: Front, path: str, body: object, token: str | None = TOKEN) -> tuple[int, Any]:
    status, answer = await front.call("POST", path, body, token)
    return status, answer["error"]["code"] if "error" in answer else answer


def wav(pcm: np.ndarray[Any, np.dtype[np.int16]], rate: int = SAMPLE_RATE, *, channels: int = 1, width: int = 2) -> str:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return base64.b64encode(buffer.getvalue()).decode()


def tone(hz: float, seconds: float = 1.0, rate: int = SAMPLE_RATE) -> np.ndarray[Any, np.dtype[np.int16]]:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)).astype(np.int16)


@pytest.mark.parametrize("path", BODIES)
async def test_without_a_token_of_its_own_a_server_has_no_such_calls(path: str) -> None:
    async with operator(replace(OPTIONS, operator_token=None)) as front:
        for token in (None, TOKEN, ""):
            assert await ask(front, path, BODIES[path], token) == (404, "not_found")
        async with front.http.get(f"{front.url}/openapi.json") as answer:
            assert f"/api/v1{path}" not in (await answer.json())["paths"]
    async with open_front(OPTIONS) as front:
        assert await ask(front, path, BODIES[path]) == (404, "not_found")


@pytest.mark.parametrize("path", BODIES)
async def test_only_the_operators_token_in_its_header_opens_them(path: str) -> None:
    async with operator() as front:
        guest = await front.guest()
        for token in (None, "", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), guest.token):
            assert await ask(front, path, BODIES[path], token) == (401, "unauthorized"), token
        basic = await front.call("POST", path, BODIES[path], Authorization=f"Basic {TOKEN}")
        assert basic[0] == 401
        for place in (f"{path}?token={TOKEN}", f"{path}?access_token={TOKEN}"):
            assert await ask(front, place, {**BODIES[path], "token": TOKEN}, None) == (401, "unauthorized")
        status, answer = await front.call("POST", "/sessions/create", {"language": "en"}, TOKEN)
        assert (status, answer["error"]["code"]) == (401, "unauthorized"), "it is nobody's access token"


async def test_texts_are_translated_in_their_order_and_judged() -> None:
    async with operator() as front:
        asked = {"text": ["Hello", "I have 2", "https://example.org"], "source": "en-GB", "target": "es"}
        status, answer = await ask(front, "/translate", asked)
        assert status == 200
        first, second, third = answer["translations"]
        assert first == {"text": "Hola"} and second == {"text": "Tengo 3", "unsure": ["number"]}
        assert third == {"text": "https://example.org"}
        assert await ask(front, "/translate", {**asked, "text": "Hello"}) == (200, {"translations": [{"text": "Hola"}]})
        same = {"text": "Hi", "source": "en", "target": "en-US"}
        assert await ask(front, "/translate", same) == (200, {"translations": [{"text": "Hi"}]})


async def test_what_is_spoken_is_recognised() -> None:
    async with operator() as front:
        status, answer = await ask(front, "/synthesize", {"text": ["tone 440", "tone 700"], "language": "en"})
        assert status == 200 and len(answer["speech"]) == 2
        for one in answer["speech"]:
            with wave.open(io.BytesIO(base64.b64decode(one["audio"]))) as file:
                assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, VOICE_RATE)
                assert one["durationMs"] == pytest.approx(1000 * file.getnframes() / VOICE_RATE, abs=0.1)
        sounds = [wav(tone(300)), *(one["audio"] for one in answer["speech"])]
        status, answer = await ask(front, "/transcribe", {"audio": sounds, "language": "en"})
        assert status == 200
        heard = [one["text"] for one in answer["transcripts"]]
        assert heard[0] == "tone 300" and len(set(heard)) == 3


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (48_000, 1), (22_050, 2)])
async def test_recordings_of_other_rates_are_brought_to_ours(rate: int, channels: int) -> None:
    pcm = np.repeat(tone(300, rate=rate), channels)
    async with operator() as front:
        status, answer = await ask(front, "/transcribe", {"audio": wav(pcm, rate, channels=channels), "language": "en"})
        assert status == 200 and answer["transcripts"][0]["text"] == "tone 300"


LONG = wav(tone(300, 20.1, 8000), 8000)
WRONG: list[tuple[str, dict[str, object], int, str]] = [
    ("/translate", {"text": "x" * 501}, 400, "bad_request"),
    ("/translate", {"text": ["x"] * 33}, 400, "bad_request"),
    ("/translate", {"text": []}, 400, "bad_request"),
    ("/translate", {"text": ["x", 5]}, 400, "bad_request"),
    ("/translate", {"text": "\u200b"}, 400, "bad_request"),
    ("/translate", {"target": "de"}, 422, "unsupported_pair"),
    ("/translate", {"source": "../x"}, 422, "unsupported_pair"),
    ("/synthesize", {"text": ["x"] * 9}, 400, "bad_request"),
    ("/synthesize", {"language": "de"}, 422, "unsupported_language"),
    ("/synthesize", {"voice": "nobody"}, 404, "not_found"),
    ("/transcribe", {"language": "de"}, 422, "unsupported_language"),
    ("/transcribe", {"audio": ""}, 400, "bad_request"),
    ("/transcribe", {"audio": "not base64!"}, 400, "bad_request"),
    ("/transcribe", {"audio": "é"}, 400, "bad_request"),
    ("/transcribe", {"audio": base64.b64encode(b"RIFF").decode()}, 400, "bad_request"),
    ("/transcribe", {"audio": wav(tone(300, 0.0))}, 400, "bad_request"),
    ("/transcribe", {"audio": wav(tone(300), width=1)}, 400, "bad_request"),
    ("/transcribe", {"audio": wav(tone(300), 4000)}, 400, "bad_request"),
    ("/transcribe", {"audio": wav(np.repeat(tone(300), 3), channels=3)}, 400, "bad_request"),
    ("/transcribe", {"audio": LONG}, 400, "bad_request"),
    ("/transcribe", {"audio": "A" * 2_100_000}, 413, "too_large"),
]


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_sizes_and_languages_are_limited() -> None:
    async with operator() as front:
        for path, change, status, code in WRONG:
            assert await ask(front, path, {**BODIES[path], **change}) == (status, code), (path, list(change))
        assert await ask(front, "/translate", b"{") == (400, "bad_request")


async def test_a_failing_engine_is_told_and_nothing_of_its_text() -> None:
    async def broken(job: Synthesize) -> Speech:
        raise RuntimeError(f"I can't say {job.text}")

    lane: InLoopLane[Synthesize, Speech] = InLoopLane(broken, languages=frozenset({"en"}))
    async with operator(tts=lane) as front:
        status, answer = await front.call("POST", "/synthesize", SAY, TOKEN)
        assert (status, answer["error"]["code"]) == (503, "engine_failed") and "440" not in json.dumps(answer)


async def test_engines_that_load_and_a_crowd_are_answered_at_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    free, come, do = asyncio.Event(), list[object](), SpareTime.do

    async def counted(self: SpareTime[Any, Any], job: object, **options: Any) -> Any:
        come.append(job)
        return await do(self, job, **options)

    monkeypatch.setattr(SpareTime, "do", counted)

    async def slow(job: Synthesize) -> Speech:
        await free.wait()
        return Speech(bytes(4800))

    lane: InLoopLane[Synthesize, Speech] = InLoopLane(slow, languages=frozenset({"en"}))
    async with operator(tts=lane) as front, asyncio.TaskGroup() as group:
        waiting = [group.create_task(ask(front, "/synthesize", SAY)) for _ in range(MOST_AT_ONCE)]
        await until(lambda: len(come) == MOST_AT_ONCE)
        assert await ask(front, "/translate", BODIES["/translate"]) == (503, "at_capacity")
        assert lane.waiting == 0, "the others wait outside the lane"
        free.set()
        for one in waiting:
            assert (await one)[0] == 200
        assert (await ask(front, "/translate", BODIES["/translate"]))[0] == 200


@virtually
async def test_a_call_never_waits_for_more_than_the_job_in_hand() -> None:
    done: list[str] = []

    async def translate(job: Translate) -> Translation:
        await asyncio.sleep(0.01)
        done.append(job.text)
        return Translation(job.text, job.source, job.target)

    lane: InLoopLane[Translate, Translation] = InLoopLane(translate, pairs=frozenset({("en", "es")}))
    async with lane, asyncio.TaskGroup() as group:
        spare: SpareTime[Translate, Translation] = SpareTime(lane)

        def job(name: str) -> Translate:
            return Translate(name, "en", "es")

        for number in range(5):
            group.create_task(spare.do(job(f"operator {number}")))
        await asyncio.sleep(0.005)
        for number in range(10):
            group.create_task(lane.do(job(f"call {number}"), urgent=number % 2 == 0))
            await asyncio.sleep(0.003)
    calls = [place for place, name in enumerate(done) if name.startswith("call")]
    assert calls == list(range(1, 11)), done
    assert done[0] == "operator 0" and done[11:] == [f"operator {number}" for number in range(1, 5)]


@virtually
async def test_where_calls_leave_no_time_it_is_refused() -> None:
    async def translate(job: Translate) -> Translation:
        await asyncio.sleep(0.02)
        return Translation(job.text, job.source, job.target)

    lane: InLoopLane[Translate, Translation] = InLoopLane(translate, pairs=frozenset({("en", "es")}))
    async with lane, asyncio.TaskGroup() as group:
        spare: SpareTime[Translate, Translation] = SpareTime(lane, patience_s=0.2)
        for number in range(40):
            group.create_task(lane.do(Translate(str(number), "en", "es")))
        await asyncio.sleep(0)
        for _ in range(2):
            with pytest.raises(LaneBusy):
                await spare.do(Translate("operator", "en", "es"))
