"""Voice by any program that speaks the line protocol of docs/voices.md, in a process of its own.

The program's sound is trimmed and made as loud as any other voice here: the program need not do so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.engines import EngineError
from pipeline.engines.voices.mastering import LEVEL_LUFS, finished
from pipeline.engines.voices.program_client import Chunk, ProgramClient
from pipeline.engines.voices.program_memory import LIMIT_MB
from pipeline.engines.voices.speakable_text import is_sayable, plain
from pipeline.speech import Speech, Synthesize, Voice
from pipeline.text.language import primary

_SLOWEST, _FASTEST = 0.5, 2.0

log = logging.getLogger(__name__)


class ExternalProgram:
    """A `Synthesizer`. `command` is the program and its arguments; it is ended with `close`.

    `voices` maps primary subtags to the id of the usual voice of that language, where the first that the program tells
    is not to be it; `level` is the loudness (LUFS) of all that is said. `timeout_s` is for one line, `start_timeout_s`
    until the program has told its voices, `patience_s` what a line waits for a program that is being started anew.
    `warm` is how many voices are made to say a word before anybody needs them. Beyond `memory_mb` of memory the program
    is started anew between two lines (`program_memory`).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        voices: Mapping[str, str] | None = None,
        level: float = LEVEL_LUFS,
        timeout_s: float = 10.0,
        start_timeout_s: float = 60.0,
        patience_s: float = 2.0,
        warm: int = 4,
        memory_mb: int = LIMIT_MB,
    ) -> None:
        self._talker = ProgramClient(
            command, timeout=timeout_s, start_timeout=start_timeout_s, patience=patience_s, memory_mb=memory_mb
        )
        self._level = level
        self._warm = warm
        announced = self._talker.voices()
        try:
            self.voices, self._usual = _by_language(announced, voices or {})
        except EngineError:
            self.close()
            raise
        self._known = {voice.id: primary(voice.language) for voice in self.voices}
        self.languages = frozenset(self._usual)

    def close(self) -> None:
        """End the program."""
        self._talker.close()

    @property
    def pid(self) -> int | None:
        """Return the id of the program's process; None while it does not run."""
        return self._talker.pid

    def warm_up(self) -> None:
        """Load the usual voices of as many languages as are to be warm.

        A voice that is broken costs its own jobs. Raises `EngineError` if all are.
        """
        problems: list[EngineError] = []
        wanted = list(self._usual.items())[: self._warm]
        for language, voice in wanted:
            try:
                self.synthesize([Synthesize("1", language, voice)])
            except EngineError as problem:
                log.error("the voice %s does not speak: %s", voice, problem)
                problems.append(problem)
        if wanted and len(problems) == len(wanted):
            raise problems[0]

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Synthesize) -> Speech:
        language = primary(job.language)
        if language not in self._usual:
            raise EngineError(f"{self._talker.program} has no voice for {job.language!r}")
        text = plain(job.text)
        if not is_sayable(text):
            return Speech(b"")
        voice = job.voice if self._known.get(job.voice) == language else self._usual[language]
        tempo = min(_FASTEST, max(_SLOWEST, job.rate))
        chunks = [chunk for chunk in self._talker.say(text, voice, tempo) if chunk.pcm]
        if not chunks:
            return Speech(b"")
        return Speech(finished(*_joined(chunks), level=self._level))


def _by_language(announced: Sequence[Voice], wanted: Mapping[str, str]) -> tuple[tuple[Voice, ...], dict[str, str]]:
    """The voices, the usual one of each language first, and the ids of the usual ones."""
    if not announced:
        raise EngineError("the program has no voices")
    ids = {voice.id for voice in announced}
    for language, id in wanted.items():
        if id not in ids:
            raise EngineError(f"there is no voice {id!r} for {language}; there are {', '.join(sorted(ids)[:20])}")
    voices = sorted(announced, key=lambda voice: wanted.get(primary(voice.language)) != voice.id)  # stable
    usual: dict[str, str] = {}
    for voice in voices:
        usual.setdefault(primary(voice.language), voice.id)
    return tuple(voices), usual


def _joined(chunks: Sequence[Chunk]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float32]], int]:
    """One stretch of samples (full scale ±1) and its rate."""
    rates = {chunk.rate for chunk in chunks}
    if len(rates) != 1:
        raise EngineError(f"the voice changed its rate within a line: {sorted(rates)} Hz")
    pcm = b"".join(chunk.pcm for chunk in chunks)
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768), rates.pop()
