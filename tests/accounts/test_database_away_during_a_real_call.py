"""The database is away while two people talk over real media: they hear each other as before, and the history says
what is missing."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from clients.sound.opus import Decoder
from tests.kit.engine_faults import SHORT
from tests.kit.extent import extent
from tests.kit.packet_caller import PATIENCE, Caller, calling
from tests.kit.postgres import Postgres
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import VOICED, packets, rms

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

AWAY_S = extent(5.0, 30.0)
TURNS_BEFORE = extent(2, 6)
TURNS_AT_FIRST = 4
"""Turns in which the interpreter learns how long somebody pauses: it answers later in them."""
QUIET_S = 0.4
"""Silence between two turns: what is heard after it is of the next."""
LATER_S = 1.0
"""Most time by which a sentence may be heard later while the database is away: a busy machine is shared."""
SETTINGS = FOR_TONES | {"DRAGOMAN_TTS": 'scripted:{"shift_hz": 2000, "seconds": 0.4}'}
HISTORY_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(params=extent(["postgresql"], ["sqlite", "postgresql"]))
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@contextmanager
def away(url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let PostgreSQL stand still; lock SQLite's file, as another process does that writes and does not end."""
    if url.startswith("postgresql"):
        server: Postgres = request.getfixturevalue("postgres")
        server.pause()
        try:
            yield
        finally:
            server.go_on()
        return
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def turn(speaker: Caller, listener: Caller, hz: int) -> float:
    """Say a tone; return the seconds from its last packet to the first sound of its interpretation."""
    await asyncio.sleep(QUIET_S)
    line, inbox = listener.media.lines[0], listener.media.inbox
    heard, told = len(line), len(inbox.received)
    end = await speaker.speak(packets(hz, SHORT))
    over = await inbox.wait_for("utterance_end", after=told, timeout=PATIENCE, sourceUserId=speaker.participant_id)
    assert over["outcome"] == "spoken"
    decoder = Decoder()
    for arrived in line[heard:]:
        if rms(decoder.decode(arrived.packet.payload)) > VOICED:
            return arrived.at - end
    raise AssertionError(f"{hz} Hz: nothing was heard")


async def test_the_call_goes_on(tmp_path: Path, kind: str, database_url: str, request: pytest.FixtureRequest) -> None:
    tones = iter(range(400, 2000, 10))
    before: list[float] = []
    during: list[float] = []
    kept: list[int] = []
    clock = asyncio.get_running_loop().time
    settings = SETTINGS | {"DRAGOMAN_DATABASE_URL": database_url, "DRAGOMAN_HISTORY_KEY": HISTORY_KEY}
    with Server(tmp_path / "server", accounts=True, **settings) as server:
        async with calling(server.url) as (ana, ben):
            for one in (ana, ben):
                await one.signal.send("set_history", on=True)
            for one in (ana, ben):
                await one.signal.inbox.wait_for("history", on=True, timeout=PATIENCE)
            for _ in range(TURNS_AT_FIRST + TURNS_BEFORE):
                kept.append(next(tones))
                before.append(await turn(ana, ben, kept[-1]))
            del before[:TURNS_AT_FIRST]
            with away(database_url, request):
                until = clock() + AWAY_S
                kept.append(next(tones))  # said before anybody could know: it is written once the database is back
                during.append(await turn(ana, ben, kept[-1]))
                for one in (ana, ben):
                    await one.signal.inbox.wait_for("history", on=False, reason="unavailable", timeout=PATIENCE)
                while clock() < until or len(during) < 3:
                    during.append(await turn(ana, ben, next(tones)))
                places = [(one, len(one.signal.inbox.received)) for one in (ana, ben)]
            for one, place in places:
                await one.signal.inbox.wait_for("history", after=place, on=True, timeout=PATIENCE)
            kept.append(next(tones))
            await turn(ana, ben, kept[-1])
            page = await _history(ana, len(kept))
            await ana.leave()
    print(
        f"\n{kind}: from the end of speech to the first sound, seconds: median {statistics.median(before):.3f} of "
        f"{len(before)} turns; while the database is away, median {statistics.median(during):.3f} of {len(during)}, "
        f"longest {max(during):.3f}"
    )
    assert [one["originalText"] for one in page["translations"]] == [f"tone {hz}" for hz in kept]
    assert page["total"] == len(kept)
    (missing,) = page["missing"]
    assert missing["entries"] == len(during) - 1
    assert max(during) < statistics.median(before) + LATER_S


async def _history(person: Caller, entries: int) -> dict[str, Any]:
    """Return the history once all that can be kept is written."""
    async with asyncio.timeout(PATIENCE):
        while True:
            page: dict[str, Any] = (await person.call("GET", f"/sessions/{person.session_id}/history")).body
            if page["total"] >= entries and "missing" in page:
                return page
            await asyncio.sleep(0.1)
