"""A client that asks is told what holds in its session, and again at each change; nobody else is told anything."""

from __future__ import annotations

from typing import Any

import pytest

from signaling.config import SignalingOptions
from signaling.languages import Interpretation, Languages
from tests.kit.signaling_server import GENEROUS, Client, open_front

VOICES = [
    {"id": "en-us", "language": "en-US", "name": "Emma", "licence": "CC0"},
    {"id": "es-mx", "language": "es-MX", "name": "Ana", "licence": "CC0"},
]
ASK = {"type": "session_info"}


def voices(language: str | None) -> list[dict[str, str]]:
    return [one for one in VOICES if language is None or one["language"].startswith(language)]


async def asked(one: Client) -> dict[str, Any]:
    await one.say(ASK)
    return await one.hear("session_info")


def way(speaker: Client, listener: Client, language: str, *, speech: bool, typed: bool, spoken: bool) -> dict[str, Any]:
    parts = {"speech": speech, "typed": typed, "spoken": spoken}
    return {"speaker": speaker.me, "listener": listener.me, "language": language, **parts}


async def test_everything_that_holds_in_a_call() -> None:
    async with open_front(SignalingOptions(limits=GENEROUS, grace_s=45), voices=voices) as front:
        ana, bo = await front.pair()
        info = await asked(ana)
        started = info["startedAt"]
        assert info["createdAt"] <= started
        assert info == {
            "type": "session_info",
            "sessionId": ana.session,
            "participantId": ana.me,
            "status": "active",
            "createdAt": info["createdAt"],
            "startedAt": started,
            "expiresAt": started + 4 * 3600 * 1000,
            "language": "es",
            "detect": False,
            "voice": "",
            "voices": VOICES[1:],
            "participants": [
                {"participantId": ana.me, "displayName": "Ana", "language": "es", "connected": False},
                {"participantId": bo.me, "displayName": "Bo", "language": "en", "connected": False},
            ],
            "interpretation": [
                way(ana, bo, "en", speech=True, typed=True, spoken=True),
                way(bo, ana, "es", speech=True, typed=True, spoken=True),
            ],
            "options": {"admit": False, "solo": None},
            "history": {"on": False, "consents": [], "reason": "not_offered"},
            "viewers": 0,
            "limits": {"sessionMs": 4 * 3600 * 1000, "graceMs": 45_000, "messageBytes": 65536},
        }
        await bo.quiet()


async def test_it_comes_again_at_each_change_to_who_asked_alone() -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.pair()
        first = await asked(ana)
        await bo.say({"type": "set_language", "language": "de"})
        assert (await ana.hear("partner_language"))["language"] == "de"
        info = await ana.hear("session_info")
        none = {"speech": False, "typed": False, "spoken": False}
        assert [{part: one[part] for part in none} for one in info["interpretation"]] == [none, none]
        changed = {"participants", "interpretation"}
        assert {name for name in info if info[name] != first[name]} == changed
        await ana.say({"type": "set_voice", "voice": "es-mx"})
        assert (await ana.hear("session_info"))["voice"] == "es-mx"
        await ana.say({"type": "set_language", "language": "en", "detect": True})
        assert (await bo.hear("partner_language"))["language"] == "en"
        info = await ana.hear("session_info")
        assert (info["language"], info["detect"], info["voices"]) == ("en", True, VOICES[:1])
        await bo.say({"type": "set_history", "on": True})
        assert (await ana.hear("history"))["consents"] == (await bo.hear("history"))["consents"] == [bo.me]
        assert (await ana.hear("session_info"))["history"]["consents"] == [bo.me]
        status, _ = await front.call("POST", f"/sessions/{bo.session}/viewers", None, bo.resume_token)
        assert status == 201
        assert (await ana.hear("viewers"))["count"] == (await bo.hear("viewers"))["count"] == 1
        assert (await ana.hear("session_info"))["viewers"] == 1
        await ana.say({"type": "set_voice", "voice": "es-mx"})  # as before
        await ana.quiet()
        await bo.quiet()


async def test_before_the_partner_comes_it_is_the_codes_time() -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        made = await ana.create("es", admit=True)
        await ana.open()
        await ana.hear("session_joined")
        info = await asked(ana)
        assert (info["status"], info["expiresAt"]) == ("waiting", made["expiresAt"])
        assert "startedAt" not in info and info["interpretation"] == [] and info["options"]["admit"]
        await bo.join(ana.code)
        assert (await ana.hear("join_request"))["participantId"] == bo.me
        await bo.open()
        await bo.say(ASK)
        await bo.hear_error("not_admitted", fatal=False)
        await ana.say({"type": "admit", "participantId": bo.me, "accept": True})
        message = await ana.next()
        while isinstance(message, dict) and message["type"] == "session_info":  # the joiner has the time of a code, too
            assert message["status"] == "waiting" and message["expiresAt"] > made["expiresAt"]
            message = await ana.next()
        assert isinstance(message, dict) and message["type"] == "session_paired"
        info = await ana.hear("session_info")
        assert info["status"] == "active" and len(info["participants"]) == len(info["interpretation"]) == 2


async def test_another_socket_of_mine_asks_for_itself() -> None:
    async with open_front(voices=voices) as front:
        ana, bo = await front.pair()
        await asked(ana)
        await ana.open(ana.resume_token)
        await ana.hear("session_joined")
        await bo.say({"type": "set_language", "language": "de"})
        await ana.hear("partner_language")
        await ana.quiet()


async def test_who_is_alone_sees_what_comes_back() -> None:
    async with open_front(voices=voices) as front:
        ana = await front.guest("Ana")
        await ana.create("es", solo={"language": "en", "voice": "en-us"})
        await ana.open()
        await ana.hear("session_joined")
        info = await asked(ana)
        assert info["options"] == {"admit": False, "solo": "en"} and info["voice"] == "en-us"
        assert info["interpretation"] == [way(ana, ana, "en", speech=True, typed=True, spoken=True)]


async def test_a_defect_there_costs_nobody_the_call() -> None:
    broken: list[bool] = []

    def fails(language: str | None) -> list[dict[str, str]]:
        if broken and language is not None:
            raise RuntimeError("no list of voices")
        return VOICES

    async with open_front(voices=fails) as front:
        ana, bo = await front.pair()
        await asked(ana)
        broken.append(True)
        await bo.say({"type": "set_language", "language": "de"})
        await ana.hear("partner_language")
        await ana.quiet()
        assert not front.room.closed


@pytest.mark.parametrize(
    ("source", "target", "parts"),
    [
        ("en", "es-MX", Interpretation(speech=True, typed=True, spoken=True)),
        ("en", "en-GB", Interpretation(speech=False, typed=False, spoken=False)),
        ("fr", "es", Interpretation(speech=False, typed=True, spoken=True)),
        ("es", "fr", Interpretation(speech=True, typed=True, spoken=False)),
        ("en", "fr", Interpretation(speech=False, typed=False, spoken=False)),
    ],
)
def test_what_there_is_from_one_language_to_another(source: str, target: str, parts: Interpretation) -> None:
    languages = Languages.of(["en", "es"], ["en", "es"], [("en", "es"), ("fr", "es"), ("es", "fr")])
    assert languages.interpretation(source, target) == parts
