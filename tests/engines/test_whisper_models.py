"""Each layout of Whisper, loaded by the real faster-whisper: mels, languages, words' times, batches, devices, hints.

The weights are random (`whispers`): what they say means nothing, but must be the same by every way.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.whisper.model import COMPUTE_TYPES, SHORTEST_FRAMES, STEP_FRAMES, WINDOW_FRAMES
from pipeline.engines.whisper.options import grouped
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe
from tests.kit.espeak_speech import say
from tests.kit.random_whispers import LAYOUTS, make

Load = Callable[..., Whisper]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Made when first wanted, shared by all tests here: they are not to be changed."""
    root = tmp_path_factory.mktemp("whispers")

    def folder(layout: str) -> Path:
        return root / layout if (root / layout).is_dir() else make(layout, root / layout)

    return folder


def jobs() -> list[Transcribe]:
    """Two of one length, one of another, and one of them again."""
    one, other = say("Where is the bank?", "en"), say("Where is the train station?", "en", "en-us+m3")
    return [Transcribe(audio, "en") for audio in (one, other, one[3200:], other)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(folders: Callable[[str], Path], layout: str) -> None:
    """Its languages and mel bins are its own; several jobs are heard as each alone, words and all."""
    known = LAYOUTS[layout]
    whisper = Whisper.of(str(folders(layout)), margin=30, word_timestamps=True)
    assert whisper.languages == (set(known.languages) or {"en"})
    assert whisper._model.feature_extractor.mel_filters.shape[0] == known.mels
    heard = whisper.transcribe(jobs())
    assert heard[:3] == [whisper.transcribe([job])[0] for job in jobs()[:3]]
    assert heard[1].text and heard[1] == heard[3]
    assert not heard[1].understood, "random weights are not sure of anything"
    times = [(word.start_ms, word.end_ms) for one in heard for word in one.words]
    assert times
    assert all(0 <= start <= end <= 3500 for start, end in times)


def test_models_differ_and_audio_does(folders: Callable[[str], Path]) -> None:
    """The tests above compare what could differ."""
    said = [[one.text for one in Whisper.of(str(folders(name)), margin=30).transcribe(jobs()[:2])] for name in LAYOUTS]
    assert len({tuple(texts) for texts in said}) == len(LAYOUTS)
    assert any(texts[0] != texts[1] for texts in said)


@pytest.mark.parametrize("told", [None, "another model's", "no JSON"])
def test_mel_bins_are_the_weights_own_whatever_the_folder_says(
    folders: Callable[[str], Path], tmp_path: Path, told: str | None
) -> None:
    folder = shutil.copytree(folders("large-v3"), tmp_path / "model")
    if told is None:
        (folder / "preprocessor_config.json").unlink()
    else:
        (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 80}) if told != "no JSON" else "{")
    whisper = Whisper.of(str(folder), margin=30)
    assert whisper._model.feature_extractor.mel_filters.shape[0] == 128
    wanted = Whisper.of(str(folders("large-v3")), margin=30).transcribe(jobs()[:1])
    assert whisper.transcribe(jobs()[:1]) == wanted


def test_an_english_only_model_hears_english_and_judges_no_language(folders: Callable[[str], Path]) -> None:
    whisper = Whisper.of(str(folders("english")), margin=30)
    (heard,) = whisper.transcribe([Transcribe(jobs()[0].audio, "en-GB", candidates=("en", "es"))])
    assert heard.text and heard.language == "en-GB" and heard.spoken == ()
    with pytest.raises(EngineError, match="'es'"):
        whisper.transcribe([Transcribe(jobs()[0].audio, "es")])


def test_only_the_candidates_are_judged(folders: Callable[[str], Path]) -> None:
    whisper = Whisper.of(str(folders("large-v3")), margin=30)
    (heard,) = whisper.transcribe([Transcribe(jobs()[0].audio, "en", candidates=("de-AT", "en", "yue", "tlh"))])
    assert {language for language, _ in heard.spoken} == {"de", "en", "yue"}
    shares = [share for _, share in heard.spoken]
    assert shares == sorted(shares, reverse=True) and 0 < sum(shares) < 1, "there are 97 others"


