"""Viewers read a session's subtitles, by a token that does nothing else, and cost the session nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from media.subtitles.server_messages import ServerMessages
from pipeline.events import Event, Outcome, ProcessingStarted, Transcribed, Translated, UtteranceEnded
from pipeline.speech import Segment
from signaling.config import SignalingOptions
from signaling.http.event_stream import PING_EVERY_S
from signaling.http.operations import OPERATIONS, calls, viewers
from signaling.http.operations.row import Access, Operation
from signaling.sessions.viewing import MOST_READERS, MOST_VIEWERS
from tests.kit.account_server import open_account_front
from tests.kit.moved_clock import until
from tests.kit.scripted_stages import scripted_stages
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front
from tests.kit.subtitles_reader import SubtitlesReader, reading
from tests.kit.timed_front import timed_front

Write = Callable[[Event], dict[str, Any] | None]


def writer(session: str) -> Write:
    """Return what the server is given to write subtitles by."""
    return ServerMessages(session, "", asyncio.get_running_loop().time, lambda: 1_800_000_000_000).write


def said(utterance: str, text: str, *, final: bool = False, revision: int = 0) -> Transcribed:
    return Transcribed(utterance, "p_ana", revision, text, 0, final, "es", 0, 900, 0.9)


def meant(utterance: str, text: str, original: str = "Hola.") -> Translated:
    whole = Segment(0, original, 0, len(original))
    return Translated(utterance, "p_ana", ("p_bo",), whole, 0, True, text, "es", "en", 0.0)


def ended(utterance: str) -> UtteranceEnded:
    return UtteranceEnded(utterance, "p_ana", "en", ("p_bo",), Outcome.SPOKEN)


async def viewer_of(one: Client, token: str | None = None) -> str:
    """Return the token of a new viewer of somebody's session."""
    return (await made_by(one, token))[1]


async def made_by(one: Client, token: str | None = None) -> tuple[str, str]:
    """Return the id and the token of a new viewer of somebody's session."""
    path = f"/sessions/{one.session}/viewers"
    status, answer = await one.front.call("POST", path, None, token or one.resume_token)
    assert status == 201, answer
    assert answer["viewerId"].startswith("v_") and answer["expiresAt"] > 0
    return str(answer["viewerId"]), str(answer["token"])


async def takes_back(one: Client, viewer: str | None = None, token: str | None = None) -> tuple[int, str]:
    """Take back a viewer of somebody, or all. Return the status and the code of a refusal."""
    path = f"/sessions/{one.session}/viewers" + (f"/{viewer}" if viewer else "")
    status, answer = await one.front.call("DELETE", path, None, token or one.resume_token)
    return status, answer["error"]["code"] if answer else ""


async def refused(front: Front, session: str, token: str | None, **headers: str) -> tuple[int, str]:
    status, answer = await front.call("GET", f"/sessions/{session}/subtitles", None, token, **headers)
    return status, answer["error"]["code"]


@asynccontextmanager
async def read_by(one: Client, token: str, last: int | str | None = None) -> AsyncIterator[SubtitlesReader]:
    async with reading(one.front.http, one.front.url, one.session, token, last) as reader:
        yield reader


async def test_a_viewer_reads_what_is_said_from_now_on() -> None:
    async with open_front(subtitles=writer) as front:
        ana, _ = await front.pair()
        front.room.tell(said("u-0", "before there was a viewer", final=True))
        token = await viewer_of(ana)
        front.room.tell(said("u-1", "before it reads", final=True))
        async with read_by(ana, token) as reader:
            front.room.tell(said("u-2", "Ho"))
            first = await reader.next()
            assert first is not None and first["type"] == "transcription"
            assert (first["text"], first["final"]) == ("Ho", False)
            front.room.tell(ProcessingStarted("u-2", "p_ana"))
            front.room.tell(said("u-2", "Hola.", final=True, revision=1))
            front.room.tell(meant("u-2", "Hello."))
            front.room.tell(ended("u-2"))
            came = [await reader.next() for _ in range(3)]
            assert [one and one["type"] for one in came] == ["transcription", "translation", "utterance_end"]
            translation = came[1]
            assert translation is not None
            assert (translation["translatedText"], translation["targetUserId"]) == ("Hello.", "p_bo")


