"""Text to speech by the `espeak-ng` command: a process for each line, the text on its standard input.

The command and not its library, because espeak-ng is GPL-3.0 and Dragoman is not; it costs a few
milliseconds.
"""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
import wave
from collections.abc import Mapping, Sequence

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.language import is_tag, primary
from pipeline.speech import VOICE_RATE, Line, Speech

PREFERRED = {"en": "en-us", "es": "es", "pt": "pt-br", "fr": "fr-fr", "zh": "cmn"}
"""The voice of a language, where espeak-ng's own order would choose another."""

_SLOWEST, _FASTEST = 80, 450  # words per minute that espeak-ng takes
_LONGEST_TEXT = 4000  # code points: several minutes of speech
_TRIM_LEVEL = 60  # int16 samples below are digital silence or as good
_TRIM_LEAD_S, _TRIM_TAIL_S = 0.01, 0.05
_FADE_S = 0.005
_PEAK = 0.9 * 32767


def plain(text: str) -> str:
    """What may be given to espeak-ng: no control characters (its embedded commands begin with one), no
    lone surrogates, no `[[phonemes]]`, one space between words."""
    kept = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cs", "Co", "Cn"}
    )
    return " ".join(re.sub(r"([\[\]])\1+", r"\1", kept).split())[:_LONGEST_TEXT]


class Espeak:
    """A `Synthesizer`.

    `voices` maps primary subtags to espeak-ng voices (see `espeak-ng --voices`); a `Line`'s own voice is a
    voice's language code or a variant of it, as in `en-gb+f3`, and the default where espeak-ng has none such.
    `words_per_minute` is the tempo of rate 1.0; `level_dbfs` the loudness (RMS) of all that is said.
    """

    def __init__(
        self,
        *,
        command: str = "espeak-ng",
        voices: Mapping[str, str] | None = None,
        words_per_minute: int = 165,
        level_dbfs: float = -20.0,
        timeout_s: float = 10.0,
    ) -> None:
        self._command = command
        self._words_per_minute = words_per_minute
        self._level = 32768 * 10 ** (level_dbfs / 20)
        self._timeout_s = timeout_s
        self._codes = self._list("--voices", column=1)
        self._variants = {name.rpartition("/")[2] for name in self._list("--voices=variant", column=4)}
        self._voices = {primary(code): code for code in reversed(self._codes)}
        self._voices |= {key: voice for key, voice in PREFERRED.items() if voice in self._codes}
        self._voices |= dict(voices or {})
        if "cmn" in self._codes:
            self._voices.setdefault("zh", "cmn")
        self.languages = frozenset(filter(is_tag, self._voices))  # `piqd` is a code of espeak-ng's own

    def warm_up(self) -> None:
        """Brings the command and its data into the page cache."""
        self.synthesize([Line("one", min(self.languages & {"en"} or self.languages))])

    def synthesize(self, jobs: Sequence[Line]) -> Sequence[Speech]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Line) -> Speech:
        text = plain(job.text)
        if not any(char.isalnum() for char in text):
            return Speech(b"")
        speed = round(self._words_per_minute * job.rate)
        speed = min(_FASTEST, max(_SLOWEST, speed))
        said = self._run("--stdin", "--stdout", "-b", "1", "-v", self._voice(job), "-s", str(speed), text=text)
        return Speech(self._finish(_resample(*_samples(said))))

    def _voice(self, job: Line) -> str:
        base, plus, variant = job.voice.partition("+")
        if base in self._codes and (not plus or variant in self._variants):
            return job.voice
        language = job.language.lower()
        if language in self._codes and language not in self._voices:
            return language
        try:
            return self._voices[primary(job.language)]
        except KeyError:
            raise EngineError(f"espeak-ng has no voice for {job.language!r}") from None

    def _finish(self, samples: NDArray[np.float32]) -> bytes:
        """Silence cut from both ends, the common loudness, edges that don't click."""
        loud = np.flatnonzero(np.abs(samples) > _TRIM_LEVEL)
        if not loud.size:
            return b""
        start = max(0, loud[0] - int(_TRIM_LEAD_S * VOICE_RATE))
        samples = samples[start : loud[-1] + int(_TRIM_TAIL_S * VOICE_RATE)]
        rms = float(np.sqrt(np.mean(samples[np.abs(samples) > _TRIM_LEVEL] ** 2)))
        samples = samples * min(self._level / rms, _PEAK / float(np.max(np.abs(samples))))
        fade = np.linspace(0, 1, min(int(_FADE_S * VOICE_RATE), samples.size // 2), dtype=np.float32)
        if fade.size:
            samples[: fade.size] *= fade
            samples[-fade.size :] *= fade[::-1]
        return samples.astype(np.int16).tobytes()

    def _list(self, option: str, column: int) -> list[str]:
        """One column of espeak-ng's table of voices: 1 is the language code, 4 the file."""
        lines = self._run(option).decode("utf-8", "replace").splitlines()[1:]
        return [cells[column] for line in lines if len(cells := line.split()) > column]

    def _run(self, *options: str, text: str = "") -> bytes:
        try:
            done = subprocess.run(
                [self._command, *options],
                input=text.encode(),
                capture_output=True,
                timeout=self._timeout_s,
                check=False,
            )
        except FileNotFoundError:
            raise EngineError(
                f"the command {self._command!r} is not installed (Debian: apt-get install espeak-ng)"
            ) from None
        except subprocess.TimeoutExpired:
            raise EngineError(f"{self._command} took more than {self._timeout_s:g} s") from None
        if done.returncode:
            reason = done.stderr.decode("utf-8", "replace").strip()[:200]
            raise EngineError(f"{self._command} failed ({done.returncode}): {reason}")
        return done.stdout


def _samples(wav: bytes) -> tuple[NDArray[np.int16], int]:
    """Mono s16 samples and their rate. The lengths in the header of a piped WAV are not to be trusted."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            rate, form = file.getframerate(), (file.getnchannels(), file.getsampwidth())
    except (wave.Error, EOFError) as error:
        raise EngineError(f"espeak-ng gave no WAV: {error}") from None
    if form != (1, 2):
        raise EngineError(f"espeak-ng gave {form} channels and bytes, not mono s16")
    body = wav[wav.index(b"data") + 8 :]
    return np.frombuffer(body[: len(body) // 2 * 2], "<i2"), rate


def _resample(samples: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    """To `VOICE_RATE`."""
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=VOICE_RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)
