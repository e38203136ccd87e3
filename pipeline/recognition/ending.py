"""Decides which text is final in the pause after a whole sentence, and at the end of an utterance. Pure."""

from __future__ import annotations

from pipeline.errors import START_OVER, Failure
from pipeline.recognition.actions import Action, Conclude, Expect, Fail, Progress
from pipeline.recognition.continuation import left_open
from pipeline.recognition.pause import nothing_to_hear
from pipeline.recognition.silence import Passes
from pipeline.recognition.state import SPLIT_MS, SentenceCandidate, SpeakerState, UtteranceState
from pipeline.recognition.words_before import said
from pipeline.speech import Transcript


def finalize(state: UtteranceState, now: float) -> list[Action]:
    """Make all text so far final at the soft end: the silence after a whole and certain sentence. Speech may go on.

    The audio stays in the window: should more come that is no sentence of its own, both are heard together again.
    """
    utterance, transcript = state.utterance, state.transcript
    assert transcript is not None
    segments = state.text.finalize()
    shown = state.show(final=False)
    until_ms = utterance.voice_end_ms + SPLIT_MS
    state.final_at = now
    state.candidate = SentenceCandidate(transcript, until_ms, utterance.voiced_at, state.silence.number, final=True)
    utterance.finalize()
    return [Progress(utterance.end_ms), *shown, *state.deliver(segments, utterance.voiced_at)]


def conclude(state: UtteranceState, speaker: SpeakerState, least_voice_ms: int) -> list[Action]:
    """End the utterance: text that is not final yet is now, or was not understood."""
    utterance, text, end = state.utterance, state.text, state.end
    assert end is not None and not state.concluded
    state.concluded = True
    actions: list[Action] = []
    if utterance.text is not None:
        text.revise(Transcript(utterance.text, utterance.language), 0)
    failure = _failure(state, least_voice_ms)
    if failure is None:
        segments = text.finalize()
    else:
        if state.silence.error is not None and failure.reason == "stt":
            actions.append(Fail(utterance, state.silence.error))
        actions += _save(state)
        text.discard_tail()
        segments = []
    utterance.audio.clear()
    if speaker.unmarked is not None and text.final and utterance.text is None and not state.started_over:
        speaker.unmarked += 1
    if text.final:
        speaker.left_open = left_open(utterance, text.final, marks=speaker.unmarked is None and failure is None)
    if text.final or state.started_over:
        speaker.said = None if state.started_over else said(utterance, text.final)
    if text.final or state.revision:
        if not text.final:
            state.confidence = 0.0
        actions += state.show(final=True)
    actions += state.deliver(segments, utterance.voiced_at) if segments else [Expect(utterance, None)]
    decided_at = end.at if state.final_at is None else state.final_at
    has_text = bool(text.segments)
    judged = state.spoken, state.spoken_ms, state.candidates
    times = state.onset_at, end.at, decided_at, state.recognised
    return [*actions, Conclude(utterance, failure, has_text, *times, *judged)]


def _failure(state: UtteranceState, least_voice_ms: int) -> Failure | None:
    """Return the reason why there is no more text, or None if there is."""
    assert state.end is not None
    if state.started_over:
        return Failure(START_OVER)
    if state.utterance.text is not None:
        return None
    if state.end.given_up:
        return Failure("behind", failed=True)
    if nothing_to_hear(state, least_voice_ms):
        return Failure("echo" if state.echo_discarded else None)
    if Passes.FAILED in state.silence.passes:
        return Failure("stt", failed=True)
    if state.understood:
        return None
    if not state.text.tail:
        return Failure("echo" if state.echo else None)
    return Failure("echo" if state.echo else "not_understood")


def _save(state: UtteranceState) -> list[Action]:
    """Keep a certain sentence before audio that was not understood."""
    candidate = state.candidate
    if candidate is None or candidate.final or not candidate.transcript.certain or state.started_over:
        return []
    return state.close(candidate) if candidate.silence != state.silence.number else []
