"""An utterance in each of the fifteen languages goes through the whole chain to a listener of each of the others.

Real: espeak-ng's voice into the microphone and to the ears, voice detection and endpointing, segmentation, the
interpreter, the messages of the subtitles' channel. Scripted: which words were recognised, and their dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from media.subtitles.outbox import SubtitlesOutbox
from media.subtitles.server_messages import ServerMessages
from pipeline.engines.scripted import ScriptedTranscriber, ScriptedTranslator
from pipeline.engines.voices.espeak import Espeak
from pipeline.events import Outcome, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Speech, Synthesize, Translation
from pipeline.text.characters import cleaned
from testing.virtual_clock import virtually
from tests.kit.espeak_speech import say
from tests.kit.interpreter_scene import Scene
from tests.kit.sample_sentences import EXTREMES, LANGUAGES, said, translations, whole
from tests.kit.virtual_listener import Ear

WHOLE = InterpreterOptions(
    endpointing=EndpointingOptions(hangover_ms=900),
    passes=RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9, ahead=False),
)
"""The recogniser hears an utterance once, when it is over: it has one text for it. espeak-ng's pauses between the
sentences, up to 0.55 s, don't end it."""


class Speaking(Scene):
    """Somebody who speaks `language`, heard as people are and not as test tones; a listener of each other language."""

    def __init__(self, language: str) -> None:
        self.spoken: list[Synthesize] = []
        super().__init__(
            stt=ScriptedTranscriber({language: whole(language)}, languages=LANGUAGES),
            mt=_Dictionary(language),
            tts=self._voice(),
            language=language,
            ears=[Ear(f"listener-{tag}", tag) for tag in LANGUAGES if tag != language],
            settings=WHOLE,
            activity=VoiceActivity(),
        )

    def _voice(self) -> Any:
        """espeak-ng itself, in the loop; it takes no time of the virtual clock."""
        espeak = Espeak()

        async def run(line: Synthesize) -> Speech:
            self.spoken.append(line)
            return espeak.synthesize([line])[0]

        run.languages, run.pairs = espeak.languages, frozenset()  # type: ignore[attr-defined]
        return run


class _Dictionary:
    """A translator that knows all sentences in all languages, and no others; called by the loop."""

    languages: frozenset[str] = frozenset()

    def __init__(self, source: str) -> None:
        others = [tag for tag in LANGUAGES if tag != source]
        self.pairs = frozenset((source, tag) for tag in others)
        self._engines = {
            tag: ScriptedTranslator(translations(source, tag), pattern="UNKNOWN", pairs=[(source, tag)])
            for tag in others
        }

    async def __call__(self, job: Any) -> Translation:
        return self._engines[job.target].translate([job])[0]


def messages(scene: Scene, receiver: str) -> list[dict[str, Any]]:
    """Return the text that a client reads on its channel, decoded as its JSON parser would."""
    sent: list[str] = []
    subtitles = SubtitlesOutbox(lambda: 0.0)
    wire = ServerMessages("123456", receiver, now=lambda: 0.0, wall_ms=lambda: 0)

    def post(text: str) -> bool:
        sent.append(text.encode("utf-8").decode("utf-8"))
        return True

    subtitles.open(post)
    subtitles.resume(0)
    for event in scene.events:
        message = wire.write(event)
        if message is not None:
            subtitles.put(message)
    return [json.loads(text) for text in sent]


def clean(language: str) -> str:
    """Return the sentences without what nobody sees."""
    return cleaned(whole(language))


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def units(text: str, start: int, end: int) -> str:
    """Return the slice that a client in JavaScript or Dart cuts out, by UTF-16 code units."""
    return utf16(text)[2 * start : 2 * end].decode("utf-16-le")


@pytest.mark.parametrize("language", LANGUAGES)
@virtually
async def test_it_is_heard_translated_spoken_and_read_in_all_others(language: str) -> None:
    scene = Speaking(language)
    async with scene:
        await scene.silence(0.5)
        await scene.sound(say(whole(language), language))
        await scene.caught_up()

    assert len(scene.of(UtteranceStarted)) == 1
    (final,) = scene.finals
    assert final == clean(language), "not a code point is lost that anybody sees"
    ends = scene.of(UtteranceEnded)
    assert {end.target: end.outcome for end in ends} == {tag: Outcome.SPOKEN for tag in LANGUAGES if tag != language}

    transcript = next(event for event in scene.of(Transcribed) if event.final)
    spoken_ms = len(say(whole(language), language)) / 2 / SAMPLE_RATE * 1000
    assert transcript.end_ms - transcript.start_ms == pytest.approx(spoken_ms, abs=700), "all that was said"

    for ear in scene.ears:
        told = [event for event in scene.of(Translated) if event.target == ear.language]
        assert tuple(event.text for event in told) == tuple(map(cleaned, said(ear.language)))
        assert tuple(event.segment.text.strip() for event in told) == tuple(map(cleaned, said(language)))
        assert "".join(event.segment.text for event in told) == clean(language), "segments tile the transcript"
        heard = sum(np.frombuffer(speech.pcm, np.int16).size for speech in ear.heard) / VOICE_RATE
        assert 1.5 < heard < 15, f"{heard:.1f} s of speech in {ear.language}"
        assert all(speech.pcm for speech in ear.heard)
        lines = [line for line in scene.spoken if line.language == ear.language]
        assert "".join("".join(line.text for line in lines).split()) == "".join(cleaned(whole(ear.language)).split())

    for ear in scene.ears:
        _read(messages(scene, ear.participant), language, ear.language)


def _read(found: Sequence[dict[str, Any]], source: str, target: str) -> None:
    """The subtitles of one listener: whole, and every offset of them right in the units of the wire."""
    texts = [one for one in found if one["type"] == "transcription" and one["final"]]
    assert [one["text"] for one in texts] == [clean(source)]
    assert texts[0]["stableLength"] == len(utf16(clean(source))) // 2
    assert texts[0]["language"] == source
    told = [one for one in found if one["type"] == "translation" and one["targetLanguage"] == target]
    assert [one["translatedText"] for one in told] == [cleaned(text) for text in said(target)]
    for one in told:
        assert units(clean(source), one["sourceStart"], one["sourceEnd"]) == one["originalText"]
    assert "".join(one["originalText"] for one in told) == clean(source)


def test_the_texts_are_hard_enough() -> None:
    """The sentences hold everything that is lost where bytes are cut, normalised, reordered or taken for ASCII."""
    every = "".join(EXTREMES.values())
    assert any(ord(char) > 0xFFFF for char in every)
    assert {"\u200f", "\u200d", "\u0308", "\u0301", "\u00a0", "\u202f"} <= set(every)
    assert {text[0] for text in EXTREMES.values()} & set("سİ𠮷𠀀")
    assert len(set(map(whole, LANGUAGES))) == 15


def test_each_voice_is_its_languages_own() -> None:
    """The same text is spoken otherwise in each language: none of them falls back on another's voice."""
    espeak = Espeak()
    digits = [espeak.synthesize([Synthesize("1 2 3", language)])[0].pcm for language in LANGUAGES]
    assert len(set(digits)) == 15
