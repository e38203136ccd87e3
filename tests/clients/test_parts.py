"""The small pure parts: backoff, patience, subtitles, verdict, WAV files, the command line."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clients.call import main
from clients.exit_status import Exit, Expectation, ended_by_server, judge
from clients.leave_condition import may_leave
from clients.options import parse
from clients.signaling.backoff import Backoff
from clients.sound.wav import Recording, load
from clients.subtitles import Subtitles


def test_backoff_doubles_until_the_grace_is_over() -> None:
    backoff = Backoff(grace=10.0, first=0.5, ceiling=4.0)
    now, waits = 50.0, []
    while (wait := backoff.next(now)) is not None:
        waits.append(wait)
        now += wait
    assert waits == [0.5, 1.0, 2.0, 4.0, 2.5]
    backoff.succeeded()
    assert backoff.next(now) == 0.5


READY: dict[str, Any] = {
    "clips": 2, "clips_end": 10.0, "stay": 0.0, "linger": 20.0, "last_activity": 12.0, "all_ended": True,
    "mine_ended": 2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("now", "changes", "leaves"),
    [
        (15.0, {}, True),
        (14.0, {}, False),  # something came 2 s ago
        (15.0, {"all_ended": False}, False),
        (15.0, {"mine_ended": 1}, False),
        (30.1, {"mine_ended": 0, "all_ended": False}, True),  # linger is over
        (60.0, {"clips_end": None}, False),
        (15.0, {"stay": 40.0}, False),
        (40.1, {"stay": 40.0}, True),
        (1e6, {"stay": float("inf")}, False),
        (1e6, {"clips": 0, "clips_end": 0.0}, False),  # a mere listener
        (50.0, {"clips": 0, "clips_end": 0.0, "stay": 40.0}, True),
    ],
)
def test_when_to_leave(now: float, changes: dict[str, Any], leaves: bool) -> None:
    assert may_leave(now, **(READY | changes)) is leaves


def subtitle(seq: int | None, kind: str, who: str = "me", **fields: Any) -> dict[str, Any]:
    number = {} if seq is None else {"seq": seq}
    return number | {"type": kind, "utteranceId": "u", "sourceUserId": who, **fields}


def test_subtitles_are_taken_once_and_utterances_followed() -> None:
    kept: list[dict[str, Any]] = []
    subtitles = Subtitles(kept.append)
    subtitles.identify("me")
    assert subtitles.resume() == 0
    assert subtitles.receive(subtitle(3, "transcription", final=False))  # what was before it was not for us
    assert not subtitles.all_ended and not subtitles.any_final
    assert subtitles.receive(subtitle(4, "transcription", final=True)) and subtitles.any_final
    assert not subtitles.receive(subtitle(4, "transcription", final=True))
    assert subtitles.receive(subtitle(7, "utterance_end"))
    assert subtitles.all_ended and subtitles.mine_ended == 1
    assert subtitles.receive(subtitle(None, "status"))
    assert (subtitles.last_seq, subtitles.holes, subtitles.duplicates) == (7, 2, 1)
    assert subtitles.receive(subtitle(8, "translation", final=True))  # a resent text reopens nothing
    assert subtitles.all_ended
    assert len(kept) == 5


def test_a_voice_is_expected_when_it_was_announced_to_us() -> None:
    subtitles = Subtitles(lambda message: None)
    subtitles.identify("me")
    subtitles.receive(subtitle(1, "speech_audio", state="start", targetUserId="you"))
    assert not subtitles.voice_expected
    subtitles.receive(subtitle(2, "speech_audio", "you", state="start", targetUserId="me"))
    assert subtitles.voice_expected


FINE: dict[str, Any] = {
    "expect": Expectation.AUTO, "spoke": True, "voice_expected": True,
    "heard_interpreter": True, "heard_original": True, "received_subtitles": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "changes", "status"),
    [
        ("left", {}, Exit.OK),
        ("partner_left", {}, Exit.OK),
        ("partner_lost", {}, Exit.LOST),
        ("shutdown", {}, Exit.LOST),
        ("left", {"heard_interpreter": False}, Exit.NO_AUDIO),
        ("left", {"heard_interpreter": False, "voice_expected": False}, Exit.OK),
        ("left", {"heard_interpreter": False, "voice_expected": False, "expect": Expectation.AUDIO}, Exit.NO_AUDIO),
        ("left", {"received_subtitles": False}, Exit.NO_SUBTITLES),
        ("left", {"received_subtitles": False, "spoke": False, "heard_original": False}, Exit.OK),
        ("left", {"received_subtitles": False, "heard_interpreter": False, "expect": Expectation.NONE}, Exit.OK),
    ],
)
def test_the_exit_status(reason: str, changes: dict[str, Any], status: Exit) -> None:
    assert judge(ended_by_server(reason), **(FINE | changes)) is status


def test_a_recording_is_silent_where_nothing_came(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with Recording(path) as recording:
        recording.write(4800, np.full(100, 7, np.int16))
        recording.write(-50, np.full(100, 3, np.int16))
        recording.write(-500, np.full(100, 9, np.int16))
        recording.extend(9600)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert len(samples) == 9600
    assert set(samples[:50]) == {3} and set(samples[4800:4900]) == {7}
    assert not samples[50:4800].any() and not samples[4900:].any()
    Recording(None).write(0, np.zeros(1, np.int16))


def test_a_clip_of_any_rate_is_48_khz_mono(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    tone = (8000 * np.sin(np.arange(22050) / 22050 * 2 * np.pi * 440)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes(np.repeat(tone, 2).tobytes())
    samples = load(path)
    assert len(samples) == pytest.approx(48000, abs=50)
    spectrum = np.abs(np.fft.rfft(samples[:48000]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=2)
    assert np.abs(samples).max() == pytest.approx(8000, rel=0.05)


def test_a_missing_wav_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--server", "http://127.0.0.1:1", "--create", "--language", "en"]
    assert main([*command, "--wav", str(tmp_path / "none.wav")]) == Exit.USAGE
    assert "none.wav" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--create"],
        ["--create", "--code", "123456", "--language", "en"],
        ["--code", "12345", "--language", "en"],
        ["--code", "123456", "--language", "en", "--code-file", "x"],
        ["--create", "--language", "en", "--at", "1"],
        ["--create", "--language", "en", "--linger", "-1"],
        ["--create", "--language", "en", "--server", "example.org"],
    ],
)
def test_a_wrong_command_line_exits_with_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["--server", "http://127.0.0.1", *wrong])
    assert stop.value.code == Exit.USAGE
