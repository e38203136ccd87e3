"""Decides what the desktop client does next: a state, an event, and the actions that follow. The session stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from clients.desktop.dictation import Typed

LATEST_S = 5.0
"""Time for which the first text of what was said before the key came up may take."""


class Mode(StrEnum):
    """The use of what is understood."""

    CAPTIONS = "captions"
    TYPING = "typing"


class Sound(StrEnum):
    """The sound that is interpreted."""

    MICROPHONE = "microphone"
    SYSTEM = "system"


class Key(StrEnum):
    """The hot key's way."""

    DOWN = "down"
    UP = "up"


class Order(StrEnum):
    """Orders that change no choice."""

    START_OVER = "start_over"


class Action(StrEnum):
    """A thing that the session has to do."""

    CHANGE_SOUND = "change_sound"
    END_UTTERANCE = "end_utterance"
    LET_BE = "let_be"
    """Leave what was typed as it is."""
    START_OVER = "start_over"


Event = Mode | Sound | Typed | Key | Order
"""A choice of the user, a way of the hot key, or an order."""


@dataclass(frozen=True, slots=True)
class State:
    """The choices of the user. `has_key` is false where no hot key can be had; then typing listens all the time."""

    mode: Mode = Mode.CAPTIONS
    sound: Sound = Sound.MICROPHONE
    typed: Typed = Typed.SPOKEN
    has_key: bool = True
    key_down: bool = False

    @property
    def wants_key(self) -> bool:
        """True if a microphone's words are typed: it is open while the hot key is down."""
        return self.mode is Mode.TYPING and self.sound is Sound.MICROPHONE and self.has_key

    @property
    def listening(self) -> bool:
        """True if sound goes to the server."""
        return self.key_down or not self.wants_key


def takes_words(state: State, closed_s: float | None) -> bool:
    """Return True if an utterance whose first text comes now is typed.

    `closed_s`: time since the key came up, None if it never did. So a server that invents words
    types none of them while nobody speaks.
    """
    return state.mode is Mode.TYPING and (state.listening or (closed_s is not None and closed_s <= LATEST_S))


def after(state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """Return the next state and the actions on the way to it."""
    match event:
        case Mode():
            following = replace(state, mode=event)
        case Sound():
            following = replace(state, sound=event)
        case Typed():
            following = replace(state, typed=event)
        case Key():
            following = replace(state, key_down=event is Key.DOWN)
        case Order():
            return state, (Action.START_OVER,)
    return following, tuple(_actions(state, following))


def _actions(state: State, following: State) -> list[Action]:
    actions = []
    if state.listening and not following.listening:
        actions.append(Action.END_UTTERANCE)
    if state.sound is not following.sound:
        actions.append(Action.CHANGE_SOUND)
    if (state.mode is Mode.TYPING) > (following.mode is Mode.TYPING) or state.typed is not following.typed:
        actions.append(Action.LET_BE)
    return actions
