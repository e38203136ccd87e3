"""An installation from before there were accounts, made by a server of that version: its people go on where they were,
and accounts begin."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import jwt

from tests.independent.client import Client
from tests.kit.packet_caller import PATIENCE
from tests.kit.server_process import Server

INSTALLATION = Path(__file__).with_name("installation_before_accounts.sql")
SETTINGS = {
    "DRAGOMAN_MODELS": "scripted",
    "DRAGOMAN_HISTORY_KEY": base64.b64encode(bytes(32)).decode(),
    "DRAGOMAN_GRACE": "3600",  # they come back one after another
}
PASSWORD = "four old bicycles in the rain"


class Installation:
    """The old server's file and its people's tokens, as if they had been made now: all times are moved."""

    def __init__(self, data: Path) -> None:
        text = INSTALLATION.read_text()
        made_at = re.search(r"^-- at: (\d+)$", text, re.M)
        assert made_at is not None
        self._later_s = int(time.time()) - int(made_at[1])
        self.people = [json.loads(line) for line in re.findall(r"^-- person: (.*)$", text, re.M)]
        data.mkdir()
        file = sqlite3.connect(data / "dragoman.sqlite")
        file.executescript(re.sub(r"\b1\d{12}\b", lambda at: str(int(at[0]) + self._later_s * 1000), text))
        ((self._key,),) = file.execute("SELECT value FROM secrets WHERE name = 'signing_key'")
        file.close()

    @asynccontextmanager
    async def clients(self, url: str) -> AsyncIterator[dict[str, Client]]:
        """Yield a client for each of the people, by name, with what it knew when the old server was killed."""
        async with AsyncExitStack() as stack:
            found = {}
            for person in self.people:
                client = found[person["name"]] = await stack.enter_async_context(Client(url))
                client.token, client.user_id = self._moved(person["token"]), person["user"]
                client.session_id, client.participant_id = person["session"], person["participant"]
                client.session_code, client.language = person.get("code", ""), person["language"]
                client.ws_url = f"ws{url.removeprefix('http')}/ws"
                client.resume_token = self._moved(person["resume"]) if "resume" in person else ""
            yield found

    def _moved(self, token: str) -> str:
        """Return a token of the old server's, moved to now. Raises InvalidTokenError where it is not of its key."""
        unchecked: Any = {"verify_aud": False, "verify_exp": False}
        claims = jwt.decode(token, self._key, ["HS256"], options=unchecked)
        times = {name: claims[name] + self._later_s for name in ("iat", "exp")}
        return jwt.encode(claims | times, self._key, "HS256")


async def test_people_of_an_old_installation_go_on(tmp_path: Path) -> None:
    old = Installation(tmp_path / "data")
    with Server(tmp_path, accounts=True, **SETTINGS) as server:
        async with old.clients(server.url) as people:
            await _calls_go_on(people)
            await _accounts_begin(people["Finn"])
            resumed = people["Ana"].resume_token
        assert (tmp_path / "data" / "accounts.sqlite").stat().st_mode & 0o777 == 0o600
        server.restart(kill=True)
        async with old.clients(server.url) as people:
            people["Ana"].resume_token = resumed
            assert (await people["Ana"].resume())["status"] == "active"


async def _calls_go_on(people: dict[str, Client]) -> None:
    ana, ben = people["Ana"], people["Ben"]
    shown = await ana.get()
    assert shown["status"] == "active"
    assert [(one["displayName"], one["connected"]) for one in shown["participants"]] == [("Ana", False), ("Ben", False)]
    for one, language in ((ana, "es"), (ben, "en")):
        joined = await one.resume()
        assert (joined["status"], joined["language"]) == ("active", language)
    # Ana had consented to a history, which the old server could not keep. After a crash everybody consents anew.
    assert (await ben.signal.inbox.wait_for("history"))["consents"] == []
    for one in (ben, ana):
        await one.signal.send("set_history", on=True)
    told = await ben.signal.inbox.wait_for("history", on=True, timeout=PATIENCE)
    assert told["consents"] == [ana.participant_id, ben.participant_id]
    # Codes.
    async with Client(ana.base_url) as hugo:
        await hugo.sign_in("Hugo")
        await hugo.join(people["Cleo"].session_code, "en")
        await hugo.connect()
        assert (await people["Cleo"].resume())["partner"]["displayName"] == "Hugo"
    # Admission.
    await people["Dora"].resume()
    signal = await people["Eva"].open()
    eva = {"sessionId": people["Eva"].session_id, "token": people["Eva"].token, "language": "es", "protocol": 1}
    await signal.send("join_session", **eva)
    asked = await people["Dora"].signal.inbox.wait_for("join_request", timeout=PATIENCE)
    await people["Dora"].signal.send("admit", participantId=asked["participantId"], accept=True)
    assert (await signal.inbox.wait_for("session_joined", timeout=PATIENCE))["status"] == "active"
    # Calls that are over.
    assert (await people["Finn"].get())["status"] == "ended"


async def _accounts_begin(guest: Client) -> None:
    person = {"username": "Finn", "email": "finn@example.org", "password": PASSWORD, "preferredLanguage": "es"}
    made = (await guest.call("POST", "/auth/register", person)).body
    again = (await guest.call("POST", "/auth/refresh", {"refreshToken": made["refreshToken"]})).body
    assert (await guest.call("GET", "/users/me", token=again["token"])).body["username"] == "Finn"