async def test_nothing_is_read_that_was_said_before_the_token_was_made() -> None:
    async with open_front(subtitles=writer) as front:
        ana, _ = await front.pair()
        first = await viewer_of(ana)
        front.room.tell(said("u-1", "for the first alone", final=True))
        second = await viewer_of(ana)
        front.room.tell(said("u-2", "for both", final=True))
        for token, wanted in ((first, ["for the first alone", "for both"]), (second, ["for both"])):
            async with read_by(ana, token, 0) as reader:
                front.room.tell(said("u-3", "the end", final=True))
                texts = []
                while (message := await reader.next()) is not None:
                    if message["type"] == "transcription":
                        texts.append(message["text"])
                    if texts and texts[-1] == "the end":
                        break
                assert texts == [*wanted, "the end"]


async def test_who_comes_again_reads_on_where_they_left_off() -> None:
    async with open_front(subtitles=writer) as front:
        ana, _ = await front.pair()
        token = await viewer_of(ana)
        async with read_by(ana, token) as reader:
            front.room.tell(said("u-1", "one", final=True))
            await reader.next()
            last = reader.last
            reader.drop()
        for text in ("two", "two thr", "two three"):
            front.room.tell(said("u-2", text))
        front.room.tell(ended("u-1"))
        async with read_by(ana, token, last) as reader:
            came = [await reader.next() for _ in range(2)]
            assert [one and one.get("text") for one in came] == ["two three", None], "the newest state alone"
            front.room.tell(said("u-3", "four"))
            assert (await reader.next() or {})["text"] == "four"


async def test_a_reader_who_takes_nothing_holds_up_nobody_and_is_told_what_is_lost() -> None:
    async with open_front(subtitles=writer) as front, AsyncExitStack() as stack:
        ana, _ = await front.pair()
        token = await viewer_of(ana)
        host, port = urlsplit(front.url).netloc.split(":")
        slow, writing = await asyncio.open_connection(host, int(port), limit=1024)
        path = f"/api/v1/sessions/{ana.session}/subtitles"
        writing.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await until(lambda: front.sessions.viewing.readers == 1)
        stuck = front.sessions.viewing._sessions[ana.session].readers[0]
        quick = await stack.enter_async_context(read_by(ana, token))
        number, stood = 0, 0
        while stood < 50:  # until no more goes into the buffers of both ends
            before = stuck.cursor
            front.room.tell(said(f"u-{number}", f"{number} " + "x" * 20_000, final=True))
            assert str((await quick.next() or {})["text"]).startswith(f"{number} ")
            stood = stood + 1 if stuck.cursor == before else 0
            number += 1
        log = stuck.log
        assert number > 50 and len(log) < 20 and stuck.cursor < log.lost
        await ana.hear("viewers")
        await ana.quiet()
        front.room.tell(said("u-last", "the last", final=True))
        taken = b""
        async with asyncio.timeout(60):
            while b"the last" not in taken:
                more = await slow.read(65536)
                assert more, "it was dropped"
                taken = taken[-400_000:] + more
        assert taken.index(b'"code":"gap"') < taken.index(b"the last")
        writing.close()


async def test_a_stream_that_does_not_take_its_end_is_dropped() -> None:
    class Stuck:
        gone = False
        dropped = False

        def abort(self) -> None:
            self.dropped = True

    async with timed_front() as (front, clock), asyncio.TaskGroup() as tasks:
        ana = await front.guest("Ana")
        await ana.create("es")
        token, stuck = await viewer_of(ana, ana.token), Stuck()
        with front.sessions.viewing.reading(ana.session, token, None, stuck):
            ending = tasks.create_task(front.sessions.viewing.finish(60))
            await asyncio.sleep(0.1)
            assert not ending.done() and not stuck.dropped
            clock.pass_time(60)
            await ending
            assert stuck.dropped
        await front.sessions.viewing.finish(60)


