"""A session for one: no code and no partner, active with one socket, and its person hears themselves."""

from pathlib import Path
from typing import Any

import pytest

from tests.kit.moved_clock import until
from tests.kit.signaling_server import Client, Front, open_front
from tests.kit.timed_front import GRACE_S, OPTIONS, timed_front, vanished

VOICE = {"id": "en-us", "language": "en-US", "name": "English", "licence": "GPL-3.0-or-later"}


async def made(front: Front, **solo: str) -> Client:
    """Return Ana, who speaks Spanish and is to hear herself in English. She has no socket yet."""
    ana = await front.guest("Ana")
    answer = await ana.create("es", solo={"language": "en", **solo})
    assert answer["sessionCode"] is None
    return ana


async def joined(ana: Client, token: str | None = None) -> None:
    await ana.open(token)
    message = await ana.hear("session_joined")
    assert (message["status"], message["partner"], message["language"]) == ("active", None, "es")
    assert message["startedAt"] > 0
    await until(lambda: bool(ana.front.rooms and ana.front.room.did("begin")))


async def test_one_socket_makes_it_active_and_its_person_hears_themselves() -> None:
    async with open_front(voices=lambda language: [VOICE]) as front:
        ana = await made(front, voice="en-us")
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "waiting"
        await joined(ana)
        await ana.quiet()
        assert [one[:3] for one in front.room.asked[:3]] == [
            ("add", ana.me, "es"),
            ("set_voice", ana.me, "en-us"),
            ("hear_self", ana.me, "en"),
        ]
        assert [one[0] for one in front.room.asked[3:]] == ["begin"]
        shown = (await ana.call("GET", f"/sessions/{ana.session}"))[1]
        assert shown["status"] == "active" and [one["participantId"] for one in shown["participants"]] == [ana.me]
        await ana.say({"type": "set_language", "language": "en"})
        await ana.quiet()
        assert front.room.did("set_language") == [("set_language", ana.me, "en")]
        await ana.say({"type": "leave_session"})
        assert (await ana.hear("session_ended"))["reason"] == "left"
        assert await ana.next() == 1000


async def test_in_a_session_of_two_nobody_hears_themselves() -> None:
    async with open_front() as front:
        await front.pair()
        assert front.room.did("begin") and not front.room.did("hear_self")
        cy = await front.guest()
        await cy.create("es", solo=None)
        assert cy.code
        await cy.open()
        assert (await cy.hear("session_joined"))["status"] == "waiting"


@pytest.mark.parametrize("code", ["- -", "0", "null", "None", "000000"])
async def test_nobody_can_join_it(code: str) -> None:
    async with open_front() as front:
        ana, bo = await made(front), await front.guest("Bo")
        await joined(ana)
        join = {"sessionCode": code, "language": "en"}
        status, answer = await bo.call("POST", "/sessions/join", join)
        assert (status, answer["error"]["code"]) == (404, "session_not_found")
        await ana.call("DELETE", f"/sessions/{ana.session}")
        assert (await ana.hear("session_ended"))["reason"] == "deleted"
        status, answer = await bo.call("POST", "/sessions/join", join)
        assert (status, answer["error"]["code"]) == (404, "session_not_found")
        bo.session, bo.language = ana.session, "en"
        await bo.open()
        await bo.hear_error("session_ended", fatal=True, close=1000)


async def test_a_stranger_who_knows_its_id_is_refused() -> None:
    async with open_front() as front:
        ana, bo = await made(front), await front.guest("Bo")
        await joined(ana)
        assert (await bo.call("GET", f"/sessions/{ana.session}"))[0] == 403
        bo.session, bo.language = ana.session, "en"
        await bo.open()
        await bo.hear_error("forbidden", fatal=True, close=4401)
        await ana.quiet()


@pytest.mark.parametrize(
    ("language", "solo", "status", "code"),
    [
        ("es", {"language": "de"}, 422, "unsupported_pair"),
        ("de", {"language": "en"}, 422, "unsupported_pair"),
        ("es", {"language": "tlh"}, 422, "unsupported_language"),
        ("tlh", {"language": "en"}, 422, "unsupported_language"),
        ("es", {"language": "en", "voice": "nobody"}, 404, "not_found"),
        ("es", {}, 400, "bad_request"),
        ("es", {"language": ""}, 400, "bad_request"),
        ("es", {"language": "en", "voice": 5}, 400, "bad_request"),
        ("es", "en", 400, "bad_request"),
        ("es", ["en"], 400, "bad_request"),
    ],
)
async def test_a_wish_that_can_not_be_met_is_refused(language: str, solo: Any, status: int, code: str) -> None:
    async with open_front() as front:
        ana = await front.guest("Ana")
        body = {"language": language, "options": {"solo": solo}}
        found, answer = await ana.call("POST", "/sessions/create", body)
        assert (found, answer["error"]["code"]) == (status, code)
        if code == "bad_request":
            assert answer["error"]["details"]["field"].startswith("options.solo")
        assert len(front.sessions) == 0


async def test_captions_in_the_language_that_is_spoken_need_no_pair() -> None:
    async with open_front() as front:
        ana = await front.guest("Ana")
        assert (await ana.create("de", solo={"language": "de-AT"}))["sessionCode"] is None


async def test_a_restart_and_a_lost_socket_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path) as front:
        ana = await made(front)
        await joined(ana)
        await joined(ana, ana.resume_token)
        await ana.quiet()
        assert front.room.did("hear_self") == [("hear_self", ana.me, "en")] and len(front.room.did("begin")) == 1
        await front.sessions.shutdown(0, goes_on=True)
    async with open_front(path=path) as front:
        ana.front = front
        await joined(ana, ana.resume_token)
        await ana.quiet()
        assert [one[0] for one in front.room.asked] == ["add", "hear_self", "begin"]
        assert front.room.did("hear_self") == [("hear_self", ana.me, "en")]


async def test_who_does_not_come_back_ends_it() -> None:
    async with timed_front() as (front, clock):
        ana = await made(front)
        await joined(ana)
        await vanished(ana)
        clock.pass_time(GRACE_S + 1)
        await until(lambda: len(front.sessions) == 0)
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "ended"


async def test_it_expires_where_nobody_opens_a_socket() -> None:
    async with timed_front() as (front, clock):
        ana = await made(front)
        clock.pass_time(OPTIONS.code_lifetime_s + 1)
        await until(lambda: len(front.sessions) == 0)
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "ended"
