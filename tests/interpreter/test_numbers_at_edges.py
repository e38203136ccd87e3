"""Numbers at a window's edge: none is said twice, none is lost, none is changed, however passes spell them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count

import pytest

from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.speech import Transcribe, Word
from pipeline.text.values import Ending, ending, same
from testing.virtual_clock import virtually
from tests.kit.extent import LONG, extent
from tests.kit.speaking_scene import Live
from tests.kit.spoken_numbers import FORMS, NUMBERS, SENTENCES, SpokenNumber
from tests.kit.virtual_listener import Ear
from tests.kit.word_audio import Noise, Translating

PAUSES_MS = (160, 320, 600)
"""Silence at the edge: a pause, past the soft end, and still before the late end."""


class Alternating:
    """Writes digits in every other pass, and words in the others."""

    def __init__(self, number: SpokenNumber, first: int) -> None:
        self._number = number
        self._passes = count(first)

    def __call__(self, words: list[Word], job: Transcribe) -> list[Word]:
        return self._number.in_digits(words) if next(self._passes) % 2 else words


class Mistaken:
    """Writes another number where it is the last that a window holds, and the right one once words follow."""

    def __init__(self, number: SpokenNumber) -> None:
        self._number = number

    def __call__(self, words: list[Word], job: Transcribe) -> list[Word]:
        bare = words[-1].text.strip(" .") if words else ""
        if bare != self._number.spoken.split()[-1]:
            return words
        return [*words[:-1], replace(words[-1], text=words[-1].text.replace(bare, "777"))]


async def said(number: SpokenNumber, cut: int, pause_ms: int, noise: Noise) -> tuple[str, str]:
    """Say the sentence with a pause behind a word, and return what was settled of it and what was translated.

    Each window that ends in silence ends with a full stop, as Whisper's do.
    """
    target = "en" if number.language == "es" else "es"
    async with Live(
        language=number.language,
        noise=noise,
        languages=FORMS,
        stops=range(100),
        mt=Translating(pairs=[(number.language, target)]),
        ears=[Ear("bob", target)],
    ) as scene:
        await scene.speak(number.sentence, pauses_ms={cut: pause_ms})
        await scene.caught_up()
        return " ".join(scene.finals), " ".join(scene.translations)


def wrong(number: SpokenNumber, text: str) -> bool:
    """True if a text is not the sentence, each word of it once and each number by value, whatever marks part them."""
    return not same(text, number.sentence, number.language)


def parted(number: SpokenNumber, text: str) -> bool:
    """True if a mark stands within the number."""
    before, after = SENTENCES[number.language]
    found = re.fullmatch(rf"{before}[.,]? (.+?)[.,]? {re.escape(after)}", text, re.IGNORECASE)
    if found is None:
        return True
    rest = re.sub(re.escape(number.digits), "", found[1], flags=re.IGNORECASE)  # "am 3. Mai" has a mark of its own
    return re.search(r"[.,]\s", rest) is not None


@pytest.mark.parametrize("number", NUMBERS[:: extent(4, 1)], ids=lambda one: f"{one.language} {one.spoken}")
@virtually
async def test_a_number_is_said_once_and_as_it_was(number: SpokenNumber) -> None:
    """A mark may part a number only where nothing before the pause was a number yet, or began one: "from", "minus"."""
    place = NUMBERS.index(number)
    ways = [(cut, pause, first) for cut in number.cuts for pause in PAUSES_MS for first in (0, 1)]
    found = []
    for cut, pause_ms, first in ways if LONG else ways[place % len(ways) :: len(ways)]:
        texts = await said(number, cut, pause_ms, Alternating(number, first))
        words = cut - number.first + 1
        begun = ending(" ".join(number.sentence.split()[: cut + 1]), number.language) is not Ending.WORD
        whole = begun or cut == number.cuts[0] or pause_ms < EndpointingOptions().soft_end_ms
        found += [
            f"{words} words, {pause_ms} ms, {first}: {text}"
            for text in texts
            if wrong(number, text) or (whole and parted(number, text))
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("number", NUMBERS[:: extent(10, 1)], ids=lambda one: f"{one.language} {one.spoken}")
@virtually
async def test_a_number_that_is_misheard_at_the_edge_is_put_right_before_the_late_end(number: SpokenNumber) -> None:
    for pause_ms in (0, *PAUSES_MS):
        texts = await said(number, number.cuts[-1], pause_ms, Mistaken(number))
        assert not [text for text in texts if wrong(number, text)]


@pytest.mark.parametrize(
    ("text", "after_ms"),
    [
        ("We would like six hundred.", EndpointingOptions().late_ms),
        ("We would like half past.", EndpointingOptions().begun_ms),
        ("We would like 15 minutes.", EndpointingOptions().soft_end_ms),
        ("We would like that one.", EndpointingOptions().soft_end_ms),
        ("We have 600 of them.", EndpointingOptions().soft_end_ms),
    ],
)
@virtually
async def test_only_a_sentence_that_ends_in_a_number_waits_longer(text: str, after_ms: int) -> None:
    async with Live(stops=range(100)) as scene:
        end = await scene.speak(text)
        await scene.silence(after_ms / 1000)
        await scene.caught_up()
        assert scene.since(end) == pytest.approx(after_ms, abs=25)


@pytest.mark.parametrize(
    "text",
    [
        "Please write six hundred six hundred on the paper over there.",
        "Please write on the paper over there.",
        "Please write 6000 on the paper over there.",
        "Please write 600 the paper over there.",
    ],
)
def test_twice_lost_and_changed_are_wrong(text: str) -> None:
    assert wrong(NUMBERS[0], text) and not wrong(NUMBERS[0], "Please write 600. on the paper over there.")


def test_a_mark_within_a_number_parts_it() -> None:
    assert parted(NUMBERS[0], "Please write six. hundred on the paper over there.")
    assert not parted(NUMBERS[0], "Please write. 600. on the paper over there.")
