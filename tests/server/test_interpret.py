"""`dragoman interpret`: a recording with real engines, no network; and the command line's refusals."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from testing.recordings import load, speech_end
from testing.words import words


def dragoman(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two Spanish sentences with a pause between them."""
    file = tmp_path / "said.wav"
    text = "¿Dónde está la farmacia?"
    subprocess.run(["espeak-ng", "-v", "es", "--stdin", "-w", str(file)], input=text.encode(), check=True)
    with wave.open(str(file), "rb") as one:
        parameters, sentence = one.getparams(), one.readframes(one.getnframes())
    with wave.open(str(file), "wb") as both:
        both.setparams(parameters)
        both.writeframes(sentence + bytes(2 * 3 * 22050) + sentence)
    return file


def test_a_recording_becomes_a_translated_wav_and_its_events(recording: Path, recognise: Callable[..., str]) -> None:
    out, events = recording.with_name("out.wav"), recording.with_name("events.jsonl")
    done = dragoman(
        "interpret", str(recording), "--from", "es", "--to", "en", "--out", str(out), "--events", str(events)
    )
    assert done.returncode == 0, done.stderr
    sound = load(out)
    half = round(3.0 * 16000)
    for piece in (sound[:half], sound[half:]):
        assert words(recognise(piece, "en")) == words("Where is the pharmacy?")
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert [event["outcome"] for event in told if event["event"] == "UtteranceEnded"] == ["spoken", "spoken"]
    assert speech_end(sound) > speech_end(load(recording)), "the interpreter speaks after the speaker"


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not audio")
    done = dragoman("interpret", str(file))
    assert done.returncode == 2
    assert "notes.txt" in done.stderr


def test_an_impossible_pair_is_refused_with_what_is_possible(recording: Path) -> None:
    done = dragoman("interpret", str(recording), "--from", "es", "--to", "ja")
    assert done.returncode == 2
    assert "es→en" in done.stderr


def test_doctor_finds_nothing_wrong_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path))
    monkeypatch.setenv("DRAGOMAN_PORT", "0")
    monkeypatch.setenv("DRAGOMAN_SESSIONS", "20")  # a shell that allows 1024 open files holds so many
    done = dragoman("doctor")
    assert done.returncode == 0, done.stdout
    assert "all is well" in done.stdout


def test_doctor_names_a_relay_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path))
    monkeypatch.setenv("DRAGOMAN_PORT", "0")
    monkeypatch.setenv("DRAGOMAN_MODELS", "scripted")
    monkeypatch.setenv("DRAGOMAN_TURN_URLS", "turn:127.0.0.1:9?transport=udp")
    monkeypatch.setenv("DRAGOMAN_TURN_SECRET", "secret")
    done = dragoman("doctor")
    assert done.returncode == 1
    assert "is coturn running" in done.stdout
