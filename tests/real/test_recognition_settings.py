"""Settings of recognition with real weights on a human voice: what each changes, padded and in short windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.whisper import transcriber
from pipeline.engines.whisper.loudness import loudness_dbfs
from pipeline.engines.whisper.model import TrimmedWhisper, load
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe, Transcript
from server.engine_choice.from_settings import plain_specs
from server.settings import read
from server.short_windows.material import words
from testing.real_material import LANGUAGE, WEIGHTS, Prompt, missing, prompts
from tests.kit.extent import extent

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing()}")

SHORT = {"margin": 100, "silent_tail": 3000}
WAYS = extent([True], [True, False])
"""True: short windows with a silent tail. False: padded to 30 s."""
Set = Callable[..., Whisper]


@pytest.fixture(scope="module")
def model() -> TrimmedWhisper:
    """The weights, loaded once for all engines of this file."""
    return load(str(WEIGHTS), device="cpu", compute_type=None, threads=1, word_timestamps=False)


@pytest.fixture
def recogniser(model: TrimmedWhisper, monkeypatch: pytest.MonkeyPatch) -> Set:
    """The engine that a server with these settings would make, over the weights of this file."""

    def made(short: bool = True, noise_logprob: float = -0.35, **settings: str) -> Whisper:
        environment = {f"DRAGOMAN_{name.upper()}": value for name, value in settings.items()}
        spec = plain_specs(read({"DRAGOMAN_STT": f"whisper:{WEIGHTS}", **environment}))["stt"]
        options: dict[str, Any] = {
            "noise_logprob": noise_logprob,
            **spec.options,
            **(SHORT if short else {"margin": None, "silent_tail": 0}),
        }
        return Whisper.of(**options)

    monkeypatch.setattr(transcriber, "load", lambda path, **options: model)
    return made


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    """One of those by which something may be chosen."""
    return next(one for one in prompts() if not one.held_out and 2.0 <= one.seconds <= 3.0)


class Ears:
    """The model's own features, and the sound of which they were made."""

    def __init__(self, features: Any) -> None:
        self.heard: list[NDArray[np.float32]] = []
        self._features = features

    def __call__(self, audio: NDArray[np.float32], *arguments: Any, **named: Any) -> Any:
        self.heard.append(audio)
        return self._features(audio, *arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._features, name)


def samples(prompt: Prompt) -> NDArray[np.float32]:
    return np.frombuffer(prompt.audio, np.int16).astype(np.float32)


def hear(whisper: Whisper, sound: NDArray[Any], **job: Any) -> Transcript:
    pcm = np.clip(np.round(sound), -32768, 32767).astype(np.int16).tobytes()
    return whisper.transcribe([Transcribe(pcm, LANGUAGE, **job)])[0]


def noise(seconds: float, level: float, seed: int = 1) -> NDArray[Any]:
    return np.random.default_rng(seed).normal(0, level, round(seconds * 16_000))


@pytest.mark.parametrize("short", WAYS)
def test_a_beam_finds_likelier_words_where_few_are_heard(recogniser: Set, short: bool) -> None:
    """In noise as loud as the voice hardly a text is sure, and the likeliest first word may not be the best."""
    noisy = []
    for name in extent(["conf-extended"], ["conf-extended", "conf-leaderhasleft", "agent-user", "agent-alreadyon"]):
        sound = samples(next(one for one in prompts() if one.name == name))
        noisy.append(sound + noise(sound.size / 16_000, float(np.sqrt((sound**2).mean())), 0))
    greedy, five = (
        [hear(engine, one, final=False) for one in noisy]
        for engine in (recogniser(short=short), recogniser(short=short, stt_beam="5"))
    )
    assert [one.text for one in five] != [one.text for one in greedy]
    assert sum(one.confidence for one in five) > sum(one.confidence for one in greedy)


@pytest.mark.parametrize("short", WAYS)
def test_the_voice_filter_leaves_the_voice_and_takes_noise_away(recogniser: Set, prompt: Prompt, short: bool) -> None:
    """In short windows these weights write "you" of noise. A whole window of it shows Silero that nobody spoke."""
    credulous = {"short": short, "noise_logprob": -99.0}
    bare, filtered = recogniser(**credulous), recogniser(**credulous, stt_vad_filter="true")
    hiss = noise(2.0, 2000)
    assert not short or hear(bare, hiss).text == "you", "padded they write nothing of it"
    assert not hear(filtered, hiss).text
    assert not hear(recogniser(short=short), hiss).text, "no speech is likelier than such a word"
    spans = ((100, 1900),)
    assert not hear(filtered, hiss, voice=spans).text, "whatever the detector took for voice"
    assert words(hear(filtered, samples(prompt)).text, LANGUAGE) == words(prompt.text, LANGUAGE)


@pytest.mark.parametrize("short", WAYS)
@pytest.mark.parametrize("gain_db", extent([-36.0], [-36.0, -3.0]))
def test_every_voice_is_heard_at_the_loudness_that_is_set(
    recogniser: Set,
    model: TrimmedWhisper,
    prompt: Prompt,
    monkeypatch: pytest.MonkeyPatch,
    short: bool,
    gain_db: float,
) -> None:
    ears = Ears(model.feature_extractor)
    sound = samples(prompt) * 10 ** (gain_db / 20)
    usual, levelled = recogniser(short=short), recogniser(short=short, stt_loudness="-23")
    monkeypatch.setattr(model, "feature_extractor", ears)
    hear(usual, sound)
    assert words(hear(levelled, sound).text, LANGUAGE) == words(prompt.text, LANGUAGE)
    came, brought = (loudness_dbfs(one) for one in ears.heard)
    assert came == pytest.approx(loudness_dbfs((sound / 32768).astype(np.float32)), abs=0.5)
    assert brought == pytest.approx(-23.0, abs=0.5)
    assert not hear(levelled, np.zeros(32_000)).text, "silence is not made loud"


def test_a_beam_of_nothing_is_refused(recogniser: Set) -> None:
    with pytest.raises(EngineError, match="beam: 0"):
        Whisper.of(str(WEIGHTS), beam=0)
