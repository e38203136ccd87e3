"""The whole client against a server in miniature, over real UDP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clients.call
from clients.call import call
from clients.exit_status import Exit
from clients.options import Options
from clients.sound.microphone import Clip
from tests.kit.fake_server import FakeDragoman, serving

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


def tone(seconds: float, hertz: float = 440.0) -> Clip:
    time = np.arange(int(seconds * 48000)) / 48000
    return Clip("tone", (8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16))


def options(fake: FakeDragoman, folder: Path, **changes: Any) -> Options:
    given: dict[str, Any] = {
        "server": fake.url,
        "language": "en",
        "wavs": (Path("tone.wav"),),
        "out": folder / "heard.wav",
        "original_out": folder / "voice.wav",
        "subtitles": folder / "subtitles.jsonl",
        "report": folder / "report.json",
        "linger": 12.0,
        "start_after": 0.3,
    }
    return Options(**(given | changes))


def read(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def pitch(samples: np.ndarray[Any, np.dtype[np.int16]]) -> float:
    """The strongest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * 48000 / len(samples))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def nothing_left() -> None:
    for _ in range(40):
        if len(asyncio.all_tasks()) == 1:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"tasks left: {asyncio.all_tasks()}")


async def test_a_call_from_joining_to_leaving(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving() as fake:
        code_file = tmp_path / "code"
        status = await call(options(fake, tmp_path, code_file=code_file), [tone(1.0)])
    assert status == Exit.OK
    assert code_file.read_text() == "123456\n"
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed[0]["sessionCode"] == "123456"

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["errors"] == []
    (spoken,) = report["spoken"]
    assert spoken["end"] - spoken["start"] == pytest.approx(1.0)
    assert spoken["startEpoch"] == pytest.approx(report["t0Epoch"] + spoken["start"], abs=1e-3)
    ((start, end),) = report["lines"]["interpreter"]["voiced"]
    delay = start - spoken["start"]
    assert 0.02 < delay < 1.0  # our packetisation, and aiortc's jitter buffer in the fake server
    assert end - start == pytest.approx(1.0, abs=0.1)
    assert report["lines"]["interpreter"]["rtp"]["lost"] == 0

    heard = read(tmp_path / "heard.wav")
    loud = np.flatnonzero(np.abs(heard) > 1000) / 48000
    assert loud[0] == pytest.approx(start, abs=0.03)
    assert loud[-1] == pytest.approx(end, abs=0.03)
    assert pitch(heard) == pytest.approx(440, abs=5)
    assert pitch(read(tmp_path / "voice.wav")) == pytest.approx(250, abs=5)
    assert len(heard) == pytest.approx(len(read(tmp_path / "voice.wav")), abs=4800)

    subtitles = lines(tmp_path / "subtitles.jsonl")
    assert [message["seq"] for message in subtitles] == [1, 2, 3, 4, 5]
    assert all(message["at"] > end - 1 for message in subtitles)
    offer, leave = fake.of_type("offer"), fake.of_type("leave_session")
    assert [message["negotiation"] for message in offer] == [1] and len(leave) == 1
    assert offer[0]["sdp"].count("m=audio") == 2 and "a=end-of-candidates" in offer[0]["sdp"]
    assert fake.markers[0] and not any(fake.markers[1:])
    assert fake.on_channel[0] == {"type": "resume", "lastSeq": 0}
    await nothing_left()


async def test_a_restart_is_survived(tmp_path: Path) -> None:
    async with serving() as fake:

        async def restart() -> None:
            await fake.interpreted.wait()
            await asyncio.sleep(0.2)
            fake.down = True
            await fake.drop()
            fake.tell(type="status", level="ok", lagMs=0)  # while nobody listens
            await asyncio.sleep(1.0)
            fake.down = False

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(restart())
            started = asyncio.get_running_loop().time()
            twice = options(fake, tmp_path, at=(0.8, 5.0), wavs=(Path("a"), Path("b")))
            status = await call(twice, [tone(1.0), tone(1.0, 660)])
    assert status == Exit.OK
    assert asyncio.get_running_loop().time() - started < 15
    assert [message["negotiation"] for message in fake.of_type("offer")][0:2] == [1, 2]
    assert [message["token"] for message in fake.of_type("join_session")] == ["access", "resume"]
    resumes = [message["lastSeq"] for message in fake.on_channel if message["type"] == "resume"]
    assert resumes == [0, 5]
    subtitles = lines(tmp_path / "subtitles.jsonl")
    assert [message["seq"] for message in subtitles] == list(range(1, 12))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["subtitles"]["duplicates"] == 1
    spans = report["lines"]["interpreter"]["voiced"]
    assert len(spans) == 2 and spans[1][0] == pytest.approx(5.0, abs=1.0)  # the clock went on
    await nothing_left()


async def test_a_lost_socket_costs_no_word(tmp_path: Path) -> None:
    async with serving() as fake:

        async def drop() -> None:
            await fake.resumed.wait()
            await asyncio.sleep(1.5)
            await fake.drop_sockets()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(drop())
            status = await call(options(fake, tmp_path), [tone(3.0)])
    assert status == Exit.OK
    report = json.loads((tmp_path / "report.json").read_text())
    first, second = report["connections"]
    assert first["ended"] >= second["connected"]  # the old one stayed until the new one was up
    ((start, end),) = report["lines"]["interpreter"]["voiced"]
    assert end - start > 2.6
    await nothing_left()


async def test_lost_media_comes_back_on_the_same_socket(tmp_path: Path) -> None:
    async with serving() as fake:

        async def drop() -> None:
            await fake.interpreted.wait()
            await fake.drop_media()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(drop())
            twice = options(fake, tmp_path, at=(0.5, 4.0), wavs=(Path("a"), Path("b")))
            status = await call(twice, [tone(0.5), tone(0.5)])
    assert status == Exit.OK
    assert len(fake.of_type("join_session")) == 1
    assert [message["negotiation"] for message in fake.of_type("offer")] == [1, 2]
    assert [message["lastSeq"] for message in fake.on_channel if message["type"] == "resume"] == [0, 5]
    await nothing_left()


async def test_as_a_process_it_leaves_on_sigterm_without_a_warning(tmp_path: Path) -> None:
    root = Path(clients.call.__file__).parent.parent
    async with serving() as fake:
        command = ["-X", "dev", "-W", "error", "-m", "clients.call", "--server", fake.url, "--create"]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            *["--language", "en", "--expect", "none", "--report", str(tmp_path / "report")],
            cwd=root,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(20):
            await fake.resumed.wait()
            process.terminate()
            out, err = await process.communicate()
    assert err == b""
    assert process.returncode == Exit.OK
    assert json.loads(out.splitlines()[-1])["reason"] == "left"
    assert len(fake.of_type("leave_session")) == 1
    assert json.loads((tmp_path / "report").read_text())["errors"] == []


async def test_a_call_whose_output_nobody_reads_is_left_without_a_traceback(tmp_path: Path) -> None:
    """`dragoman call … | head -1` reads one line, and has gone when the next one comes."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    async with serving() as fake:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *["-X", "dev", "-W", "error", "-m", "clients.call", "--server", fake.url, "--create"],
            *["--language", "en", "--expect", "none"],
            cwd=Path(clients.call.__file__).parent.parent,
            stdout=write_end,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(write_end)
        async with asyncio.timeout(20):
            _, err = await process.communicate()
    assert err == b""
    assert process.returncode == Exit.OK
    assert len(fake.of_type("leave_session")) == 1


async def test_a_lost_call_ends_when_the_grace_is_over(tmp_path: Path) -> None:
    async with serving() as fake:

        async def die() -> None:
            await fake.interpreted.wait()
            fake.down = True
            await fake.drop()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(die())
            status = await call(options(fake, tmp_path, grace=1.5, stay=60.0), [tone(0.5)])
    assert status == Exit.LOST
    assert json.loads((tmp_path / "report.json").read_text())["reason"] == "server_lost"
    await nothing_left()


async def test_a_refusal_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving() as fake:
        fake.refuse_join = "session_not_found"
        status = await call(options(fake, tmp_path, code="000000"), [])
    assert status == Exit.REFUSED
    assert "session_not_found: no" in capsys.readouterr().err


async def test_who_never_got_in_is_not_told_that_nobody_joined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving() as fake:
        fake.down = True
        status = await call(options(fake, tmp_path, wait=0.5), [])
    assert status == Exit.REFUSED
    assert "unreachable" in capsys.readouterr().err
    await nothing_left()


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    status = await call(Options(server="http://127.0.0.1:1", language="en"), [])
    assert status == Exit.REFUSED


async def test_a_listener_stays_until_the_partner_leaves(tmp_path: Path) -> None:
    async with serving() as fake:

        async def hang_up() -> None:
            await fake.resumed.wait()
            await fake.end("partner_left")

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hang_up())
            status = await call(options(fake, tmp_path, wavs=(), one_line=True), [])
    assert status == Exit.OK
    assert fake.of_type("offer")[0]["sdp"].count("m=audio") == 1
    assert fake.of_type("leave_session") == []
    await nothing_left()
