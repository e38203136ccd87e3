"""Contract of a `Transcriber`: words of recordings, silence, odd audio, languages it does not know."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.engine_contract.checks import NOBODYS, Contract, demand, is_primary
from pipeline.engine_contract.texts import greeting
from pipeline.engines import Transcriber
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript
from pipeline.text.language import primary

_CONFIDENCES = 0.02  # a batch is padded, and its sums are rounded otherwise


class TranscriberContract(Contract):
    """`language` is what it is tried in, the engine's first where it is empty. `recordings` are speech in it, mono
    s16 at 16 kHz, with the words that must be understood (compared without case and punctuation); none are needed."""

    language: ClassVar[str] = ""
    recordings: ClassVar[Sequence[tuple[bytes, str]]] = ()

    def tongue(self) -> str:
        """The language that it is tried in."""
        languages: frozenset[str] = self.engine().languages
        return self.language or ("en" if "en" in languages else min(languages))

    def jobs(self) -> Sequence[Transcribe]:
        language = self.tongue()
        sounds = [audio for audio, _ in self.recordings] or [babble(1.2, 1), babble(2.5, 2), babble(0.6, 3)]
        while len(sounds) < 3:
            sounds.append(sounds[-1] + bytes(SAMPLE_RATE))
        return [Transcribe(audio, language) for audio in sounds]

    def impossible(self) -> Transcribe:
        return Transcribe(babble(1.0, 1), NOBODYS)

    def alike(self, one: Transcript, other: Transcript) -> bool:
        summaries = [(a.text, a.language, a.understood, [word.text for word in a.words]) for a in (one, other)]
        return summaries[0] == summaries[1] and abs(one.confidence - other.confidence) <= _CONFIDENCES

    def hear(self, audio: bytes, *, final: bool = True, voice: tuple[tuple[int, int], ...] = ()) -> Transcript:
        """Return the transcript of a job, after the checks that hold for every transcript."""
        return self._checked(Transcribe(audio, self.tongue(), final, voice))

    def _checked(self, job: Transcribe) -> Transcript:
        transcript: Transcript = self.one(job)
        demand(isinstance(transcript, Transcript), f"no Transcript: {transcript!r}")
        demand(transcript.language == job.language, f"asked in {job.language!r}, answered in {transcript.language!r}")
        demand(
            isinstance(transcript.text, str) and encodable(transcript.text),
            f"no text that can be sent: {transcript.text!r}",
        )
        demand(transcript.text == transcript.text.strip(), f"space around the text: {transcript.text!r}")
        demand(0 <= transcript.confidence <= 1, f"a confidence of {transcript.confidence}")  # false for NaN too
        demand(
            type(transcript.confidence) in (int, float), f"the confidence is a {type(transcript.confidence).__name__}"
        )
        demand(transcript.text or not transcript.understood, "nothing was heard, and that was understood")
        for word in transcript.words:
            demand(0 <= word.start_ms <= word.end_ms, f"a word ends before it starts: {word}")
            demand(0 <= word.probability <= 1, f"a probability of {word.probability}")
        if transcript.words:
            said = "".join(word.text for word in transcript.words)
            demand(
                "".join(said.split()) == "".join(transcript.text.split()),
                f"words {said!r} of the text {transcript.text!r}",
            )
        return transcript

    def test_it_tells_its_languages(self) -> None:
        engine: Transcriber = self.engine()
        demand(isinstance(engine.languages, Set) and engine.languages, f"languages: {engine.languages!r}")
        strange = [tag for tag in engine.languages if not is_primary(tag)]
        demand(not strange, f"not primary subtags: {strange}")

    def test_a_region_is_answered_with_that_region(self) -> None:
        tags = [f"{primary(self.tongue())}-{region}" for region in ("GB", "001", "Latn-ZZ")]
        results = self.ask(*(Transcribe(babble(1.0, 1), tag) for tag in tags))
        demand([one.language for one in results] == tags, f"{tags} came back as {[one.language for one in results]}")

    def test_silence_holds_no_words(self) -> None:
        for seconds in (0.0, 0.01, 0.3, 2.0, 31.0):
            transcript = self.hear(bytes(2 * int(seconds * SAMPLE_RATE)))
            demand(not transcript.text and not transcript.understood, f"{seconds:g} s of silence: {transcript.text!r}")
        behind = self._checked(Transcribe(bytes(2 * SAMPLE_RATE), self.tongue(), before=greeting(self.tongue())))
        demand(not behind.text and not behind.understood, f"silence behind words: {behind.text!r}")

    def test_an_idle_microphone_holds_no_words(self) -> None:
        for level in (1.0, 8.0):  # RMS of int16 samples: about -90 and -72 dBFS
            transcript = self.hear(noise(2.0, level))
            demand(not transcript.understood, f"noise of RMS {level:g} was understood: {transcript.text!r}")

    def test_audio_that_is_cut_anywhere_does_no_harm(self) -> None:
        sound = babble(1.0, 1)
        for audio in (b"\0", b"\x7f\x7f\x7f", sound[:640], sound[:641], sound[:-1], sound[:3200]):
            self.hear(audio)

    def test_extreme_audio_does_no_harm(self) -> None:
        count = SAMPLE_RATE
        square = np.where(np.arange(count) // 40 % 2, 32767, -32768).astype(np.int16)
        constant, click = np.full(count, -32768, np.int16), np.zeros(count, np.int16)
        click[count // 2] = 32767
        for samples in (square, constant, click):
            self.hear(samples.tobytes())
        self.hear(noise(1.0, 20_000.0))

    def test_more_than_its_window_is_one_transcript(self) -> None:
        self.hear(babble(3.4, 4) * 10)

    def test_interims_are_heard_too(self) -> None:
        self.hear(babble(1.2, 1), final=False)

    def test_spans_of_voice_may_be_given_and_may_be_wrong(self) -> None:
        sound = babble(0.8, 1) + bytes(4 * SAMPLE_RATE) + babble(0.8, 2)
        for voice in (((0, 800), (2800, 3600)), ((100, 100),), ((0, 99_000),), ((5_000_000, 6_000_000),)):
            self.hear(sound, voice=voice)

    def test_what_is_said_is_understood(self) -> None:
        """Only for a suite that has `recordings`."""
        for audio, words in self.recordings:
            transcript = self.hear(audio)
            demand(transcript.understood, f"{words!r} was not understood: {transcript.text!r}")
            demand(plain(transcript.text) == plain(words), f"{words!r} was heard as {transcript.text!r}")


def plain(text: str) -> str:
    """Letters and digits alone."""
    return "".join(char for char in text.casefold() if char.isalnum())


def encodable(text: str) -> bool:
    """Return True if a text can be written as UTF-8. A lone surrogate can't, and would break the channel."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def noise(seconds: float, rms: float) -> bytes:
    """White noise, the same each time; `rms` in int16 units."""
    samples = np.random.default_rng(7).normal(0, rms, int(seconds * SAMPLE_RATE))
    return samples.clip(-32768, 32767).astype(np.int16).tobytes()


@cache
def babble(seconds: float, seed: int) -> bytes:
    """Sound with the pitch, the formants and the syllables of a voice, and no words. Mono s16 at 16 kHz."""
    count = int(seconds * SAMPLE_RATE)
    time_s = np.arange(count) / SAMPLE_RATE
    chance = np.random.default_rng(seed)
    pitch = 110 + 25 * np.sin(2 * np.pi * 0.7 * time_s + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    sound: NDArray[np.float64] = np.zeros(count)
    syllable = (time_s * 4).astype(int)
    formants = chance.uniform((300, 900), (800, 2300), (syllable.max(initial=0) + 1, 2))
    for harmonic in range(1, 25):
        hz = pitch * harmonic
        for formant in formants[syllable].T:
            sound += np.sin(harmonic * phase) * np.exp(-(((hz - formant) / 150) ** 2))
    loudness = 0.55 - 0.45 * np.cos(2 * np.pi * 4 * time_s)
    sound *= loudness
    peak = float(np.max(np.abs(sound), initial=0.0))
    return (sound * (9000 / peak if peak and math.isfinite(peak) else 0)).astype(np.int16).tobytes()
