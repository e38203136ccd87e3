"""Meters what each participant of one call uses, in media time. Pure: `now` is loop time, seconds."""

from __future__ import annotations

from collections import Counter

from media.events import RoomEvent
from pipeline.errors import START_OVER
from pipeline.events import (
    Outcome,
    PlaybackState,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
)
from pipeline.speech import FRAME_MS
from storage.accounts.records import Usage
from wire.strict_json import utf16_length

NOT_SAID = (Outcome.NOTHING_SAID, Outcome.REFUSED)
"""Ends of utterances that nobody said: noise, an echo, a partner's voice. One that was taken back was said."""


class UsageMeter:
    """Usage by participant since the meter was made."""

    def __init__(self) -> None:
        self._heard_ms: Counter[str] = Counter()
        self._spoken_ms: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()
        self._said: dict[str, tuple[str, int]] = {}
        """Utterance → its speaker, and its length in media time, ms. Those that are over are not here."""
        self._playing: dict[tuple[str, int, str], float] = {}
        """(utterance, segment, listener) → loop time at which the first frame of it was sent."""

    def observe(self, event: RoomEvent, now: float) -> None:
        """Count an event."""
        match event:
            case Transcribed(utterance, speaker) if event.text:
                self._said[utterance] = (speaker, max(0, event.end_ms - event.start_ms))
            case UtteranceEnded(utterance, outcome=outcome, reason=reason):
                speaker, length_ms = self._said.pop(utterance, ("", 0))
                if outcome not in NOT_SAID or reason == START_OVER:
                    self._heard_ms[speaker] += length_ms
            case Translated(final=True, held=None):
                self._characters[event.speaker] += utf16_length(event.segment.text) * len(event.listeners)
            case SpeechPlayed(utterance, listener=listener, segment=segment, state=state):
                self._played((utterance, segment, listener), state, now)

    def end(self, now: float) -> None:
        """Count what is under way: the call is over."""
        for speaker, length_ms in self._said.values():
            self._heard_ms[speaker] += length_ms
        self._said.clear()
        for key in list(self._playing):
            self._played(key, PlaybackState.END, now)

    def totals(self) -> dict[str, Usage]:
        """Return the usage so far."""
        people = {*self._heard_ms, *self._spoken_ms, *self._characters} - {""}
        return {
            one: Usage(round(self._heard_ms[one]), round(self._spoken_ms[one]), self._characters[one]) for one in people
        }

    def _played(self, key: tuple[str, int, str], state: PlaybackState, now: float) -> None:
        if state is PlaybackState.START:
            self._playing[key] = now
        elif (began := self._playing.pop(key, None)) is not None:
            # The start is known when the first frame is sent, the end when the last one is.
            self._spoken_ms[key[2]] += round((now - began) * 1000) + FRAME_MS
