"""Nothing that is said is written but as ciphertext, with both people's consent: no file, no log, no core dump."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader
from signaling.tokens import AccessClaims, Tokens
from storage.accounts.opening import open_accounts, sqlite_url
from storage.accounts.ports import AccountStore
from storage.accounts.records import User
from tests.kit.packet_caller import PATIENCE, Caller, calling, enter
from tests.kit.process_facts import children
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES, SECRET
from tests.kit.tones import packets

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

UNKEPT, KEPT, FAILING = "canary of the unkept heron", "canary of the kept heron", "canary that breaks the engine"
UNKEPT_HZ, KEPT_HZ = 510, 530
NAME = "Anacleta Canary"
KEY = bytes(range(32))
WRITES = "openat,open,creat,memfd_create,write,writev,pwrite64,pwritev,pwritev2"
OURS = re.compile(r"/server/(server\.log|data(/(dragoman|accounts)\.sqlite(-wal|-shm|-journal)?)?)$")
ENGINES = {
    "DRAGOMAN_STT": 'scripted:{"raise_on": "tone 310"}',
    "DRAGOMAN_MT": f'scripted:{{"raise_on": "{FAILING}"}}',
    "DRAGOMAN_TTS": 'scripted:{"shift_hz": 2000}',
}


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server whose writes, and those of its engines, are recorded."""
    assert shutil.which("strace"), "scripts/setup test installs it"
    record = tmp_path / "strace"
    # -D: the server, and not strace, is our child. -yy: descriptors by the name of their file.
    command = ["strace", "-D", "-f", "--seccomp-bpf", "-yy", "-s", "200000", "-e", f"trace={WRITES}", "-o", str(record)]
    settings = {
        "DRAGOMAN_HISTORY_KEY": base64.b64encode(KEY).decode(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DRAGOMAN_LOG_LEVEL": "debug",
    }
    with Server(tmp_path / "server", prefix=command, accounts=True, **FOR_TONES, **ENGINES, **settings) as server:
        yield server, record


async def test_nothing_said_is_in_a_file(traced: tuple[Server, Path], tmp_path: Path) -> None:
    server, record = traced
    assert server.process is not None
    for process in (server.process.pid, *children(server.process.pid)):
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0\s", limits), process
    data = tmp_path / "server" / "data"
    async with open_accounts(sqlite_url(data / "accounts.sqlite")) as store:
        await _call_without_history(server)
        session = await _call_with_history(server, store)
        rows, total = await store.histories.entries(session)
        assert total >= 2
        async with HistoryReader(store.histories, OperatorKeys([KEY]), lambda: 0) as reader:
            kept = {one.original.strip() for one in (await reader.read(session)).entries}
        assert KEPT in kept and any("530" in one for one in kept), kept
        async with HistoryReader(store.histories, OperatorKeys([bytes(32)]), lambda: 0) as reader:
            assert (await reader.read(session)).entries == ()
        ciphertexts = [row.sealed[12:60] for row in rows]
        assert any(ciphertext in _all_of(data) for ciphertext in ciphertexts)  # the scan finds what is there
        await store.users.delete("u_ana")
        await asyncio.sleep(0.5)  # the server's own connections let go of the log
        left = _all_of(data / "accounts.sqlite", data / "accounts.sqlite-wal", data / "accounts.sqlite-shm")
        assert not any(ciphertext in left for ciphertext in ciphertexts)
        assert NAME.encode() not in left and b"ana@example.org" not in left
    assert server.stop() == 0
    _judge_files(tmp_path)
    _judge_writes(record)


async def _call_without_history(server: Server) -> None:
    """Ana types and speaks; one text breaks the translator, whose error quotes it."""
    async with calling(server.url) as (ana, ben):
        for number, text in enumerate((UNKEPT, FAILING)):
            ana.media.send("say", text=text, clientId=f"c{number}")
            await ben.media.inbox.wait_for("transcription", final=True, text=text, timeout=PATIENCE)
        await ana.speak(packets(UNKEPT_HZ, 1.0))
        await ben.media.inbox.wait_for("translation", final=True, sourceLanguage="en", timeout=PATIENCE)
        await ana.speak(packets(310, 0.8))
        for _ in range(4):
            await ben.media.inbox.wait_for("utterance_end", timeout=PATIENCE)
        await ana.leave()
    server.wait_for("an engine failed on job")


async def _call_with_history(server: Server, store: AccountStore) -> str:
    """Ana has an account, Ben is a guest; both consent. Return the session."""
    await store.users.add(User("u_ana", NAME, "ana@example.org", True, None, "en", 1))
    async with Caller(server.url) as ana, Caller(server.url) as ben:
        await enter(ana, ben)
        await ana.leave()
    async with Caller(server.url) as ana, Caller(server.url) as ben:
        ana.sign_in = _signed_in(ana)  # type: ignore[method-assign]
        await enter(ana, ben)
        for one in (ana, ben):
            await one.signal.send("set_history", on=True)
        await ben.signal.inbox.wait_for("history", on=True, timeout=PATIENCE)
        ana.media.send("say", text=KEPT, clientId="k")
        await ben.media.inbox.wait_for("translation", final=True, timeout=PATIENCE)
        await ana.speak(packets(KEPT_HZ, 1.0))
        for _ in range(2):
            await ben.media.inbox.wait_for("utterance_end", timeout=PATIENCE)
        deadline = time.monotonic() + 5
        while (await store.histories.entries(ana.session_id))[1] < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        await ana.leave()
        return ana.session_id


def _signed_in(caller: Caller) -> object:
    async def sign_in(name: str = "") -> dict[str, str]:
        claims = AccessClaims("u_ana", NAME, "user")
        caller.token, caller.user_id = Tokens(SECRET.encode()).issue_access(claims, time.time()), "u_ana"
        return {}

    return sign_in


def _all_of(*places: Path) -> bytes:
    """Return the content of all files in and at these places."""
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file()]
    return b"".join(file.read_bytes() for file in files)


