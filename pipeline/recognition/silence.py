"""State of a pause in speech: how long it has lasted, and which runs of the recogniser have been made in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, IntEnum, auto

from pipeline.errors import EngineError
from pipeline.hearing.endpointer import Edge


class Stage(IntEnum):
    """Stages of a silence, in order. Their lengths are `EndpointingOptions`."""

    VOICE = 0
    """No silence: the last frames were voiced."""
    PAUSE = 1
    """Long enough to begin the work of an end."""
    SOFT_END = 2
    """Long enough to believe a whole sentence of which the recogniser is certain."""
    LATE = 3
    """Long enough to believe any whole sentence."""


STAGES = {Edge.PAUSE: Stage.PAUSE, Edge.SOFT_END: Stage.SOFT_END, Edge.LATE: Stage.LATE}


class Passes(Flag):
    """Passes done in one silence."""

    NONE = 0
    FINAL = auto()
    """The window was recognised as if this were the end."""
    CONFIRMED = auto()
    """The window was recognised once more just so."""
    RETRIED = auto()
    """The window was recognised with another lead of silence."""
    WITH_PAUSES = auto()
    """The window was recognised without shortening its long silence."""
    RETRIED_IN_VAIN = auto()
    """The window was recognised with another lead after nothing at all was understood."""
    UNDECIDED = auto()
    """The sentence before this silence ends in a number, and whether that is over was left to a longer silence."""
    FAILED = auto()
    """The final pass failed."""


@dataclass(slots=True)
class Silence:
    """The present silence, or the voice before the next one."""

    number: int = 0
    """Tells silences apart: it grows with the first voice after each silence."""
    stage: Stage = Stage.VOICE
    passes: Passes = Passes.NONE
    confirmed_at: Stage = Stage.VOICE
    """Stage in which the confirming pass was asked for."""
    better: bool = False
    """True if the last pass had another lead and was more certain than the one before."""
    error: EngineError | None = None
    """The failure of the final pass."""

    def broken(self) -> Silence:
        """Return what follows when voice is heard: this one while no stage was reached, and else a new one."""
        return self if self.stage is Stage.VOICE else Silence(self.number + 1)
