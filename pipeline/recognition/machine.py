"""Recognition as a state machine: events in, actions out; which pass runs next, what its result means. Pure.

Four things change: the silence (`silence.Stage`), the passes done in it (`silence.Passes`), the sentence candidate of
the window (none, tentative, behind an inner gap, or with final text: `state.SentenceCandidate`), and the text
(`StableText`). Rules are tables: of a silence and of the end in `pause`, of sentence boundaries in `boundary`; of
interims in `interim`. The machine knows no clock, no lane and no event loop: `loop` runs it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from pipeline.errors import EngineError
from pipeline.hearing.endpointer import Patience
from pipeline.overload import OverloadLadder
from pipeline.recognition import ending, final_passes, interim, passes, pause
from pipeline.recognition.actions import Action, Wait
from pipeline.recognition.continuation import continued
from pipeline.recognition.passes import Pass, PassKind, RecognitionOptions
from pipeline.recognition.pause import Step
from pipeline.recognition.silence import Passes, Stage
from pipeline.recognition.stable_text import StableText
from pipeline.recognition.state import End, SpeakerState, Standing, UtteranceState
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.voice_origin import Origin, VoiceOrigin
from pipeline.recognition.words_before import said_before
from pipeline.speech import Transcript

_ONCE_MORE = {
    Step.CONFIRM: PassKind.CONFIRM,
    Step.RETRY: PassKind.RETRY,
    Step.WITH_PAUSES: PassKind.WITH_PAUSES,
    Step.RETRY_IN_VAIN: PassKind.RETRY_IN_VAIN,
}
NOISE_MS = 1000
"""Voice from which on an utterance is no noise, though it has no text yet."""


class Machine:
    """State of recognition of one speaker. Every `now` is loop time, s."""

    def __init__(self, options: RecognitionOptions, overload: OverloadLadder, origin: VoiceOrigin) -> None:
        self.pending: deque[UtteranceState] = deque()
        """Utterances that are not concluded, the oldest first: only the first is recognised."""
        self.speaking: UtteranceState | None = None
        """The utterance that is being said."""
        self.speaker = SpeakerState()
        self._options = options
        self._overload = overload
        self._origin = origin

    def __repr__(self) -> str:
        """Return the first utterance's state for a debugger."""
        if not self.pending:
            return "<Machine idle>"
        state = self.pending[0]
        silence, over = state.silence, "" if state.end is None else ", over"
        asks = "" if state.question is None else ", in question"
        names = f"{silence.stage.name} {silence.number}, {silence.passes.name or 'NONE'}"
        return f"<Machine {len(self.pending)} pending, {state.utterance.id}: {names}{asks}{over}, {state.text.text!r}>"

    # what the speaker does

    def begin(self, utterance: Utterance, candidates: tuple[str, ...], now: float, onset_at: float) -> None:
        """Begin with an utterance in one of the languages `candidates`. Its first voiced frame came at `onset_at`."""
        text = StableText(utterance.language, self._options.stability)
        self.pending.append(UtteranceState(utterance, text, onset_at, candidates))
        if utterance.text is None:
            self.speaking = self.pending[-1]
        self.speaker.interim_at = now + self._options.first_interim_s

    def voice(self) -> None:
        """Note a voiced frame."""
        if self.speaking is not None:
            self.speaking.silence = self.speaking.silence.broken()
            self.speaking.final_at = None

    def silent(self, stage: Stage) -> Patience | None:
        """Note the stage that silence has come to. Returns how long it may last; None: as long as it might before.

        Until its words are recognised, a silence is no end, however long that takes within the endpointer's patience.
        If they are a partner's, an answer may follow, which is an utterance of its own.
        """
        state = self.speaking
        if state is not None:
            state.silence.stage = stage
        if not self._options.ahead:
            return None
        if state is not None and Passes.FINAL in state.silence.passes:
            return final_passes.patience(state, self.speaker)
        return Patience.WORDS if self.speaker.punctuates else None

    def end(self, utterance: Utterance, now: float, *, enough_voice: bool = True, given_up: bool = False) -> None:
        """Note the end of an utterance."""
        for state in self.pending:
            if state.utterance is utterance and state.end is None:
                state.end = End(now, enough_voice, given_up)
        if self.speaking is not None and self.speaking.utterance is utterance:
            self.speaking = None
        if given_up:
            utterance.audio.clear()

    def last_spoken(self, heard: Utterance | None) -> list[Utterance]:
        """Return the last utterance that was spoken, not typed: of those that are not concluded, or else `heard`.

        While it has no text and little voice it may be a noise: the one before it follows then.
        """
        pending = [one for one in reversed(self.pending) if one.utterance.text is None]
        noise = bool(pending) and not pending[0].text.text and pending[0].utterance.voiced_ms < NOISE_MS
        spoken = [one.utterance for one in pending]
        if heard is not None and not any(one is heard for one in spoken):
            spoken.append(heard)
        return spoken[: 1 + noise]

    def start_over(self, utterance: Utterance, now: float) -> None:
        """Note that its speaker took an utterance back. Its final text stays; the rest is refused."""
        for state in self.pending:
            if state.utterance is utterance and not state.concluded:
                state.question = None
                state.end = End(now if state.end is None else state.end.at, started_over=True)
        if self.speaking is not None and self.speaking.utterance is utterance:
            self.speaking = None

    @property
    def over(self) -> bool:
        """True if an utterance that has ended waits, or is worked on."""
        return bool(self.pending) and self.pending[0].end is not None

    def lag_s(self, now: float) -> float:
        """Return how long the oldest utterance that ended has waited; a typed text may wait."""
        for state in self.pending:  # a plain loop: each slot asks
            if state.utterance.text is None:
                return 0.0 if state.end is None else now - state.end.at
        return 0.0

    # what is to be done

    def due(self, now: float) -> list[Action]:
        """Return what is to be done without another pass; empty if there is nothing."""
        while self.pending and self.pending[0].concluded:
            self.pending.popleft()
        if self.pending:
            first = self.pending[0]
            first.continues = continued(first.utterance, self.speaker.left_open)
            first.said_before = said_before(first.utterance, self.speaker.said)
        match self._step():
            case Step.CONCLUDE:
                return ending.conclude(self.pending[0], self.speaker, self._options.least_voice_ms)
            case Step.FINALIZE:
                return ending.finalize(self.pending[0], now)
            case Step.ASK if self.pending[0].end is not None:
                return self.pending[0].work()
        return []

    def next_pass(self, now: float) -> Pass | None:
        """Return the pass that is wanted now. None: wait for what the speaker does."""
        if not self.pending:
            return None
        state = self.pending[0]
        step = self._step()
        if step is Step.ASK:
            return passes.final(state, state.question or final_passes.question(state, now), now)
        if step in _ONCE_MORE:
            return passes.once_more(_ONCE_MORE[step], state, now)
        return passes.interim(state, interim.candidate_of(state), now) if self.interim_due(now) else None

    def interim_due(self, now: float) -> bool:
        """Return True if an interim is to be made now."""
        return (
            bool(self.pending)
            and now >= self.speaker.interim_at
            and self._overload.interims
            and self.pending[0].question is None
            and interim.due(self.pending[0], self._options)
        )

    def _step(self) -> Step:
        if not self.pending:
            return Step.NOTHING
        state, least = self.pending[0], self._options.least_voice_ms
        quick, crowded = self.speaker.quick, self._overload.crowded
        if state.question is not None:
            return Step.ASK
        if state.end is not None:
            return pause.at_the_end(state, least_voice_ms=least, quick=quick, crowded=crowded)
        if state.silence.stage is Stage.VOICE or not self._options.ahead:
            return Step.NOTHING
        return pause.in_a_silence(state, least_voice_ms=least, quick=quick, crowded=crowded)

    # what became of a pass

    def result(self, done: Pass, transcript: Transcript, now: float) -> list[Action]:
        """Take in the transcript of a pass. Here, and nowhere else, is judged whether it comes too late."""
        state, standing = self.pending[0], self._standing(done)
        if state.started_over:
            return []
        transcript = done.believed(transcript)
        if done.kind is PassKind.INTERIM:
            busy_until = done.began_at + (now - done.began_at) / self._options.duty
            self.speaker.interim_at = max(self._interim_from(done), busy_until)
            self._overload.passed()
            if standing is Standing.OVER or not transcript.text.strip():
                return []
            found = final_passes.origin_of(state, self._origin, transcript, done.edge_media_ms, interim=True)
            if found is not Origin.SPEAKER:
                return []
            return interim.take_in(state, done, transcript, self._options)
        self.speaker.quick = (now - done.began_at) * 1000 <= self._options.confirm_within_ms
        if done.question is not None:
            whole = done.kind is PassKind.WHOLE
            asked = replace(done.question, whole=transcript) if whole else replace(done.question, rest=transcript)
            return final_passes.answer(state, self.speaker, self._origin, asked, standing, now)
        if standing is not Standing.BROKEN:
            final_passes.second_opinion(state, self.speaker, self._origin, done, transcript)
        return []

    def refused(self, done: Pass, now: float) -> list[Action]:
        """Note that the lane was too busy for an interim."""
        self.speaker.interim_at = self._interim_from(done)
        self._overload.refused(now)
        return []

    def failed(self, done: Pass, error: EngineError) -> list[Action]:
        """Note that a pass failed. Failures of interims and of second opinions cost nothing."""
        state, standing = self.pending[0], self._standing(done)
        if state.started_over:
            return []
        if done.kind is PassKind.INTERIM:
            self.speaker.interim_at = self._interim_from(done)
            return []
        state.question = None
        if standing is Standing.BROKEN:
            return []
        if done.question is None:
            final_passes.note(state, done)
            if done.kind is PassKind.WITH_PAUSES:
                state.silence.passes |= Passes.RETRIED_IN_VAIN
            return []
        state.silence.passes |= Passes.FAILED
        state.silence.error = error
        return [Wait(state.utterance, Patience.SHORT)]

    def _standing(self, done: Pass) -> Standing:
        state = self.pending[0]
        assert done.utterance == state.utterance.id
        if done.kind is not PassKind.INTERIM:
            silence = done.silence if done.question is None else done.question.silence
            if silence != state.silence.number:
                return Standing.BROKEN
        return Standing.CURRENT if state.end is None else Standing.OVER

    def _interim_from(self, done: Pass) -> float:
        return done.began_at + self._options.interim_every_s * self._overload.step
