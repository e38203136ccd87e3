"""Voice by the `espeak-ng` command: a process for each job, the text on its standard input.

The command and not its library, because espeak-ng is GPL-3.0 and Dragoman is not; it costs a few
milliseconds. It is the floor under every other voice: it speaks over a hundred languages, and plainly.
"""

from __future__ import annotations

import io
import logging
import subprocess
import wave
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.voices.japanese_reading import read_aloud
from pipeline.engines.voices.mastering import LEVEL_LUFS, finished
from pipeline.engines.voices.speakable_text import is_sayable, plain
from pipeline.speech import Speech, Synthesize, Voice
from pipeline.text.language import is_tag, primary

PREFERRED = {"en": "en-us", "es": "es", "pt": "pt-br", "fr": "fr-fr", "zh": "cmn-latn-pinyin"}
"""The voice of a language, where espeak-ng's own order would choose another. Its voice `cmn` turns characters into
pinyin, and then spells that in English letters; `cmn-latn-pinyin` says it."""

LICENCE = "GPL-3.0-or-later"

_ANOTHER = "f3"
"""A variant that is offered beside each plain voice: espeak-ng's plain voice is a man's."""
_SLOWEST, _FASTEST = 80, 450  # words per minute that espeak-ng takes

log = logging.getLogger(__name__)


class Espeak:
    """A `Synthesizer`.

    `voices` maps primary subtags to espeak-ng voices (see `espeak-ng --voices`); a `Synthesize`'s own voice is a
    voice's language code or a variant of it, as in `en-gb+f3`. `words_per_minute` is the tempo of rate 1.0; `level` the
    loudness (LUFS) of all that is said.
    """

    def __init__(
        self,
        *,
        command: str = "espeak-ng",
        voices: Mapping[str, str] | None = None,
        words_per_minute: int = 165,
        level: float = LEVEL_LUFS,
        timeout_s: float = 10.0,
    ) -> None:
        self._command = command
        self._words_per_minute = words_per_minute
        self._level = level
        self._timeout_s = timeout_s
        self._names = {cells[1]: cells[3] for cells in self._table("--voices")}
        self._variants = {cells[4].rpartition("/")[2] for cells in self._table("--voices=variant")}
        self._voices = {_language(code): code for code in reversed(self._names)}
        self._voices |= {key: voice for key, voice in PREFERRED.items() if voice in self._names}
        self._voices |= dict(voices or {})
        # `piqd` is a code of espeak-ng's own
        self.languages = frozenset(filter(is_tag, self._voices))
        self.voices = tuple(self._offered())

    def warm_up(self) -> None:
        """Brings the command and its data into the page cache."""
        self.synthesize([Synthesize("one", min(self.languages & {"en"} or self.languages))])

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Synthesize) -> Speech:
        text = plain(job.text)
        if not is_sayable(text):
            return Speech(b"")
        if primary(job.language) == "ja":
            text = read_aloud(text)
        speed = round(self._words_per_minute * job.rate)
        speed = min(_FASTEST, max(_SLOWEST, speed))
        said = self._run("--stdin", "--stdout", "-b", "1", "-v", self._voice(job), "-s", str(speed), text=text)
        return Speech(finished(*_samples(said), level=self._level))

    def _voice(self, job: Synthesize) -> str:
        base, plus, variant = job.voice.partition("+")
        spoken = primary(job.language)
        if base in self._names and _language(base) == spoken and (not plus or variant in self._variants):
            return job.voice
        language = job.language.lower()
        if language in self._names and language not in self._voices:
            return language
        try:
            return self._voices[spoken]
        except KeyError:
            raise EngineError(f"espeak-ng has no voice for {job.language!r}") from None

    def _offered(self) -> list[Voice]:
        """Each plain voice and one variant of it, a language's usual one first."""
        usual = list(self._voices.values())
        codes = sorted(self._names, key=lambda code: (_language(code), code not in usual, code))
        voices = []
        for code in codes:
            region = (part.upper() if len(part) == 2 else part for part in code.split("-")[1:])
            tag = "-".join((_language(code), *region))
            name = self._names[code].replace("_", " ")
            voices.append(Voice(code, tag, name, LICENCE))
            if _ANOTHER in self._variants:
                voices.append(Voice(f"{code}+{_ANOTHER}", tag, f"{name}, female", LICENCE))
        return voices

    def _table(self, option: str) -> list[list[str]]:
        """The rows of espeak-ng's table of voices: cell 1 is the language code, 3 the name, 4 the file."""
        lines = self._run(option).decode("utf-8", "replace").splitlines()[1:]
        return [cells for line in lines if len(cells := line.split()) > 4]

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


def _language(code: str) -> str:
    """The primary subtag of a voice: espeak-ng calls Mandarin by its own subtag, and we by that of Chinese."""
    return "zh" if primary(code) == "cmn" else primary(code)


def _samples(wav: bytes) -> tuple[NDArray[np.float32], int]:
    """Mono samples (full scale ±1) and their rate. The lengths in the header of a piped WAV are not to be trusted."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            rate, form = file.getframerate(), (file.getnchannels(), file.getsampwidth())
    except (wave.Error, EOFError) as error:
        raise EngineError(f"espeak-ng gave no WAV: {error}") from None
    if form != (1, 2):
        raise EngineError(f"espeak-ng gave {form} channels and bytes, not mono s16")
    body = wav[wav.index(b"data") + 8 :]
    return np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768), rate
