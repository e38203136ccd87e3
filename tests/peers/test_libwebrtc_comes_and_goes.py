"""libwebrtc without a browser: sockets taken over, processes killed, strangers refused, errors by their codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import on_libwebrtc
from .on_libwebrtc import call, connected, peer
from .process import Process, Refused

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

TYPED = ("Where is the bank?", "¿Dónde está el banco?")


async def refused(peer: Process, *step: Any) -> tuple[int | None, str]:
    """Status and code with which this step is refused."""
    with pytest.raises(Refused) as caught:
        await peer.do(*step)
    return caught.value.status, caught.value.code


async def test_another_socket_takes_over_and_the_call_goes_on(server_url: str, tmp_path: Path) -> None:
    async with call(server_url, tmp_path) as (ana, ben):
        await ben.do("connect")
        closed = await ben.until("closed")
        assert closed["code"] == 4001
        assert [m["code"] for m in ben.messages("socket", "error")] == ["taken_over"]
        await ana.do("say", TYPED[0], "1")  # over the media that is still there
        await ben.hears("channel", "translation", translatedText=TYPED[1])
        await ben.do("offer", 2)
        await ana.do("say", TYPED[0], "2")
        await ben.hears("channel", "utterance_end", count=2)
        assert not ana.messages("socket", "partner_disconnected")


async def test_a_lost_socket_comes_back_by_its_token(server_url: str, tmp_path: Path) -> None:
    async with call(server_url, tmp_path) as (ana, ben):
        kept = await ben.do("kept")
        await ben.do("dropSocket")
        await ben.until("closed")
        await ana.do("say", TYPED[0], "1")  # the media has not noticed
        await ben.hears("channel", "utterance_end")
        joined = await ben.do("connect", kept["resumeToken"])
        assert (joined["participantId"], joined["status"]) == (kept["entry"]["participantId"], "active")
        await ben.do("offer", 2)
        await ana.do("say", TYPED[0], "2")
        await ben.hears("channel", "utterance_end", count=2)
        numbers = [message["seq"] for message in ben.messages("channel")]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_a_killed_app_comes_back_by_what_it_had_kept(server_url: str, tmp_path: Path) -> None:
    async with call(server_url, tmp_path) as (ana, ben):
        await ana.do("say", TYPED[0], "before")
        await ben.hears("channel", "utterance_end")
        kept = await ben.do("kept")
        ben.kill()
        gone = await ana.hears("socket", "partner_disconnected", timeout=10)
        assert gone["participantId"] == kept["entry"]["participantId"]
        await ana.do("say", TYPED[0], "meanwhile")
        await ana.hears("channel", "utterance_end", count=2)
        async with peer(server_url, tmp_path / "again") as again:
            await again.do("restore", kept)
            joined = await again.do("connect")
            assert joined["status"] == "active" and joined["partner"]["displayName"] == "Ana"
            answer = await again.do("offer", 2)
            assert answer["negotiation"] == kept["negotiation"] + 1
            await again.hears("channel", "utterance_end")
            missed = again.messages("channel")
            assert all(m["seq"] > kept["lastSeq"] for m in missed)
            assert [m["clientId"] for m in missed if m["type"] == "transcription"] == ["meanwhile"]
            await ana.hears("socket", "partner_connected", count=2)
            pcm = on_libwebrtc.spoken(tmp_path, "Where is the hotel?", "en-us")
            await ana.do("speak", pcm)
            await again.hears("channel", "translation", translatedText="¿Dónde está el hotel?", timeout=40)


async def test_hanging_up_ends_it_for_both(server_url: str, tmp_path: Path) -> None:
    async with call(server_url, tmp_path) as (ana, ben):
        await ben.do("leave")
        assert (await ana.hears("socket", "session_ended"))["reason"] == "partner_left"
        assert (await ben.hears("socket", "session_ended"))["reason"] == "left"
        for one in (ana, ben):
            assert (await one.until("closed"))["code"] == 1000
        assert await refused(ana, "connect") == (None, "session_ended")
        assert await refused(ana, "delete") == (410, "session_ended")


async def test_language_changes_for_the_next_utterance(server_url: str, tmp_path: Path) -> None:
    async with call(server_url, tmp_path) as (ana, ben):
        await ben.do("setLanguage", "en")
        assert (await ana.hears("socket", "partner_language"))["language"] == "en"
        await ana.do("say", TYPED[0], "1")
        assert (await ben.hears("channel", "utterance_end"))["outcome"] == "not_needed"
        await ben.do("onChannel", "set_language", {"language": "es"})
        await ana.hears("socket", "partner_language", language="es")
        await ana.do("say", TYPED[0], "2")
        await ben.hears("channel", "translation", translatedText=TYPED[1])


async def test_a_third_person_and_oneself_are_refused(server_url: str, tmp_path: Path) -> None:
    async with peer(server_url, tmp_path / "ana") as ana, peer(server_url, tmp_path / "eve") as eve:
        await ana.do("signIn", "Ana")
        code = (await ana.do("create", "en"))["sessionCode"]
        assert await refused(ana, "join", code, "es") == (409, "own_session")
        assert await refused(eve, "join", code, "es") == (401, "unauthorized")
        await eve.do("signIn", "Eve")
        assert await refused(eve, "join", code, "tlh") == (422, "unsupported_language")
        async with peer(server_url, tmp_path / "ben") as ben:
            await ben.do("signIn", "Ben")
            entry = await ben.do("join", code, "es")
            assert await ben.do("join", code, "es") == entry
            assert await refused(eve, "join", code, "es") == (409, "session_full")
            assert await refused(eve, "http", "GET", f"/sessions/{entry['sessionId']}") == (403, "forbidden")
            await eve.do("restore", (await ben.do("kept")) | {"resumeToken": ""})
            assert await refused(eve, "connect") == (None, "forbidden")
            assert (await eve.until("closed"))["code"] == 4401


async def test_errors_have_their_codes(server_url: str, tmp_path: Path) -> None:
    async with connected(server_url, tmp_path) as (ana, _):
        await ana.do("onSocket", "dance", {})
        await ana.hears("socket", "error", code="unknown_type", fatal=False)
        await ana.do("onSocket", "offer", {"negotiation": 1, "sdp": "v=0\r\n"})
        await ana.hears("socket", "error", code="bad_sdp", fatal=False)
        await ana.do("onSocket", "set_language", {"language": "tlh"})
        await ana.hears("socket", "error", code="unsupported_language", fatal=False)
        await ana.do("onSocket", "offer", {"sdp": 5})
        await ana.hears("socket", "error", code="bad_request")
        await ana.do("restore", (await ana.do("kept")) | {"negotiation": 1})
        await ana.do("offer", 1)
        await ana.do("onChannel", "dance", {})
        await ana.hears("channel", "error", code="unknown_type")
        assert list(await ana.do("ears")) == ["interpreter"]
