"""One who is alone in a session hears themselves in another language, and nothing of it stops them or comes back.

On a virtual clock, through the call's own participant.
"""

import asyncio
import json
from typing import Any

import pytest

from media.own_ear import OwnEar
from pipeline.events import Transcribed, Translated
from pipeline.recognition.voice_origin import Origin, Words
from testing.virtual_clock import virtually
from tests.kit.call_without_network import Alone, Tongue, Unwired

SENTENCE = "The garden is behind the old house."


def subtitles_of(call: Unwired) -> list[dict[str, Any]]:
    """Return Ann's subtitles from now on."""
    came: list[dict[str, Any]] = []

    def post(text: str) -> bool:
        came.append(json.loads(text))
        return True

    call.ann.channel_opened(post)
    call.ann.receive_message('{"type": "resume", "lastSeq": 0}')
    return came


@virtually
async def test_ones_own_words_come_back_as_speech_and_as_subtitles() -> None:
    async with Alone(Tongue(spoken_s=2.0)) as call:
        came = subtitles_of(call)
        call.ann_types(SENTENCE)
        await call.passes(3.0)
        assert call.heard == [SENTENCE.upper()] and call.heard_s == 2.0
        (translation,) = (one for one in came if one["type"] == "translation")
        assert (translation["sourceUserId"], translation["targetUserId"]) == ("ann", "ann")
        assert (translation["translatedText"], translation["targetLanguage"]) == (SENTENCE.upper(), "es")
        assert [(one["state"], one["targetUserId"]) for one in came if one["type"] == "speech_audio"] == [
            ("start", "ann"),
            ("end", "ann"),
        ]
        assert [one["outcome"] for one in came if one["type"] == "utterance_end"] == ["spoken"]
        assert [one["seq"] for one in came] == list(range(1, len(came) + 1))


@pytest.mark.parametrize("barge_in", [False, True])
@virtually
async def test_who_goes_on_speaking_does_not_silence_what_is_heard(barge_in: bool) -> None:
    async with Alone(Tongue(spoken_s=2.0), barge_in=barge_in) as call:
        call.ann_types(SENTENCE)
        await call.passes(0.5)
        call.call._pass_on(Transcribed("u-more", "ann", 0, "More words", 0, False, "en", 0, 0, 1.0))
        await call.passes(3.0)
        assert call.heard_s == 2.0 and call.ann.interruptions == 0


@virtually
async def test_the_interpreter_in_the_own_microphone_is_an_echo() -> None:
    async with Alone(Tongue(spoken_s=2.0)) as call:
        began = asyncio.get_running_loop().time()
        call.ann_types(SENTENCE)
        await call.passes(3.0)
        origin = call.call.interpreters["ann"].origin
        assert origin.of(Words(SENTENCE, "en", began, began + 2.0)) is Origin.INTERPRETER
        assert origin.of(Words(SENTENCE, "en", began + 30.0, began + 32.0)) is Origin.SPEAKER


@virtually
async def test_the_voice_and_the_language_are_taken_anew_for_each_sentence() -> None:
    async with Alone(Tongue()) as call:
        (ear,) = call.call.listeners(call.ann)
        assert isinstance(ear, OwnEar) and repr(ear) == "<OwnEar ann en to es>"
        call.ann.voice = "es+f5"
        assert (ear.participant, ear.language, ear.voice, ear.backlog_ms) == ("ann", "es", "es+f5", 0)
        call.call.set_language(call.ann, "es")
        call.ann_types(SENTENCE)
        await call.passes(2.0)
        assert call.heard == [] and not [fact for _, fact in call.facts if isinstance(fact, Translated)]
        assert [outcome for _, outcome, _, _ in call.told] == ["not_needed"]


@virtually
async def test_a_language_is_detected_among_those_that_can_come_back() -> None:
    async with Alone(Tongue()) as call:
        assert call.call._detectable(call.ann) == {"en", "es"}
        call.call.detach()
        assert call.call.listeners(call.ann) == []


@virtually
async def test_in_a_call_of_two_the_partner_alone_is_the_listener() -> None:
    async with Unwired(Tongue()) as call:
        assert call.call.listeners(call.ann) == [call.bob] and call.call.listeners(call.bob) == [call.ann]
