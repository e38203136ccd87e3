"""Nothing that is said is written but as ciphertext, with both people's consent: no file, no log, no core dump.

Words are searched for as text. Sound is searched for as the Opus packets that were sent and received, and as samples.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader
from clients.sound.opus import Decoder
from pipeline.speech import SAMPLE_RATE, VOICE_RATE
from signaling.tokens import AccessClaims, Tokens
from storage.accounts.opening import open_accounts, sqlite_url
from storage.accounts.ports import AccountStore
from storage.accounts.records import User
from testing.resampling import as_float, resampled
from tests.kit.engine_faults import SHORT
from tests.kit.extent import LONG
from tests.kit.packet_caller import PATIENCE, Caller, calling, enter, until
from tests.kit.process_facts import children, command
from tests.kit.server_process import Server
from tests.kit.sound_search import sounds
from tests.kit.tone_server_settings import FOR_TONES, SECRET
from tests.kit.tones import packets

ROOT = Path(__file__).parents[2]
UNKEPT, KEPT, FAILING = "canary of the unkept heron", "canary of the kept heron", "canary that breaks the engine"
CRASHED = "canary of the crashed heron"
UNKEPT_HZ, KEPT_HZ, CRASHED_HZ, RAISING_HZ, HANGING_HZ = SAID_HZ = 510, 530, 570, 310, 370
SHIFT_HZ = 2000
"""Difference by which the interpreter says a tone higher."""
SAID = (UNKEPT, KEPT, FAILING, CRASHED, *(f"tone {hz}" for hz in SAID_HZ))
HEARD_HZ = (*SAID_HZ, UNKEPT_HZ + SHIFT_HZ, KEPT_HZ + SHIFT_HZ)
NAME = "Anacleta Canary"
KEY = bytes(range(32))
WRITES = "openat,open,creat,memfd_create,write,writev,pwrite64,pwritev,pwritev2"
OURS = re.compile(r"/server/(server\.log|data(/(dragoman|accounts)\.sqlite(-wal|-shm|-journal)?)?)$")
DUMPS = ["prlimit", "--core=unlimited:unlimited"]
"""Starts a command that may dump core, whatever this machine's own limit is."""
ENGINES = {
    "DRAGOMAN_STT": f'scripted:{{"raise_on": "tone {RAISING_HZ}", "hang_on": "tone {HANGING_HZ}"}}',
    "DRAGOMAN_MT": f'scripted:{{"raise_on": "{FAILING}"}}',
    "DRAGOMAN_TTS": f'scripted:{{"shift_hz": {SHIFT_HZ}}}',
}


