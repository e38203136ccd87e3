"""Figures for operators: what befalls sessions is counted, /ready and the gauges agree, and a token keeps them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from accounts import revoked
from accounts.running import run_accounts
from media.events import HeardLatencyReported, MediaConnected, MediaLost
from pipeline.context import Context
from pipeline.events import EngineStage, Latency, Outcome, Transcribed, UtteranceEnded
from pipeline.timings import JobTimed, Result
from server.call_admission import Admission
from server.engine_choice.from_settings import engine_set
from server.observe.exposition import Exposition
from server.observe.metrics import Metrics
from server.observe.processes import resident_bytes, started_at
from server.observe.sessions import SessionReadings
from server.settings import Settings
from signaling.config import SignalingOptions
from signaling.http.app import LIVE_SESSIONS, READINESS, make_app
from signaling.ports import Dependencies
from signaling.session_states import SessionStep
from signaling.tokens import Tokens
from storage.accounts.opening import open_accounts, sqlite_url
from storage.sqlite import SqliteSessions
from tests.kit.account_server import CHEAP
from tests.kit.contract import check_answer
from tests.kit.failing_store import FailingStore, Faults
from tests.kit.signaling_server import GENEROUS, Front, open_front

TOKEN = "0123456789abcdef" * 2


def new_metrics() -> Metrics:
    return Metrics(engine_set(Settings(models="scripted")), Admission())


def read(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - the server's own steps are awaited
            await asyncio.sleep(0.01)


async def readiness(front: Front) -> tuple[int, dict[str, object]]:
    async with front.http.get(f"{front.url}/ready") as answer:
        body = await answer.json()
        check_answer("GET", "/ready", answer.status, body)
        return answer.status, body


async def test_sockets_sessions_and_lost_connections_are_counted() -> None:
    metrics = new_metrics()
    options = SignalingOptions(limits=GENEROUS, close_handshake_s=0.3)
    async with open_front(options, tally=metrics) as front:
        metrics.registry.register(SessionReadings(front.app[LIVE_SESSIONS], front.app[READINESS]))
        await (await front.guest()).create("en")
        ana, bo = await front.pair()
        assert read(metrics, "dragoman_websockets") == 2
        assert [read(metrics, "dragoman_sessions", state=state) for state in ("waiting", "active")] == [1, 1]
        await until(lambda: len(front.room.did("add")) == 2)

        def counted() -> list[float | None]:
            kinds = ("connections", "disconnections", "reconnections")
            return [read(metrics, f"dragoman_{kind}_total") for kind in kinds]

        for one in (ana, bo):
            front.room.tell(MediaConnected(one.me))
        assert counted() == [2, 0, 0]
        front.room.tell(MediaLost(ana.me, "test"))
        front.room.tell(MediaLost(ana.me, "test"))
        assert counted() == [2, 1, 0]
        front.room.tell(MediaConnected(ana.me))
        assert counted() == [3, 1, 1]
        await bo.vanish()
        await until(lambda: counted() == [3, 2, 1])
        await ana.say({"type": "leave_session"})
        await until(lambda: read(metrics, "dragoman_sessions_ended_total", step="hung_up") == 1)
        assert counted() == [3, 2, 1], "who leaves is not lost"
        assert read(metrics, "dragoman_session_seconds_count") == 1
        await until(lambda: read(metrics, "dragoman_websockets") == 0)
    assert read(metrics, "dragoman_sessions_ended_total", step="shut_down") == 1
    assert read(metrics, "dragoman_session_seconds_count") == 1, "the other one was never paired"


async def test_ready_names_the_stage_without_an_engine_and_the_end() -> None:
    works = dict.fromkeys(EngineStage, True)
    async with open_front(stages=lambda: works, ready=lambda: all(works.values())) as front:
        whole = {"ready": True, "ending": False, "stages": {"stt": True, "mt": True, "tts": True}, "degraded": []}
        assert await readiness(front) == (200, whole)
        works[EngineStage.MT] = False
        mute = {"stt": True, "mt": False, "tts": True}
        assert await readiness(front) == (503, whole | {"ready": False, "stages": mute})
        works[EngineStage.MT] = True
        await front.sessions.shutdown(0)
        assert await readiness(front) == (503, whole | {"ready": False, "ending": True})


async def test_a_database_that_is_away_is_degraded_and_keeps_no_guest_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revoked, "LOOK_EVERY_S", 0.02)
    metrics, faults = new_metrics(), Faults()
    async with (
        open_accounts(sqlite_url(tmp_path / "accounts.sqlite")) as store,
        run_accounts(FailingStore(store, faults), [bytes(32)], CHEAP) as accounts,
        open_front(accounts=accounts) as front,
    ):
        metrics.registry.register(SessionReadings(front.app[LIVE_SESSIONS], front.app[READINESS]))

        def away() -> float | None:
            return read(metrics, "dragoman_degraded", what="accounts_database")

        assert away() == 0
        faults.away = True
        await until(lambda: away() == 1)
        status, body = await readiness(front)
        assert (status, body["degraded"]) == (200, ["accounts_database"])
        assert read(metrics, "dragoman_ready") == 1
        await (await front.guest()).create("en")
        login = {"email": "ana@example.com", "password": "a tall blue giraffe"}
        status, answer = await front.call("POST", "/auth/login", login)
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
        faults.away = False
        await until(lambda: away() == 0)
        assert (await readiness(front))[1]["degraded"] == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (None, 401),
        ("Bearer", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Bearer {TOKEN}0", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer \u00e9", 401),
        (f"bearer {TOKEN}", 200),
    ],
)
async def test_figures_ask_for_their_token(sent: str | None, status: int) -> None:
    async with SqliteSessions(":memory:") as store, asyncio.TaskGroup() as tasks:
        needs = Dependencies(None, None)  # type: ignore[arg-type]
        app = make_app(SignalingOptions(), needs, tasks=tasks, snapshots=store, tokens=Tokens([bytes(32)]))
        app.add_routes([web.get("/metrics", Exposition(lambda: b"figures 1\n", TOKEN).page)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = "http://{}:{}/metrics".format(*runner.addresses[0])
            headers = {} if sent is None else {"Authorization": sent}
            async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
                assert answer.status == status
                if status == 200:
                    assert await answer.text() == "figures 1\n"
                else:
                    body = await answer.json()
                    check_answer("GET", "/metrics", status, body)
                    assert body["error"]["code"] == "unauthorized"
                    assert answer.headers["WWW-Authenticate"] == "Bearer"
        finally:
            await runner.cleanup()


async def test_a_negative_time_counts_as_nothing() -> None:
    metrics = new_metrics()
    for first_audio_ms in (-300.0, 200.0):
        latency = Latency(stt_ms=-1.0, first_audio_ms=first_audio_ms)
        metrics.observe(Context("s"), UtteranceEnded("u", "p", "es", ("q",), Outcome.SPOKEN, latency))
    metrics.ended(SessionStep.EXPIRED, -5.0)
    assert read(metrics, "dragoman_first_audio_seconds_sum") == 0.2
    assert read(metrics, "dragoman_first_audio_seconds_count") == 2
    assert read(metrics, "dragoman_stage_seconds_sum", stage="stt") == 0
    assert read(metrics, "dragoman_session_seconds_sum") == 0


async def test_a_pages_word_is_believed_within_bounds() -> None:
    metrics = new_metrics()
    for heard_ms in (900.0, -5000.0, 1e12):
        metrics.observe(Context("s", "p"), HeardLatencyReported("p", heard_ms))
    assert read(metrics, "dragoman_heard_latency_seconds_count") == 3
    assert read(metrics, "dragoman_heard_latency_seconds_sum") == 0.9 + 0 + 30


async def test_confidence_and_length_of_speech_are_of_final_texts_that_were_said() -> None:
    metrics = new_metrics()

    def transcribed(text: str, *, final: bool = True, end_ms: int = 3500) -> Transcribed:
        return Transcribed("u", "p", 0, text, 0, final, "en", 1000, end_ms, 0.75)

    typed = transcribed("Typed.", end_ms=1000)
    for event in (transcribed("Good."), transcribed("Goo", final=False), transcribed(""), typed):
        metrics.observe(Context("s", "p", "u"), event)
    assert read(metrics, "dragoman_recognition_confidence_count") == 1
    assert read(metrics, "dragoman_recognition_confidence_sum") == 0.75
    assert read(metrics, "dragoman_speech_seconds_total") == 2.5


async def test_jobs_are_counted_by_stage_and_result() -> None:
    metrics = new_metrics()
    runs = ((1.0, 1, Result.FAILED), (2.0, 2, Result.DONE), (None, 1, Result.REFUSED))
    for ran_at, attempt, result in runs:
        metrics.time(Context("s"), JobTimed("stt", "whisper", 0.5, ran_at, 3.0, attempt, result))
    assert [read(metrics, "dragoman_jobs_total", stage="stt", result=result) for _, _, result in runs] == [1, 1, 1]
    assert read(metrics, "dragoman_jobs_total", stage="tts", result="failed") == 0, "an alert sees the first one"


async def test_memory_of_a_process_counts_what_it_started() -> None:
    began = time.time()
    child = await asyncio.create_subprocess_exec("/bin/sleep", "60")
    await until(lambda: (resident_bytes(child.pid) or 0) > 500_000)  # it is loaded
    alone = resident_bytes(os.getpid(), most=1)
    together, of_child, started = resident_bytes(os.getpid()), resident_bytes(child.pid), started_at(child.pid)
    ended = time.time()
    child.kill()
    await child.wait()
    assert alone and together and of_child and started
    assert together >= alone + of_child // 2
    assert began - 5 < started < ended + 5
    assert resident_bytes(child.pid) is None and started_at(child.pid) is None
