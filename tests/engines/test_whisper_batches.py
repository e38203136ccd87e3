"""Several calls' sentences in one forward pass are heard as each of them by itself."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from faster_whisper.tokenizer import Tokenizer

import starter
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.engines.whisper.batched import Task, WindowBatch
from pipeline.engines.whisper.model import load
from pipeline.engines.whisper.prompt import Hints
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.lanes.local import LocalLane
from pipeline.lanes.pipe_messages import JobDone, JobFailed, answer
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript
from tests.kit.espeak_speech import noise, say, silence

SAID = [
    ("en", "Where is the train station?"),
    ("es", "¿Dónde está la estación de tren?"),
    ("en", "I lost my passport."),
    ("es", "Quisiera un café, por favor."),
    ("en", "I would like a coffee, please."),
    ("es", "Perdí mi pasaporte."),
]
OTHER = ("en", "Neural networks learn representations from data.")


@pytest.fixture(scope="module")
def make() -> Callable[..., Whisper]:
    return lambda **options: Whisper.of(**{"path": str(starter.STT), **starter.STT_OPTIONS, **options})


def jobs(said: Sequence[tuple[str, str]] = SAID) -> list[Transcribe]:
    """Return jobs of different lengths."""
    return [
        Transcribe(silence(0.1 * place) + say(text, language) + silence(0.07 * place), language)
        for place, (language, text) in enumerate(said)
    ]


def alone(whisper: Whisper, these: Sequence[Transcribe]) -> list[Transcript]:
    return [whisper.transcribe([job])[0] for job in these]


@pytest.mark.parametrize("words", [False, True], ids=["text", "words"])
@pytest.mark.parametrize("margin", [30, None], ids=["trimmed", "padded"])
def test_the_same_to_the_last_bit(make: Callable[..., Whisper], margin: int | None, words: bool) -> None:
    whisper = make(word_timestamps=words, margin=margin)
    these = jobs(SAID[:2])
    if margin is not None:
        these += [*jobs([*SAID[2:], OTHER]), Transcribe(noise(1, 3000), "en")]
        these += [Transcribe(these[0].audio, "es"), these[0]]
    heard = whisper.transcribe(these)
    assert heard == alone(whisper, these)
    assert [one.text for one in heard[:2]] == [text for _, text in SAID[:2]]
    assert all(bool(one.words) == (words and bool(one.text)) for one in heard)


def test_the_same_words_where_it_is_padded_for_a_longer_one(make: Callable[..., Whisper]) -> None:
    whisper = make(stretch=50)
    heard, single = whisper.transcribe(jobs()), alone(whisper, jobs())
    assert [one.text for one in heard] == [text for _, text in SAID]
    for one, other in zip(heard, single, strict=True):
        assert (one.text, one.understood) == (other.text, other.understood)
        assert one.confidence == pytest.approx(other.confidence, abs=0.01)
    assert heard != single, "not to the last bit: some of these were padded for others"


def test_one_that_is_longer_than_a_window_goes_on_alone(make: Callable[..., Whisper]) -> None:
    whisper = make()
    (language, text), (_, other), *_ = SAID
    long = Transcribe(say(text, language) + silence(30) + say(text, language), language)
    these = [long, Transcribe(say(other, "es"), "es")]
    assert whisper.transcribe(these) == alone(whisper, these)


def test_what_is_not_looked_at_takes_no_place(make: Callable[..., Whisper]) -> None:
    whisper = make()
    these = [Transcribe(silence(1), "en"), jobs()[0], Transcribe(b"", "es"), jobs()[1], Transcribe(noise(2, 3), "en")]
    assert [one.text for one in whisper.transcribe(these)] == ["", SAID[0][1], "", SAID[1][1], ""]
    assert not whisper.transcribe([Transcribe(b"", "en")] * 2)[0].understood
    assert list(whisper.transcribe([])) == []


def test_a_job_that_can_not_be_done_costs_itself_alone(make: Callable[..., Whisper]) -> None:
    these = [jobs()[0], Transcribe(jobs()[1].audio, "de"), jobs()[2]]
    first, unknown, last = answer(make().transcribe, these)
    assert isinstance(first, JobDone) and isinstance(unknown, JobFailed) and isinstance(last, JobDone)
    assert [first.result.text, last.result.text] == [SAID[0][1], SAID[2][1]]
    assert "'de'" in unknown.reason


async def test_several_calls_share_a_lane_as_if_each_had_its_own() -> None:
    """In the engine's own process; the one whose job can't be done hears so, and nobody else."""
    spec = EngineSpec("stt", "whisper", {"path": str(starter.STT), **starter.STT_OPTIONS})
    these = [*jobs(), Transcribe(jobs()[0].audio, "de"), *jobs()]
    async with LocalLane[Transcribe, Transcript](spec, timeout=60) as lane:
        wanted = [await lane.do(job) for job in jobs()]
        heard = await asyncio.gather(
            *(lane.do(job, urgent=place % 3 > 0) for place, job in enumerate(these)), return_exceptions=True
        )
        assert lane.counters.failures == 1 and lane.counters.restarts == 0
    assert [one.text for one in wanted] == [text for _, text in SAID]
    assert heard[: len(SAID)] == wanted and heard[len(SAID) + 1 :] == wanted
    assert isinstance(heard[len(SAID)], EngineError) and "'de'" in str(heard[len(SAID)])


@pytest.mark.parametrize("words", [False, True], ids=["text", "words"])
def test_encoded_together_as_on_a_gpu(words: bool) -> None:
    model = load(str(starter.STT), device="cpu", compute_type=None, threads=1, word_timestamps=words)
    model.margin = 30

    def tasks() -> list[Task]:
        return [
            Task(np.frombuffer(job.audio + silence(0.5), np.int16).astype(np.float32) / np.float32(32768), job.language)
            for job in jobs()
        ]

    apart, together = tasks(), tasks()
    for task in apart:
        WindowBatch(model, timestamps=True, word_timestamps=words, suppress_tokens=[-1], stretch=0).transcribe([task])
    all_at_once = WindowBatch(
        model, timestamps=True, word_timestamps=words, suppress_tokens=[-1], stretch=0, encode_together=True
    )
    all_at_once.transcribe(together)
    assert [task.segments for task in together] == [task.segments for task in apart]
    assert apart[0].segments[0].text.strip() == SAID[0][1]


@pytest.mark.parametrize("hints", [Hints(hotwords="passport"), Hints(initial_prompt="Good morning."), Hints("a", "b")])
def test_a_window_is_decoded_as_faster_whisper_does_it(hints: Hints) -> None:
    """Its `transcribe` with the same options, over more than one window, behind the same hints."""
    model = load(str(starter.STT), device="cpu", compute_type=None, threads=1, word_timestamps=True)
    model.margin = 30
    pcm = say(SAID[0][1], "en") + silence(29.5) + say(SAID[2][1], "en")
    audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
    assert audio.size > 30 * SAMPLE_RATE
    theirs, _ = model.transcribe(
        audio,
        language="en",
        beam_size=1,
        temperature=0.0,
        condition_on_previous_text=False,
        word_timestamps=True,
        no_speech_threshold=None,
        log_prob_threshold=None,
        compression_ratio_threshold=None,
        hotwords=hints.hotwords,
        initial_prompt=hints.initial_prompt,
    )
    task = Task(audio, "en", hints)
    WindowBatch(model, timestamps=True, word_timestamps=True, suppress_tokens=[-1], stretch=0).transcribe([task])
    assert task.segments == list(theirs)


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_words_are_timed_where_there_is_hardly_a_frame(frames: int) -> None:
    """Behind the last time that a window gives, nothing may be left; words may be heard there all the same."""
    model = load(str(starter.STT), device="cpu", compute_type=None, threads=1, word_timestamps=True)
    tokenizer = Tokenizer(model.hf_tokenizer, True, task="transcribe", language="en")
    encoded = model.encode(np.zeros((model.model.n_mels, 3000), np.float32))
    (found,) = model.find_alignment(tokenizer, [tokenizer.encode(" hello there")], encoded, frames)
    assert [(word["word"], word["start"], word["end"]) for word in found] == [(" hello", 0, 0), (" there", 0, 0)]


def test_the_language_is_judged_beside(make: Callable[..., Whisper]) -> None:
    whisper = make()
    plain = alone(whisper, jobs())
    asked = [Transcribe(job.audio, job.language, candidates=("en-GB", "es", "fr")) for job in jobs()]
    for heard, bare, job in zip(alone(whisper, asked), plain, asked, strict=True):
        assert (heard.text, heard.confidence, heard.words) == (bare.text, bare.confidence, bare.words)
        assert not bare.spoken
        (first, likely), (_, other) = heard.spoken
        assert first == job.language and likely > 0.9 and likely + other == pytest.approx(1, abs=0.01)
    mixed = whisper.transcribe([asked[0], jobs()[1], asked[1]])
    assert [bool(one.spoken) for one in mixed] == [True, False, True]


def test_speech_that_is_recognised_as_another_language_is_judged_all_the_same(make: Callable[..., Whisper]) -> None:
    (heard,) = make().transcribe([Transcribe(say(SAID[1][1], "es"), "en", candidates=("en", "es"))])
    assert heard.language == "en"
    assert heard.spoken[0][0] == "es" and heard.spoken[0][1] > 0.9
    (nothing,) = make().transcribe([Transcribe(silence(1), "en", candidates=("en", "es"))])
    assert nothing.spoken == ()
