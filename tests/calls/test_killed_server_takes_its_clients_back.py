"""kill -9 and a new process on the same data and port: everybody comes back into their call, and it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.sound.wav import load
from pipeline.speech import SAMPLE_RATE
from testing.hotel_dialogue import GUEST, record
from testing.recordings import load as load_heard
from testing.words import share_heard
from tests.kit.packet_caller import PATIENCE, Caller, calling, until
from tests.kit.server_process import UNLIMITED, Server
from tests.kit.tones import decoded, encoded, voiced_seconds

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

BEFORE, AFTER = GUEST.sentences[0], GUEST.sentences[2]
SAID_AT = 0.5, 10.0, 16.0, 23.0, 31.0
"""Seconds after the pairing; the crash and the way back lie after the first. The second sentence is said until
it is understood: on a slow machine everybody may be on their way when it is said first."""


async def test_everybody_comes_back(tmp_path: Path, understands: Callable[..., str]) -> None:
    wavs = record(GUEST, tmp_path)
    before, after = wavs[0], wavs[2]
    with Server(tmp_path / "server", **UNLIMITED) as server:
        processes = [_call(tmp_path / "en", server, "en", before, *[after] * (len(SAID_AT) - 1))]
        try:
            await until(lambda: _code(tmp_path / "en") != "")
            processes.append(_call(tmp_path / "es", server, "es", code=_code(tmp_path / "en")))
            async with calling(server.url) as (ana, ben):
                await _interpreted(ana, ben, before, BEFORE.translation)
                await _translated(tmp_path / "es", BEFORE.translation)
                server.restart(kill=True)
                await _come_back(ana, ben)
                await _interpreted(ana, ben, after, AFTER.translation)
                await _translated(tmp_path / "es", AFTER.translation)
                await ana.leave()
                assert (await ben.signal.inbox.wait_for("session_ended"))["reason"] == "partner_left"
            processes[0].terminate()  # it hangs up
            await until(lambda: all(process.poll() is not None for process in processes))
            assert [process.returncode for process in processes] == [0, 0]
        finally:
            for process in processes:
                process.kill()
                process.wait()
    _judge(tmp_path, understands)


def _call(folder: Path, server: Server, language: str, *wavs: Path, code: str = "") -> subprocess.Popen[bytes]:
    """`dragoman call` in a process of its own; it says the WAVs at `SAID_AT`."""
    folder.mkdir()
    command = [sys.executable, "-m", "server.cli.main", "call", "--server", server.url, "--language", language]
    for wav, at in zip(wavs, SAID_AT, strict=False):
        command += ["--wav", str(wav), "--at", str(at)]
    for option in ("out", "original-out", "subtitles", "report"):
        command += [f"--{option}", str(folder / option)]
    command += ["--code", code, "--stay", "inf"] if code else ["--create", "--code-file", str(folder / "code")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)


def _code(folder: Path) -> str:
    """The session code, once it is known."""
    file = folder / "code"
    return file.read_text().strip() if file.exists() else ""


async def _interpreted(ana: Caller, ben: Caller, wav: Path, translation: str) -> None:
    """Ana says it; Ben reads its translation, and hears it."""
    inbox, heard = ben.media.inbox, len(ben.media.lines[0])
    await ana.speak(encoded(load(wav)))
    await inbox.wait_for("translation", final=True, translatedText=translation, timeout=PATIENCE)
    end = await inbox.wait_for("utterance_end", timeout=PATIENCE)
    assert end["outcome"] == "spoken"
    assert voiced_seconds(decoded([arrived.packet for arrived in ben.media.lines[0][heard:]])) > 1


async def _translated(folder: Path, translation: str) -> None:
    """Until a process has read this translation, and its utterance is over."""

    def over() -> bool:
        messages = _messages(folder)
        found = [one["utteranceId"] for one in messages if one.get("translatedText") == translation]
        return any(one["type"] == "utterance_end" and one["utteranceId"] in found for one in messages)

    await until(over)


def _messages(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "subtitles").read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


async def _come_back(*people: Caller) -> None:
    """By the resume token alone, with new media; the session is the one that it was."""
    started = people[-1].joined["startedAt"]
    for person in people:
        assert await person.signal.close_code() in (None, 1006)
        joined, again = person.joined, await person.resume()
        assert (again["status"], again["startedAt"]) == ("active", started)
        assert all(again[key] == joined[key] for key in ("sessionId", "participantId", "language"))
        last = person.last_seq
        await person.offer()
        gap = await person.media.inbox.wait_for("error", code="gap", timeout=PATIENCE)
        assert gap["seq"] == last + 1
    await people[0].signal.inbox.wait_for("partner_connected", timeout=PATIENCE)


def _judge(tmp_path: Path, understands: Callable[..., str]) -> None:
    """The two processes: each had two connections, and what was said after the crash was heard."""
    for folder in (tmp_path / "en", tmp_path / "es"):
        report = json.loads((folder / "report").read_text())
        assert len([one for one in report["connections"] if "connected" in one]) == 2
        back = [event["at"] for event in report["events"] if event["event"] == "connected"][1]
        lost = next(error["at"] for error in report["errors"] if error["code"] == "socket_lost")
        print(f"\n{folder.name}: the socket was lost {lost} s after the pairing, media was back after {back} s")
    heard = load_heard(tmp_path / "es" / "out")
    texts = [
        understands(heard[int((start - 0.1) * SAMPLE_RATE) : int((end + 0.3) * SAMPLE_RATE)], "es")
        for start, end in report["lines"]["interpreter"]["voiced"]
        if start > back
    ]
    assert max(share_heard(AFTER.translation, text) for text in texts) >= 0.8, texts