def _judge_files(folder: Path) -> None:
    """No word, no tone's name, and no sound is left on the disk."""
    left = _all_of(folder / "server")
    assert b"an engine failed on job" in left  # the log is among them
    for canary in (UNKEPT, KEPT, FAILING, f"tone {UNKEPT_HZ}", f"tone {KEPT_HZ}", "tone 310"):
        for form in (canary, canary.upper(), f"[es] {canary}"):
            assert form.encode() not in left, form
    sound = [packet for hz in (UNKEPT_HZ, KEPT_HZ) for packet in packets(hz, 1.0) if len(packet) > 40]
    assert len(sound) > 60 and not any(packet in left for packet in sound)


def _judge_writes(record: Path) -> None:
    """Whatever was written meanwhile, and is gone since, went to files that are ours, without a word."""
    lines = record.read_text(errors="replace").splitlines()
    opened = [line for line in lines if re.search(r"O_(WRONLY|RDWR|CREAT|TMPFILE)|memfd_create|creat\(", line)]
    files = {match[1] for line in opened if (match := re.search(r"= \d+<([^>]*)>", line))}
    foreign = {file for file in files if not OURS.search(file) and not file.startswith(("/dev/", "/proc/", "/sys/"))}
    assert not foreign, foreign  # such as a library's own cache, or what it reports to its maker
    assert any(file.endswith("accounts.sqlite-wal") for file in files)
    to_files = [line for line in lines if re.search(r"write\w*\(\d+</(?!dev/)", line)]
    assert len(to_files) > 10
    said = (UNKEPT, KEPT, FAILING, f"tone {UNKEPT_HZ}", f"tone {KEPT_HZ}", "tone 310")
    assert not [line[:300] for line in to_files if any(canary in line for canary in said)]
    assert any(UNKEPT in line for line in lines)  # on its way to an engine: strace would have shown it
