"""SIGTERM says goodbye; kill -9 does not, and the next process takes everyone back."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from signaling.config import SignalingOptions
from tests.kit.moved_clock import until
from tests.kit.signaling_server import GENEROUS, Client, open_front
from tests.kit.timed_front import GRACE_S, OPTIONS, timed_front


def at(front: object, *people: Client) -> None:
    for one in people:
        one.front = front  # type: ignore[assignment]


async def test_shutdown_waits_for_the_sentence_and_refuses_what_is_new() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        cy, di = await front.guest(), await front.guest()
        await cy.create()
        front.room.sentence.clear()
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(front.sessions.shutdown(60))
            await until(lambda: front.room.did("finish"))
            for path, body in [
                ("/sessions/create", {"language": "es"}),
                ("/sessions/join", {"sessionCode": ana.code, "language": "en"}),
            ]:
                status, answer = await di.call("POST", path, body)
                assert (status, answer["error"]["code"]) == (503, "at_capacity")
                assert "shutting down" in answer["error"]["message"]
            async with front.http.get(f"{front.url}/ready") as answer_:
                assert answer_.status == 503
            for one in (ana, bo):
                await one.quiet()
            assert front.room.did("finish") == [("finish", 60)]
            assert not stopping.done()
            front.room.sentence.set()
        for one in (ana, bo):
            assert (await one.hear("session_ended"))["reason"] == "shutdown"
            assert await one.next() == 1001
        assert front.room.closed


async def test_shutdown_does_not_wait_for_ever() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        front.room.sentence.clear()
        async with asyncio.timeout(60):
            await front.sessions.shutdown(0.2)
        assert (await ana.hear("session_ended"))["reason"] == "shutdown"


async def test_a_socket_that_has_not_joined_is_closed_by_the_shutdown() -> None:
    async with open_front() as front:
        ana = await front.guest()
        await ana.connect()
        await front.sessions.shutdown(1)
        assert await ana.next() == 1001


async def test_a_restart_waits_for_the_sentence_and_ends_no_session(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path) as front:
        ana, bo = await front.pair()
        cy = await front.guest()
        await cy.connect()
        front.room.sentence.clear()
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(front.sessions.shutdown(60, goes_on=True))
            await until(lambda: bool(front.room.did("finish")))
            assert not stopping.done()
            front.room.sentence.set()
        for one in (ana, bo, cy):
            assert await one.next() == 1012
        assert front.room.closed and len(front.sessions) == 0
        await ana.open(ana.resume_token)  # too early: the old process is not gone yet
        await ana.hear_error("at_capacity", fatal=True, close=1001)
        status, answer = await bo.call("GET", f"/sessions/{bo.session}")
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
    async with open_front(path=path) as front:
        at(front, ana, bo)
        for one in (ana, bo):
            await one.open(one.resume_token)
            assert (await one.hear("session_joined"))["status"] == "active"


async def test_a_restart_closes_no_call_while_a_sentence_of_another_is_heard() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        idle = front.room
        cy, di = await front.pair()
        front.room.sentence.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(front.sessions.shutdown(60, goes_on=True))
            await until(lambda: bool(front.room.did("finish") and idle.did("finish")))
            for one in (ana, bo, cy, di):
                await one.quiet()
            assert not idle.closed
            front.room.sentence.set()
        for one in (ana, bo, cy, di):
            assert await one.next() == 1012
        assert idle.closed


async def test_a_call_that_ends_meanwhile_is_not_waited_for() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        front.room.sentence.clear()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            leaving = tasks.create_task(front.sessions.shutdown(300, goes_on=True))
            await until(lambda: bool(front.room.did("finish")))
            await ana.say({"type": "leave_session"})
            assert (await bo.hear("session_ended"))["reason"] == "partner_left"
            assert not leaving.done()
            front.room.sentence.set()


async def test_who_is_deleted_after_the_sessions_were_handed_over_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path) as front:
        ana, bo = await front.pair()
        await front.sessions.shutdown(0, goes_on=True)
        front.sessions.expel(ana.user)
        await front.sessions.flush()
    async with open_front(path=path) as front:
        at(front, ana, bo)
        for one in (ana, bo):
            await one.open(one.resume_token)
            await one.hear_error("session_ended", fatal=True, close=1000)


async def test_hanging_up_ends_the_waiting_for_a_sentence() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        front.room.sentence.clear()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(front.sessions.shutdown(300))
            await until(lambda: front.room.did("finish"))
            await ana.say({"type": "leave_session"})
            assert (await ana.hear("session_ended"))["reason"] == "left"
            assert (await bo.hear("session_ended"))["reason"] == "partner_left"
            front.room.sentence.set()


async def test_after_a_kill_both_come_back_by_their_resume_tokens(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, abandon=True) as front:
        ana, bo = await front.pair()
        await bo.say({"type": "set_language", "language": "de"})
        started = (await ana.hear("partner_language")) and (await ana.call("GET", f"/sessions/{ana.session}"))[1]
    async with open_front(path=path) as front:
        at(front, ana, bo)
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1] == started
        await ana.open(ana.resume_token)
        joined = await ana.hear("session_joined")
        assert joined["status"] == "active" and joined["startedAt"] == started["session"]["startedAt"]
        assert joined["partner"] == {
            "participantId": bo.me,
            "displayName": "Bo",
            "language": "de",
            "connected": False,
        }
        bo.language = "de"
        await bo.open(bo.resume_token)
        assert (await bo.hear("session_joined"))["participantId"] == bo.me
        await bo.say({"type": "offer", "negotiation": 1, "sdp": "again"})
        assert (await bo.hear("answer"))["sdp"] == "answer to again"
        await ana.quiet()
        assert front.room.did("add") == [("add", ana.me, "es"), ("add", bo.me, "de")]
        assert front.room.did("begin") == [("begin", joined["startedAt"])]


async def test_after_a_kill_the_grace_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(OPTIONS, path=path, abandon=True) as front:
        ana, bo = await front.pair()
    async with timed_front(path) as (front, clock):
        at(front, ana, bo)
        await ana.open(ana.resume_token)
        await ana.hear("session_joined")
        clock.pass_time(GRACE_S)
        assert (await ana.hear("session_ended"))["reason"] == "partner_lost"
        await bo.open(bo.resume_token)
        await bo.hear_error("session_ended", fatal=True, close=1000)


async def test_after_a_kill_a_waiting_session_still_waits(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(OPTIONS, path=path, abandon=True) as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create("es", admit=True)
        await bo.join(ana.code)
    async with timed_front(path) as (front, clock):
        at(front, ana, bo)
        clock.pass_time(GRACE_S - 60)
        await ana.open()
        await ana.hear("session_joined")
        assert (await ana.hear("join_request"))["participantId"] == bo.me


async def test_what_had_ended_is_still_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path) as front:
        ana, bo = await front.pair()
        await ana.call("DELETE", f"/sessions/{ana.session}")
        cy, di = await front.pair()
    async with open_front(path=path) as front:
        at(front, ana, bo, cy, di)
        assert len(front.sessions) == 0
        for one in (ana, bo, cy, di):
            await one.open(one.resume_token)
            await one.hear_error("session_ended", fatal=True, close=1000)
        _, shown = await bo.call("GET", f"/sessions/{bo.session}")
        assert shown["status"] == "ended"
        await ana.open(ana.resume_token, sessionId=cy.session)
        await ana.hear_error("forbidden", fatal=True, close=4401)


async def test_an_unreadable_record_does_not_stop_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, abandon=True) as front:
        ana, _ = await front.pair()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE sessions SET record = '{'")
    connection.commit()
    connection.close()
    async with open_front(path=path) as front:
        at(front, ana)
        await ana.open(ana.resume_token)
        await ana.hear_error("session_not_found", fatal=True, close=4400)
    assert "record dropped" in caplog.text


async def test_an_expired_session_is_not_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, abandon=True) as front:
        ana, _ = await front.pair()
    config = SignalingOptions(limits=replace(GENEROUS, session_length_s=0.01))
    async with open_front(config, path=path) as front:
        at(front, ana)
        await asyncio.sleep(0.1)
        await ana.open()
        await ana.hear_error("session_ended", fatal=True, close=1000)


async def test_nothing_secret_or_said_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with open_front() as front:
        ana, bo = await front.pair()
        await ana.say({"type": "offer", "negotiation": 1, "sdp": "private v=0"})
        await ana.hear("answer")
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        secrets = [ana.token, ana.resume_token, bo.token, "private", ana.code]
    mine = [str(vars(record)) for record in caplog.records if record.name.startswith(("signaling", "storage"))]
    assert any("session ended" in line for line in mine)
    assert not [line for line in mine if any(secret in line for secret in secrets)]


async def test_a_process_that_fails_leaves_its_sessions_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    pairs: list[tuple[Client, Client]] = []

    async def fail() -> None:
        async with open_front(path=path) as front:
            pairs.append(await front.pair())
            front.sessions.shutdown = lambda timeout: asyncio.sleep(0)  # type: ignore[method-assign,assignment]
            raise OSError("the address is in use")

    with pytest.raises(ExceptionGroup):
        await fail()
    ana, _ = pairs[0]
    async with open_front(path=path) as front:
        at(front, ana)
        await ana.open(ana.resume_token)
        assert (await ana.hear("session_joined"))["status"] == "active"
