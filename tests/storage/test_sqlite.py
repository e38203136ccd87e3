"""The database file: its content, its readers, and a file that cannot be read."""

import sqlite3
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from storage.records import EndedRecord, ParticipantRecord, SessionRecord, decode_ended, decode_session, encode
from storage.sqlite import SCHEMA_VERSION, SqliteSessions, StoreError

ANA = ParticipantRecord("p_1", "u_1", "Ana ❤", "es", keeps_history=True, viewers=("v_1", "v_2"))
BO = ParticipantRecord("p_2", "u_2", "Bo", "en", admitted=False)
LIVE = SessionRecord("s_1", "000123", True, 1000, 601_000, None, (ANA, BO), ("u_9",))
ENDED = EndedRecord("s_0", "000999", 500, 600, 900, "deleted", ("u_1", "u_2"))


def test_records_come_back_from_their_json() -> None:
    assert decode_session(encode(LIVE)) == LIVE
    assert decode_session(encode(replace(LIVE, started_at=5))).started_at == 5
    assert decode_session(encode(replace(LIVE, code="", solo="de"))) == replace(LIVE, code="", solo="de")
    before = encode(LIVE).replace(',"solo":""', "").replace(',"viewers":[]', "")
    assert before != encode(LIVE) and decode_session(before) == LIVE, "as an older version wrote it"
    assert decode_ended(encode(ENDED)) == ENDED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "{}",
        "[" * 100_000,
        encode(replace(LIVE, participants=())),
        encode(LIVE).replace('"000123"', "123"),
        encode(LIVE).replace("601000", "true"),
        encode(LIVE).replace('"admitted":true', '"admitted":1'),
        encode(LIVE).replace('["u_9"]', "[9]"),
        encode(LIVE).replace('"participants":[{', '"participants":[7,{'),
        encode(LIVE).replace('"solo":""', '"solo":null'),
        encode(LIVE).replace('"viewers":[]', '"viewers":[7]'),
    ],
)
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_session(text)
    with pytest.raises(ValueError, match=r"."):
        decode_ended(text)


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with SqliteSessions(path) as store:
        key = await store.signing_key()
        assert len(key) == 32 and await store.signing_key() == key
        store.save(LIVE)
        store.save(replace(LIVE, started_at=2000))
        store.save(replace(LIVE, id="s_0", code="000999"))
        store.end(ENDED, forget_before=0)
    async with SqliteSessions(path) as store:
        assert await store.signing_key() == key
        assert await store.load(0) == ([replace(LIVE, started_at=2000)], [ENDED])


async def test_what_ended_long_ago_is_forgotten() -> None:
    async with SqliteSessions(":memory:") as store:
        store.end(ENDED, 0)
        store.end(replace(ENDED, id="s_2", ended_at=2000), forget_before=901)
        assert await store.load(0) == ([], [replace(ENDED, id="s_2", ended_at=2000)])
        assert await store.load(2001) == ([], [])


def file_modes(folder: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


async def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.touch(0o644)
    async with SqliteSessions(path) as store:
        store.save(LIVE)
        await store.flush()
        modes = file_modes(tmp_path)
    assert set(modes.values()) == {0o600} and "state.sqlite-wal" in modes


async def test_an_unreadable_record_is_dropped_and_the_others_stay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state.sqlite"
    async with SqliteSessions(path) as store:
        store.save(LIVE)
        store.end(ENDED, 0)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO sessions VALUES ('broken', '{\"id\": 7}')")
        connection.execute("INSERT INTO ended VALUES ('broken too', 1000, 'no JSON')")
    connection.close()
    async with SqliteSessions(path) as store:
        assert await store.load(0) == ([LIVE], [ENDED])
        assert await store.load(0) == ([LIVE], [ENDED])
    assert caplog.text.count("record dropped") == 2


async def test_a_session_that_was_ended_is_not_live_again(tmp_path: Path) -> None:
    """Killed between the two statements of an end."""
    path = tmp_path / "state.sqlite"
    async with SqliteSessions(path) as store:
        store.end(ENDED, 0)
        store.save(replace(LIVE, id=ENDED.id))
        assert await store.load(0) == ([], [ENDED])


async def test_a_failed_write_is_logged_and_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.sqlite"
    async with SqliteSessions(path) as store:
        other = sqlite3.connect(path)
        other.execute("DROP TABLE sessions")
        other.close()
        store.save(LIVE)
        await store.flush()
    (failure,) = [vars(one) for one in caplog.records if one.getMessage() == "write failed"]
    assert (failure["operation"], failure["session"]) == ("save", "s_1")


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"this is not a database, but a text file that is long enough" * 20, "not a database"), (None, "unable")],
)
async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "state.sqlite"
    if content is None:
        path = tmp_path / "missing" / "state.sqlite"
        why = "No such file"
    else:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=why) as caught:
        await SqliteSessions(path).__aenter__()
    assert str(path) in str(caught.value)


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    async with SqliteSessions(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        await SqliteSessions(path).__aenter__()


async def test_its_thread_ends_with_it() -> None:
    async with SqliteSessions(":memory:") as store:
        await store.flush()
        assert any(thread.name.startswith("storage") for thread in threading.enumerate())
        mine = [thread for thread in threading.enumerate() if thread.name.startswith("storage")]
    for thread in mine:
        thread.join(1)
    assert not any(thread.is_alive() for thread in mine)
