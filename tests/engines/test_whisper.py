"""Recognition with the bundled model: exact words from what an endpointer would cut, and no words from noise."""

from collections.abc import Callable

import numpy as np
import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import SAMPLE_RATE, Transcribe
from tests.kit.espeak_speech import noise, say, silence, sine

SAID = [
    ("en", "Where is the train station?"),
    ("en", "I would like a coffee, please."),
    ("es", "¿Dónde está la estación de tren?"),
    ("es", "Quisiera un café, por favor."),
]


@pytest.fixture(scope="module")
def load() -> Callable[..., Whisper]:
    return lambda **options: Whisper.of(**{"path": str(starter.STT), **starter.STT_OPTIONS, **options})


@pytest.fixture(scope="module")
def whisper(load: Callable[..., Whisper]) -> Whisper:
    return load()


@pytest.mark.parametrize(("language", "text"), SAID)
@pytest.mark.parametrize("cut", [(0.0, 0.0), (0.3, 0.5)], ids=["tight", "with silence"])
def test_a_sentence_word_for_word(whisper: Whisper, language: str, text: str, cut: tuple[float, float]) -> None:
    audio = silence(cut[0]) + say(text, language) + silence(cut[1])
    (heard,) = whisper.transcribe([Transcribe(audio, language)])
    assert (heard.text, heard.understood, heard.language) == (text, True, language)
    assert 0.8 < heard.confidence <= 1


def test_many_jobs_keep_their_order_and_leave_no_trace_in_each_other(whisper: Whisper) -> None:
    jobs = [Transcribe(say(text, language), language) for language, text in SAID]
    assert [heard.text for heard in whisper.transcribe(jobs * 2)] == [text for _, text in SAID] * 2


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_turn_of_several_sentences(whisper: Whisper, language: str) -> None:
    """By itself and beside others: a window for each sentence, which begins where the recogniser says."""
    texts = [text for of, text in SAID if of == language] * 3
    audio = silence(0.35).join(say(text, language) for text in texts)
    assert len(audio) > 10 * 2 * SAMPLE_RATE
    turn = Transcribe(silence(0.3) + audio + silence(0.5), language)
    assert [one.text for one in whisper.transcribe([turn])] == [" ".join(texts)]
    others = [Transcribe(say(text, of), of) for of, text in SAID]
    assert [one.text for one in whisper.transcribe([*others, turn])] == [*(text for _, text in SAID), " ".join(texts)]


def test_a_region_is_heard_as_its_language(whisper: Whisper) -> None:
    (heard,) = whisper.transcribe([Transcribe(say("Perdí mi pasaporte.", "es"), "es-MX")])
    assert (heard.text, heard.language) == ("Perdí mi pasaporte.", "es-MX")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "audio",
    [b"", b"\0", silence(0.01), silence(1), noise(0.05, 3000), noise(1, 1), noise(2, 10), noise(1, 300)],
    ids=["none", "half a sample", "10 ms", "silence", "50 ms", "noise -90", "noise -70", "noise -40"],
)
def test_no_words_from_nothing(whisper: Whisper, audio: bytes, language: str) -> None:
    (heard,) = whisper.transcribe([Transcribe(audio, language)])
    assert (heard.text, heard.understood, heard.confidence) == ("", False, 0.0)


@pytest.mark.parametrize("audio", [noise(2, 3000), sine(440, 1), sine(1000, 2)], ids=["noise", "440 Hz", "1 kHz"])
def test_loud_noise_is_not_understood(whisper: Whisper, audio: bytes) -> None:
    assert not whisper.transcribe([Transcribe(audio, "en")])[0].understood


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My grandmother used to knit sweaters for penguins."),
        ("en", "Neural networks learn representations from data."),
        ("es", "La economía mundial crecerá lentamente."),
    ],
)
def test_sentences_outside_the_phrasebook_are_not_understood(whisper: Whisper, language: str, text: str) -> None:
    assert not whisper.transcribe([Transcribe(say(text, language), language)])[0].understood


def test_the_trimmed_encoder_agrees_with_the_padded_one(load: Callable[..., Whisper]) -> None:
    whole = load(margin=None)
    for language, text in SAID[::2]:
        (heard,) = whole.transcribe([Transcribe(say(text, language), language)])
        assert heard.text == text


def test_words_have_their_times(load: Callable[..., Whisper]) -> None:
    whisper = load(word_timestamps=True, lead_s=0.2)
    audio = silence(0.3) + say("Where is the train station?", "en")
    (heard,) = whisper.transcribe([Transcribe(audio, "en")])
    assert [word.text for word in heard.words] == [" Where", " is", " the", " train", " station?"]
    starts = [word.start_ms for word in heard.words]
    assert starts == sorted(starts)
    assert 0 <= starts[0] < 700
    assert heard.words[-1].end_ms <= len(audio) / 32 + 500


def test_an_utterance_longer_than_the_window(whisper: Whisper) -> None:
    texts = [text for language, text in SAID if language == "en"] * 9
    audio = silence(0.35).join(say(text, "en") for text in texts)
    assert len(audio) > 32 * 2 * SAMPLE_RATE
    assert whisper.transcribe([Transcribe(audio, "en")])[0].text == " ".join(texts)


def test_it_knows_its_languages(whisper: Whisper) -> None:
    assert whisper.languages == {"en", "es"}
    with pytest.raises(EngineError, match="'de'"):
        whisper.transcribe([Transcribe(np.zeros(16000, np.int16).tobytes(), "de")])
