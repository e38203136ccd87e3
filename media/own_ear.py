"""Decides who hears a person who is alone in a session: that person, in another language than the one they speak."""

from __future__ import annotations

from media.participant import Participant
from pipeline.delivery.listener import PlaybackObserver
from pipeline.speech import Speech


class OwnEar:
    """A person as the `Listener` of their own words. All but the language is theirs."""

    def __init__(self, person: Participant, language: str) -> None:
        """`language` is the one in which they hear themselves; they go on speaking their own."""
        self.participant = person.participant
        self.language = language
        self._person = person

    def __repr__(self) -> str:
        return f"<OwnEar {self.participant} {self._person.language} to {self.language}>"

    @property
    def voice(self) -> str:
        """Voice that the person chose to hear."""
        return self._person.voice

    @property
    def interruptions(self) -> int:
        """Interruptions of the interpreter in this ear."""
        return self._person.interruptions

    @property
    def backlog_ms(self) -> float:
        """Speech that is queued for this ear, in ms."""
        return self._person.backlog_ms

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        """Queue speech in the person's ear."""
        self._person.play(speech, observer)

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Take speech out of the person's queue."""
        self._person.withdraw(observer)
