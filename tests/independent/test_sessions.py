"""docs/protocol.md, 1: creating, joining, reading and ending a session over HTTP."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from .calls import (
    check_error_body,
    check_keys,
    check_metrics,
    connected,
    guest,
    pair,
    refused,
)
from .client import Refused

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

UNSPOKEN = "tlh"


async def test_create_answers_201_with_code_and_socket_url(server_url: str) -> None:
    async with guest(server_url) as ana:
        reply = await ana.call("POST", "/sessions/create", {"language": "en"})
        assert reply.status == 201
        check_keys(reply.body, "sessionId sessionCode participantId wsUrl expiresAt")
        assert re.fullmatch("[0-9]{6}", reply.body["sessionCode"])


async def test_ws_url_is_absolute_without_a_query_on_the_requests_host(server_url: str) -> None:
    async with guest(server_url) as ana:
        url = urlsplit((await ana.create("en"))["wsUrl"])
        assert url.scheme in {"ws", "wss"}
        assert (url.netloc, url.path) == (urlsplit(server_url).netloc, "/ws")
        assert not url.query and not url.fragment


async def test_create_in_an_unknown_language_is_422(server_url: str) -> None:
    async with guest(server_url) as ana:
        with refused(422, "unsupported_language"):
            await ana.create(UNSPOKEN)


async def test_join_answers_200_and_names_the_partner(server_url: str) -> None:
    async with guest(server_url) as ana, guest(server_url) as ben:
        await ana.create("en")
        body = {"sessionCode": ana.session_code, "language": "es"}
        reply = await ben.call("POST", "/sessions/join", body)
        assert reply.status == 200
        check_keys(reply.body, "sessionId participantId partnerId wsUrl")
        assert reply.body["sessionId"] == ana.session_id
        assert reply.body["partnerId"] == ana.participant_id
        assert reply.body["participantId"] != ana.participant_id


async def test_same_user_joining_again_gets_the_same_answer(server_url: str) -> None:
    async with guest(server_url) as ana, guest(server_url) as ben:
        await ana.create("en")
        first = await ben.join(ana.session_code, "es")
        assert await ben.join(ana.session_code, "es") == first


async def test_joining_the_own_session_is_409(server_url: str) -> None:
    async with guest(server_url) as ana:
        await ana.create("en")
        with refused(409, "own_session"):
            await ana.join(ana.session_code, "es")


async def test_third_user_is_409_session_full(server_url: str) -> None:
    async with pair(server_url) as (ana, _), guest(server_url) as third:
        with refused(409, "session_full"):
            await third.join(ana.session_code, "es")


async def test_wrong_code_is_404(server_url: str) -> None:
    async with guest(server_url) as ana, guest(server_url) as ben:
        await ana.create("en")
        wrong = f"{(int(ana.session_code) + 500_001) % 1_000_000:06d}"
        with refused(404, "session_not_found"):
            await ben.join(wrong, "es")


async def test_code_of_an_ended_session_admits_nobody(server_url: str) -> None:
    """404 as the code is free again; 410 where the server still remembers."""
    async with guest(server_url) as ana, guest(server_url) as ben:
        await ana.create("en")
        await ana.delete()
        with pytest.raises(Refused) as caught:
            await ben.join(ana.session_code, "es")
        check_error_body(caught.value)
        assert (caught.value.status, caught.value.code) in {
            (404, "session_not_found"),
            (410, "session_ended"),
        }


@pytest.mark.parametrize("code", ["12345", "1234567", "12a456", "１２３４５６", ""])
async def test_malformed_code_admits_nobody(server_url: str, code: str) -> None:
    async with guest(server_url) as ben:
        with pytest.raises(Refused) as caught:
            await ben.join(code, "es")
        check_error_body(caught.value)
        assert (caught.value.status, caught.value.code) in {(400, "bad_request"), (404, "session_not_found")}


async def test_joining_in_an_unknown_language_is_422_and_spends_no_code(server_url: str) -> None:
    async with guest(server_url) as ana, guest(server_url) as ben:
        await ana.create("en")
        with refused(422, "unsupported_language"):
            await ben.join(ana.session_code, UNSPOKEN)
        assert (await ben.join(ana.session_code, "es"))["sessionId"] == ana.session_id


async def test_waiting_session_shows_its_creator_alone(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana:
        await ana.create("en")
        shown = await ana.get()
        check_keys(shown, "session participants status")
        check_keys(shown["session"], "sessionId status createdAt", "startedAt endedAt")
        assert shown["status"] == shown["session"]["status"] == "waiting"
        assert shown["session"].get("startedAt") is None and shown["session"].get("endedAt") is None
        assert shown["participants"] == [
            {
                "participantId": ana.participant_id,
                "displayName": "Ana",
                "language": "en",
                "connected": False,
            }
        ]


async def test_session_is_waiting_until_both_sockets_have_joined(server_url: str) -> None:
    async with pair(server_url) as (ana, ben):
        assert (await ana.get())["status"] == "waiting"
        await ana.connect()
        assert (await ana.get())["status"] == "waiting"
        await ben.connect()
        await ana.signal.inbox.wait_for("session_paired")
        shown = await ana.get()
        assert shown["status"] == shown["session"]["status"] == "active"
        assert shown["session"]["startedAt"] >= shown["session"]["createdAt"]


async def test_session_shows_both_participants_to_both(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        shown = await ana.get()
        assert shown["participants"] == (await ben.get())["participants"]
        for one in shown["participants"]:
            check_keys(one, "participantId displayName language connected")
        languages = {one["participantId"]: one["language"] for one in shown["participants"]}
        assert languages == {ana.participant_id: "en", ben.participant_id: "es"}


async def test_reading_another_ones_session_is_forbidden(server_url: str) -> None:
    async with pair(server_url) as (ana, _), guest(server_url) as stranger:
        with refused(403, "forbidden"):
            await stranger.call("GET", f"/sessions/{ana.session_id}")


async def test_deleting_another_ones_session_is_forbidden(server_url: str) -> None:
    async with pair(server_url) as (ana, _), guest(server_url) as stranger:
        with refused(403, "forbidden"):
            await stranger.call("DELETE", f"/sessions/{ana.session_id}")
        assert (await ana.get())["status"] == "waiting"


async def test_unknown_session_is_404(server_url: str) -> None:
    async with guest(server_url) as ana:
        ana.session_id = "00000000-0000-4000-8000-000000000000"
        with pytest.raises(Refused) as caught:
            await ana.get()
        check_error_body(caught.value)
        assert caught.value.status == 404
        assert caught.value.code in {"session_not_found", "not_found"}


async def test_delete_answers_200_with_metrics(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        reply = await ana.call("DELETE", f"/sessions/{ana.session_id}")
        assert reply.status == 200
        check_keys(reply.body, "success metrics")
        assert reply.body["success"] is True
        check_metrics(reply.body["metrics"])


async def test_second_delete_is_410(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.delete()
        with refused(410, "session_ended"):
            await ana.delete()


async def test_ended_session_still_shows_as_ended(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.delete()
        shown = await ana.get()
        assert shown["status"] == shown["session"]["status"] == "ended"
        assert shown["session"]["endedAt"] >= shown["session"]["createdAt"]


async def test_delete_accepts_the_resume_token(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        assert (await ana.delete(token=ana.resume_token))["success"] is True


async def test_resume_token_of_one_session_deletes_no_other(server_url: str) -> None:
    async with connected(server_url) as (ana, _), pair(server_url) as (other, _):
        with pytest.raises(Refused) as caught:
            await other.delete(token=ana.resume_token)
        assert caught.value.status in {401, 403}


async def test_delete_ends_the_call_for_both_sockets(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ana.delete()
        for one in (ana, ben):
            ended = await one.signal.inbox.wait_for("session_ended")
            assert ended["reason"] == "deleted"
            check_metrics(ended["metrics"])
            assert await one.signal.close_code() == 1000
