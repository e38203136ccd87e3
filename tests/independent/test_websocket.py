"""docs/protocol.md, 2: the first message, errors, close codes, and what a joined socket understands."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from .calls import answers, check_ice_servers, check_keys, connected, guest, pair, refused_on
from .client import Client, Socket

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


def _join(client: Client, **changes: Any) -> str:
    message = {
        "type": "join_session",
        "sessionId": client.session_id,
        "token": client.token,
        "language": client.language,
        "protocol": 1,
    }
    return json.dumps({**message, **changes})


async def test_first_message_other_than_join_closes_4400(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send("heartbeat", id=1)
        assert await signal.close_code() == 4400
        assert not signal.inbox.of("heartbeat")


async def test_error_that_is_fatal_precedes_the_close_4400(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send("heartbeat", id=1)
        await refused_on(signal, "bad_request", fatal=True)
        assert await signal.close_code() == 4400


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '{"sessionId": "x"}', '{"type": 5}'])
async def test_first_message_that_is_no_message_closes_4400(server_url: str, text: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send_text(text)
        assert await signal.close_code() == 4400


async def test_binary_first_message_closes_4400(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        assert isinstance(signal, Socket)
        await signal.socket.send_bytes(_join(ana).encode())
        assert await signal.close_code() == 4400


@pytest.mark.parametrize("changes", [{"protocol": 2}, {"language": 5}, {"sessionId": None}])
async def test_wrong_fields_in_the_first_message_close_4400(server_url: str, changes: dict[str, object]) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send_text(_join(ana, **changes))
        assert await signal.close_code() == 4400


async def test_wrong_token_closes_4401(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send_text(_join(ana, token="wrong"))
        await refused_on(signal, "unauthorized", fatal=True)
        assert await signal.close_code() == 4401


async def test_token_of_a_stranger_closes_4401(server_url: str) -> None:
    async with pair(server_url) as (ana, _), guest(server_url) as stranger:
        signal = await ana.open()
        await signal.send_text(_join(ana, token=stranger.token))
        await refused_on(signal, "forbidden", "unauthorized", fatal=True)
        assert await signal.close_code() == 4401


async def test_unknown_session_is_refused(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        await signal.send_text(_join(ana, sessionId="00000000-0000-4000-8000-000000000000"))
        await refused_on(signal, "session_not_found", fatal=True)
        assert await signal.close_code() in {4400, 4401}


async def test_ended_session_is_refused(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.delete()
        signal = await ana.open()
        await signal.send_text(_join(ana))
        await refused_on(signal, "session_ended", "session_not_found", fatal=True)
        assert await signal.close_code() in {1000, 4400, 4401}


async def test_session_joined_is_the_first_message(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.connect()
        assert (await ana.signal.inbox.nth(0))["type"] == "session_joined"


async def test_session_joined_of_the_one_who_waits(server_url: str) -> None:
    async with guest(server_url) as ana:
        await ana.create("en")
        joined = await ana.connect()
        fields = "type sessionId participantId language partner iceServers resumeToken status"
        check_keys(joined, fields, "startedAt")
        assert joined["sessionId"] == ana.session_id
        assert joined["participantId"] == ana.participant_id
        assert joined["language"] == "en"
        assert joined["partner"] is None
        assert joined["status"] == "waiting"
        assert isinstance(joined["resumeToken"], str) and joined["resumeToken"]
        check_ice_servers(joined["iceServers"])


async def test_session_joined_of_the_second_names_the_partner(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        assert ben.joined["status"] == "active"
        assert ben.joined["partner"] == {
            "participantId": ana.participant_id,
            "displayName": "Ana",
            "language": "en",
            "connected": ben.joined["partner"]["connected"],
        }
        assert isinstance(ben.joined["partner"]["connected"], bool)


async def test_session_paired_goes_to_the_one_who_waited(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        paired = await ana.signal.inbox.wait_for("session_paired")
        check_keys(paired, "type partner startedAt")
        check_keys(paired["partner"], "participantId displayName language connected")
        assert paired["partner"]["participantId"] == ben.participant_id
        assert paired["partner"]["displayName"] == "Ben"
        assert paired["partner"]["language"] == "es"
        assert not ben.signal.inbox.of("session_paired")


async def test_both_get_the_same_started_at(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        paired = await ana.signal.inbox.wait_for("session_paired")
        shown = await ana.get()
        assert paired["startedAt"] == ben.joined["startedAt"] == shown["session"]["startedAt"]
        assert abs(time.time() * 1000 - paired["startedAt"]) < 30_000


async def test_language_of_join_session_is_the_participants(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        ana.language = "es"
        assert (await ana.connect())["language"] == "es"


async def test_heartbeat_is_answered_with_its_id(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("heartbeat", id=42)
        check_keys(await ana.signal.inbox.wait_for("heartbeat", id=42), "type id")


async def test_heartbeat_needs_no_id(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("heartbeat")
        assert (await ana.signal.inbox.wait_for("heartbeat")).get("id") is None


async def test_unknown_type_is_an_error_and_the_socket_stays(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("dance")
        await refused_on(ana.signal, "unknown_type", fatal=False)
        await answers(ana.signal)


async def test_unknown_keys_of_a_message_are_ignored(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("heartbeat", id=1, colour="red")
        await ana.signal.inbox.wait_for("heartbeat", id=1)
        assert not ana.signal.inbox.of("error")


@pytest.mark.parametrize("text", ["{", "[]", '{"type": 5}', '{"type": "set_language"}', '{"type": "offer"}'])
async def test_malformed_message_is_bad_request(server_url: str, text: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send_text(text)
        error = await refused_on(ana.signal, "bad_request")
        if not error["fatal"]:
            await answers(ana.signal)


async def test_second_join_on_a_joined_socket_is_no_new_join(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send_text(_join(ana))
        await ana.signal.inbox.wait_for("error")
        assert len(ana.signal.inbox.of("session_joined")) == 1


@pytest.mark.parametrize("joined", [True, False])
async def test_message_over_64_kib_closes_1009(server_url: str, joined: bool) -> None:
    async with connected(server_url) as (ana, _):
        signal = ana.signal if joined else await ana.open()
        await signal.send("heartbeat", id="x" * 65_536)
        assert await signal.close_code() == 1009


async def test_error_too_large_precedes_the_close_1009(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("heartbeat", id="x" * 65_536)
        await refused_on(ana.signal, "too_large", fatal=True)


async def test_set_language_is_told_to_the_partner_and_shown(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ben.set_language("en")
        told = await ana.signal.inbox.wait_for("partner_language")
        check_keys(told, "type participantId language")
        assert (told["participantId"], told["language"]) == (ben.participant_id, "en")
        languages = {p["participantId"]: p["language"] for p in (await ana.get())["participants"]}
        assert languages[ben.participant_id] == "en"


async def test_set_language_to_an_unknown_one_is_refused(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ben.set_language("tlh")
        await refused_on(ben.signal, "unsupported_language", fatal=False)
        await answers(ben.signal)
        assert not ana.signal.inbox.of("partner_language")


async def test_set_voice_refuses_a_voice_that_is_not_there(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.signal.send("set_voice", voice="no-such-voice")
        await refused_on(ana.signal, "bad_request", "not_found", fatal=False)


async def test_set_voice_takes_any_that_is_listed_and_none(server_url: str) -> None:
    async with connected(server_url) as (ana, _), Client(server_url) as client:
        listed = (await client.call("GET", "/voices?language=en")).body["voices"]
        for voice in (listed[-1]["id"], ""):
            await ana.signal.send("set_voice", voice=voice)
        await answers(ana.signal)
        assert not ana.signal.inbox.of("error")


async def test_session_info_tells_who_asks_what_holds_and_what_changes(server_url: str) -> None:
    async with connected(server_url) as (ana, ben), Client(server_url) as client:
        listed = (await client.call("GET", "/voices?language=en")).body["voices"]
        await ana.signal.send("session_info")
        told = await ana.signal.inbox.wait_for("session_info")
        check_keys(
            told,
            "type sessionId participantId status createdAt expiresAt language detect voice voices participants "
            "interpretation options history viewers limits startedAt",
        )
        assert (told["sessionId"], told["participantId"], told["status"]) == (
            ana.session_id,
            ana.participant_id,
            "active",
        )
        assert (told["language"], told["voice"], told["detect"], told["voices"]) == ("en", "", False, listed)
        assert told["participants"] == (await ana.get())["participants"]
        assert told["expiresAt"] - told["startedAt"] == told["limits"]["sessionMs"]
        assert {(one["speaker"], one["listener"], one["language"]) for one in told["interpretation"]} == {
            (ana.participant_id, ben.participant_id, "es"),
            (ben.participant_id, ana.participant_id, "en"),
        }
        assert all(one["speech"] and one["typed"] and one["spoken"] for one in told["interpretation"])
        after = len(ana.signal.inbox.received)
        await ben.set_language("en")
        changed = await ana.signal.inbox.wait_for("session_info", after=after)
        assert not any(one["typed"] for one in changed["interpretation"])
        assert not ben.signal.inbox.of("session_info"), "who has not asked is told nothing"


async def test_consents_to_history_are_told_to_both(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ana.signal.send("set_history", on=True)
        for one in (ana, ben):
            told = await one.signal.inbox.wait_for("history")
            check_keys(told, "type on consents", "reason")
            assert (told["on"], told["consents"]) == (False, [ana.participant_id])
        await ben.signal.send("set_history", on=True)
        for one in (ana, ben):
            assert await one.signal.inbox.count("history", 2)
            told = one.signal.inbox.of("history")[1]
            assert set(told["consents"]) == {ana.participant_id, ben.participant_id}
        await ana.signal.send("set_history", on=False)
        told = await ben.signal.inbox.wait_for("history", consents=[ben.participant_id])
        assert told["on"] is False


async def test_late_candidate_of_an_older_negotiation_is_ignored(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        await ana.offer()
        candidate = {
            "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "sdpMid": "0",
            "sdpMLineIndex": 0,
        }
        await ana.signal.send("candidate", negotiation=ana.negotiation - 1, candidate=candidate)
        await ana.signal.send("candidate", negotiation=ana.negotiation - 1, candidate=None)
        await answers(ana.signal)
        assert not ana.signal.inbox.of("error")


async def test_leave_ends_the_session_for_both(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ben.leave()
        left, partner_left = await asyncio.gather(
            ben.signal.inbox.wait_for("session_ended"), ana.signal.inbox.wait_for("session_ended")
        )
        for ended in (left, partner_left):
            check_keys(ended, "type reason metrics")
        assert (left["reason"], partner_left["reason"]) == ("left", "partner_left")
        assert left["metrics"] == partner_left["metrics"]
        assert await ana.signal.close_code() == await ben.signal.close_code() == 1000
        assert (await ana.get())["status"] == "ended"
