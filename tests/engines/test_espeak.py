"""Synthesis by espeak-ng: what is heard, and that no text is more to it than text."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.voices.espeak import Espeak
from pipeline.engines.voices.speakable_text import plain
from pipeline.speech import VOICE_RATE, Synthesize


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


def speak(espeak: Espeak, text: str, language: str = "en", **line: object) -> NDArray[np.int16]:
    (speech,) = espeak.synthesize([Synthesize(text, language, **line)])  # type: ignore[arg-type]
    return np.frombuffer(speech.pcm, np.int16)


def fake(tmp_path: Path, body: str) -> str:
    """A command that lists voices as espeak-ng does, and then does `body`."""
    command = tmp_path / "espeak"
    table = "Pty Language Age/Gender VoiceName File\\n 5 en-us --/M English gmw/en-US\\n"
    command.write_text(f'#!/bin/sh\ncase "$1" in --voices*) printf "{table}"; exit;; esac\n{body}\n')
    command.chmod(0o755)
    return str(command)


@pytest.mark.parametrize(("text", "language"), [("Where is the bank?", "en"), ("¿Dónde está el banco?", "es-MX")])
def test_speech_is_trimmed_and_of_the_common_loudness(espeak: Espeak, text: str, language: str) -> None:
    samples = speak(espeak, text, language).astype(float)
    assert 0.7 < samples.size / VOICE_RATE < 2.5
    voiced = samples[np.abs(samples) > 60]
    assert -22 < 20 * np.log10(np.sqrt(np.mean(voiced**2)) / 32768) < -18
    assert np.max(np.abs(samples)) <= 0.9 * 32767 + 1
    audible = np.flatnonzero(np.abs(samples) > 60)
    assert audible[0] <= 0.02 * VOICE_RATE
    assert samples.size - audible[-1] <= 0.06 * VOICE_RATE
    assert abs(samples[0]) <= 1
    assert abs(samples[-1]) <= 1


def test_languages_and_voices_differ(espeak: Espeak) -> None:
    assert {"en", "es", "de", "fr", "zh"} <= espeak.languages
    assert not np.array_equal(speak(espeak, "no me digas"), speak(espeak, "no me digas", "es"))
    assert not np.array_equal(speak(espeak, "hello"), speak(espeak, "hello", voice="en-gb+f3"))


@pytest.mark.parametrize("voice", ["nobody", "--help", "en-us+../../x", "en-us+", "-w/tmp/x"])
def test_a_voice_that_is_none_is_the_usual_one(espeak: Espeak, voice: str) -> None:
    assert np.array_equal(speak(espeak, "hello"), speak(espeak, "hello", voice=voice))


def test_rate_is_a_factor_on_the_tempo(espeak: Espeak) -> None:
    normal, fast, slow = (speak(espeak, "Where is the train station?", rate=rate).size for rate in (1, 1.25, 0.8))
    assert fast < 0.9 * normal < normal < 0.9 * slow


@pytest.mark.parametrize("text", ["", "  ", "…", "\n\x00\x01", "¿?"])
def test_nothing_to_say_is_no_audio(espeak: Espeak, text: str) -> None:
    assert speak(espeak, text).size == 0


@pytest.mark.parametrize(
    "text", ["--help me", "-v es", "-f /etc/passwd", "$(id) `id` ; id", "a\ud800b", "<speak>hi</speak>"]
)
def test_text_is_never_a_command(espeak: Espeak, text: str) -> None:
    assert 0.2 < speak(espeak, text).size / VOICE_RATE < 5


def test_phonemes_and_embedded_commands_are_taken_out(espeak: Espeak) -> None:
    assert plain("a [[h@'loU]] b [[[c]]]") == "a [h@'loU] b [c]"
    assert plain("one\x01+20S\n two\u2028three") == "one +20S two three"
    assert not np.array_equal(speak(espeak, "[[h@l'oU]]"), speak(espeak, "hello"))


def test_an_unknown_language() -> None:
    with pytest.raises(EngineError, match="no voice for 'xx'"):
        Espeak().synthesize([Synthesize("hello", "xx")])


def test_a_missing_command_says_what_to_install() -> None:
    with pytest.raises(EngineError, match="apt-get install espeak-ng"):
        Espeak(command="no-such-espeak-ng")


def test_a_command_that_hangs_is_killed(tmp_path: Path) -> None:
    espeak = Espeak(command=fake(tmp_path, "exec sleep 60"), timeout_s=0.2)
    with pytest.raises(EngineError, match=r"more than 0\.2 s"):
        espeak.synthesize([Synthesize("hello", "en")])


@pytest.mark.parametrize(("body", "told"), [("echo broken >&2; exit 3", "broken"), ("echo no wave", "no WAV")])
def test_a_command_that_fails_is_told(tmp_path: Path, body: str, told: str) -> None:
    espeak = Espeak(command=fake(tmp_path, body))
    with pytest.raises(EngineError, match=told):
        espeak.synthesize([Synthesize("hello", "en")])
