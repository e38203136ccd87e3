"""A sentence that was understood is spoken, whatever follows and however long an engine takes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pipeline.events import LoadChanged, Translated, UtteranceEnded
from pipeline.speech import Transcribe, Transcript, Translate, Word
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live
from tests.kit.word_audio import plain


def first_sentence(words: list[Word], job: Transcribe) -> list[Word]:
    """Some recognisers stop at the first full stop."""
    end = next((place for place, word in enumerate(words, 1) if word.text.endswith(".")), len(words))
    return words[:end]


@pytest.mark.parametrize("sure", [True, False])
@pytest.mark.parametrize("pause", [120, 160, 200, 240, 300, 600, 900])
@virtually
async def test_a_short_rest_behind_a_sentence_at_which_the_recogniser_stops(pause: int, sure: bool) -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        begins = heard.text.startswith(("I want", "Good"))
        return heard if begins else replace(heard, confidence=0.8, certain=sure)

    async with Live(noise=first_sentence, verdict=verdict) as scene:
        await scene.learn()
        await scene.speak("I want one. Please now.", pauses_ms={2: pause})
        await scene.caught_up()
        assert scene.finals[-1] == "I want one. Please now."
        assert plain(scene.heard()) == plain(["I WANT ONE. PLEASE NOW."])


@pytest.mark.parametrize("pause", [120, 160, 200, 240, 300])
@virtually
async def test_a_cough_behind_a_sentence_takes_nothing_of_it(pause: int) -> None:
    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        coughed = "uh" in heard.text
        return replace(heard, understood=False, certain=False, confidence=0.2) if coughed else heard

    async with Live(verdict=verdict) as scene:
        await scene.learn()
        words = scene.script.write("I want a room.")
        words.append(scene.script.add("uh", 200))
        await scene.say(words, {3: pause})
        await scene.caught_up()
        assert scene.finals[-1] == "I want a room." and scene.heard() == ["I WANT A ROOM."]
        assert scene.outcomes[-1] == ("spoken", None)


@pytest.mark.parametrize("sure", ["the whole", "the rest", "both"])
@pytest.mark.parametrize("voiced", [120, 180])
@pytest.mark.parametrize("stop", [100, 140, 200])
@virtually
async def test_the_end_of_a_word_with_a_stop_in_it_is_no_sentence(stop: int, voiced: int, sure: str) -> None:
    """ "no-che": the word is guessed before it is over, and its rest sounds like another word. The rest is a word only
    where it is certain, and the pass over both is not."""

    def heard_again(words: list[Word], job: Transcribe) -> list[Word]:
        return words[:-1] if len(words) > 1 and words[-1].text.strip() == "What" else words

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        rest = heard.text.strip() == "What"
        if sure == "both" or rest == (sure == "the rest"):
            return heard
        return replace(heard, confidence=0.9, certain=False) if rest or len(job.voice) > 1 else heard

    async with Live(noise=heard_again, verdict=verdict) as scene:
        await scene.learn()
        words = scene.script.write("I want a room.")
        words.append(scene.script.add("What", voiced))
        await scene.say(words, {3: stop})
        await scene.caught_up()
        if sure == "the rest":
            assert scene.heard() == ["I WANT A ROOM.", "WHAT"]
        else:
            assert scene.finals[-1] == "I want a room." and scene.heard() == ["I WANT A ROOM."]


@pytest.mark.parametrize("pause", [120, 160, 200])
@virtually
async def test_what_was_guessed_before_it_was_said_is_not_said_again(pause: int) -> None:
    """ "the museum, | please.": the end is guessed from usage, and then comes; here without its mark."""

    def guessed(words: list[Word], job: Transcribe) -> list[Word]:
        last = words[-1] if words else None
        if last is not None and last.text.strip() == "one,":
            return [*words, replace(last, text=" please.", start_ms=last.end_ms)]
        alone = last is not None and len(words) == 1 and last.text.strip() == "please."
        return [replace(last, text="Please")] if last is not None and alone else words

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        return replace(heard, confidence=0.9, certain=False) if heard.text == "Please" else heard

    async with Live(noise=guessed, verdict=verdict) as scene:
        await scene.learn()
        await scene.speak("I want one, please.", pauses_ms={2: pause})
        await scene.caught_up()
        assert scene.finals[-1] == "I want one, please." and scene.heard() == ["I WANT ONE, PLEASE."]


@pytest.mark.parametrize("stop", [100, 140, 200])
@virtually
async def test_a_last_word_is_what_all_of_it_says(stop: int) -> None:
    """ "diez y cuar-to": the guess at the stop is another word, and the rest is no sentence."""

    def heard_again(words: list[Word], job: Transcribe) -> list[Word]:
        if len(words) > 1 and words[-1].text.strip() == "What":
            return [*words[:-2], replace(words[-2], text=" boat.", end_ms=words[-1].end_ms)]
        return words

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        return heard if "boat" in heard.text else replace(heard, confidence=0.8, certain=False)

    async with Live(noise=heard_again, verdict=verdict) as scene:
        await scene.learn()
        words = scene.script.write("I want a room.")
        words.append(scene.script.add("What", 240))
        await scene.say(words, {3: stop})
        await scene.caught_up()
        assert scene.finals[-1] == "I want a boat." and scene.heard() == ["I WANT A BOAT."]


@pytest.mark.parametrize("stop", [100, 140])
@virtually
async def test_what_follows_such_a_word_is_heard_without_its_end(stop: int) -> None:
    def heard_again(words: list[Word], job: Transcribe) -> list[Word]:
        return [word for place, word in enumerate(words) if not place or word.text.strip() != "What"]

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        torn = heard.text.startswith("What")
        sure = torn or len(heard.words) > 4
        return replace(heard, confidence=0.85 if torn else 0.9, certain=False) if sure else heard

    async with Live(noise=heard_again, verdict=verdict) as scene:
        await scene.learn()
        words = scene.script.write("I want a room.")
        words.append(scene.script.add("What", 120))
        words += scene.script.write("Some of them all come with breakfast.")
        await scene.say(words, {3: stop, 4: 200})
        assert [one.text for one in scene.latest(Translated)][:1] == ["I WANT A ROOM."], "while they speak on"
        await scene.caught_up()
        assert scene.finals[-1] == "I want a room. Some of them all come with breakfast."


@pytest.mark.parametrize("timed", [True, False])
@virtually
async def test_the_window_is_not_trimmed_where_nobody_knows_when_the_words_were(timed: bool) -> None:
    long = "They all went home in the rain and then all of them had some tea with milk in the old kitchen there."
    rest = "perhaps seven people came to us late after that day"

    def verdict(heard: Transcript, job: Transcribe) -> Transcript:
        sure = heard.text.startswith(("They", "Good"))
        words = heard.words if timed else ()
        return replace(heard, certain=sure, confidence=0.9 if sure else 0.7, words=words)

    async with Live(verdict=verdict) as scene:
        await scene.learn()
        await scene.speak(f"{long} {rest}", 400, pauses_ms={len(long.split()) - 1: 300})
        await scene.caught_up()
        assert plain([scene.finals[-1]]) == plain([f"{long} {rest}"])


@pytest.mark.parametrize("seconds", [0.3, 0.45, 0.55])
@pytest.mark.parametrize("pause", [600, 900])
@virtually
async def test_a_slow_recogniser_is_as_patient_as_a_quick_one(pause: int, seconds: float) -> None:
    async with Live(seconds=lambda audio_s: seconds) as scene:
        await scene.learn()
        await scene.speak("When it rains we all stay home.", pauses_ms={2: pause})
        await scene.caught_up()
        assert len(scene.latest(UtteranceEnded)) == 1, "the pause was within a sentence"
        assert scene.translations[-1] == "WHEN IT RAINS WE ALL STAY HOME."


@virtually
async def test_a_typed_line_that_waits_for_its_turn_is_no_sign_of_being_behind() -> None:
    async with Live() as scene:
        await scene.learn()
        await scene.speak("They went home in the rain")
        assert scene.interpreter.say("Typed line.", scene.media_ms)
        await scene.speak("and then all of them had some tea with milk in the old kitchen, and it was late.")
        await scene.silence(1.3)
        await scene.speak("Now I say this.")
        await scene.caught_up()
        assert scene.latest(LoadChanged) == []
        assert scene.heard()[-1] == "NOW I SAY THIS."


@virtually
async def test_a_guess_that_came_true_waits_for_nobody() -> None:
    """Others keep the translator busy with settled clauses: what was begun as a guess is one of them now."""
    after = {}
    for guessing in (False, True):
        async with Live(mt_s=0.2) as scene:
            lane = scene._stages.mt
            if not guessing:
                scene.interpreter.delivery.expect = lambda *given: None  # type: ignore[method-assign]

            async def other(lane: object = lane) -> None:
                while True:
                    await lane.do(Translate("x", "en", "es"))  # type: ignore[attr-defined]

            others = [asyncio.ensure_future(other()) for _ in range(3)]
            said_at = await scene.speak("I am here now.")
            await scene.silence(6)
            assert scene.translations == ["I AM HERE NOW."]
            after[guessing] = scene.since(said_at)
            for one in others:
                one.cancel()
            await asyncio.gather(*others, return_exceptions=True)
    assert after[True] <= after[False]
