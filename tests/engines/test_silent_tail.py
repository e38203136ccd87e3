"""A short window with a silent tail: what the decoder sees of it, in batches too, and when its text is not believed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.whisper.model import STEP_FRAMES, WINDOW_FRAMES, TrimmedWhisper, load
from pipeline.engines.whisper.second_opinion import Guard, most_tokens, says_again
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe
from tests.kit.espeak_speech import noise, say, silence
from tests.kit.random_whispers import LAYOUTS, make

UNGUARDED = {"min_logprob": -1e9, "max_compression": 1e9}
SAID = [
    ("en", "Where is the train station?"),
    ("es", "¿Dónde está la estación de tren?"),
    ("en", "I lost my passport."),
    ("es", "Quisiera un café, por favor."),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Made when first wanted, shared by all tests here."""
    root = tmp_path_factory.mktemp("whispers")

    def folder(layout: str) -> Path:
        return root / layout if (root / layout).is_dir() else make(layout, root / layout)

    return folder


@pytest.fixture(scope="module")
def model() -> TrimmedWhisper:
    made = load(str(starter.STT), device="cpu", compute_type=None, threads=1, word_timestamps=False)
    made.margin = 30
    return made


class Watched:
    """A CTranslate2 model that notes each run of the decoder: (windows, bound of its length)."""

    def __init__(self, whisper: Whisper) -> None:
        self._model = whisper._model.model
        self.runs: list[tuple[int, int]] = []
        whisper._model.model = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, encoded: Any, prompts: Any, **options: Any) -> Any:
        self.runs.append((len(prompts), options["max_length"]))
        return self._model.generate(encoded, prompts, **options)


class Copying:
    """A CTranslate2 model that writes a text wherever it is given words before a window."""

    def __init__(self, whisper: Whisper, text: str) -> None:
        tokenizer, self._model = whisper._model.hf_tokenizer, whisper._model.model
        self._previous = tokenizer.token_to_id("<|startofprev|>")
        first = tokenizer.token_to_id("<|notimestamps|>") + 1
        self._tokens = tokenizer.encode(text, add_special_tokens=False).ids
        if whisper._timestamps:
            self._tokens = [first, *self._tokens, first + 50]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, encoded: Any, prompts: Any, **options: Any) -> Any:
        if self._previous not in prompts[0]:
            return self._model.generate(encoded, prompts, **options)
        return [SimpleNamespace(sequences_ids=[self._tokens], scores=[-0.1], no_speech_prob=0.0)]


def jobs() -> list[Transcribe]:
    """Return jobs of different lengths, in one language."""
    return [Transcribe(silence(0.6 * n) + say(text, "en"), "en") for n, (_, text) in enumerate(SAID)]


