"""Histories, transcripts, past calls and exports over HTTP: right for the call's participants, closed to all others."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import srt
import webvtt

from signaling.sessions.directory import DirectoryAway, LocalDirectory, Place
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, CallParticipant, Identity, Usage
from tests.kit.calls_with_accounts import Kept, open_kept
from tests.kit.signaling_server import Client

TEXTS = [("Hola.", "Hello."), ("Adiós, <b>amigo</b>.", "Goodbye, <b>friend</b>.")]


async def talk(kept: Kept, ana: Client, bo: Client) -> None:
    """Both speak at once: Bo's sentence is translated first, and Ana's began first."""
    kept.says(bo, ana, "Good day to you.", "Buenos días.", "b_1", 1500, 3000)
    kept.says(ana, bo, *TEXTS[0], "a_1", 1000, 2000)
    kept.says(ana, bo, *TEXTS[1], "a_2", 5000, 1000)
    await kept.written()


async def file(kept: Kept, who: Client, path: str) -> tuple[int, str, bytes, str]:
    headers = {"Authorization": f"Bearer {who.token}"}
    async with kept.front.http.get(f"{kept.front.url}/api/v1{path}", headers=headers) as answer:
        disposition = answer.headers.get("Content-Disposition", "")
        return answer.status, answer.content_type, await answer.read(), disposition


async def test_a_history_is_read_in_the_order_of_speech_page_by_page(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        path = f"/sessions/{ana.session}/history"
        for one in (ana, bo):
            status, answer = await one.call("GET", path)
            assert (status, answer["total"]) == (200, 3) and "missing" not in answer
            assert [said["utteranceId"] for said in answer["translations"]] == ["a_1", "b_1", "a_2"]
        assert answer["translations"][0] == {
            "sessionId": ana.session,
            "utteranceId": "a_1",
            "segment": 0,
            "revision": 0,
            "final": True,
            "sourceUserId": ana.me,
            "targetUserId": bo.me,
            "originalText": "Hola.",
            "sourceStart": 0,
            "sourceEnd": 5,
            "translatedText": "Hello.",
            "sourceLanguage": "es",
            "targetLanguage": "en",
            "timestamp": 1_700_000_000_000,
            "latency": 0,
            "startMs": 1000,
            "endMs": 3000,
        }
        _, page = await bo.call("GET", f"{path}?limit=1&offset=1")
        assert [said["utteranceId"] for said in page["translations"]] == ["b_1"] and page["total"] == 3
        for bad in ("limit=0", "limit=1001", "limit=x", "offset=-1", "limit=", "offset=99999999999999", "limit=１"):
            status, answer = await bo.call("GET", f"{path}?{bad}")
            assert (status, answer["error"]["details"]["field"]) == (400, bad.partition("=")[0])


async def test_transcripts_of_a_live_and_of_an_ended_call(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo\u200d")
        await kept.pair(ana, bo)
        path = f"/sessions/{ana.session}/transcript"
        assert (await file(kept, ana, path))[0] == 404
        await talk(kept, ana, bo)
        for ended in (False, True):
            if ended:
                await ana.say({"type": "leave_session"})
                await bo.hear("session_ended")
                await kept.written()
            status, kind, data, disposition = await file(kept, bo, f"{path}?format=vtt")
            assert (status, kind) == (200, "text/vtt")
            assert disposition == f'attachment; filename="dragoman-2023-11-14-{ana.session[:16]}.vtt"'
            cues = webvtt.from_string(data.decode()).captions
            assert [one.start for one in cues] == ["00:00:01.000", "00:00:01.500", "00:00:05.000"]
            assert b"&lt;b&gt;" in data and b"<b>" not in data
            lines = list(srt.parse((await file(kept, ana, f"{path}?format=srt"))[2].decode()))
            assert [one.start.total_seconds() for one in lines] == [1, 1.5, 5]
            assert (await file(kept, ana, f"{path}?format=txt"))[2].decode().startswith("[00:00:01] Ana: Hola.\n")
            assert len(json.loads((await file(kept, ana, f"{path}?format=json"))[2])["translations"]) == 3
        assert (await file(kept, ana, f"{path}?format=../x"))[0] == 400


async def test_nobody_else_sees_a_call(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo, eve = await kept.user("Ana"), await kept.user("Bo"), await kept.user("Eve")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)

        async def refused(code: str) -> None:
            for method, path in (("GET", "history"), ("GET", "transcript"), ("DELETE", "history")):
                status, answer = await eve.call(method, f"/sessions/{ana.session}/{path}")
                assert answer["error"]["code"] == code and status in (403, 404)

        await refused("forbidden")
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        await kept.written()
        await refused("forbidden")
        kept.front.sessions._registry._ended.forget_before(2**62)  # as after a day
        await refused("session_not_found")
        for one in (ana, bo):
            assert (await one.call("GET", f"/sessions/{ana.session}/history"))[1]["total"] == 3
        assert (await eve.call("GET", "/users/me/sessions"))[1] == {"sessions": [], "total": 0}
        guest = await kept.front.guest("Gast")
        for path in ("/users/me/sessions", "/users/me/export"):
            assert (await guest.call("GET", path))[1]["error"]["code"] == "forbidden"
        await kept.accounts.audit.finish(60)
        entries = await store.audit.page(100, event="history_read")
        assert {(one.user, one.outcome) for one in entries} == {
            ("u_eve", "forbidden"),
            ("u_eve", "session_not_found"),
            ("u_ana", "ok"),
            ("u_bo", "ok"),
        }


async def test_a_user_lists_and_searches_their_calls(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        first = ana.session
        await talk(kept, ana, bo)
        await ana.say({"type": "leave_session"})
        await ana.hear("session_ended")
        kept.clock.wall += 60
        zoe = await kept.front.guest("Zoë")
        await kept.pair(ana, zoe, consent=False)
        kept.says(ana, zoe, "Nada.", "Nothing.", "a_3", 0)
        await kept.written()
        _, answer = await ana.call("GET", "/users/me/sessions")
        running, over = answer["sessions"]
        assert (answer["total"], running["status"], over["status"]) == (2, "active", "ended")
        assert over == {
            "sessionId": first,
            "status": "ended",
            "participantId": over["participants"][0]["participantId"],
            "createdAt": 1_700_000_000_000,
            "startedAt": 1_700_000_000_000,
            "endedAt": 1_700_000_000_000,
            "reason": "partner_left",
            "participants": [
                {"participantId": over["participantId"], "displayName": "Ana", "language": "es"},
                {"participantId": bo.me, "displayName": "Bo", "language": "en"},
            ],
        }
        assert "endedAt" not in running
        for query, found in (("AMIGO", 1), ("friend", 1), ("zoë", 1), ("Ana", 2), ("Nada", 0), ("%", 0), ("", 2)):
            _, answer = await ana.call("GET", f"/users/me/sessions?query={query.replace('%', '%25')}")
            assert (answer["total"], len(answer["sessions"])) == (found, found), query
        _, page = await ana.call("GET", "/users/me/sessions?limit=1&offset=1&query=ana")
        assert (page["total"], [one["sessionId"] for one in page["sessions"]]) == (2, [first])
        assert (await ana.call("GET", f"/users/me/sessions?query={'x' * 201}"))[0] == 400


async def test_an_export_holds_everything_of_the_user_and_nothing_secret(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana", password_hash="$argon2id$secret"), await kept.user("Bo")
        await store.users.add_identity(Identity("keycloak", "sub-1", "u_ana"))
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        hostile = CallParticipant("p_h", "u_ana", "../../etc/passwd", "es")
        await store.calls.save(Call("s_../../x", 1, 2, participants=(hostile,)))
        await kept.written()
        status, kind, data, disposition = await file(kept, ana, "/users/me/export")
        assert (status, kind, disposition) == (200, "application/zip", 'attachment; filename="dragoman-export.zip"')
        archive = zipfile.ZipFile(io.BytesIO(data))
        assert archive.testzip() is None
        contents = {name: json.loads(archive.read(name)) for name in archive.namelist()}
        assert set(contents) == {
            "profile.json", "identities.json", "usage.json", "calls.json", f"history/{ana.session}.json"
        }  # fmt: skip
        assert contents["profile.json"]["email"] == "ana@example.org"
        assert contents["identities.json"] == [{"provider": "keycloak", "subject": "sub-1"}]
        assert contents["usage.json"] == {"heardSeconds": 3.0, "spokenSeconds": 3.0, "characters": 25}
        assert len(contents["calls.json"]) == 2
        assert contents[f"history/{ana.session}.json"]["translations"][0]["translatedText"] == "Hello."
        everything = json.dumps(contents)
        assert "argon2" not in everything and "u_bo" not in everything and "bo@example.org" not in everything


async def test_usage_is_right_for_each_user_and_session(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.user("Bo")
        await kept.pair(ana, bo, consent=False)
        for number in range(40):
            kept.says(ana, bo, "Hola.", "Hello.", f"a_{number}", number * 2000, 1500)
        kept.says(bo, ana, "Hi 👋", "Hola", "b_1", 99_000, 700)
        await kept.written()
        before = await store.usage.of_session(ana.session)
        assert before["u_ana"].heard_ms >= 30_000  # every 30 s of the call, not only at its end
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        await kept.written()
    assert await store.usage.of_session(ana.session) == {
        "u_ana": Usage(60_000, 700, 200),
        "u_bo": Usage(700, 60_000, 5),
    }
    call = await store.calls.get(ana.session)
    assert call is not None and call.ended_at and call.reason == "partner_left" and call.metrics["utterances"] == 0


async def test_usage_goes_on_behind_a_restart(store: AccountStore, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_kept(store, path=path) as kept:
        ana, bo = await kept.user("Ana"), await kept.user("Bo")
        await kept.pair(ana, bo, consent=False)
        kept.says(ana, bo, "Hola.", "Hello.", "a_1", 1000, 1500)
        await kept.front.sessions.shutdown(0, goes_on=True)
        await kept.written()
        assert (await store.usage.of_session(ana.session))["u_ana"] == Usage(1500, 0, 5)
    call = await store.calls.get(ana.session)
    assert call is not None and call.ended_at is None
    async with open_kept(store, path=path) as kept:
        for one in (ana, bo):
            one.front = kept.front
            await one.open(one.resume_token)
            await one.hear("session_joined")
            await one.hear("history")
        kept.says(ana, bo, "Adiós.", "Goodbye.", "a_2", 9000, 2000)
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        await kept.written()
    assert await store.usage.of_session(ana.session) == {"u_ana": Usage(3500, 0, 11), "u_bo": Usage(0, 3500, 0)}


@pytest.mark.parametrize("live", [True, False])
async def test_either_side_takes_their_words_back(store: AccountStore, live: bool) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        if not live:
            await ana.say({"type": "leave_session"})
            await bo.hear("session_ended")
        path = f"/sessions/{ana.session}/history"
        headers = {"Authorization": f"Bearer {bo.token}"}
        async with kept.front.http.delete(f"{kept.front.url}/api/v1{path}", headers=headers) as answer:
            assert answer.status == 204
        if live:
            assert (await ana.hear("history"))["on"] is False
        _, left = await ana.call("GET", path)
        assert [one["utteranceId"] for one in left["translations"]] == ["a_1", "a_2"]


async def test_withdrawn_on_the_socket_and_given_again(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        await ana.say({"type": "set_history", "on": False})
        await bo.hear("history")
        await ana.hear("history")
        kept.says(ana, bo, "Secreto.", "Secret.", "a_4", 7000)
        kept.says(bo, ana, "Mine too.", "Mío.", "b_4", 8000)
        await ana.say({"type": "set_history", "on": True})
        assert (await bo.hear("history"))["on"] is True
        kept.says(ana, bo, "Otra vez.", "Again.", "a_5", 9000)
        await kept.written()
        _, answer = await bo.call("GET", f"/sessions/{ana.session}/history")
        assert [one["utteranceId"] for one in answer["translations"]] == ["b_1", "a_5"]


async def test_without_a_key_nothing_is_kept_and_that_is_said(store: AccountStore) -> None:
    async with open_kept(store, keys=()) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo, consent=False)
        for one in (ana, bo):
            await one.say({"type": "set_history", "on": True})
            said = await ana.hear("history")
            await bo.hear("history")
            assert (said["on"], said["reason"]) == (False, "not_offered")
        await talk(kept, ana, bo)
        assert (await ana.call("GET", f"/sessions/{ana.session}/history"))[1] == {"translations": [], "total": 0}
        assert await store.histories.entries(ana.session) == ([], 0)
        assert kept.calls.writer.lost == 0


async def test_guests_alone_leave_no_call_and_a_history_for_a_day(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.front.guest("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        assert (await bo.call("GET", f"/sessions/{ana.session}/history"))[1]["total"] == 3
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        await kept.written()
        assert (await file(kept, bo, f"/sessions/{ana.session}/transcript"))[0] == 200
        assert await store.calls.get(ana.session) is None
        assert await store.histories.expire(int(kept.clock.wall * 1000) + 86_400_001) == 3


async def test_a_user_who_was_deleted_is_gone_from_the_partners_history(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.user("Bo")
        await kept.pair(ana, bo)
        await talk(kept, ana, bo)
        await bo.say({"type": "leave_session"})
        await ana.hear("session_ended")
        await kept.written()
        await store.users.delete("u_ana")
        _, answer = await bo.call("GET", f"/sessions/{ana.session}/history")
        assert [one["utteranceId"] for one in answer["translations"]] == ["b_1"]
        _, listed = await bo.call("GET", "/users/me/sessions")
        assert "Ana" not in json.dumps(listed) and listed["total"] == 1


def test_records_of_ended_sessions_from_older_versions_are_read() -> None:
    from storage.records import EndedRecord, decode_ended, encode

    ended = EndedRecord("s_1", "123456", 1, 2, 3, "left", ("u_1",), ("p_1",))
    assert decode_ended(encode(ended)) == ended
    older = encode(ended).replace(',"participants":["p_1"]', "")
    assert decode_ended(older) == replace(ended, participants=())


class Nowhere(LocalDirectory):
    """Directory that can't say where any session is."""

    async def locate(self, name: str) -> Place | None:
        raise DirectoryAway


async def test_past_calls_are_open_while_nobody_knows_where_running_ones_are(store: AccountStore) -> None:
    async with open_kept(store, directory=Nowhere()) as kept:
        ana = await kept.user("Ana")
        people = (CallParticipant("p_a", ana.user, "Ana", "es"),)
        past, running, unknown = (f"s_{digit * 32}" for digit in "abc")
        now = int(kept.clock.wall * 1000)
        await store.calls.save(Call(past, now, now, now, "left", people))
        await store.calls.save(Call(running, now, now, participants=people))
        for session in (past, running):
            assert (await ana.call("GET", f"/sessions/{session}/history"))[0] == 200
        assert (await ana.call("DELETE", f"/sessions/{past}/history"))[0] == 204
        for session in (running, unknown):  # another node may have it, and write down what is said
            status, answer = await ana.call("DELETE", f"/sessions/{session}/history")
            assert (status, answer["error"]["code"]) == (503, "at_capacity")