@dataclass
class Traced:
    """A server whose writes, and those of its engines, are recorded; and the packets of its calls."""

    server: Server
    record: Path
    packets: set[bytes] = field(default_factory=set)

    def note(self, *people: Caller) -> None:
        """Note what these people have sent and received."""
        for one in people:
            self.packets |= {sent.payload for sent in one.media.mouth.sent}
            self.packets |= {arrived.packet.payload for line in one.media.lines for arrived in line}


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    """A server that may dump core, and that says where it crashes, as its engines do."""
    assert shutil.which("strace"), "scripts/setup test installs it"
    for folder in ("record", "site", "server"):
        (tmp_path / folder).mkdir()
    record = tmp_path / "record" / "strace"
    (tmp_path / "site" / "sitecustomize.py").write_text("import faulthandler\nfaulthandler.enable()\n")
    # -D: the server, and not strace, is our child. -yy: descriptors by the name of their file.
    strace = ["strace", "-D", "-f", "--seccomp-bpf", "-yy", "-s", "200000", "-e", f"trace={WRITES}", "-o", str(record)]
    settings = {
        "DRAGOMAN_HISTORY_KEY": base64.b64encode(KEY).decode(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": f"{tmp_path / 'site'}:{ROOT}",
        "DRAGOMAN_LOG_LEVEL": "debug",
    }
    where = ["env", "-C", str(tmp_path / "server")]  # a core dump lies in the working directory
    with Server(
        tmp_path / "server", prefix=[*where, *DUMPS, *strace], accounts=True, **FOR_TONES, **ENGINES, **settings
    ) as server:
        yield Traced(server, record)


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_nothing_said_is_in_a_file(traced: Traced, tmp_path: Path) -> None:
    server = traced.server
    assert server.process is not None
    for process in (server.process.pid, *children(server.process.pid)):
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0\s", limits), process
    data = tmp_path / "server" / "data"
    async with open_accounts(sqlite_url(data / "accounts.sqlite")) as store:
        await _call_without_history(traced)
        session = await _call_with_history(traced, store)
        rows, total = await store.histories.entries(session)
        assert total >= 2
        async with HistoryReader(store.histories, OperatorKeys([KEY]), lambda: 0) as reader:
            kept = {one.original.strip() for one in (await reader.read(session)).entries}
        assert KEPT in kept and any(str(KEPT_HZ) in one for one in kept), kept
        async with HistoryReader(store.histories, OperatorKeys([bytes(32)]), lambda: 0) as reader:
            assert (await reader.read(session)).entries == ()
        ciphertexts = [row.sealed[12:60] for row in rows]
        assert any(ciphertext in _all_of(data) for ciphertext in ciphertexts)  # the scan finds what is there
        await store.users.delete("u_ana")
        await asyncio.sleep(0.5)  # the server's own connections let go of the log
        left = _all_of(data / "accounts.sqlite", data / "accounts.sqlite-wal", data / "accounts.sqlite-shm")
        assert not any(ciphertext in left for ciphertext in ciphertexts)
        assert NAME.encode() not in left and b"ana@example.org" not in left
    await _call_that_crashes(traced)
    _judge_files(traced, tmp_path / "server")
    _judge_writes(traced.record.read_text(errors="replace"))
    if LONG:  # the next process takes up what the crashed one left
        server.start()
        assert server.stop() == 0
        _judge_files(traced, tmp_path / "server")


async def _call_without_history(traced: Traced) -> None:
    """Ana types and speaks; one text breaks the translator, whose error quotes it."""
    async with calling(traced.server.url) as (ana, ben):
        for number, text in enumerate((UNKEPT, FAILING)):
            ana.media.send("say", text=text, clientId=f"c{number}")
            await ben.media.inbox.wait_for("transcription", final=True, text=text, timeout=PATIENCE)
        await ana.speak(packets(UNKEPT_HZ, 1.0))
        await ben.media.inbox.wait_for("translation", final=True, sourceLanguage="en", timeout=PATIENCE)
        await ana.speak(packets(RAISING_HZ, 0.8))
        for _ in range(4):
            await ben.media.inbox.wait_for("utterance_end", timeout=PATIENCE)
        traced.note(ana, ben)
        await ana.leave()
    traced.server.wait_for("an engine failed on job")


async def _call_with_history(traced: Traced, store: AccountStore) -> str:
    """Ana has an account, Ben is a guest; both consent. Return the session."""
    await store.users.add(User("u_ana", NAME, "ana@example.org", True, None, "en", 1))
    async with Caller(traced.server.url) as ana, Caller(traced.server.url) as ben:
        ana.sign_in = _signed_in(ana)  # type: ignore[method-assign]
        await enter(ana, ben)
        await _consent(ana, ben)
        ana.media.send("say", text=KEPT, clientId="k")
        await ben.media.inbox.wait_for("translation", final=True, timeout=PATIENCE)
        await ana.speak(packets(KEPT_HZ, 1.0))
        for _ in range(2):
            await ben.media.inbox.wait_for("utterance_end", timeout=PATIENCE)
        deadline = time.monotonic() + 5
        while (await store.histories.entries(ana.session_id))[1] < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        traced.note(ana, ben)
        await ana.leave()
        return ana.session_id


async def _call_that_crashes(traced: Traced) -> None:
    """Engines crash with a sentence in hand, and then the server, while a sentence is being said."""
    server = traced.server
    assert server.process is not None
    async with calling(server.url) as (ana, ben):
        await _consent(ana, ben)
        ana.media.send("say", text=CRASHED, clientId="k")
        await ben.media.inbox.wait_for("translation", final=True, timeout=PATIENCE)
        await ana.speak(packets(HANGING_HZ, SHORT))
        await asyncio.sleep(0.4)  # recognition begins in the pause, before the end is certain
        engines = [one for one in children(server.process.pid) if "pipeline.lanes.worker" in command(one)]
        assert len(engines) == 3
        for engine in engines:  # one after another: each says where it was
            os.kill(engine, signal.SIGSEGV)
            await until(lambda engine=engine: not Path(f"/proc/{engine}").exists())
        server.wait_for("stt scripted died")
        ana.media.mouth.say(packets(CRASHED_HZ, 1.0))
        await asyncio.sleep(0.6)
        os.kill(server.process.pid, signal.SIGABRT)
        await asyncio.to_thread(server.process.wait, PATIENCE)
        traced.note(ana, ben)
        for one in (ana, ben):
            await one.vanish()
    assert server.stop(kill=True) == -signal.SIGABRT
    for crash, count in (("Segmentation fault", 3), ("Aborted", 1)):
        assert server.log.count(f"Fatal Python error: {crash}") == count
    await until(lambda: "killed by SIGABRT" in traced.record.read_text(errors="replace"))


async def _consent(ana: Caller, ben: Caller) -> None:
    for one in (ana, ben):
        await one.signal.send("set_history", on=True)
    await ben.signal.inbox.wait_for("history", on=True, timeout=PATIENCE)


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


def _judge_files(traced: Traced, folder: Path) -> None:
    """No word, no tone's name, and no sound is left on the disk."""
    assert not [file for file in folder.rglob("*") if file.is_file() and not OURS.search(str(file))]  # such as a core
    left = _all_of(folder)
    assert b"an engine failed on job" in left and b"Fatal Python error" in left  # the log is among them
    for canary in SAID:
        for form in (canary, canary.upper(), f"[es] {canary}"):
            assert form.encode() not in left, form
    sound = [packet for packet in traced.packets if len(packet) > 40]
    assert len(sound) > 100 and not any(packet in left for packet in sound)
    assert sounds(left, HEARD_HZ) == set()


def _judge_writes(record: str) -> None:
    """All that was written meanwhile, and is gone since, went to files that are ours, without a word or a sound."""
    lines = record.splitlines()
    opened = [line for line in lines if re.search(r"O_(WRONLY|RDWR|CREAT|TMPFILE)|memfd_create|creat\(", line)]
    files = {match[1] for line in opened if (match := re.search(r"= \d+<([^>]*)>", line))}
    foreign = {file for file in files if not OURS.search(file) and not file.startswith(("/dev/", "/proc/", "/sys/"))}
    assert not foreign, foreign  # such as a library's own cache, or what it reports to its maker
    assert any(file.endswith("accounts.sqlite-wal") for file in files)
    assert record.count("killed by SIG") >= 4 and "core dumped" not in record
    to_files, to_pipes = _written(lines, r"/(?!dev/)[^>]*"), _written(lines, r"(?:pipe|socket|UNIX)[^>]*")
    assert len(to_files) > 2
    for file, content in to_files.items():
        assert not [canary for canary in SAID if canary.encode() in content], file
        assert sounds(content, HEARD_HZ) == set(), file
    # On its way to an engine and back strace shows it, and the search finds it.
    between = b"".join(to_pipes.values())
    assert UNKEPT.encode() in between and CRASHED.encode() in between
    assert sounds(between, HEARD_HZ) >= {UNKEPT_HZ, KEPT_HZ, HANGING_HZ, UNKEPT_HZ + SHIFT_HZ}


def _written(lines: list[str], target: str) -> dict[str, bytes]:
    """Return what was written to each file, pipe or socket whose name matches."""
    found: dict[str, bytearray] = defaultdict(bytearray)
    for line in lines:
        if match := re.search(rf"write\w*\(\d+<({target})>", line):
            for text in re.findall(r'"((?:[^"\\]|\\.)*)"', line[match.end() :]):
                found[match[1]] += codecs.escape_decode(text.encode("latin-1"))[0]  # type: ignore[attr-defined]
    return {name: bytes(content) for name, content in found.items()}


@pytest.mark.parametrize("rate", [SAMPLE_RATE, VOICE_RATE, 48_000])
@pytest.mark.parametrize("form", ["<i2", "<f4"])
def test_the_search_finds_sound(tmp_path: Path, rate: int, form: str) -> None:
    """Sound as a call decodes it, resampled, at an odd place of a file, in pieces of one frame."""
    decoder = Decoder()
    heard = resampled(np.concatenate([decoder.decode(packet) for packet in packets(KEPT_HZ, 0.2)]), 48_000, rate)
    samples = heard if form == "<i2" else as_float(heard)
    frames = [part.astype(form).tobytes() for part in np.array_split(samples, len(samples) // (rate // 50))]
    file = tmp_path / "file"
    file.write_bytes(b"x" + b" a frame:".join(frames))
    assert sounds(file.read_bytes(), HEARD_HZ) >= {KEPT_HZ}
    assert sounds(Path(__file__).read_bytes() + bytes(4000) + os.urandom(4000), HEARD_HZ) == set()


def test_the_search_finds_words_and_sound_in_a_core_dump(tmp_path: Path) -> None:
    """Without its limit the server would leave such a dump here, and the search would tell."""
    if (pattern := Path("/proc/sys/kernel/core_pattern").read_text().strip()).startswith(("|", "/")):
        pytest.skip(f"core dumps go to {pattern} here")
    said = "import os, sys\ndata = sys.stdin.buffer.read()\nos.abort()"
    decoder = Decoder()
    sound = b"".join(decoder.decode(packet).tobytes() for packet in packets(KEPT_HZ, 0.2))
    ran = subprocess.run([*DUMPS, sys.executable, "-I", "-S", "-c", said], cwd=tmp_path, input=KEPT.encode() + sound)
    assert ran.returncode == -signal.SIGABRT
    left = _all_of(tmp_path)
    assert KEPT.encode() in left
    assert sounds(left, [KEPT_HZ]) == {KEPT_HZ}
