"""An uncertain transcript is recognised again with another lead of silence; words on which passes agree are final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.events import Translated
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import Transcribe, Transcript
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live

NEAR_MS = 150


def near(job: Transcribe) -> bool:
    """Return True if hardly any silence is before the voice."""
    return bool(job.voice) and job.voice[0][0] <= NEAR_MS


def misheard(heard: Transcript, confidence: float) -> Transcript:
    words = tuple(replace(word, text=word.text.replace("room", "broom")) for word in heard.words)
    return replace(heard, text=heard.text.replace("room", "broom"), words=words, confidence=confidence, certain=False)


@pytest.mark.parametrize(
    ("first", "second", "seconds", "text"),
    [
        (0.8, 0.9, 0.0, "I want a room."),
        (0.8, 0.7, 0.0, "I want a broom."),
        (0.8, 0.9, 0.3, "I want a broom."),
    ],
    ids=["more certain", "less certain", "no time"],
)
@virtually
async def test_the_more_certain_of_two_opinions_holds(first: float, second: float, seconds: float, text: str) -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        if "room" not in heard.text:
            return heard
        return replace(heard, confidence=second, certain=False) if near(job) else misheard(heard, first)

    async with Live(verdict=verdict, seconds=lambda audio_s: seconds) as scene:
        await scene.learn()
        await scene.speak("I want a room.")
        await scene.caught_up()
        assert scene.finals[-1] == text
        assert scene.heard() == [text.upper()]


@pytest.mark.parametrize(
    ("as_it_was", "otherwise", "seconds", "outcome"),
    [
        (True, False, 0.0, ("spoken", None)),
        (False, True, 0.0, ("spoken", None)),
        (False, False, 0.0, ("refused", "not_understood")),
        (False, True, 0.3, ("refused", "not_understood")),
    ],
    ids=["with its pauses", "with less silence before it", "never", "no time"],
)
@virtually
async def test_all_that_was_said_is_heard_otherwise_before_it_is_refused(
    as_it_was: bool, otherwise: bool, seconds: float, outcome: tuple[str, str | None]
) -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        known = "room" not in heard.text or (otherwise and near(job)) or (as_it_was and not job.voice)
        return heard if known else replace(heard, understood=False, certain=False, confidence=0.4)

    async with Live(verdict=verdict, seconds=lambda audio_s: seconds) as scene:
        await scene.learn()
        await scene.speak("I want a room.")
        await scene.caught_up()
        assert scene.outcomes[-1] == outcome
        assert scene.heard() == (["I WANT A ROOM."] if outcome[0] == "spoken" else [])


@virtually
async def test_what_is_certain_is_not_asked_twice_otherwise() -> None:
    asked: list[bool] = []

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        asked.append(near(job))
        return heard

    async with Live(verdict=verdict) as scene:
        await scene.learn()
        asked.clear()
        await scene.speak("I want a room.")
        await scene.caught_up()
        assert scene.finals[-1] == "I want a room." and asked and not any(asked)


@virtually
async def test_a_second_opinion_that_fails_leaves_the_first() -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        if near(job):
            raise RuntimeError("out of memory")
        return misheard(heard, 0.8)

    async with Live(verdict=verdict) as scene:
        await scene.learn()
        await scene.speak("I want a room.")
        await scene.caught_up()
        assert scene.finals[-1] == "I want a broom." and scene.heard() == ["I WANT A BROOM."]


@pytest.mark.parametrize("joins", [False, True])
@virtually
async def test_a_sentence_is_over_where_the_whole_is_it_and_its_rest(joins: bool) -> None:
    """No pass is surer than the others: what they agree on is settled while the speaker talks on."""

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        words = list(heard.words)
        if joins and len(words) > 4:  # heard together, no sentence ends there
            words[3] = replace(words[3], text=words[3].text.rstrip("."))
        return replace(heard, text="".join(one.text for one in words).strip(), words=tuple(words), certain=False)

    no_interims = InterpreterOptions(passes=RecognitionOptions(first_interim_s=60.0))
    async with Live(verdict=verdict, settings=no_interims) as scene:
        await scene.learn()
        first = "I want a room. Some of them come with"
        await scene.speak(first, pauses_ms={3: 200, 7: 200})
        assert [one.text for one in scene.latest(Translated)] == ([] if joins else ["I WANT A ROOM."])
        await scene.caught_up()