def window(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Mel frames of a whole window, of which all but `seconds` are padding."""
    mels = np.zeros((80, WINDOW_FRAMES), np.float32)
    mels[:, : int(seconds * 100)] = np.random.default_rng(1).standard_normal((80, int(seconds * 100)))
    return mels


def test_the_decoder_sees_encoded_silence_at_the_positions_that_follow(model: TrimmedWhisper) -> None:
    mels = window(1.0)
    model.show_silence(0)
    short = np.array(model.encode(mels))
    model.show_silence(WINDOW_FRAMES)
    whole = np.array(model.encode(mels))
    assert short.shape[1] == 75 and whole.shape[1] == WINDOW_FRAMES // 2
    assert np.array_equal(whole[:, :75], short)
    sound = np.zeros(WINDOW_FRAMES * model.feature_extractor.hop_length, np.float32)
    quiet = model.feature_extractor(sound)[np.newaxis, :, :WINDOW_FRAMES]
    assert np.array_equal(whole[:, 75:], np.array(model.encode_as_is(quiet))[:, 75:])
    assert not np.allclose(whole[:, 75:], whole[:, 74:75]), "or any tail would do"


@pytest.mark.parametrize(("tail", "positions"), [(0, 75), (1, 100), (50, 100), (300, 225), (9999, 1500)])
def test_a_tail_is_whole_steps_and_ends_with_the_window(model: TrimmedWhisper, tail: int, positions: int) -> None:
    model.show_silence(tail)
    assert model.silent_tail % STEP_FRAMES == 0
    assert np.array(model.encode(window(1.0))).shape[1] == positions == model.positions(150)


def test_a_window_without_padding_has_no_tail(model: TrimmedWhisper) -> None:
    mels = window(30.0)
    model.show_silence(0)
    bare = np.array(model.encode(mels))
    model.show_silence(WINDOW_FRAMES)
    assert np.array_equal(np.array(model.encode(mels)), bare)


@pytest.mark.parametrize("mel_bins", [80, 128])
def test_no_encoding_could_be_taken_for_features(model: TrimmedWhisper, mel_bins: int) -> None:
    for tail in range(0, WINDOW_FRAMES + 1, STEP_FRAMES):
        model.show_silence(tail)
        assert mel_bins not in {model.positions(frames) for frames in range(100, WINDOW_FRAMES + 1, STEP_FRAMES)}


@pytest.mark.parametrize("words", [False, True], ids=["text", "words"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_several_at_once_are_heard_as_each_alone(folders: Callable[[str], Path], layout: str, words: bool) -> None:
    path = str(folders(layout))
    whisper = Whisper.of(path, margin=30, silent_tail=3000, word_timestamps=words, **UNGUARDED)
    alone = [whisper.transcribe([job])[0] for job in jobs()]
    watched = Watched(whisper)
    assert whisper.transcribe(jobs()) == alone
    assert watched.runs[0][0] == len(SAID), "windows of any length share a pass"
    assert any(one.text for one in alone)
    assert all(bool(one.words) == (words and bool(one.text)) for one in alone)
    bare = Whisper.of(path, margin=30, word_timestamps=words)
    assert [bare.transcribe([job])[0].text for job in jobs()] != [one.text for one in alone]


def test_the_bundled_model_hears_the_same_with_it() -> None:
    whisper = Whisper.of(str(starter.STT), **{**starter.STT_OPTIONS, "silent_tail": 3000, "word_timestamps": True})
    heard = whisper.transcribe([Transcribe(say(text, language), language) for language, text in SAID])
    assert [one.text for one in heard] == [text for _, text in SAID]
    for one in heard:
        starts = [word.start_ms for word in one.words]
        assert starts == sorted(starts) and one.words[-1].end_ms < 5000


def test_the_bundled_model_has_none() -> None:
    whisper = Whisper.of(str(starter.STT), **starter.STT_OPTIONS)
    assert whisper.silent_tail == 0
    watched = Watched(whisper)
    whisper.transcribe([Transcribe(noise(1, 3000), "en")])
    assert {bound for _, bound in watched.runs} == {whisper._model.max_length}, "no bound, and no second opinion"


def test_a_final_text_in_doubt_is_heard_once_more_with_all_its_padding(folders: Callable[[str], Path]) -> None:
    """Random weights are never sure."""
    path = str(folders("multilingual"))
    padded = Whisper.of(path).transcribe(jobs())
    short = Whisper.of(path, margin=30, silent_tail=3000)
    watched = Watched(short)
    heard = short.transcribe(jobs())
    assert [one.text for one in heard] == [one.text for one in padded]
    assert [count for count, _ in watched.runs] == [len(SAID), 1, 1, 1, 1]
    assert [one.text for one in short.transcribe(jobs()[:1])] == [padded[0].text]


def test_an_interim_in_doubt_is_not_understood_and_costs_no_second_pass(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that fills its bound, say: a final one is heard again for that."""
    path = str(folders("multilingual"))
    short, job = Whisper.of(path, margin=30, silent_tail=3000, **UNGUARDED), jobs()[0]
    (sure,) = short.transcribe([replace(job, final=False)])
    assert sure.understood
    monkeypatch.setattr("pipeline.engines.whisper.batched.most_tokens", lambda seconds: 8)
    watched = Watched(short)
    (doubted,) = short.transcribe([replace(job, final=False)])
    assert doubted.text and sure.text.startswith(doubted.text) and sure.text != doubted.text
    assert (doubted.understood, doubted.certain) == (False, False)
    assert watched.runs == [(1, 16)]
    (final,) = short.transcribe([job])
    assert final.text == Whisper.of(path).transcribe([job])[0].text
    assert watched.runs[1:] == [(1, 16), (1, short._model.max_length)]


def test_a_text_is_cut_where_nobody_would_have_said_so_much(folders: Callable[[str], Path]) -> None:
    whisper = Whisper.of(str(folders("multilingual")), margin=30, silent_tail=3000, tail_s=0.0, **UNGUARDED)
    watched = Watched(whisper)
    short, long = Transcribe(noise(1, 3000), "en"), Transcribe(noise(2, 3000), "en")
    whisper.transcribe([short])
    whisper.transcribe([short, long])
    bounds = [bound for _, bound in watched.runs if bound < whisper._model.max_length]
    assert bounds == [2 * most_tokens(1.0), 2 * most_tokens(2.0)]


@pytest.mark.parametrize(
    ("tokens", "logprob", "compression", "no_speech", "doubted"),
    [
        (10, -0.2, 1.2, 0.0, False),
        (10, -1.0, 2.4, 0.0, False),
        (10, -1.01, 1.2, 0.6, True),
        (10, -1.01, 1.2, 0.61, False),
        (10, -0.2, 2.41, 0.9, True),
        (58, -0.2, 1.2, 0.0, False),
        (59, -0.2, 1.2, 0.0, True),
        (60, -0.2, 1.2, 0.9, True),
        (60, -1.01, 9.0, 0.9, False),
        (0, 0.0, 0.0, 0.0, False),
    ],
)
def test_the_guard(tokens: int, logprob: float, compression: float, no_speech: float, doubted: bool) -> None:
    """Text that is unlikely, and probably no speech, is dropped anyway."""
    assert Guard().doubts(tokens, most_tokens(3.0), logprob, compression, no_speech) is doubted


@pytest.mark.parametrize(
    ("before", "text", "again"),
    [
        ("Press 1 to mute.", "to mute.", True),
        ("Press 1 to mute.", "press 1, TO MUTE", True),
        ("Press 1 to mute.", "1 to mute. Or 2", True),
        ("Now press 1 to mute.", "Press 1 to mute. Press 2.", True),
        ("Press 1 to mute.", "To mute it, press 2.", False),  # by chance
        ("Press 1 to mute.", "Press 2 to mute.", False),
        ("Press 1 to mute.", "mute to", False),
        ("Press 1 to mute.", "...", False),
        ("Press 1 to mute.", "", False),
        ("", "Press 1.", False),
    ],
)
def test_a_text_that_copies_what_was_said_before_is_known(before: str, text: str, again: bool) -> None:
    assert says_again(before, text, "en") is again


def test_characters_are_compared_where_no_spaces_are_written() -> None:
    before = "請按一靜音。"
    assert says_again(before, "一靜音，請按二。", "zh") and not says_again(before, "靜音請按二。", "zh")


def test_a_window_whose_text_copies_what_was_said_before_is_heard_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A decoder that hears no words writes those that it was given. The words of a run without them hold."""
    whisper = Whisper.of(str(starter.STT), context=True, **starter.STT_OPTIONS)
    job = Transcribe(say(SAID[0][1], "en"), "en", before="I lost my passport.")
    (alone,) = whisper.transcribe([replace(job, before="")])
    asked: list[str] = []

    def copies(before: str, text: str, language: str) -> bool:
        asked.append(before)
        return True

    monkeypatch.setattr("pipeline.engines.whisper.batched.says_again", copies)
    assert whisper.transcribe([job])[0].text == alone.text == SAID[0][1]
    assert asked == [" lost my passport."], "once, with a power of two of tokens"


@pytest.mark.parametrize("timestamps", [False, True])
def test_a_copy_is_known_by_its_words(timestamps: bool) -> None:
    """Capitals, marks, timestamps and more words around it are no reason to believe it."""
    options = starter.STT_OPTIONS | {"timestamps": timestamps, "context": True}
    whisper = Whisper.of(str(starter.STT), **options)
    job = Transcribe(say(SAID[0][1], "en"), "en", before="I lost my passport.")
    (alone,) = whisper.transcribe([replace(job, before="")])
    whisper._model.model = Copying(whisper, " LOST my passport, I")
    assert whisper.transcribe([job])[0].text == alone.text
    assert "train" in alone.text


def test_more_is_said_in_more_time() -> None:
    bounds = [most_tokens(seconds) for seconds in (0.1, 1.0, 3.0, 10.0)]
    assert bounds == sorted(set(bounds)) and bounds[0] > 10 and bounds[2] == 60


def test_a_tail_that_is_none_is_refused() -> None:
    with pytest.raises(EngineError, match="silent_tail: -1"):
        Whisper.of(str(starter.STT), silent_tail=-1)
