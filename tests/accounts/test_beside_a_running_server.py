"""The operator's commands beside a running server, and a sign-in elsewhere through the whole of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from tests.kit.free_port import free_port
from tests.kit.identity_provider import CLIENT, SECRET, identity_provider
from tests.kit.operator_commands import Dragoman
from tests.kit.server_process import UNLIMITED, Server

PASSWORD = "a tall blue giraffe"
REVOKED_S = 60.0
"""Time within which a running server learns what a command has revoked, however slow the machine is."""


def test_an_operator_has_a_hand_on_a_running_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dragoman = Dragoman(monkeypatch, capsys)

    def command(*arguments: str, says: str = "") -> str:
        # Without a secret: the key is in the data folder.
        ran = dragoman(tmp_path / "data", *arguments, says=says, DRAGOMAN_SECRET="")
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    port = free_port()
    public = f"http://127.0.0.1:{port}"
    providers = tmp_path / "providers.toml"
    with identity_provider("RS256") as provider:
        providers.write_text(
            f'[company]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        )
        settings = {
            **UNLIMITED,
            "DRAGOMAN_LOG_LEVEL": "debug",
            "DRAGOMAN_PUBLIC_URL": public,
            "DRAGOMAN_OIDC": str(providers),
        }
        with Server(
            tmp_path, port=port, accounts=True, DRAGOMAN_MODELS="scripted", DRAGOMAN_VAD="loudness", **settings
        ) as server:
            asyncio.run(_visit(command, server.url, public))
            said = server.log
            secrets = [PASSWORD, "example", "Ana", SECRET, provider.last_id_token, *provider.tokens, *provider.codes]
            assert not [secret for secret in secrets if secret in said]


async def _visit(command: Callable[..., str], url: str, public: str) -> None:
    api = f"{url}/api/v1"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:

        async def ask(method: str, path: str, token: str = "", **options: Any) -> tuple[int, Any]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with http.request(method, f"{api}{path}", headers=headers, **options) as answer:
                return answer.status, await answer.json()

        # A token for scripts, by the key in the data folder.
        token = await asyncio.to_thread(command, "token", "--name", "Bot")
        assert (await ask("POST", "/sessions/create", token, json={"language": "en"}))[0] == 201

        # Somebody whom the operator adds signs in, and is locked out.
        who = ("user", "add", "bo@example.com", "--name", "Bo", "--verified")
        user = await asyncio.to_thread(command, *who, says=PASSWORD)
        login = {"email": "bo@example.com", "password": PASSWORD}
        status, signed_in = await ask("POST", "/auth/login", json=login)
        assert (status, signed_in["userId"]) == (200, user)
        await asyncio.to_thread(command, "user", "lock", user)
        assert (await ask("POST", "/auth/login", json=login))[0] == 423
        refresh = {"refreshToken": signed_in["refreshToken"]}
        assert (await ask("POST", "/auth/refresh", json=refresh))[0] == 401
        deadline = time.monotonic() + REVOKED_S
        while (await ask("GET", "/users/me", signed_in["token"]))[0] != 401:
            assert time.monotonic() < deadline, "the access token outlives the lock"
            await asyncio.sleep(0.2)
        await asyncio.to_thread(command, "user", "unlock", "bo@example.com")
        assert (await ask("POST", "/auth/login", json=login))[0] == 200

        # A sign-in elsewhere, with a browser's redirects.
        _, offered = await ask("GET", "/auth/providers")
        assert offered["providers"] == [{"name": "company", "label": "company"}]
        at = f"{api}/auth/oidc/company"
        while not at.startswith(f"{public}/#"):
            async with http.get(at, allow_redirects=False) as answer:
                assert answer.status == 302, await answer.text()
                at = answer.headers["Location"]
        code = parse_qs(urlsplit(at).fragment)["signin"][0]
        status, signed_in = await ask("POST", "/auth/oidc/exchange", json={"code": code})
        assert status == 200
        status, me = await ask("GET", "/users/me", signed_in["token"])
        assert (status, me["username"], me["email"], me["emailVerified"]) == (200, "Ana", "ana@example.org", True)

    listed = (await asyncio.to_thread(command, "user", "list", "--json")).splitlines()
    assert [json.loads(line)["username"] for line in listed] == ["Bo", "Ana"]
    entries = [json.loads(line) for line in (await asyncio.to_thread(command, "audit")).splitlines()]
    assert [one["event"] for one in entries if one.get("user") == signed_in["userId"]][::-1] == ["register", "sign_in"]
    assert {"event": "user_lock", "user": user, "outcome": "ok"}.items() <= next(
        one for one in entries if one["event"] == "user_lock"
    ).items()
