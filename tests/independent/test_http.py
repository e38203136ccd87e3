"""docs/protocol.md, 1: requests, answers and errors of the HTTP interface, sessions apart."""

from __future__ import annotations

import json
import time

import pytest

from .calls import check_error_body, check_ice_servers, check_keys, guest, pair, refused
from .client import Client, Refused

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def test_guest_token_is_created_for_15_minutes(server_url: str) -> None:
    async with Client(server_url) as client:
        reply = await client.call("POST", "/auth/guest", {"displayName": "Ana"})
        assert reply.status == 201
        check_keys(reply.body, "userId token expiresIn")
        assert reply.body["expiresIn"] == 15 * 60


async def test_guest_display_name_is_optional(server_url: str) -> None:
    async with Client(server_url) as client:
        assert (await client.call("POST", "/auth/guest", {})).status == 201


async def test_every_guest_is_another_user(server_url: str) -> None:
    async with guest(server_url) as first, guest(server_url) as second:
        assert first.user_id != second.user_id


async def test_no_token_is_unauthorized(server_url: str) -> None:
    async with Client(server_url) as client:
        with refused(401, "unauthorized"):
            await client.create("en")


@pytest.mark.parametrize("forge", ["no-token-at-all", "tampered", "unsigned"])
async def test_forged_token_is_unauthorized(server_url: str, forge: str) -> None:
    async with guest(server_url) as client:
        middle = len(client.token) // 2
        other = "A" if client.token[middle] != "A" else "B"
        client.token = {
            "no-token-at-all": "no-token-at-all",
            "tampered": client.token[:middle] + other + client.token[middle + 1 :],
            "unsigned": f"eyJhbGciOiJub25lIn0.{client.token.split('.')[1 % len(client.token.split('.'))]}.",
        }[forge]
        with refused(401, "unauthorized"):
            await client.create("en")


@pytest.mark.parametrize("parameter", ["token", "access_token"])
async def test_token_in_the_url_counts_for_nothing(server_url: str, parameter: str) -> None:
    async with guest(server_url) as client:
        await client.create("en")
        with refused(401, "unauthorized"):
            await client.call("GET", f"/sessions/{client.session_id}?{parameter}={client.token}", token="")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[]", b'"text"', b"null"])
async def test_malformed_json_is_bad_request(server_url: str, body: bytes) -> None:
    async with guest(server_url) as client:
        with refused(400, "bad_request"):
            await client.raw("POST", "/api/v1/sessions/create", body)


@pytest.mark.parametrize("body", [{}, {"language": 5}, {"language": None}, {"language": "en", "options": 1}])
async def test_missing_or_wrong_fields_are_bad_request(server_url: str, body: object) -> None:
    async with guest(server_url) as client:
        with refused(400, "bad_request"):
            await client.call("POST", "/sessions/create", body)


async def test_unknown_keys_are_ignored(server_url: str) -> None:
    async with guest(server_url) as client:
        reply = await client.call("POST", "/sessions/create", {"language": "en", "colour": "red"})
        assert reply.status == 201


async def test_body_over_64_kib_is_413(server_url: str) -> None:
    async with guest(server_url) as client:
        body = json.dumps({"language": "en", "padding": "x" * 65_536}).encode()
        with refused(413, "too_large"):
            await client.raw("POST", "/api/v1/sessions/create", body)


async def test_body_just_under_64_kib_is_read(server_url: str) -> None:
    async with guest(server_url) as client:
        body = json.dumps({"language": "en", "padding": "x" * 65_000}).encode()
        assert (await client.raw("POST", "/api/v1/sessions/create", body)).status == 201


async def test_unknown_call_is_404_in_the_error_shape(server_url: str) -> None:
    async with guest(server_url) as client:
        with refused(404, "not_found"):
            await client.call("GET", "/nothing/here")


async def test_voices_are_listed_with_their_licences(server_url: str) -> None:
    async with Client(server_url) as client:
        reply = await client.call("GET", "/voices")
        assert reply.status == 200
        check_keys(reply.body, "voices")
        for voice in reply.body["voices"]:
            check_keys(voice, "id language name licence")
        spoken = {voice["language"].split("-")[0] for voice in reply.body["voices"]}
        assert spoken == {one["tag"] for one in (await client.languages())["languages"] if one["speak"]}
        spanish = await client.call("GET", "/voices?language=es-MX")
        assert spanish.body["voices"]
        assert {voice["language"].split("-")[0] for voice in spanish.body["voices"]} == {"es"}


async def test_languages_tell_what_the_server_can_do(server_url: str) -> None:
    async with guest(server_url) as client:
        reply = await client.languages()
        check_keys(reply, "languages pairs")
        for language in reply["languages"]:
            check_keys(language, "tag name hear speak")
            assert isinstance(language["hear"], bool) and isinstance(language["speak"], bool)
        tags = {language["tag"] for language in reply["languages"]}
        assert {"en", "es"} <= tags
        assert ["en", "es"] in reply["pairs"] and ["es", "en"] in reply["pairs"]
        assert {tag for source_target in reply["pairs"] for tag in source_target} <= tags


async def test_ice_servers(server_url: str) -> None:
    async with guest(server_url) as client:
        reply = await client.ice_servers()
        check_keys(reply, "iceServers expiresIn")
        assert reply["expiresIn"] > 0
        check_ice_servers(reply["iceServers"])


async def test_ice_servers_need_a_token(server_url: str) -> None:
    async with Client(server_url) as client:
        with refused(401, "unauthorized"):
            await client.ice_servers()


async def test_ice_servers_accept_the_resume_token(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.connect()
        check_ice_servers((await ana.ice_servers(token=ana.resume_token))["iceServers"])


async def test_resume_token_opens_no_other_call(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        await ana.connect()
        with pytest.raises(Refused) as caught:
            await ana.call("POST", "/sessions/create", {"language": "en"}, token=ana.resume_token)
        check_error_body(caught.value)
        assert caught.value.status in {401, 403}


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/"])
async def test_pages_outside_the_api_need_no_token(server_url: str, path: str) -> None:
    async with Client(server_url) as client:
        assert (await client.raw("GET", path, None)).status == 200


async def test_root_is_the_web_client(server_url: str) -> None:
    async with Client(server_url) as client:
        reply = await client.raw("GET", "/", None)
        assert reply.headers["content-type"].startswith("text/html")


async def test_metrics_are_in_prometheus_text(server_url: str) -> None:
    async with Client(server_url) as client:
        reply = await client.raw("GET", "/metrics", None)
        assert "# TYPE " in reply.body


async def test_times_are_epoch_milliseconds(server_url: str) -> None:
    async with guest(server_url) as client:
        created = await client.create("en")
        now = time.time() * 1000
        assert now < created["expiresAt"] <= now + 4 * 3600 * 1000
