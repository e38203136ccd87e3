"""Hands on a keyboard: one key at a time, and none where the cursor is elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

from clients.desktop.dictation import Dictation
from clients.desktop.typist import HELD_PAUSE_S, KEY_PAUSE_S, TELL_AFTER, WAITS, Typist
from tests.kit.dictated import dictation, said


@dataclass
class Window:
    """A keyboard on a desktop of one text for each place."""

    texts: dict[Hashable, str] = field(default_factory=lambda: {"letter": ""})
    at: Hashable | None = "letter"
    held: bool = False
    waits: dict[str, list[float]] = field(default_factory=dict)  # by character
    notices: list[str] = field(default_factory=list)
    goes_to: Hashable | None = None
    """Place of the cursor after the next look, and before the key behind it."""

    def place(self) -> Hashable | None:
        seen = self.at
        if self.goes_to is not None:
            self.at, self.goes_to = self.goes_to, None
        return seen

    def ready(self) -> bool:
        return not self.held

    def erase(self, place: Hashable) -> bool:
        if place != self.at:
            return False
        self.texts[self.at] = self.texts[self.at][:-1]
        return True

    def type(self, character: str, place: Hashable) -> float | None:
        if place != self.at:
            return None
        if self.waits.get(character):
            return self.waits[character].pop(0)
        self.texts[self.at] = self.texts.setdefault(self.at, "") + character
        return 0.0


def scene() -> tuple[Dictation, Window, Typist]:
    source, window = dictation(), Window()
    return source, window, Typist(source, window, window.notices.append)


def press_all(typist: Typist) -> list[float]:
    pauses = []
    while (pause := typist.press()) is not None:
        pauses.append(pause)
    return pauses


def test_a_sentence_is_typed_and_revised() -> None:
    source, window, typist = scene()
    for text in ("where is the bank", "where is the bar"):
        source.receive(said(text))
        pauses = press_all(typist)
    assert window.texts == {"letter": "where is the bar"}
    assert pauses == [KEY_PAUSE_S] * 3  # two taken back, one typed


def test_another_window_gets_neither_the_rest_nor_a_backspace() -> None:
    source, window, typist = scene()
    source.receive(said("where is the bank"))
    for _ in range(6):
        typist.press()
    left = dict(window.texts)
    window.at = "terminal"
    source.receive(said("who are you", final=True))
    press_all(typist)
    assert window.texts == left
    source.receive(said("Next.", utterance="u-2", final=True))
    press_all(typist)
    assert window.texts == left | {"terminal": "Next."}


def test_a_window_that_takes_the_focus_between_look_and_key_gets_neither() -> None:
    for text, stands in (("where is the bank of", "where is the bank"), ("where is", "where is the bank")):
        source, window, typist = scene()
        source.receive(said("where is the bank"))
        press_all(typist)
        source.receive(said(text))
        window.goes_to = "chat"
        press_all(typist)
        assert window.texts == {"letter": stands}, text
        assert window.at == "chat"


def test_a_click_in_the_same_window_is_another_place() -> None:
    source, window, typist = scene()
    window.at = ("letter", 0)
    source.receive(said("One", final=True))
    press_all(typist)
    source.receive(said("two bag", utterance="u-2"))
    press_all(typist)
    window.at = ("letter", 1)
    source.receive(said("Two bags.", utterance="u-2", final=True))
    press_all(typist)
    assert window.texts[("letter", 0)] == "One two bag" and ("letter", 1) not in window.texts


def test_a_sentence_at_another_place_begins_without_a_blank() -> None:
    source, window, typist = scene()
    for number, place in enumerate(("letter", "letter", "chat")):
        window.at = place
        source.receive(said("Yes.", utterance=f"u-{number}", final=True))
        press_all(typist)
    assert window.texts == {"letter": "Yes. Yes.", "chat": "Yes."}


def test_without_a_window_the_sentence_is_lost_and_the_next_is_typed() -> None:
    source, window, typist = scene()
    window.at = None
    source.receive(said("One.", final=True))
    press_all(typist)
    window.at = "letter"
    source.receive(said("Two.", utterance="u-2", final=True))
    press_all(typist)
    assert window.texts == {"letter": "Two."}


def test_while_a_key_is_held_nothing_is_typed() -> None:
    source, window, typist = scene()
    source.receive(said("One", final=True))
    window.held = True
    assert [typist.press() for _ in range(3)] == [HELD_PAUSE_S] * 3
    assert window.texts == {"letter": ""}
    window.held = False
    press_all(typist)
    assert window.texts == {"letter": "One"}


def test_whoever_keeps_caps_lock_on_is_told_once_each_time() -> None:
    source, window, typist = scene()
    source.receive(said("One"))
    for text in ("One two", "One two three"):
        window.held = True
        told = len(window.notices)
        pauses = [typist.press() for _ in range(TELL_AFTER - 1)]
        assert len(window.notices) == told, "nobody is told of a short hold"
        assert sum(pause or 0.0 for pause in pauses) > 1.5
        for _ in range(TELL_AFTER):
            typist.press()
        assert window.notices[told:] == [WAITS]
        window.held = False
        press_all(typist)
        source.receive(said(text))
    press_all(typist)
    assert window.texts == {"letter": "One two three"}


def test_a_character_that_has_to_wait_is_typed_once() -> None:
    source, window, typist = scene()
    window.waits["é"] = [0.3, 0.1]
    source.receive(said("café!", final=True))
    pauses = press_all(typist)
    assert window.texts == {"letter": "café!"} and pauses.count(0.3) == pauses.count(0.1) == 1


async def test_it_types_when_it_is_woken_and_takes_in_what_comes_meanwhile() -> None:
    source, window = dictation(), Window()
    texts = iter(["where is the bar", "where was it?"])

    async def sleep(seconds: float) -> None:
        if len(window.texts["letter"]) == 10 and (text := next(texts, None)):
            source.receive(said(text, final=text.endswith("?")))
        await asyncio.sleep(0)

    typist = Typist(source, window, window.notices.append, sleep)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(typist.run())
        source.receive(said("where is a"))
        typist.wake()
        async with asyncio.timeout(60):
            while window.texts["letter"] != "where was it?":
                await asyncio.sleep(0)
        running.cancel()
    assert source.empty