async def test_a_quiet_stream_is_pinged() -> None:
    async with timed_front() as (front, clock):
        ana = await front.guest("Ana")
        await ana.create("es")
        token = await viewer_of(ana, ana.token)
        async with read_by(ana, token) as reader:  # before anybody is there
            for _ in range(2):
                clock.pass_time(PING_EVERY_S)
                assert await reader.part() == ": ping"


async def test_the_sessions_end_ends_the_reading_and_the_token() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        token = await viewer_of(ana)
        async with read_by(ana, token) as reader:
            front.room.tell(said("u-1", "Adiós.", final=True))
            await bo.say({"type": "leave_session"})
            assert (await reader.next() or {})["text"] == "Adiós."
            assert await reader.next() == {"type": "ended", "reason": "session_ended"}
            assert await reader.next() is None
        assert await refused(front, ana.session, token) == (410, "session_ended")
        status, answer = await front.call("POST", f"/sessions/{ana.session}/viewers", None, ana.resume_token)
        assert (status, answer["error"]["code"]) == (410, "session_ended")


async def test_a_restart_ends_no_token_and_tells_of_what_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, subtitles=writer) as front:
        ana, bo = await front.pair()
        token = await viewer_of(ana)
        async with read_by(ana, token) as reader:
            front.room.tell(said("u-1", "one", final=True))
            await reader.next()
            last = reader.last
            await front.sessions.shutdown(0, goes_on=True)
            assert await reader.next() is None, "nothing is over"
        assert await refused(front, ana.session, token) == (503, "at_capacity")
    async with open_front(path=path, subtitles=writer) as front:
        for one in (ana, bo):
            one.front = front
            await one.open(one.resume_token)
            await one.hear("session_joined")
        await until(lambda: bool(front.rooms))
        front.room.tell(said("u-2", "two", final=True))
        async with read_by(ana, token, last) as reader:
            assert (await reader.next() or {})["code"] == "gap"
            assert (await reader.next() or {})["text"] == "two"


async def test_the_ninth_viewer_of_a_participant_takes_the_place_of_the_first() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        other = await viewer_of(bo)
        tokens = [await viewer_of(ana) for _ in range(MOST_VIEWERS)]
        async with read_by(ana, tokens[0]) as first, read_by(ana, tokens[1]) as second, read_by(ana, other) as third:
            await viewer_of(ana)
            assert await first.next() == {"type": "ended", "reason": "revoked"}
            assert await first.next() is None
            assert await refused(front, ana.session, tokens[0]) == (401, "unauthorized")
            front.room.tell(said("u-1", "one", final=True))
            for reader in (second, third):
                assert (await reader.next() or {})["text"] == "one"


async def test_a_viewer_is_taken_back_by_who_made_it_and_the_others_read_on() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        (viewer, token), other, of_bo = await made_by(ana), await viewer_of(ana), await viewer_of(bo)
        async with read_by(ana, token) as dead, read_by(ana, other) as second, read_by(ana, of_bo) as third:
            assert await takes_back(bo, viewer) == (404, "not_found"), "it is not his"
            assert await takes_back(ana, "v_nowhere") == (404, "not_found")
            assert await takes_back(ana, viewer, ana.token) == (204, "")
            assert await dead.next() == {"type": "ended", "reason": "revoked"}
            assert await dead.next() is None
            assert await refused(front, ana.session, token) == (401, "unauthorized")
            assert await takes_back(ana, viewer) == (404, "not_found"), "it is taken back already"
            front.room.tell(said("u-1", "one", final=True))
            for reader in (second, third):
                assert (await reader.next() or {})["text"] == "one"


async def test_all_viewers_that_one_made_are_taken_back_at_once_and_none_of_the_partners() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        mine, of_bo = [await viewer_of(ana) for _ in range(2)], await viewer_of(bo)
        assert await takes_back(ana) == (204, "")
        for token in mine:
            assert await refused(front, ana.session, token) == (401, "unauthorized")
        async with read_by(ana, of_bo) as reader:
            front.room.tell(said("u-1", "one", final=True))
            assert (await reader.next() or {})["text"] == "one"
        told = [(await bo.hear("viewers"))["count"] for _ in range(4)]
        assert told == [1, 2, 3, 1]
        assert await takes_back(ana) == (204, ""), "there are none, and that is no refusal"
        await bo.quiet()
        assert await takes_back(bo) == (204, "")
        assert (await bo.hear("viewers"))["count"] == 0
        later = await viewer_of(ana)
        async with read_by(ana, later, 0) as reader:
            front.room.tell(said("u-2", "two", final=True))
            assert (await reader.next() or {})["text"] == "two", "what the first ones read is not for a later one"