def test_words_times_need_alignment_heads(folders: Callable[[str], Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders("multilingual"), tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    del config["alignment_heads"]
    (folder / "config.json").write_text(json.dumps(config))
    assert Whisper.of(str(folder), margin=30).transcribe(jobs()[:1])[0].text
    with pytest.raises(EngineError, match=r"word_timestamps: .*alignment_heads"):
        Whisper.of(str(folder), word_timestamps=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"device": "tpu"}, "'tpu' is none of cpu, cuda, auto"),
        ({"compute_type": "int4"}, "'int4' is none of int8, "),
        ({"margin": -1}, "margin: -1"),
        ({"path": "/nowhere/model"}, "no model folder '/nowhere/model'"),
        ({"path": "no-such-model"}, "no Whisper model could be loaded from 'no-such-model'"),
        ({"hotwords": "one text"}, "a list of words"),
        ({"hotwords": ["word", "x" * 65]}, "at most 100 of 64 characters, and 180 tokens"),
        ({"hotwords": {"en": [f"word{n} of many" for n in range(90)]}}, "180 tokens"),
        ({"prompt": "a word of many " * 50}, "tokens are more than 180"),
    ],
)
def test_what_does_not_fit_is_told(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, options: dict[str, object], told: str
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EngineError, match=told):
        Whisper.of(**{"path": str(folders("multilingual")), **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["model.bin", "tokenizer.json", "config.json"])
def test_a_folder_that_lacks_a_file_is_no_reason_to_ask_the_hub(
    folders: Callable[[str], Path], tmp_path: Path, missing: str
) -> None:
    folder = shutil.copytree(folders("multilingual"), tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(EngineError, match=missing.replace(".", r"\.")):
        Whisper.of(str(folder), word_timestamps=True)


def test_types_that_the_device_can_not_compute_are_told_with_those_that_it_can(
    folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctranslate2

    path, here = str(folders("multilingual")), ctranslate2.get_supported_compute_types("cpu")
    for compute_type in set(COMPUTE_TYPES) - here - {"auto", "default"}:
        with pytest.raises(EngineError, match=f"'{compute_type}' is not computed by this machine's cpu.*int8"):
            Whisper.of(path, compute_type=compute_type)
    heard = Whisper.of(path, margin=30).transcribe(jobs()[:1])
    assert Whisper.of(path, margin=30, compute_type="int8", device="cpu").transcribe(jobs()[:1]) == heard
    assert Whisper.of(path, margin=30, compute_type="float32").transcribe(jobs()[:1])[0].text
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    assert Whisper.of(path, margin=30, device="auto").transcribe(jobs()[:1]) == heard
    with pytest.raises(EngineError, match="no GPU with a CUDA driver"):
        Whisper.of(path, device="cuda", compute_type="float16")


@pytest.mark.parametrize("mel_bins", [80, 128])
def test_no_encoding_could_be_taken_for_features(mel_bins: int) -> None:
    assert 2 * mel_bins not in range(SHORTEST_FRAMES, WINDOW_FRAMES + 1, STEP_FRAMES)


def test_hints_change_what_is_heard_and_leave_nothing_behind(folders: Callable[[str], Path]) -> None:
    whisper = Whisper.of(str(folders("multilingual")), margin=30)
    (job,) = jobs()[:1]
    hinted = Transcribe(job.audio, "en", hotwords=("w500", "w501 w502"))
    (before,), (told,), (after,) = (whisper.transcribe([one]) for one in (job, hinted, job))
    assert told.text != before.text, "or the test shows nothing"
    assert after == before
    assert whisper.transcribe([job, hinted, job, hinted]) == [before, told, before, told]


def test_what_was_said_before_is_for_weights_that_were_trained_with_it(folders: Callable[[str], Path]) -> None:
    path, (job,) = str(folders("multilingual")), jobs()[:1]
    later = Transcribe(job.audio, "en", before="w500 w501 w502 w503.")
    deaf = Whisper.of(path, margin=30)
    (bare,) = deaf.transcribe([job])
    assert deaf.transcribe([later]) == [bare]
    whisper = Whisper.of(path, margin=30, context=True)
    (told,), (after,) = (whisper.transcribe([one]) for one in (later, job))
    assert told.text != bare.text, "or the test shows nothing"
    assert after == bare
    assert whisper.transcribe([job, later, job, later]) == [bare, told, bare, told]


def test_an_engines_hints_are_those_of_the_language(folders: Callable[[str], Path]) -> None:
    path, (job,) = str(folders("multilingual")), jobs()[:1]
    spanish = Transcribe(job.audio, "es")
    bare = Whisper.of(path, margin=30).transcribe([job, spanish])
    hinted = Whisper.of(path, margin=30, hotwords={"en": ["w500"]}, prompt={"en": "w7 w8."}).transcribe([job, spanish])
    assert hinted[0].text != bare[0].text
    assert hinted[1] == bare[1]
    everywhere = Whisper.of(path, margin=30, prompt="w7 w8.").transcribe([job, spanish])
    assert everywhere[1].text != bare[1].text


def test_a_vocabulary_without_a_place_for_hints() -> None:
    """A job's are left out, for it may be meant for another engine; the operator's are refused."""
    from pipeline.engines.whisper.prompt import NO_HINTS, PromptOptions

    class Tokenizer:
        def token_to_id(self, token: str) -> None:
            return None

    assert PromptOptions(Tokenizer()).hints("en", ["one"]) == NO_HINTS
    with pytest.raises(EngineError, match="takes no hints"):
        PromptOptions(Tokenizer(), hotwords=["one"])


def test_hints_are_bounded_and_only_text() -> None:
    from tokenizers import Tokenizer

    from pipeline.engines.whisper.prompt import MOST_BEFORE, MOST_TOKENS, MOST_WORDS, PromptOptions

    tokenizer = Tokenizer.from_file(str(starter.STT / "tokenizer.json"))

    def ids(text: str | None) -> list[int]:
        return [] if text is None else tokenizer.encode(" " + text, add_special_tokens=False).ids

    prompting = PromptOptions(tokenizer, hotwords=["Ana", "train station"], prompt={"es-ES": "Buenos días. " * 6})
    assert prompting.hints("en").hotwords == "Ana, train station"
    assert prompting.hints("en").initial_prompt is None
    assert prompting.hints("es-MX", ["tren", "Ana"]).hotwords == "tren, Ana, train station"
    assert prompting.hints("es").initial_prompt == ("Buenos días. " * 6).strip()
    many = prompting.hints("es", [f"word{number}" for number in range(10_000)])
    assert 100 < len(ids(many.hotwords)) <= MOST_TOKENS + 1
    assert many.initial_prompt is None, "no room was left for it"
    assert len((prompting.hints("en", ["a"] + [f"a{n}" for n in range(500)]).hotwords or "").split(", ")) <= MOST_WORDS
    for count in range(70):
        before = prompting.hints("en", before="a " * count).before
        assert len(before) in (0, 1, 2, 4, 8, 16, MOST_BEFORE) and bool(before) == bool(count)
    assert prompting.hints("en", before="a Ana").before[-2:] == tuple(ids("a Ana"))[-2:], "the last of it"
    full = prompting.hints("es", [f"word{number}" for number in range(10_000)], "Hola. " * 20)
    assert full.hotwords == many.hotwords and len(ids(full.hotwords)) + len(full.before) <= MOST_TOKENS + 1
    first = tokenizer.token_to_id("<|endoftext|>")
    for nasty in ("<|endoftext|>", "<|es|> a", "<|<|es|>es|>", "a\n<|trans\x00cribe|>", "<|", "\ud800", "  "):
        hinted = PromptOptions(tokenizer, prompt=nasty).hints("en", [nasty])
        assert all(token < first for token in [*ids(hinted.hotwords), *ids(hinted.initial_prompt)]), nasty
        assert all(token < first for token in PromptOptions(tokenizer).hints("en", before=nasty).before), nasty


def test_an_unknown_option_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="marginn"):
        grouped({"marginn": 0})
