"""A partner is told who types: soon, seldom, never of the text, and never for longer than it goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from media.participant import Participant
from media.subtitles.server_messages import is_lasting, typing
from media.typing_indicator import LASTS_S, MESSAGES_BURST, MESSAGES_PER_S, REPEAT_S, TypingIndicator
from testing.virtual_clock import virtually
from tests.kit.call_without_network import Alone, Tongue, Unwired

SLOT_S = 0.02


def told(notes: dict[float, bool], seconds: float) -> list[tuple[float, bool]]:
    """Return (time, on) of what the partners are told, where the client says `notes` by time."""
    indicator, found = TypingIndicator(), list[tuple[float, bool]]()
    for slot in range(round(seconds / SLOT_S)):
        now = round(slot * SLOT_S, 2)
        if now in notes:
            indicator.note(notes[now], now)
        on = indicator.due(now)
        if on is not None:
            found.append((now, on))
    return found


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ({}, []),
        ({1.0: False}, []),
        ({1.0: True, 2.0: False}, [(1.0, True), (2.0, False)]),
        ({1.0: True}, [(1.0, True), (1.0 + REPEAT_S, True), (1.0 + LASTS_S, False)]),
        ({1.0: True, 3.0: True}, [(1.0, True), (4.0, True), (7.0, True), (3.0 + LASTS_S, False)]),
        ({1.0: True, 2.0: False, 2.5: True, 3.0: False}, [(1.0, True), (2.0, False), (2.5, True), (3.0, False)]),
    ],
    ids=["silent", "nothing to end", "sent", "left", "goes on", "to and fro"],
)
def test_what_the_partners_are_told(notes: dict[float, bool], expected: list[tuple[float, bool]]) -> None:
    assert told(notes, 20.0) == expected


def test_a_client_that_floods_is_told_of_seldom_and_the_last_word_holds() -> None:
    notes = {round(slot * SLOT_S, 2): slot % 2 == 0 for slot in range(1500)}  # 30 s of to and fro
    found = told(notes, 60.0)
    assert len(found) <= MESSAGES_BURST + 30 * MESSAGES_PER_S + 1
    assert not found[-1][1] and found[-1][0] <= 30 + 1 / MESSAGES_PER_S, "whatever was left out, it ends"


def read(person: Participant) -> list[dict[str, Any]]:
    """Open their channel, and return what comes on it from now on."""
    came: list[dict[str, Any]] = []

    def post(text: str) -> bool:
        came.append(json.loads(text))
        return True

    person.channel_opened(post)
    person.receive_message('{"type": "resume", "lastSeq": 0}')
    return came


def say(person: Participant, **message: Any) -> None:
    person.receive_message(json.dumps(message))


@virtually
async def test_the_partner_alone_is_told_and_a_sent_text_ends_it() -> None:
    async with Unwired(Tongue()) as call:
        ann, bob = read(call.ann), read(call.bob)
        say(call.ann, type="typing", on=True, text="a secret")
        await call.passes(0.1)
        assert bob == [{"type": "typing", "sourceUserId": "ann", "on": True, "seq": 1}]
        say(call.ann, type="say", text="Good morning.", clientId="c-1")
        await call.passes(3.0)
        assert [one["on"] for one in bob if one["type"] == "typing"] == [True, False]
        assert [one["seq"] for one in bob] == list(range(1, len(bob) + 1)), "no number is left out"
        assert not [one for one in ann if one["type"] in ("typing", "error")]


@virtually
async def test_it_ends_by_itself_where_the_typist_vanishes() -> None:
    async with Unwired(Tongue()) as call:
        bob = read(call.bob)
        say(call.ann, type="typing", on=True)
        await call.passes(0.1)
        call.ann.connection = None
        await call.passes(LASTS_S + 0.1)
        assert [one["on"] for one in bob] == [True, True, False]


@virtually
async def test_who_does_not_read_now_never_hears_of_it() -> None:
    """A message that waits would show a typist who has long stopped."""
    async with Unwired(Tongue()) as call:
        say(call.ann, type="typing", on=True)
        await call.passes(0.1)
        bob = read(call.bob)
        await call.passes(0.1)
        assert bob == []
        await call.passes(REPEAT_S)
        assert bob == [{"type": "typing", "sourceUserId": "ann", "on": True, "seq": 1}], "but of what goes on"
        bob = read(call.bob)
        assert [one for one in bob if one["type"] == "typing"] == []
    assert not is_lasting(typing("ann", on=True))


@virtually
async def test_who_is_alone_shows_it_to_nobody() -> None:
    async with Alone(Tongue()) as call:
        ann = read(call.ann)
        say(call.ann, type="typing", on=True)
        await call.passes(LASTS_S + 1)
        assert ann == []


def test_before_the_call_it_is_no_mistake() -> None:
    ann = Participant("ann", "en", "s-1", lambda: 0.0, lambda: 0)
    came = read(ann)
    say(ann, type="typing", on=True)
    assert came == []
    say(ann, type="say", text="Hello?")
    assert [one["code"] for one in came] == ["bad_request"]


def test_its_state_is_shown() -> None:
    assert repr(TypingIndicator()) == "<TypingIndicator announced=False until=-inf>"