async def test_who_was_not_let_in_and_who_is_no_participant_takes_nothing_back() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo, eve = await front.guest("Ana"), await front.guest("Bo"), await front.guest("Eve")
        await ana.create("es", admit=True)
        await bo.join(ana.code)
        viewer, token = await made_by(ana, ana.token)
        for path in (f"/sessions/{ana.session}/viewers", f"/sessions/{ana.session}/viewers/{viewer}"):
            for one, wanted in ((bo, (403, "not_admitted")), (eve, (403, "forbidden"))):
                status, answer = await one.call("DELETE", path)
                assert (status, answer["error"]["code"]) == wanted
            status, answer = await front.call("DELETE", path)
            assert (status, answer["error"]["code"]) == (401, "unauthorized")
        async with read_by(ana, token):
            pass


async def test_a_viewer_that_was_taken_back_stays_so_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, subtitles=writer) as front:
        ana, _ = await front.pair()
        dead, good = await made_by(ana), await viewer_of(ana)
        assert await takes_back(ana, dead[0]) == (204, "")
        await front.sessions.shutdown(0, goes_on=True)
        assert await takes_back(ana) == (503, "at_capacity"), "the next process would not know of it"
    async with open_front(path=path, subtitles=writer) as front:
        assert await refused(front, ana.session, dead[1]) == (401, "unauthorized")
        ana.front = front
        await ana.open(ana.resume_token)
        await ana.hear("session_joined")
        async with read_by(ana, good):
            assert (await ana.hear("viewers"))["count"] == 1


async def test_a_token_has_a_few_streams_at_a_time() -> None:
    async with open_front(subtitles=writer) as front, AsyncExitStack() as stack:
        ana, _ = await front.pair()
        token, other = await viewer_of(ana), await viewer_of(ana)
        readers = [await stack.enter_async_context(read_by(ana, token)) for _ in range(MOST_READERS)]
        assert await refused(front, ana.session, token) == (503, "at_capacity")
        await stack.enter_async_context(read_by(ana, other))
        readers[0].drop()
        streams = front.sessions.viewing._sessions[ana.session].readers
        await until(lambda: sum(not one.stream.gone for one in streams) == MOST_READERS)
        await stack.enter_async_context(read_by(ana, token))


async def test_everybody_is_told_how_many_may_read() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        await viewer_of(ana)
        for one in (ana, bo):
            assert await one.next() == {"type": "viewers", "count": 1}
        await viewer_of(bo)
        for one in (ana, bo):
            assert await one.next() == {"type": "viewers", "count": 2}
        await bo.open(bo.resume_token)
        await bo.hear("session_joined")
        assert await bo.next() == {"type": "viewers", "count": 2}


async def test_for_nobody_nothing_is_written() -> None:
    written: list[Event] = []

    def counting(session: str) -> Write:
        write = writer(session)

        def count(event: Event) -> dict[str, Any] | None:
            written.append(event)
            return write(event)

        return count

    async with open_front(subtitles=counting) as front:
        ana, _ = await front.pair()
        front.room.tell(said("u-1", "one", final=True))
        assert not written
        await viewer_of(ana)
        front.room.tell(said("u-2", "two", final=True))
        front.room.tell(ProcessingStarted("u-2", "p_ana"))
        assert [one.utterance for one in written if isinstance(one, Transcribed)] == ["u-2"] and len(written) == 1
        assert await takes_back(ana) == (204, "")
        front.room.tell(said("u-3", "three", final=True))
        assert len(written) == 1, "the last viewer is taken back"
        assert repr(front.sessions.viewing) == "<Viewing 1 sessions, 0 readers>"


