"""An installation from before there were accounts: its file, live session and tokens go on, and accounts begin."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from pathlib import Path

import jwt

from tests.kit.server_process import Server

KEY = bytes(range(32))
NOW = int(time.time())
OLD_TABLES = (  # as a server of before wrote them
    "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT",
    "CREATE TABLE ended (id TEXT PRIMARY KEY, ended_at INTEGER NOT NULL, record TEXT NOT NULL) STRICT",
    "CREATE INDEX ended_by_time ON ended (ended_at)",
    "PRAGMA user_version = 1",
)


def participant(number: int, name: str, language: str) -> dict[str, object]:
    return {
        "id": f"p_old{number}", "user": f"u_old{number}", "name": name, "language": language, "admitted": True,
        "keeps_history": False, "voice": "",
    }  # fmt: skip


SESSION = {
    "id": "s_old", "code": "123456", "admit": False, "created_at": NOW * 1000, "code_expires_at": (NOW + 600) * 1000,
    "started_at": NOW * 1000 + 1, "participants": [participant(1, "Ana", "es"), participant(2, "Ben", "en")],
    "refused": [],
}  # fmt: skip
ENDED = {
    "id": "s_ended", "code": "654321", "created_at": NOW * 1000 - 9, "started_at": NOW * 1000 - 8,
    "ended_at": NOW * 1000 - 1, "reason": "hangup", "users": ["u_old1"],
}  # fmt: skip


def ask(url: str) -> dict[str, object]:
    claims = {"aud": "access", "sub": "u_old1", "iat": NOW, "exp": NOW + 900, "name": "Ana", "kind": "guest"}
    token = jwt.encode(claims, KEY, "HS256")
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_live_sessions_and_tokens_of_an_old_installation_go_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    old = sqlite3.connect(data / "dragoman.sqlite")
    for statement in OLD_TABLES:
        old.execute(statement)
    old.execute("INSERT INTO secrets VALUES ('signing_key', ?)", (KEY,))
    old.execute("INSERT INTO sessions VALUES ('s_old', ?)", (json.dumps(SESSION),))
    old.execute("INSERT INTO ended VALUES ('s_ended', ?, ?)", (ENDED["ended_at"], json.dumps(ENDED)))
    old.commit()
    old.close()
    with Server(tmp_path, accounts=True, DRAGOMAN_MODELS="scripted") as server:
        shown = ask(f"{server.url}/api/v1/sessions/s_old")
        assert shown["status"] == "active"
        assert [one["displayName"] for one in shown["participants"]] == ["Ana", "Ben"]  # type: ignore[attr-defined]
        assert ask(f"{server.url}/api/v1/sessions/s_ended")["status"] == "ended"
        assert (data / "accounts.sqlite").stat().st_mode & 0o777 == 0o600
        server.restart(kill=True)
        assert ask(f"{server.url}/api/v1/sessions/s_old")["status"] == "active"
