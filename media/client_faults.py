"""Detects a client whose audio comes in vain (SRTP, codec, m-line, no word understood) or that has no subtitles. Pure.

Its user can't see that, and is told the `reason` (docs/protocol.md, `status`). Each reason is a count of what came in
vain, which ends with the first that did not. `now` is loop time in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from media.events import StatusReason
from pipeline.events import (
    Event,
    LoadChanged,
    Outcome,
    PlaybackState,
    SpeechPlayed,
    Transcribed,
    UtteranceEnded,
    UtteranceStarted,
)

LOOK_EVERY_S = 0.5
LASTS_S = 2.0
"""Time for which packets must have come in vain."""
LEAST_PACKETS = 20
"""Packets that must have come in vain. A microphone that is switched off sends fewer."""
CHANNEL_WAIT_S = 4.0
"""Time that a subtitles channel may take to open, also anew."""
VOICE_S = 4.0
"""Voice of which no word was understood. With a look every half a second it is noticed within 5 s."""
END_SILENCE_S = 1.2
"""Time from the last voice to the end of an utterance, its recognition included, that counts as no voice."""

Change = tuple[StatusReason, bool]
"""A reason, and True if it holds from now on."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts of one connection so far.

    `unauthenticated` RTP packets; `microphone`: packets with a payload that are the microphone's; `decoded`: those of
    them that could be decoded; `unplaced`: packets of other sources and codecs; `elsewhere`: packets of other audio
    m-lines.
    """

    unauthenticated: int = 0
    microphone: int = 0
    decoded: int = 0
    unplaced: int = 0
    elsewhere: int = 0
    channel_open: bool = False


@dataclass(slots=True)
class _Vain:
    """Count of packets that came in vain since `since`."""

    holds: bool = False
    shown_before: bool = False
    """True if an earlier connection was told that it holds, and nothing is known of this one yet."""
    count: int = 0
    since: float = 0.0

    def look(self, vain: int, *, good: bool, before: float, now: float) -> bool | None:
        """Return True or False if it holds from now on, or no longer; None where nothing changes."""
        if good:
            held, self.holds, self.shown_before, self.count = self.holds or self.shown_before, False, False, 0
            return False if held else None
        if vain <= 0:
            return None
        if self.count == 0:
            self.since = before
        self.count += vain
        if self.holds or self.count < LEAST_PACKETS or now - self.since < LASTS_S:
            return None
        self.holds = True
        return True


class SilentConnection:
    """Watches one connection of a client."""

    def __init__(self, evidence: Evidence, now: float, holding: Iterable[StatusReason] = ()) -> None:
        """`holding`: reasons that an earlier connection of the client was told.

        A client that joins anew has forgotten them: each is told again while it holds, and so is its end.
        """
        self._last = evidence
        self._looked_at = now
        self._channel_at = now
        """Time at which the channel was last open, or the connection began."""
        reasons = StatusReason.MEDIA_NOT_AUTHENTICATED, StatusReason.AUDIO_NOT_DECODED, StatusReason.WRONG_AUDIO_LINE
        held = set(holding)
        self._vain = {reason: _Vain(shown_before=reason in held) for reason in reasons}
        self._no_channel: bool | None = None if StatusReason.NO_SUBTITLES_CHANNEL in held else False
        """True if there is none; None where that was told before, and nothing is known yet."""

    @property
    def holding(self) -> list[StatusReason]:
        """Return the reasons that the client was told, and whose end it was not."""
        found = [reason for reason, vain in self._vain.items() if vain.holds or vain.shown_before]
        return found if self._no_channel is False else [*found, StatusReason.NO_SUBTITLES_CHANNEL]

    def look(self, evidence: Evidence, now: float) -> list[Change]:
        """Return what changed since the last look."""
        last, before = self._last, self._looked_at
        self._last, self._looked_at = evidence, now
        arrived = evidence.microphone - last.microphone
        elsewhere = evidence.elsewhere - last.elsewhere
        counts = {
            StatusReason.MEDIA_NOT_AUTHENTICATED: (
                evidence.unauthenticated - last.unauthenticated,
                arrived > 0 or elsewhere > 0,
            ),
            StatusReason.AUDIO_NOT_DECODED: (
                arrived + evidence.unplaced - last.unplaced,
                evidence.decoded > last.decoded,
            ),
            StatusReason.WRONG_AUDIO_LINE: (elsewhere, arrived > 0),
        }
        changes: list[Change] = []
        for reason, (vain, good) in counts.items():
            holds = self._vain[reason].look(vain, good=good, before=before, now=now)
            if holds is not None:
                changes.append((reason, holds))
        if evidence.channel_open:
            self._channel_at = now
        missing = now - self._channel_at >= CHANNEL_WAIT_S
        if missing is not self._no_channel and (missing or evidence.channel_open):
            self._no_channel = missing
            changes.append((StatusReason.NO_SUBTITLES_CHANNEL, missing))
        return changes


@dataclass(slots=True)
class VoiceInVain:
    """Watches one speaker's utterances: voice of which no word is ever understood."""

    holds: bool = False
    _began_at: dict[str, float] = field(default_factory=dict)
    """Utterances of voice that have not ended, and the time from which their voice counts."""
    _spared: set[str] = field(default_factory=set)
    """Utterances under way of which words were shown, or that may be the interpreter's own voice."""
    _spoken_to: bool = False
    """True while the interpreter speaks to the speaker."""
    _vain_s: float = 0.0
    _understood: bool = False
    _ever: bool = False
    """True once something was understood: then words that are late are late, and no cause for alarm."""
    _keeps_up: bool = True

    def observe(self, event: Event, now: float) -> None:
        """Note an event of the speaker, or speech that is played to them."""
        match event:
            case UtteranceStarted():
                self._began_at[event.utterance] = now
            case Transcribed() if event.client_id is not None:
                self._end(event.utterance)  # typed
            case Transcribed() if event.text:
                self._spared.add(event.utterance)
                if event.final:
                    self._vain_s, self._understood, self._ever = 0.0, True, True
            case UtteranceEnded():
                began = self._end(event.utterance)
                in_vain = event.outcome in (Outcome.NOTHING_SAID, Outcome.REFUSED) and event.reason is None
                if began is not None and in_vain:
                    self._vain_s += max(0.0, now - began - END_SILENCE_S)
            case SpeechPlayed():
                self._spoken_to = event.state is PlaybackState.START
            case LoadChanged():
                self._keeps_up = event.level == "ok"

    def look(self, now: float, hears_a_partner: Callable[[], bool] = lambda: False) -> bool | None:
        """Return True or False if nothing is understood from now on, or something is; None where nothing changes.

        `hears_a_partner` returns True if the voice under way is a partner's. It is asked before an alarm only.
        """
        understood, self._understood = self._understood, False
        if understood:
            held, self.holds = self.holds, False
            return False if held else None
        if self._spoken_to:
            self._spared.update(self._began_at)
        if self.holds or not self._keeps_up:
            return None
        names = () if self._ever else self._began_at.keys() - self._spared
        under_way_s = sum(now - self._began_at[name] for name in names)
        if self._vain_s + under_way_s < VOICE_S:
            return None
        if under_way_s and hears_a_partner():
            self._began_at.update(dict.fromkeys(names, now))
            under_way_s = 0.0
        self.holds = self._vain_s + under_way_s >= VOICE_S
        return True if self.holds else None

    def _end(self, utterance: str) -> float | None:
        """Return the time from which an utterance counts; None if it had ended before, or was typed."""
        self._spared.discard(utterance)
        return self._began_at.pop(utterance, None)
