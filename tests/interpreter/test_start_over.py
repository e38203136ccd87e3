"""Starting over, on a virtual clock: what was said is dropped, what is heard already goes on, nothing else suffers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.events import SpeechPlayed, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from pipeline.speech import Transcribe, Word
from testing.virtual_clock import virtually
from tests.kit.delivery_scene import Flowing
from tests.kit.interpreter_scene import Scene
from tests.kit.speaking_scene import Live
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import plain

STARTED_OVER = ("refused", "start_over")
SPOKEN = ("spoken", None)


@virtually
async def test_what_is_being_said_is_dropped_and_what_is_said_then_is_heard() -> None:
    async with Live() as scene:
        await scene.speak("I want a large")
        await scene.silence(0.14)
        assert any(event.text for event in scene.of(Transcribed)), "it was on show"
        scene.interpreter.start_over()
        await scene.silence(0.4)
        assert scene.outcomes == [STARTED_OVER]
        assert scene.finals == [""], "and is taken back"
        await scene.speak_up("I want a small room.")
        assert scene.finals == ["", "I want a small room."] and scene.outcomes == [STARTED_OVER, SPOKEN]
        assert scene.heard() == ["I WANT A SMALL ROOM."]
        assert all(event.continues is None for event in scene.of(Transcribed))


@virtually
async def test_voice_that_was_on_its_way_is_dropped_with_it() -> None:
    """The message overtakes the last word, which is no utterance of its own."""
    async with Live() as scene:
        words = scene.script.write("I want a large room")
        await scene.say(words[:4])
        scene.interpreter.start_over()
        await scene.say(words[4:])
        await scene.silence(2.0)
        assert len(scene.of(UtteranceStarted)) == 1 and scene.outcomes == [STARTED_OVER]
        assert scene.translations == [] and scene.heard() == []


@virtually
async def test_voice_that_goes_on_for_a_second_is_another_utterance() -> None:
    async with Live() as scene:
        await scene.speak("I want a large")
        scene.interpreter.start_over()
        words = scene.script.write("no no no we all want to have a small room.")
        await scene.say(words)
        await scene.caught_up()
        assert scene.outcomes == [STARTED_OVER, SPOKEN]
        whole = plain(word.text for word in words)
        kept = plain(scene.finals)
        assert whole.endswith(kept) and len(kept) > len(whole) / 2, "but for a second of it"
        assert "large" not in kept


@virtually
async def test_a_sentence_that_has_just_been_said_is_dropped_before_it_is_heard() -> None:
    async with Live(tts_s=1.0) as scene:
        await scene.learn()
        await scene.speak("I want a large room.")
        await scene.silence(0.5)
        assert scene.latest(Translated), "it is final, and its voice is being made"
        scene.interpreter.start_over()
        await scene.caught_up()
        assert scene.heard() == [] and scene.outcomes[-1] == STARTED_OVER
        played = [(event.state, event.reason) for event in scene.latest(SpeechPlayed)]
        assert played == [("skipped", "start_over")]
        assert scene.finals[-1] == "I want a large room.", "text that was final stays"


@virtually
async def test_an_utterance_that_is_over_is_dropped_while_it_waits_to_be_heard() -> None:
    """A listener's queue is long: nothing of it has begun."""
    async with Live() as scene:
        scene.ears[0].leave()
        await scene.speak("I want a large room.")
        await scene.silence(2.0)
        assert not scene.outcomes and scene.ears[0].backlog_ms > 0
        scene.interpreter.start_over()
        assert scene.outcomes == [STARTED_OVER], "nothing is awaited"
        scene.ears[0].come_back()
        await scene.silence(2.0)
        assert scene.heard() == []


