"""Codes of the local directory; sessions that a directory places on another node."""

import asyncio
import re
from dataclasses import replace
from itertools import cycle

import pytest

from signaling.config import SignalingOptions
from signaling.http import access_control
from signaling.http.client_arrival import FORWARDED
from signaling.rate_limits import Rate
from signaling.refusal import Refusal
from signaling.sessions.directory import DirectoryAway, Elsewhere, Here, LocalDirectory, Place, random_code
from signaling.tokens import AccessClaims, Introduction, Tokens
from tests.kit.moved_clock import until
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

FAR = f"s_{'f' * 32}"
"""Id of a session of another node."""


@pytest.mark.parametrize("digits", [6, 7, 8, 9, 10])
def test_codes_are_digits(digits: int) -> None:
    codes = {random_code(digits) for _ in range(200)}
    assert all(re.fullmatch(f"[0-9]{{{digits}}}", code) for code in codes)
    assert len(codes) > 150 and len({code[0] for code in codes}) == 10
    assert len(random_code()) == 6


async def test_the_operator_chooses_the_length_of_codes() -> None:
    async with open_front(SignalingOptions(code_digits=9, limits=GENEROUS)) as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create("es")
        assert re.fullmatch("[0-9]{9}", ana.code)
        await bo.join(f"{ana.code[:3]} {ana.code[3:6]}-{ana.code[6:]}", "en")
        assert bo.session == ana.session


async def test_a_code_is_unused_among_live_sessions() -> None:
    codes = cycle(["000001", "000001", "000002"])
    directory = LocalDirectory(lambda: next(codes))
    first, second = await directory.claim("s_1"), await directory.claim("s_2")
    assert (first, second) == (Here("s_1", "000001"), Here("s_2", "000002"))
    directory.release("s_1")
    directory.release("s_1")
    assert await directory.claim("s_3") == Here("s_3", "000001")
    assert await directory.locate("000001") == await directory.locate("s_3") == Here("s_3", "000001")


async def test_a_restored_session_keeps_its_code() -> None:
    codes = iter(["000001", "000002"])
    directory = LocalDirectory(lambda: next(codes))
    await directory.claim("s_1", "000001")
    assert await directory.claim("s_2") == Here("s_2", "000002")


async def test_an_empty_code_is_none() -> None:
    directory = LocalDirectory()
    for session in ("s_1", "s_2"):
        assert await directory.claim(session, "") == await directory.locate(session) == Here(session, "")
    assert await directory.locate("") is None
    directory.release("s_1")
    directory.release("s_1")
    assert await directory.locate("s_1") is None and await directory.locate("s_2") == Here("s_2", "")


async def test_nothing_is_where_nothing_was_claimed() -> None:
    directory = LocalDirectory()
    assert await directory.locate("000001") is None
    await directory.claim("s_1", "000001")
    directory.release("s_1")
    assert await directory.locate("000001") is await directory.locate("s_1") is None


