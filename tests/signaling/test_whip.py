"""WHIP (RFC 9725): a microphone is published by one request, and ended by another; every refusal has its code."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from signaling.config import SignalingOptions
from signaling.http.whip import links
from signaling.ports import IceServers
from signaling.sessions.participants import OFFERS as CONNECTION_OFFERS
from signaling.sessions.publications import OFFERS
from tests.kit.contract import check_answer
from tests.kit.moved_clock import until
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

SDP = "application/sdp"


class Answered:
    """An answer of the server, which is judged by its row."""

    def __init__(self, status: int, headers: Any, body: Any) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


async def ask(
    front: Front, method: str, path: str, token: str | None, body: bytes | None = None, kind: str = SDP
) -> Answered:
    headers = {} if body is None else {"Content-Type": kind}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    url = path if path.startswith("http") else f"{front.url}{path}"
    async with front.http.request(method, url, data=body, headers=headers) as answer:
        json = answer.content_type == "application/json"
        content: Any = await answer.json() if json else await answer.text()
        check_answer(method, path.removeprefix(front.url), answer.status, content, answer.content_type)
        return Answered(answer.status, answer.headers, content)


def endpoint(one: Client) -> str:
    return f"/api/v1/sessions/{one.session}/whip"


async def publish(one: Client, sdp: bytes = b"one", token: str | None = None, kind: str = SDP) -> Answered:
    return await ask(one.front, "POST", endpoint(one), token or one.resume_token, sdp, kind)


async def test_a_microphone_is_published_and_ended() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        made = await publish(ana)
        assert (made.status, made.body) == (201, "answer to one")
        assert made.headers["Content-Type"] == SDP, "and no charset"
        location = made.headers["Location"]
        assert re.fullmatch(f"{front.url}{endpoint(ana)}/w_[0-9a-f]{{32}}", location)
        assert made.headers["Cache-Control"] == "no-store"
        assert made.headers.getall("Link") == [
            '<turn:turn.example>; rel="ice-server"; username="u"; credential="c"; credential-type="password"'
        ]
        assert front.room.published == {ana.me: location.rpartition("/")[2]}
        ended = await ask(front, "DELETE", location, ana.resume_token)
        assert (ended.status, ended.body, front.room.published) == (200, "", {})
        again = await ask(front, "DELETE", location, ana.resume_token)
        assert (again.status, again.code) == (404, "not_found")


async def test_an_access_token_will_do_as_for_the_socket() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        assert (await publish(ana, token=ana.token)).status == 201


async def test_below_a_public_path_the_location_is_there_too() -> None:
    async with open_front(SignalingOptions(public_url="https://example.org/call/", limits=GENEROUS)) as front:
        ana, _ = await front.pair()
        made = await publish(ana)
        assert made.headers["Location"].startswith(f"https://example.org/call{endpoint(ana)}/w_")


@pytest.mark.parametrize("method", ["PATCH", "GET", "PUT", "POST"])
async def test_what_the_rfc_reserves_is_no_method(method: str) -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        location = (await publish(ana)).headers["Location"]
        refused = await ask(
            front, method, location, ana.resume_token, b"a=ice-ufrag:x", "application/trickle-ice-sdpfrag"
        )
        assert (refused.status, refused.code, refused.headers["Allow"]) == (405, "bad_request", "DELETE")
        if method != "POST":
            refused = await ask(front, method, endpoint(ana), ana.resume_token, b"x")
            assert (refused.status, refused.headers["Allow"]) == (405, "OPTIONS, POST")


async def test_options_tells_what_may_be_posted_and_lets_no_page_of_others_in() -> None:
    async with open_front() as front:
        answer = await ask(front, "OPTIONS", "/api/v1/sessions/s_1/whip", None)
        assert (answer.status, answer.headers["Accept-Post"], answer.body) == (200, SDP, "")
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("sdp", "kind", "status", "code"),
    [
        (b"bad", SDP, 400, "bad_sdp"),
        (b"video", SDP, 400, "no_audio"),
        (b"\xff\xfe", SDP, 400, "bad_sdp"),
        (b"one", "application/json", 400, "bad_request"),
        (b"one", "text/plain", 400, "bad_request"),
        (b"x" * 70_000, SDP, 413, "too_large"),
    ],
)
async def test_a_bad_offer_is_refused(sdp: bytes, kind: str, status: int, code: str) -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        refused = await publish(ana, sdp, kind=kind)
        assert (refused.status, refused.code) == (status, code)
        assert front.room.published == {}


async def test_only_the_participant_whom_the_token_names() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        eve, _ = await front.pair()
        stranger = await front.guest()
        for token, status, code in (
            (None, 401, "unauthorized"),
            ("forged", 401, "unauthorized"),
            (eve.resume_token, 403, "forbidden"),
            (stranger.token, 403, "forbidden"),
        ):
            refused = await ask(front, "POST", endpoint(ana), token, b"one")
            assert (refused.status, refused.code) == (status, code)
        location = (await publish(ana)).headers["Location"]
        for token, status in ((None, 401), (eve.resume_token, 403), (bo.resume_token, 404)):
            assert (await ask(front, "DELETE", location, token)).status == status
        assert front.rooms[0].published, "nobody else could end it"
        missing = await ask(front, "POST", "/api/v1/sessions/s_none/whip", ana.token, b"one")
        assert (missing.status, missing.code) == (404, "session_not_found")


async def test_who_was_not_let_in_publishes_nothing() -> None:
    async with open_front() as front:
        ana, bo = await front.guest(), await front.guest()
        await ana.create(admit=True)
        await ana.open()
        await ana.hear("session_joined")
        await bo.join(ana.code)
        await bo.open()
        refused = await ask(front, "POST", endpoint(bo), bo.token, b"one")
        assert (refused.status, refused.code) == (403, "not_admitted")


async def test_before_the_socket_has_joined_there_is_no_room_to_publish_into() -> None:
    async with open_front() as front:
        ana = await front.guest()
        await ana.create()
        early = await publish(ana, token=ana.token)
        assert (early.status, early.code, early.headers["Retry-After"]) == (503, "at_capacity", "1")
        assert (await ask(front, "DELETE", f"{endpoint(ana)}/w_1", ana.token)).status == 404
        await ana.open()
        await ana.hear("session_joined")
        assert (await publish(ana)).status == 201, "alone in the call already"


async def test_a_session_that_is_over_takes_no_microphone() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        location = (await publish(ana)).headers["Location"]
        await bo.say({"type": "leave_session"})
        await ana.hear("session_ended")
        refused = await publish(ana)
        assert (refused.status, refused.code) == (410, "session_ended")
        assert (await ask(front, "DELETE", location, ana.resume_token)).status == 410


async def test_an_encoder_that_tries_again_and_again_takes_no_offers_of_the_connection() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        for _ in range(OFFERS.count):
            assert (await publish(ana)).status == 201
        refused = await publish(ana)
        assert (refused.status, refused.code) == (429, "rate_limited") and int(refused.headers["Retry-After"]) >= 1
        for number in range(CONNECTION_OFFERS.count):
            await ana.say({"type": "offer", "negotiation": number, "sdp": "one"})
            await ana.hear("answer")
        assert (await publish(bo)).status == 201, "each participant has their own"


async def test_a_server_that_ends_takes_no_microphone() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        front.sessions._closing = True
        refused = await publish(ana)
        assert (refused.status, refused.code) == (503, "at_capacity")
        front.sessions._closing = False


def test_links_tell_of_ice_servers() -> None:
    servers = IceServers(
        (
            {"urls": "stun:a.example"},
            {"urls": ["turn:b.example", "turns:b.example?transport=tcp"], "username": 'a"b', "credential": "c\\d"},
        )
    )
    secret = '; username="a\\"b"; credential="c\\\\d"; credential-type="password"'
    assert list(links(servers.servers)) == [
        '<stun:a.example>; rel="ice-server"',
        f'<turn:b.example>; rel="ice-server"{secret}',
        f'<turns:b.example?transport=tcp>; rel="ice-server"{secret}',
    ]


async def begun(front: Front, one: Client) -> asyncio.Task[Answered]:
    """Return a request whose offer has reached the room, which does not answer it."""
    asking = asyncio.ensure_future(publish(one, b"slow"))
    await until(lambda: len(front.room.did("offer")) == 1)
    return asking


async def test_an_offer_that_the_end_of_the_call_overtakes_is_told_of_that() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        asking = await begun(front, ana)
        await bo.say({"type": "leave_session"})
        refused = await asking
        assert (refused.status, refused.code) == (410, "session_ended")


async def test_an_offer_that_a_restart_overtakes_may_come_again() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        asking = await begun(front, ana)
        await front.sessions.shutdown(0, goes_on=True)
        refused = await asking
        assert (refused.status, refused.code) == (503, "at_capacity") and int(refused.headers["Retry-After"]) > 0