@virtually
async def test_a_segment_that_is_heard_goes_on_to_its_end_and_the_next_is_dropped() -> None:
    async with Live(word_s=0.5) as scene:
        await scene.learn()
        await scene.speak("We went home in the rain. And all of them had some tea there.")
        await scene.silence(0.5)
        assert scene.heard() == ["WE WENT HOME IN THE RAIN."]
        scene.interpreter.start_over()
        await scene.caught_up()
        played = [(event.segment, event.state, event.reason) for event in scene.latest(SpeechPlayed)]
        assert played == [(0, "start", None), (1, "skipped", "start_over"), (0, "end", None)]
        assert scene.outcomes[-1] == STARTED_OVER
        end = scene.latest(UtteranceEnded)[-1]
        assert end.latency.first_audio_ms is not None, "some of it was heard"


@virtually
async def test_asking_twice_drops_nothing_that_was_said_before() -> None:
    async with Live() as scene:
        scene.ears[0].leave()
        await scene.speak("We all went home.")
        await scene.silence(1.5)
        await scene.speak("I want")
        for _ in range(3):
            scene.interpreter.start_over()
            await scene.silence(0.1)
        scene.ears[0].come_back()
        await scene.caught_up()
        assert scene.heard() == ["WE ALL WENT HOME."]
        assert scene.outcomes == [STARTED_OVER, SPOKEN]


def deaf(words: list[Word], job: Transcribe) -> list[Word]:
    """Understand nothing with a buzz in it."""
    return [] if any("z" in word.text for word in words) else words


@virtually
async def test_a_noise_is_dropped_with_the_sentence_before_it_and_nothing_else() -> None:
    async with Live(noise=deaf) as scene:
        scene.ears[0].leave()
        for text in ("We all went home.", "I want a large room."):
            await scene.speak(text)
            await scene.silence(1.5)
        await scene.speak("zz")
        started = len(scene.of(UtteranceStarted))
        assert started == 3 and not any("z" in event.text for event in scene.of(Transcribed))
        for _ in range(3):
            scene.interpreter.start_over()
            await scene.silence(0.1)
        scene.ears[0].come_back()
        await scene.caught_up()
        assert scene.heard() == ["WE ALL WENT HOME."]
        assert sorted(scene.outcomes, key=str) == [STARTED_OVER, STARTED_OVER, SPOKEN]


@virtually
async def test_a_noise_is_dropped_with_a_sentence_that_is_still_recognised() -> None:
    async with Live(noise=deaf, seconds=lambda audio: 2.0) as scene:
        await scene.speak("I want a large room.")
        await scene.silence(1.2)
        await scene.speak("zz")
        assert len(scene.of(UtteranceStarted)) == 2 and not scene.outcomes
        scene.interpreter.start_over()
        await scene.caught_up()
        assert scene.heard() == [] and scene.outcomes == [STARTED_OVER, STARTED_OVER]


@virtually
async def test_a_second_of_voice_is_no_noise() -> None:
    async with Live(noise=deaf) as scene:
        scene.ears[0].leave()
        await scene.speak("We all went home.")
        await scene.silence(1.5)
        await scene.speak("zz zz zz zz")
        scene.interpreter.start_over()
        scene.ears[0].come_back()
        await scene.caught_up()
        assert scene.heard() == ["WE ALL WENT HOME."] and sorted(scene.outcomes, key=str) == [STARTED_OVER, SPOKEN]


@virtually
async def test_where_nothing_was_said_nothing_happens() -> None:
    async with Live() as scene:
        scene.interpreter.start_over()
        await scene.speak_up("I am here.")
        scene.interpreter.start_over()
        await scene.silence(0.5)
        assert scene.outcomes == [SPOKEN] and scene.heard() == ["I AM HERE."]


@virtually
async def test_typed_text_is_not_dropped() -> None:
    async with Live(tts_s=0.5) as scene:
        assert scene.interpreter.say("Where is the hotel?", scene.media_ms)
        scene.interpreter.start_over()
        await scene.silence(3.0)
        assert scene.outcomes == [SPOKEN]