class SlowOnce(LocalDirectory):
    """Directory that answers the first question about a session once `answers` is set; all others at once."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def locate(self, name: str) -> Place | None:
        if name.startswith("s_") and not self.asked.is_set():
            self.asked.set()
            await self.answers.wait()
        return await super().locate(name)


async def joined_while_waiting(front: Front, directory: SlowOnce) -> tuple[Client, Client]:
    """Return two clients of one participant: the first waits for the directory, the second has joined meanwhile."""
    ana, again = await front.guest("Ana"), await front.guest()
    await ana.create("es")
    again.token, again.session, again.language = ana.token, ana.session, "es"
    await ana.open()
    await directory.asked.wait()
    await again.open()
    await again.hear("session_joined")
    return ana, again


async def test_a_join_that_had_to_wait_displaces_no_later_one() -> None:
    directory = SlowOnce()
    async with open_front(directory=directory) as front:
        ana, again = await joined_while_waiting(front, directory)
        directory.answers.set()
        await ana.hear_error("taken_over", fatal=True, close=4001)
        await again.quiet()
        await again.vanish()
        await ana.open()
        await ana.hear("session_joined")
        await again.open()
        await again.hear("session_joined")
        await ana.hear_error("taken_over", fatal=True, close=4001)


async def test_a_join_that_had_to_wait_is_let_in_where_the_later_one_has_gone() -> None:
    directory = SlowOnce()
    async with open_front(directory=directory) as front:
        ana, again = await joined_while_waiting(front, directory)
        await again.vanish()
        await until(lambda: len(front.sessions.connections) == 1)
        directory.answers.set()
        await ana.hear("session_joined")
        await ana.quiet()


class TwoNodes(LocalDirectory):
    """Directory of this node, with sessions of another one."""

    def __init__(self, foreign: dict[str, Elsewhere]) -> None:
        super().__init__()
        self.foreign = foreign
        self.claimed: list[str] = []
        self.released: list[str] = []

    async def claim(self, session: str, code: str | None = None) -> Here:
        here = await super().claim(session, code)
        self.claimed.append(session)
        return Here(here.session, here.code, "wss://one.example/ws")

    async def locate(self, name: str) -> Place | None:
        return self.foreign.get(name) or await super().locate(name)

    def release(self, session: str) -> None:
        super().release(session)
        self.released.append(session)


async def test_a_session_of_another_node_is_that_nodes_affair() -> None:
    other = Elsewhere("two", "wss://two.example/ws/two", "http://127.0.0.1:1")  # nobody listens there
    async with open_front(directory=TwoNodes({"123456": other, FAR: other})) as front:
        ana = await front.guest()
        status, answer = await ana.call("POST", "/sessions/join", {"sessionCode": "123456", "language": "en"})
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
        status, answer = await ana.call("GET", f"/sessions/{FAR}")
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
        ana.session, ana.language = FAR, "en"
        await ana.open()
        assert await ana.hear("moved") == {"type": "moved", "wsUrl": "wss://two.example/ws/two", "fatal": False}
        assert await ana.next() == 1001


async def test_a_request_that_a_node_has_handed_on_goes_no_further() -> None:
    other = Elsewhere("two", "wss://two.example/ws/two", "http://127.0.0.1:1")
    async with open_front(directory=TwoNodes({FAR: other})) as front:
        ana = await front.guest()
        status, answer = await front.call("GET", f"/sessions/{FAR}", None, ana.token, **{FORWARDED: "by whomever"})
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
        assert "on its way" in answer["error"]["message"]


def test_a_node_tells_another_the_clients_address_and_nobody_else_can() -> None:
    tokens, now = Tokens(b"k" * 32), 1_000_000.0
    ana = Introduction("192.0.2.7")
    said = tokens.issue_forwarded(ana, "GET /x", now)
    assert tokens.read_forwarded(said, "GET /x", now + 30) == ana
    by_socket = Introduction("192.0.2.7", 12.25)
    assert tokens.read_forwarded(tokens.issue_forwarded(by_socket, "GET /x", now), "GET /x", now) == by_socket
    for token, request, at in (
        (said, "GET /y", now),
        (said, "GET /x", now + 61),
        (said, "GET /x", now - 61),
        (Tokens(b"o" * 32).issue_forwarded(ana, "GET /x", now), "GET /x", now),
        (tokens.issue_access(AccessClaims("u", "n"), now), "GET /x", now),
        ("nonsense", "GET /x", now),
    ):
        assert tokens.read_forwarded(token, request, at) is None
    with pytest.raises(Refusal):
        tokens.read(said, now)


async def test_the_directory_says_where_clients_connect() -> None:
    async with open_front(directory=TwoNodes({})) as front:
        assert (await (await front.guest()).create())["wsUrl"] == "wss://one.example/ws"


@pytest.mark.parametrize("language", ["tlh", "es"])
async def test_the_claim_of_a_session_that_is_not_made_or_has_ended_is_released(language: str) -> None:
    directory = TwoNodes({})
    async with open_front(directory=directory) as front:
        ana = await front.guest()
        status, answer = await ana.call("POST", "/sessions/create", {"language": language})
        if status == 201:
            assert directory.released == []
            await ana.call("DELETE", f"/sessions/{answer['sessionId']}")
        assert directory.claimed == directory.released
        assert len(directory.claimed) == 1


class Absent(LocalDirectory):
    """Directory that can be `gone`: then nobody learns from it where a session is."""

    gone = False
    asked = 0

    async def locate(self, name: str) -> Place | None:
        self.asked += 1
        if self.gone:
            raise DirectoryAway
        return await super().locate(name)


async def test_what_lives_or_lived_here_needs_no_directory() -> None:
    directory = Absent()
    async with open_front(directory=directory) as front:
        past, _ = await front.pair()
        await past.call("DELETE", f"/sessions/{past.session}")
        ana, bo = await front.pair()
        directory.gone = True
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "active"
        assert (await front.call("GET", "/ice-servers", None, ana.resume_token))[0] == 200
        assert (await front.call("POST", f"/sessions/{ana.session}/viewers", None, ana.resume_token))[0] == 201
        for path in (f"/sessions/{past.session}/history", f"/sessions/{ana.session}/history"):
            assert (await front.call("GET", path, None, (past if past.session in path else ana).token))[0] == 200
        for method, path in (("GET", f"/sessions/{FAR}"), ("DELETE", f"/sessions/{FAR}/history")):
            status, answer = await ana.call(method, path)
            assert (status, answer["error"]["code"]) == (503, "at_capacity"), "another node may have it"
        assert (await bo.call("DELETE", f"/sessions/{bo.session}"))[0] == 200


async def test_a_code_finds_a_session_by_a_join_alone() -> None:
    directory = Absent()
    async with open_front(directory=directory) as front:
        ana = await front.guest()
        await ana.create("es")
        eve = await front.guest()
        asked = directory.asked
        status, answer = await eve.call("GET", f"/sessions/{ana.code}")
        assert (status, answer["error"]["code"]) == (404, "session_not_found")
        eve.session, eve.language = ana.code, "en"
        await eve.open()
        await eve.hear_error("session_not_found", fatal=True, close=4400)
        assert directory.asked == asked
        assert (await eve.join(ana.code))["sessionId"] == ana.session


class Distant(Absent):
    """Directory that answers after a while, as one in Redis or in another process does."""

    answers_after_s = 0.02

    async def locate(self, name: str) -> Place | None:
        found = await super().locate(name)
        await asyncio.sleep(self.answers_after_s)
        return found


async def test_codes_that_are_tried_at_once_are_counted_one_by_one() -> None:
    directory = Distant()
    limits = replace(GENEROUS, wrong_codes_of_address=Rate(4, 60))
    async with open_front(SignalingOptions(limits=limits), directory=directory) as front:
        ana, eve = await front.guest(), await front.guest()
        await ana.create("es")
        asked, wrong = directory.asked, [f"{code:06d}" for code in range(30)]
        tries = [
            eve.call("POST", "/sessions/join", {"sessionCode": code, "language": "en"})
            for code in wrong
            if code != ana.code
        ]
        answers = [answer["error"]["code"] for _, answer in await asyncio.gather(*tries)]
        assert answers.count("session_not_found") == 4 and set(answers) == {"session_not_found", "rate_limited"}
        assert directory.asked == asked + 4


async def test_a_code_whose_turn_does_not_come_soon_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colleagues behind one address do not wait for one another where the directory hardly answers."""
    monkeypatch.setattr(access_control, "TURN_S", 0.1)
    directory = Distant()
    directory.answers_after_s = 0.4
    async with open_front(directory=directory) as front:
        ana, eve = await front.guest(), await front.guest()
        await ana.create("es")
        asked, wrong = directory.asked, "000000" if ana.code != "000000" else "000001"
        join = {"sessionCode": wrong, "language": "en"}
        answers = await asyncio.gather(*(eve.call("POST", "/sessions/join", join) for _ in range(8)))
        found = sorted((status, answer["error"]["code"]) for status, answer in answers)
        assert found == [(404, "session_not_found"), *[(503, "at_capacity")] * 7]
        assert directory.asked == asked + 1
        directory.answers_after_s = 0.0
        assert (await eve.join(ana.code))["sessionId"] == ana.session


async def test_messages_for_no_stream_may_not_ask_for_a_place_without_end() -> None:
    directory = Absent()
    limits = replace(GENEROUS, requests_of_address=Rate(10, 60))
    async with open_front(SignalingOptions(limits=limits), directory=directory) as front:
        ana = await front.guest()
        path = f"/sessions/{FAR}/messages?stream=m_0"
        codes = [(await front.call("POST", path, None, ana.token))[1]["error"]["code"] for _ in range(20)]
        assert codes == ["session_not_found"] * 9 + ["rate_limited"] * 11, "the guest was one request"
        assert directory.asked == 9