async def test_only_a_participant_who_was_let_in_makes_a_viewer() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo, eve = await front.guest("Ana"), await front.guest("Bo"), await front.guest("Eve")
        await ana.create("es", admit=True)
        await bo.join(ana.code)
        path = f"/sessions/{ana.session}/viewers"
        for one, wanted in ((bo, (403, "not_admitted")), (eve, (403, "forbidden"))):
            status, answer = await one.call("POST", path)
            assert (status, answer["error"]["code"]) == wanted
        status, answer = await front.call("POST", path)
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
        status, answer = await ana.call("POST", "/sessions/s_nowhere/viewers")
        assert (status, answer["error"]["code"]) == (404, "session_not_found")
        await viewer_of(ana, ana.token)


async def test_no_other_token_reads() -> None:
    async with open_front(subtitles=writer) as front:
        ana, bo = await front.pair()
        cy, _ = await front.pair()
        for token in (ana.token, ana.resume_token, bo.resume_token, "x.y.z", None):
            assert await refused(front, ana.session, token) == (401, "unauthorized")
        assert await refused(front, ana.session, await viewer_of(cy)) == (403, "forbidden")
        token = await viewer_of(ana)
        for bad in ("-1", "x", "1e3", "9" * 17):
            assert await refused(front, ana.session, token, **{"Last-Event-ID": bad}) == (400, "bad_request")
        async with front.http.head(
            f"{front.url}/api/v1/sessions/{ana.session}/subtitles", headers={"Authorization": f"Bearer {token}"}
        ) as answer:
            assert answer.status == 405


def path_of(row: Operation, session: str) -> str:
    """Return the path of an operation, of that session and of any other thing."""
    return re.sub(r"\{\w+\}", "x_1", row.path.removeprefix("/api/v1").replace("{session}", session))


async def test_a_viewers_token_does_nothing_else(tmp_path: Path) -> None:
    """Each operation that needs a token refuses it, and so does the socket; what needs none grants it no more."""
    options = SignalingOptions(limits=GENEROUS, operator_token="0123456789abcdef" * 2)
    async with (
        scripted_stages() as stages,
        open_account_front(tmp_path, options, engines=stages, subtitles=writer) as server,
    ):
        front = server.front
        ana, bo = await front.pair()
        token = await viewer_of(ana)
        served = {(one.method, one.resource.canonical) for one in front.app.router.routes() if one.resource}
        tried = [
            row
            for row in OPERATIONS
            if row.access is not Access.NONE and row is not viewers.SUBTITLES and (row.method, row.path) in served
        ]
        for row in tried:
            status, answer = await front.call(row.method, path_of(row, ana.session), None, token)
            assert (status, answer["error"]["code"]) == (401, "unauthorized"), row.name
        assert {row.access for row in tried} == {Access.PERSON, Access.PARTICIPANT, Access.OPERATOR}
        of_viewers = {one.name for one in (viewers.ADMIT, viewers.REVOKE, viewers.REVOKE_ALL)}
        assert {calls.CREATE.name, calls.DELETE.name} | of_viewers <= {row.name for row in tried}
        await bo.hear("viewers")
        await ana.open(token)
        await ana.hear_error("unauthorized", fatal=True, close=4401)
        await bo.quiet()
        assert await takes_back(ana) == (204, "")
        entries = await server.audited()
        assert [one.user for one in entries if one.event == "session_viewer_revoke"] == [ana.user]
        audited = [one for one in entries if one.event in ("session_viewer", "token_refused")]
        assert (audited[0].event, audited[0].outcome, audited[0].session) == ("session_viewer", "ok", ana.session)
        assert audited[0].user == ana.user and len(audited) > len(tried)
        assert token not in repr(audited)


async def test_a_server_that_ends_makes_no_viewer() -> None:
    async with open_front(subtitles=writer) as front:
        ana, _ = await front.pair()
        front.sessions._closing = True
        status, answer = await front.call("POST", f"/sessions/{ana.session}/viewers", None, ana.resume_token)
        assert (status, answer["error"]["code"]) == (503, "at_capacity")
        front.sessions._closing = False
