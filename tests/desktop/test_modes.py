"""Choices, the hot key and what follows from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.dictation import Typed
from clients.desktop.modes import LATEST_S, Action, Event, Key, Mode, Order, Sound, State, after, takes_words

CAPTIONS = State()
TYPING = State(mode=Mode.TYPING)
HELD = State(mode=Mode.TYPING, key_down=True)


@pytest.mark.parametrize(
    ("state", "event", "listening", "actions"),
    [
        (CAPTIONS, Mode.CAPTIONS, True, ()),
        (CAPTIONS, Mode.TYPING, False, (Action.END_UTTERANCE,)),
        (TYPING, Mode.CAPTIONS, True, (Action.LET_BE,)),
        (TYPING, Key.DOWN, True, ()),
        (HELD, Key.DOWN, True, ()),
        (HELD, Key.UP, False, (Action.END_UTTERANCE,)),
        (HELD, Mode.CAPTIONS, True, (Action.LET_BE,)),
        (CAPTIONS, Key.DOWN, True, ()),
        (CAPTIONS, Key.UP, True, ()),
        (CAPTIONS, Sound.SYSTEM, True, (Action.CHANGE_SOUND,)),
        (CAPTIONS, Sound.MICROPHONE, True, ()),
        (TYPING, Sound.SYSTEM, True, (Action.CHANGE_SOUND,)),
        (State(Mode.TYPING, Sound.SYSTEM), Sound.MICROPHONE, False, (Action.END_UTTERANCE, Action.CHANGE_SOUND)),
        (TYPING, Typed.TRANSLATED, False, (Action.LET_BE,)),
        (TYPING, Typed.SPOKEN, False, ()),
        (TYPING, Order.START_OVER, False, (Action.START_OVER,)),
        (State(Mode.TYPING, has_key=False), Key.UP, True, ()),
        (State(has_key=False), Mode.TYPING, True, ()),
    ],
)
def test_an_event_and_what_follows(state: State, event: Event, listening: bool, actions: tuple[Action, ...]) -> None:
    following, done = after(state, event)
    assert (following.listening, done) == (listening, actions)


@pytest.mark.parametrize(
    ("state", "closed_s", "taken"),
    [
        (CAPTIONS, None, False),
        (TYPING, None, False),
        (TYPING, 0.0, True),
        (TYPING, LATEST_S, True),
        (TYPING, LATEST_S + 0.1, False),
        (HELD, None, True),
        (HELD, LATEST_S + 9, True),
        (State(Mode.TYPING, Sound.SYSTEM), None, True),
        (State(Mode.TYPING, has_key=False), None, True),
    ],
)
def test_words_are_typed_while_somebody_speaks_and_a_little_later(
    state: State, closed_s: float | None, taken: bool
) -> None:
    assert takes_words(state, closed_s) == taken


EVENTS = st.lists(st.sampled_from([*Mode, *Sound, *Typed, *Key, *Order]))


@given(EVENTS)
def test_the_last_choices_hold_and_the_microphone_is_closed_while_the_key_is_up(
    events: list[Event],
) -> None:
    state = State()
    for event in events:
        before, (state, actions) = state, after(state, event)
        assert (Action.END_UTTERANCE in actions) == (before.listening and not state.listening)
        assert (Action.CHANGE_SOUND in actions) == (before.sound is not state.sound)
    for kind, chosen in ((Mode, state.mode), (Sound, state.sound), (Typed, state.typed)):
        assert chosen == next((event for event in reversed(events) if isinstance(event, kind)), chosen)
    if state.mode is Mode.TYPING and state.sound is Sound.MICROPHONE:
        assert state.listening == state.key_down
