"""A sentence in several pieces: its utterances are joined, and its translation is carried on where the engine can."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.events import Speculated, Transcribed, Translated
from pipeline.speech import Begun, Translate, Translation
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live
from tests.kit.word_audio import Translating

CARRIED_ON = "ON "


class CarryingOn(Translating):
    """Says the words in capitals. A sentence that was begun goes on behind `ON`; all else is new."""

    def __init__(self, *, can: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.jobs: list[Translate] = []
        self.can = can

    async def __call__(self, job: Translate) -> Translation:
        self.jobs.append(job)
        said = await super().__call__(job)
        if job.begun is None:
            return said
        return Translation(
            CARRIED_ON + said.text if self.can else "", job.source, job.target, kept=self.can, carried_on=True
        )


def finals(scene: Live) -> dict[str, Transcribed]:
    return {event.text: event for event in scene.latest(Transcribed) if event.final}


async def two_pieces(scene: Live, silence_s: float = 1.4) -> tuple[Transcribed, Transcribed, Translated]:
    """Say a sentence with a pause that ends its first utterance. Return both texts, and the second's translation."""
    await scene.learn()
    await scene.speak("I want a room")
    await scene.silence(silence_s)
    await scene.speak("for two people.")
    await scene.caught_up()
    texts = finals(scene)
    assert list(texts) == ["I want a room", "for two people."]
    first, second = texts.values()
    (translated,) = [event for event in scene.latest(Translated) if event.utterance == second.utterance]
    return first, second, translated


@virtually
async def test_an_utterance_goes_on_the_sentence_that_the_one_before_it_left_open() -> None:
    translator = CarryingOn()
    async with Live(mt=translator) as scene:
        first, second, translated = await two_pieces(scene)
        assert first.continues is None and second.continues == first.utterance
        assert (translated.text, translated.continues) == ("ON FOR TWO PEOPLE.", first.utterance)
        assert translator.jobs[-1].begun == Begun("I want a room", "I WANT A ROOM")
        assert scene.heard() == ["I WANT A ROOM", "ON FOR TWO PEOPLE."], "nothing is heard twice"


@virtually
async def test_the_beginning_of_a_value_is_waited_for() -> None:
    async with Live(mt=CarryingOn()) as scene:
        await scene.learn()
        for silence_s in (0.9, 1.7):
            await scene.speak("It is half past")
            await scene.silence(silence_s)
            await scene.speak("two.")
            await scene.silence(3.5)
        await scene.caught_up()
        assert [one.text for one in scene.latest(Transcribed) if one.final] == ["It is half past two."] * 2
        assert scene.heard() == ["IT IS HALF PAST TWO."] * 2


@virtually
async def test_what_is_joined_is_joined_from_its_first_revision() -> None:
    async with Live(mt=CarryingOn()) as scene:
        first, second, _ = await two_pieces(scene)
        revisions = [one for one in scene.latest(Transcribed) if one.utterance == second.utterance]
        assert len(revisions) > 1 and {one.continues for one in revisions} == {first.utterance}


@virtually
async def test_a_translator_that_carries_nothing_on_begins_anew_and_says_so() -> None:
    async with Live() as scene:
        first, second, translated = await two_pieces(scene)
        assert second.continues == first.utterance
        assert (translated.text, translated.continues) == ("FOR TWO PEOPLE.", None)


@virtually
async def test_a_translation_that_cannot_be_carried_on_is_asked_for_alone() -> None:
    translator = CarryingOn(can=False)
    async with Live(mt=translator) as scene:
        _, _, translated = await two_pieces(scene)
        assert (translated.text, translated.continues, translated.held) == ("FOR TWO PEOPLE.", None, None)
        assert [job.begun is None for job in translator.jobs[-2:]] == [False, True]


@virtually
async def test_a_new_sentence_after_a_long_silence_is_new() -> None:
    translator = CarryingOn()
    async with Live(mt=translator) as scene:
        _, second, translated = await two_pieces(scene, 4.0)
        assert second.continues is None and translated.continues is None
        assert translator.jobs[-1].begun is None


@virtually
async def test_a_sentence_with_a_mark_is_over() -> None:
    translator = CarryingOn()
    async with Live(mt=translator) as scene:
        await scene.learn()
        for text in ("I want a room.", "For two people."):
            await scene.speak(text)
            await scene.silence(1.4)
        await scene.caught_up()
        assert {one.continues for one in [*scene.latest(Transcribed), *scene.latest(Translated)]} == {None}
        assert all(job.begun is None for job in translator.jobs)


@virtually
async def test_a_recogniser_that_writes_no_marks_joins_nothing() -> None:
    translator = CarryingOn()
    async with Live(mt=translator) as scene:
        for text in ("Good morning", "I want a room", "for two people"):
            await scene.speak(text)
            await scene.silence(1.4)
        await scene.caught_up()
        assert {one.continues for one in scene.events if isinstance(one, Transcribed)} == {None}


@virtually
async def test_clauses_of_one_utterance_go_on_as_well() -> None:
    translator = CarryingOn()
    async with Live(mt=translator) as scene:
        await scene.learn()
        await scene.speak("I would like to have a large room, because there are two of us and one dog.")
        await scene.caught_up()
        pieces = scene.latest(Translated)
        assert len(pieces) > 1 and [piece.continues for piece in pieces] == [None] + [pieces[0].utterance] * (
            len(pieces) - 1
        )
        begun = [job.begun for job in translator.jobs if job.begun is not None]
        assert begun[-1] is not None and begun[-1].said.startswith("I would like to have a large room,")


@pytest.mark.parametrize("carries_on", [True, False])
@virtually
async def test_a_piece_that_goes_on_is_made_ahead_of_time_like_any_other(carries_on: bool) -> None:
    translator = CarryingOn(seconds=0.2) if carries_on else Translating(seconds=0.2)
    async with Live(mt=translator) as scene:
        await two_pieces(scene)
        assert scene.latest(Speculated)[-1].hit
        assert scene.since(scene.said_at[max(scene.said_at)], 1) < 500


@virtually
async def test_a_failure_leaves_nothing_to_go_on() -> None:
    translator = CarryingOn()

    async def failing(job: Translate) -> Translation:
        if job.text == "I want a room":
            raise OSError("no line")
        return await translator(job)

    failing.pairs, failing.languages = translator.pairs, translator.languages  # type: ignore[attr-defined]
    async with Live(mt=failing) as scene:
        _, second, translated = await two_pieces(scene)
        assert second.continues is not None and translated.continues is None
