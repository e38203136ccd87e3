"""The voice in which a partner's words reach me: listed, chosen, refused, and still the same after a restart."""

from pathlib import Path

import pytest

from storage.records import decode_session
from tests.kit.signaling_server import open_front

VOICES = [
    {"id": "en-us", "language": "en-US", "name": "English", "licence": "GPL-3.0-or-later"},
    {"id": "es_MX-ana#uno", "language": "es-MX", "name": "Ana", "licence": "CC0"},
]


def voices(language: str | None) -> list[dict[str, str]]:
    return [one for one in VOICES if language is None or one["language"].startswith(language)]


async def test_all_voices_or_those_of_a_language() -> None:
    async with open_front(voices=voices) as front:
        assert await front.call("GET", "/voices") == (200, {"voices": VOICES})
        assert await front.call("GET", "/voices?language=es") == (200, {"voices": VOICES[1:]})
        assert await front.call("GET", "/voices?language=xx") == (200, {"voices": []})
        for bad in ("", "e", "x%00y", "en%20us", "a" * 40):
            status, answer = await front.call("GET", f"/voices?language={bad}")
            assert (status, answer["error"]["code"]) == (400, "bad_request")
            assert answer["error"]["details"] == {"field": "language"}


async def test_a_choice_reaches_the_room_and_bothers_nobody() -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.pair()
        for voice in ("es_MX-ana#uno", "", "en-us"):
            await ana.say({"type": "set_voice", "voice": voice})
        await ana.quiet()
        await bo.quiet()
        chosen = [(ana.me, "es_MX-ana#uno"), (ana.me, ""), (ana.me, "en-us")]
        assert [one[1:] for one in front.room.did("set_voice")] == chosen


@pytest.mark.parametrize("voice", ["none", "EN-US", "en-us ", "../en-us", "x" * 128])
async def test_a_voice_that_there_is_not(voice: str) -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.pair()
        await ana.say({"type": "set_voice", "voice": voice})
        await ana.hear_error("not_found", fatal=False)
        await bo.quiet()
        assert front.room.did("set_voice") == []


async def test_a_choice_from_before_the_partner_comes_holds() -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        await ana.say({"type": "set_voice", "voice": "en-us"})
        await bo.join(ana.code)
        await bo.open()
        await bo.hear("session_joined")
        await ana.hear("session_paired")
        await ana.quiet()
        assert front.room.did("set_voice") == [("set_voice", ana.me, "en-us")]


async def test_it_is_still_chosen_after_the_server_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with open_front(path=path, abandon=True, voices=voices) as front:
        ana, bo = await front.pair()
        await ana.say({"type": "set_voice", "voice": "en-us"})
        await ana.quiet()
        assert len(front.room.did("set_voice")) == 1
    async with open_front(path=path) as front:  # its engines are still loading: it has no voices to tell
        for one in (ana, bo):
            one.front = front
            await one.open(one.resume_token)
            await one.hear("session_joined")
        await ana.quiet()
        assert front.room.did("set_voice") == [("set_voice", ana.me, "en-us")]


def test_a_record_from_before_there_were_voices_is_whole() -> None:
    person = '{"id": "p", "user": "u", "name": "", "language": "en", "admitted": true, "keeps_history": false}'
    record = f'{{"id": "s", "code": "1", "admit": false, "created_at": 1, "code_expires_at": 2, "started_at": null, \
"participants": [{person}], "refused": []}}'
    assert decode_session(record).participants[0].voice == ""
    with pytest.raises(ValueError, match="voice"):
        decode_session(record.replace('"user"', '"voice": 5, "user"'))
