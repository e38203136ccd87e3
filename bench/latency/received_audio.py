"""The words in a piece of the listener's recording, by recognition or by likeness to the announced words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize
from testing.recordings import Samples, find
from testing.words import words

AROUND = 0.15  # s around a piece that is recognised
SILENCE = 0.16  # s between two sentences, at least
LOUD = 0.004  # RMS of 20 ms, -48 dBFS
TEMPO = 165  # words per minute at rate 1.0, as in pipeline.engines.voices.espeak
TEMPOS, NEARLY = (150, 330), 9  # words per minute
LIKE = 0.5


class Recognising(Protocol):
    def words_in(self, sound: Samples, language: str) -> str:
        """Return the text of a piece of audio at `SAMPLE_RATE`."""
        ...


class ReceivedAudio:
    """The recording of one received stream, and the recogniser of its language.

    With `espeak` the voice is espeak-ng's, so its sound can be made again and compared.
    """

    def __init__(
        self, heard: Mapping[str, Any], language: str, recogniser: Recognising, *, espeak: bool = True
    ) -> None:
        self._sound: Samples = np.load(heard["file"]).astype(np.float32) / np.float32(32768)
        self._zero = float(heard["zero"])
        self._language = language
        self._recogniser = recogniser
        self._told: dict[tuple[float, float], str] = {}
        self._voice = Espeak() if espeak else None

    def understand(self, start: float, end: float) -> str:
        """Return the words between two times (s)."""
        return self._recogniser.words_in(self.piece(start - AROUND, end + AROUND), self._language)

    def sentences(self, start: float, end: float) -> str:
        """Return the words between two times (s), each stretch between two silences recognised alone.

        The recogniser knows single sentences best.
        """
        if (start, end) not in self._told:
            sound = self.piece(start, end)
            heard = [
                self._recogniser.words_in(np.pad(sound[low:high], int(AROUND * SAMPLE_RATE)), self._language)
                for low, high in stretches(sound)
            ]
            self._told[start, end] = " ".join(heard)
        return self._told[start, end]

    def says(self, text: str, start: float, end: float) -> bool:
        """True if the sound between two times is espeak-ng's voice with this text, at the tempo that has this length.

        An interpreter who is late speaks faster than any speech that the recogniser was trained on.
        """
        if self._voice is None or not words(text):
            return False
        sound = self.piece(start - AROUND, end + AROUND)
        slow, fast = TEMPOS
        while fast - slow > 1:
            middle = (slow + fast) // 2
            longer = len(self._rendered(text, middle)) / SAMPLE_RATE > end - start
            slow, fast = (middle, fast) if longer else (slow, middle)
        return any(find(self._rendered(text, tempo), sound)[1] > LIKE for tempo in range(slow - NEARLY, fast + NEARLY))

    def _rendered(self, text: str, tempo: int) -> Samples:
        """Return espeak-ng's sound of a text at `tempo` words a minute."""
        assert self._voice is not None
        pcm = self._voice.synthesize([Synthesize(text, self._language, rate=tempo / TEMPO)])[0].pcm
        spoken = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        at = np.arange(int(len(spoken) * SAMPLE_RATE / VOICE_RATE)) * (VOICE_RATE / SAMPLE_RATE)
        rendered: Samples = np.interp(at, np.arange(len(spoken)), spoken).astype(np.float32)
        return rendered

    def piece(self, start: float, end: float) -> Samples:
        low, high = (max(0, round((at - self._zero) * SAMPLE_RATE)) for at in (start, end))
        return self._sound[low:high]


def stretches(sound: Samples) -> list[tuple[int, int]]:
    """Return first and last sample of each stretch of sound between silences of `SILENCE` s."""
    frame = SAMPLE_RATE // 50
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > LOUD) if len(frames) else np.zeros(0, np.int64)
    found: list[tuple[int, int]] = []
    for one in map(int, loud):
        if found and one - found[-1][1] < SILENCE * 50:
            found[-1] = found[-1][0], one
        else:
            found.append((one, one))
    return [(first * frame, (last + 1) * frame) for first, last in found]
