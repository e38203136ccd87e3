"""Contract of a `Synthesizer`: loudness, edges, tempo, silence for nothing to say, odd texts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pipeline.engine_contract import ear
from pipeline.engine_contract.checks import NOBODYS, UNPRONOUNCEABLE, Contract, demand, is_primary
from pipeline.engine_contract.texts import SENTENCES, greeting
from pipeline.engines import Synthesizer
from pipeline.speech import VOICE_RATE, Speech, Synthesize

_VOICED = 60  # int16 samples below are silence, or as good
_EDGE = 400  # of the first and last sample: -38 dBFS, below which nobody hears a click
_FLAT = 4  # samples in a row at full scale are a clipped wave
_LOUDEST, _QUIETEST = -12.0, -32.0  # dBFS, RMS of what is voiced
_SHORTEST_S, _LONGEST_S = 0.4, 8.0  # a sentence of five words, said by anyone


class SynthesizerContract(Contract):
    """`language` is what it is tried in, English or the engine's first where it is empty. `tolerance` is how far apart
    the durations of the same line may be, where nothing else of it can be compared; 0.0: to the sample. None: the same
    line is what an ear takes for it (`ear`), since a voice that draws noise says none twice in the same way.
    Of `languages` each is tried with a sentence: all that the engine tells and we have a text in where it is None."""

    language: ClassVar[str] = ""
    tolerance: ClassVar[float | None] = None
    languages: ClassVar[Sequence[str] | None] = None

    def tongue(self) -> str:
        """The language that it is tried in."""
        languages: frozenset[str] = self.engine().languages
        return self.language or ("en" if "en" in languages else min(languages))

    def jobs(self) -> Sequence[Synthesize]:
        language = self.tongue()
        one, other = SENTENCES.get(language, SENTENCES["en"])
        return [Synthesize(text, language) for text in (other, one, f"{one} {other} {other}")]

    def impossible(self) -> Synthesize:
        return Synthesize(SENTENCES["en"][0], NOBODYS)

    def alike(self, one: Speech, other: Speech) -> bool:
        if one == other or not self.tolerance:
            return one == other or (self.tolerance is None and ear.alike(_samples(one), _samples(other)))
        return abs(one.duration_ms - other.duration_ms) <= self.tolerance * max(one.duration_ms, other.duration_ms)

    def say(self, text: str, language: str = "", *, voice: str = "", rate: float = 1.0) -> NDArray[np.int16]:
        """Return the speech of a job, after the checks that hold for all speech."""
        return self._checked(Synthesize(text, language or self.tongue(), voice, rate))

    def _checked(self, line: Synthesize) -> NDArray[np.int16]:
        said = self.one(line)
        demand(isinstance(said, Speech) and isinstance(said.pcm, bytes), f"no Speech of bytes: {type(said).__name__}")
        demand(len(said.pcm) % 2 == 0, f"{len(said.pcm)} bytes are no 16-bit samples")
        samples = _samples(said)
        if not samples.size:
            return samples
        edges = max(abs(int(samples[0])), abs(int(samples[-1])))
        demand(edges <= _EDGE, f"an edge of {edges}: it clicks")
        demand(_flattest(samples) < _FLAT, f"clipped: {_flattest(samples)} samples in a row at full scale")
        return samples

    def test_it_tells_its_languages(self) -> None:
        engine: Synthesizer = self.engine()
        demand(isinstance(engine.languages, Set) and engine.languages, f"languages: {engine.languages!r}")
        strange = [tag for tag in engine.languages if not is_primary(tag)]
        demand(not strange, f"not primary subtags: {strange}")

    def test_a_sentence_in_each_language_is_speech(self) -> None:
        """Speech has a plausible length at 24 kHz (other rates or stereo have not), the common loudness, and no hum."""
        wanted = self.engine().languages & set(SENTENCES) if self.languages is None else self.languages
        for language in sorted(wanted) or [self.tongue()]:
            samples = self.say(greeting(language), language).astype(np.float64)
            seconds = samples.size / VOICE_RATE
            demand(_SHORTEST_S <= seconds <= _LONGEST_S, f"{language}: a short sentence took {seconds:.2f} s")
            voiced = samples[np.abs(samples) > _VOICED]
            demand(voiced.size > samples.size / 10, f"{language}: silence, nearly")
            level = 20 * np.log10(np.sqrt(np.mean(voiced**2)) / 32768)
            demand(_QUIETEST <= level <= _LOUDEST, f"{language}: a loudness of {level:.1f} dBFS")
            demand(abs(samples.mean()) < 300, f"{language}: an offset of {samples.mean():.0f}")

    def test_more_words_take_longer(self) -> None:
        one, other = SENTENCES.get(self.tongue(), SENTENCES["en"])
        short, long = self.say(one).size, self.say(" ".join([one, other] * 4)).size
        demand(long > 2 * short, f"{short} samples for two words, {long} for thirty")

    def test_rate_is_a_factor_on_the_tempo(self) -> None:
        text = greeting(self.tongue())
        slow, usual, fast = (self.say(text, rate=rate).size for rate in (0.8, 1.0, 1.25))
        demand(fast < 0.95 * usual < 0.9025 * slow, f"samples at 0.8, 1 and 1.25: {slow}, {usual}, {fast}")

    def test_any_rate_does_no_harm(self) -> None:
        for rate in (0.01, 0.5, 2.0, 100.0):
            demand(self.say(SENTENCES["en"][0], rate=rate).size, f"nothing at {rate:g} times the tempo")

    def test_nothing_to_say_is_no_audio(self) -> None:
        for text in ("", " ", "\n\t", "…", "?!", "\u200b"):
            demand(not self.say(text).size, f"{text!r} was spoken")

    def test_nothing_to_say_among_lines_moves_none_of_them(self) -> None:
        first, second, *_ = self.jobs()
        blank = Synthesize(" ", first.language)
        said = self.ask(blank, first, blank, second)
        demand(said[0].pcm == said[2].pcm == b"", "a blank line was spoken")
        demand(self.alike(said[1], self.one(first)) and self.alike(said[3], self.one(second)), "out of order")

    def test_odd_texts_do_no_harm(self) -> None:
        for text in UNPRONOUNCEABLE:
            self.say(text)

    def test_very_long_text_does_no_harm(self) -> None:
        text = " ".join([greeting(self.tongue())] * 10)
        seconds = self.say(text).size / VOICE_RATE
        demand(seconds > 5, f"{len(text)} characters took {seconds:.1f} s")

    def test_a_voice_that_is_none_is_the_usual_one(self) -> None:
        for voice in ("nobody", "--help", "../../etc/passwd", "\0"):
            demand(self.say(SENTENCES["en"][0], voice=voice).size, f"the voice {voice!r} says nothing")

    def test_a_region_is_spoken(self) -> None:
        for region in ("GB", "001"):
            demand(self.say(greeting(self.tongue()), f"{self.tongue()}-{region}").size, f"region {region}: nothing")


def _samples(speech: Speech) -> NDArray[np.int16]:
    return np.frombuffer(speech.pcm, np.int16)


def _flattest(samples: NDArray[np.int16]) -> int:
    """The longest run of samples at full scale."""
    full = np.abs(samples.astype(np.int32)) >= 32767
    edges = np.flatnonzero(np.diff(np.concatenate(([0], full.astype(np.int8), [0]))))
    return int(np.max(edges[1::2] - edges[::2], initial=0))
