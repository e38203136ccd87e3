"""One person of a simulated call."""

from __future__ import annotations

import numpy as np

from bench.simulated_call.loudspeaker import Loudspeaker
from media.playout import Playout
from pipeline.delivery.listener import PlaybackObserver
from pipeline.speech import FRAME_SAMPLES, SAMPLE_RATE, Speech
from testing.disturbances import ROOM, Sound
from testing.spoken_turns import RATE, Turn


class Person:
    """One side: a microphone in a quiet room, and an ear (`pipeline.delivery.utterance_delivery.Listener`)."""

    voice = ""
    interruptions = 0

    def __init__(self, participant: str, language: str, seed: int) -> None:
        self.participant = participant
        self.language = language
        self.loudspeaker = Loudspeaker()
        self.playout = Playout()
        self._chance = np.random.default_rng(seed)
        self._said = np.zeros(0, np.float32)

    @property
    def backlog_ms(self) -> float:
        return self.playout.backlog_ms

    @property
    def speaking(self) -> bool:
        return len(self._said) > 0

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        self.playout.play(speech, observer)

    def withdraw(self, observer: PlaybackObserver) -> None:
        self.playout.withdraw(observer)

    def say(self, sound: Sound) -> None:
        """Put a sound before the microphone, after what is there."""
        self._said = np.concatenate((self._said, sound))

    def slot(self) -> bytes:
        """Play the next 20 ms to the person, and return 20 ms of the microphone."""
        out = self.playout.next_frame()
        self.loudspeaker.play(b"" if out is None else out.pcm)
        heard = self._chance.normal(0, ROOM, FRAME_SAMPLES) + self.loudspeaker.at_microphone()
        said, self._said = self._said[:FRAME_SAMPLES], self._said[FRAME_SAMPLES:]
        if len(said) and not said.any():
            heard[: len(said)] = 0  # muted
        heard[: len(said)] += said
        return np.clip(np.round(heard), -32768, 32767).astype(np.int16).tobytes()


def sound_of(turn: Turn) -> Sound:
    """Return a turn as a microphone at `SAMPLE_RATE` hears it."""
    return at_16k(turn.audio)


def at_16k(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Sound:
    """Return samples of 48 kHz at 16 kHz, by averaging three: espeak-ng has little above 8 kHz."""
    assert RATE == 3 * SAMPLE_RATE
    low: Sound = samples[: len(samples) // 3 * 3].reshape(-1, 3).astype(np.float32).mean(axis=1)
    return low