@virtually
async def test_a_pass_that_is_under_way_says_nothing_of_what_was_dropped() -> None:
    async with Live(seconds=lambda audio: 0.6) as scene:
        await scene.speak("I am here now.")
        await scene.silence(0.3)
        scene.interpreter.start_over()
        shown = len(scene.of(Transcribed))
        await scene.silence(3.0)
        assert [event.text for event in scene.of(Transcribed)[shown:] if event.text] == []
        assert scene.translations == [] and scene.outcomes == [STARTED_OVER]
        await scene.speak_up("You are there.")
        assert scene.translations == ["YOU ARE THERE."]


@virtually
async def test_a_translation_that_is_under_way_is_told_to_nobody() -> None:
    async with Live(mt_s=1.0) as scene:
        await scene.speak("I am here now.")
        await scene.silence(0.6)
        assert any(event.stable_length for event in scene.of(Transcribed)), "its text is final"
        scene.interpreter.start_over()
        await scene.caught_up()
        assert scene.translations == [] and scene.of(SpeechPlayed) == []
        assert scene.outcomes == [STARTED_OVER]


@virtually
async def test_each_language_is_told_of_it() -> None:
    async with Scene(ears=[Ear("bob", "es"), Ear("cy", "en")]) as scene:
        await scene.tone(440, 0.6)
        scene.interpreter.start_over()
        await scene.silence(3.0)
        assert scene.outcomes == [STARTED_OVER] * 2


# the delivery of one utterance


def test_what_is_queued_is_withdrawn_and_reported_once() -> None:
    scene = Flowing("One.", ("bob", "cy"))
    scene.play(0)
    bob, cy = scene.ears
    bob.told[0]("start")
    scene.flow.take_back()
    scene.flow.take_back()
    assert cy.dropped == cy.told and not bob.dropped
    assert scene.played() == [("bob", 0, "start", None), ("cy", 0, "skipped", "start_over")]
    assert not scene.over
    bob.told[0]("end")
    assert (scene.end.outcome.value, scene.end.reason) == STARTED_OVER


def test_what_is_made_after_it_was_dropped_is_not_played() -> None:
    scene = Flowing("One.")
    scene.flow.take_back()
    assert not scene.over, "an engine works on it still"
    scene.play(0)
    assert not scene.ears[0].told
    assert scene.played() == [("bob", 0, "skipped", "start_over")]
    assert (scene.end.outcome.value, scene.end.reason) == STARTED_OVER and scene.computed == 1


@pytest.mark.parametrize("chunks", [1, 2])
def test_later_chunks_of_what_is_heard_are_played(chunks: int) -> None:
    scene = Flowing("One.")
    scene.play(0, last=chunks == 1)
    scene.ears[0].told[0]("start")
    scene.flow.take_back()
    assert scene.flow.wanted(scene.parts[0]) == (chunks == 2)
    if chunks == 2:
        scene.play(0)
    for told in list(scene.ears[0].told):
        told("end")
    assert scene.played() == [("bob", 0, "start", None), ("bob", 0, "end", None)]
    assert (scene.end.outcome.value, scene.end.reason) == STARTED_OVER


def test_an_interruption_comes_before_it() -> None:
    scene = Flowing("One.")
    scene.ears[0].interruptions += 1
    scene.flow.take_back()
    scene.play(0)
    assert scene.played() == [("bob", 0, "skipped", "interrupted")]


@pytest.mark.parametrize("act", [lambda flow, part: flow.abandon(part), lambda flow, part: flow.fail(part, "mt")])
def test_a_segment_that_is_not_translated_is_told_of_to_nobody(act: Callable[[Any, Any], None]) -> None:
    scene = Flowing("One.")
    scene.flow.take_back()
    act(scene.flow, scene.parts[0])
    assert scene.played() == [] and (scene.end.outcome.value, scene.end.reason) == STARTED_OVER
