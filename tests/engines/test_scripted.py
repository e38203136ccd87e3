"""The engines of the tests are themselves tested: tones through the pipeline, delays, and faults on order."""

import asyncio
import json
import time

import pytest

from pipeline.engines import registry
from pipeline.engines.registry import EngineSpec
from pipeline.engines.scripted import (
    ScriptedSynthesizer,
    ScriptedTranscriber,
    ScriptedTranslator,
    in_loop,
    strongest_hz,
)
from pipeline.speech import VOICE_RATE, Synthesize, Transcribe, Translate
from testing.virtual_clock import virtually
from tests.kit.espeak_speech import noise, silence, sine


@pytest.mark.parametrize("hz", [150, 300, 440, 990, 2500])
def test_a_tone_goes_through_and_comes_out_shifted(hz: int) -> None:
    audio = silence(0.2) + sine(hz, 0.6) + silence(0.4) + noise(0.1, 20)
    (heard,) = ScriptedTranscriber().transcribe([Transcribe(audio, "en")])
    assert heard.text == f"tone {hz}"
    (told,) = ScriptedTranslator().translate([Translate(heard.text, "en", "es")])
    (speech,) = ScriptedSynthesizer(seconds=0.5).synthesize([Synthesize(told.text, "es")])
    assert speech.duration_ms == 500
    assert strongest_hz(speech.pcm, VOICE_RATE) == pytest.approx(hz + 1000, abs=4)


def test_two_tones_are_as_loud_as_their_share() -> None:
    assert strongest_hz(sine(400, 0.5, 2000) + sine(700, 0.5, 5000)) == pytest.approx(700, abs=4)


@pytest.mark.parametrize("audio", [b"", silence(1), noise(1, 20)])
def test_near_silence_is_not_understood(audio: bytes) -> None:
    (heard,) = ScriptedTranscriber().transcribe([Transcribe(audio, "en")])
    assert (heard.text, heard.understood) == ("", False)


def test_fixed_texts_by_language_are_gone_through_in_turn() -> None:
    engine = ScriptedTranscriber(texts={"en": ["one", "two"], "es": "uno"})
    jobs = [Transcribe(sine(300, 0.1), language) for language in ("en", "en", "es", "en", "es-MX")]
    assert [heard.text for heard in engine.transcribe(jobs)] == ["one", "two", "uno", "one", "uno"]


def test_fixed_translations_and_a_pattern_for_the_rest() -> None:
    engine = ScriptedTranslator(texts={"one": "uno"}, pattern="{source}>{target} {text}")
    told = engine.translate([Translate("one", "en", "es"), Translate("two", "en", "es")])
    assert [one.text for one in told] == ["uno", "en>es two"]


def test_length_of_speech_by_words_and_rate() -> None:
    engine = ScriptedSynthesizer(seconds=0.2, word_seconds=0.1)
    slow, fast = engine.synthesize([Synthesize("one two three", "en"), Synthesize("one two three", "en", rate=1.25)])
    assert (slow.duration_ms, fast.duration_ms) == (pytest.approx(500), pytest.approx(400))
    assert ScriptedSynthesizer(silent=True).synthesize([Synthesize("one", "en")])[0].pcm == b""


def test_faults_on_a_text_and_on_every_nth_job() -> None:
    engine = ScriptedTranslator(raise_on="bad", raise_every=3)
    engine.translate([Translate("a", "en", "es")])
    with pytest.raises(RuntimeError, match="'bad'"):
        engine.translate([Translate("bad", "en", "es")])
    with pytest.raises(RuntimeError, match="job 3"):
        engine.translate([Translate("c", "en", "es")])
    engine.translate([Translate("d", "en", "es")])


def test_delay() -> None:
    began = time.monotonic()
    ScriptedTranslator(delay_s=0.05).translate([Translate("a", "en", "es")] * 2)
    assert time.monotonic() - began >= 0.1


@virtually
async def test_in_the_loop_time_is_the_loops() -> None:
    run = in_loop(ScriptedTranslator(delay_s=0.05, hang_on="hang"))
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(run(Translate("a", "en", "es")) for _ in range(5)))
    assert asyncio.get_running_loop().time() - began == pytest.approx(0.05), "side by side"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await run(Translate("hang", "en", "es"))


def test_the_registry_makes_them_from_plain_options() -> None:
    options = json.loads('{"texts": {"en": ["one"]}, "delay_s": 0.0, "languages": ["en", "fr"]}')
    engine = registry.make(EngineSpec("stt", "scripted", options))
    assert engine.languages == {"en", "fr"}  # type: ignore[union-attr]
    for (kind, name), entry in registry.entries().items():
        assert (entry.kind, entry.name) == (kind, name)
        assert entry.licence
        assert entry.summary
