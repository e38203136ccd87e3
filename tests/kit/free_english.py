"""A call at the page: a human English voice in one microphone, a Spanish partner who types, and what each got of it."""

from __future__ import annotations

import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.speech import FRAME_BYTES, SAMPLE_RATE
from pipeline.text.word_errors import word_errors
from testing.real_material import HUMAN, LANGUAGE
from testing.words import words
from tests.kit.chromium import Browsers, Recording, Tab
from tests.kit.page_meeting import SPOKEN, line_with, make_call, say

SAID = ("conf-onlyperson", "conf-waitforleader", "cannot-complete-as-dialed")
TYPED = "Muchas gracias por su paciencia."
BEGIN_S, PAUSE_S, REST_S = 8.0, 3.5, 40.0
"""Silence before the first prompt, between two, and behind the last: nothing is recognised before both are here."""
MOST_WRONG = 0.1
"""Share of the words. Whisper tiny.en gets 3 % of all prompts' words wrong from whole files."""
LEAST_SPOKEN = 2
"""Number of the prompts. A machine that others use may skip the voice of one to catch up; its subtitles come."""
ENDED = SPOKEN.replace(".includes('spoken')", ".length > 0")


@dataclass(frozen=True, slots=True)
class Told:
    """Texts and sounds of both pages. Sounds are pieces of 16 kHz mono between silences of a second."""

    mine: str
    """The speaker's words on the speaker's page."""
    original: str
    """The same on the listener's page."""
    translations: list[str]
    """Line by line, on the listener's page."""
    heard: list[np.ndarray]
    """The interpreter's voice on the listener's page, while the human spoke."""
    answer: list[np.ndarray]
    """The same on the speaker's page, of what the listener typed."""


async def talk(browsers: Browsers, url: str, folder: Path) -> Told:
    """Hold the call on a server. Raises AssertionError where something of it never comes, or a console complains."""
    anna = await browsers.tab(microphone=_microphone(folder / "anna.wav", SAID))
    luis = await browsers.tab(microphone=_microphone(folder / "luis.wav", ()), locale="es-ES")
    began = time.monotonic()
    await make_call(anna, luis, url)
    assert time.monotonic() - began < BEGIN_S, "or the first words are said to nobody"
    ears = [Recording(tab, "interpreter") for tab in (luis, anna)]
    for ear in ears:
        await ear.start()

    await luis.until(f"{ENDED}.length >= {len(SAID)}")
    assert await luis.page.evaluate(f"{SPOKEN}.length") >= LEAST_SPOKEN, await luis.told()
    await luis.until("!dragoman.state.mixer.ducking")
    mine = " ".join(await _lines(anna, ".mine .original"))
    original = " ".join(await _lines(luis, ":not(.mine) .original"))
    translations = await _lines(luis, ":not(.mine) .translation")
    heard = await ears[0].heard()

    before = await anna.page.evaluate(f"{SPOKEN}.length")
    await say(luis, TYPED)
    await anna.until(line_with(":not(.mine) .translation", "patience"))
    await anna.until(f"{SPOKEN}.length > {before}")
    await anna.until("!dragoman.state.mixer.ducking")
    answer = await ears[1].heard()
    assert not anna.complaints and not luis.complaints, (anna.complaints, luis.complaints)
    return Told(mine, original, translations, heard, answer)


def assert_understood(told: Told) -> None:
    """Raise AssertionError unless both read what was said, and a voice said enough of its translation."""
    said = words(" ".join((HUMAN / LANGUAGE / f"{name}.txt").read_text("utf-8").strip() for name in SAID))
    for read in (told.mine, told.original):
        wrong = word_errors(said, words(read))
        assert wrong <= MOST_WRONG * len(said), f"{wrong} words wrong: {read!r}"
    spanish = words(" ".join(told.translations))
    assert {"persona", "conferencia", "llamada"} <= set(spanish), told.translations
    least_s = 0.15 * len(spanish) * LEAST_SPOKEN / len(SAID)
    assert len(told.heard) >= LEAST_SPOKEN and voiced_s(told.heard) > least_s, "a voice, long enough for the words"


def voiced_s(pieces: Sequence[np.ndarray]) -> float:
    """Return the seconds of voice in a recording, by the detector that hears callers."""
    detector, count = VoiceActivity(), 0
    for piece in pieces:
        pcm = s16(piece)
        frames = (pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES))
        count += sum(detector.is_speech(frame) for frame in frames)
    return count * 0.02


def s16(piece: np.ndarray) -> bytes:
    """Return samples of -1..1 as an engine takes them."""
    return (np.clip(piece, -1, 1) * 32767).astype(np.int16).tobytes()


def _microphone(path: Path, names: Sequence[str]) -> Path:
    """Write a WAV of silence and human prompts in turn. Return `path`."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(bytes(2 * round(SAMPLE_RATE * BEGIN_S)))
        for name in names:
            with wave.open(str(HUMAN / LANGUAGE / f"{name}.wav")) as prompt:
                sound.writeframes(prompt.readframes(prompt.getnframes()))
            sound.writeframes(bytes(2 * round(SAMPLE_RATE * (PAUSE_S if name != names[-1] else REST_S))))
    return path


async def _lines(tab: Tab, selector: str) -> list[str]:
    return await tab.page.locator(f"#subtitles {selector}").all_text_contents()
