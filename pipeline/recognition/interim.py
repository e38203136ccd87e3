"""Decides when a speaker who goes on is recognised, and which clauses become final meanwhile. Pure."""

from __future__ import annotations

from pipeline.recognition.actions import Action, Expect
from pipeline.recognition.passes import Pass, RecognitionOptions
from pipeline.recognition.silence import Stage
from pipeline.recognition.stable_text import joined, words_of
from pipeline.recognition.state import SPLIT_MS, SentenceCandidate, UtteranceState
from pipeline.speech import Transcript

GUESSED_MS = 150
"""A recogniser guesses a last word this long before it is over."""
WENT_ON_MS = 240
"""Voice behind an inner gap, of which a recogniser would have heard something."""


def due(state: UtteranceState, options: RecognitionOptions) -> bool:
    """Return True if this is an utterance, and a moment of it, of which an interim is made."""
    return (
        state.end is None
        and (state.silence.stage is Stage.VOICE or not options.ahead)
        and state.utterance.seconds <= options.interim_longest_s
        and state.utterance.voiced_ms >= options.least_voice_ms
    )


def candidate_of(state: UtteranceState) -> SentenceCandidate | None:
    """Return the candidate behind which an interim begins. None: the interim hears the whole window.

    A candidate that is neither final nor certain is heard together with what follows, until the next silence.
    """
    candidate = state.candidate
    return candidate if candidate is not None and (candidate.final or candidate.transcript.certain) else None


def take_in(state: UtteranceState, done: Pass, transcript: Transcript, options: RecognitionOptions) -> list[Action]:
    """Use the transcript of an interim: a subtitle that may still change, and clauses that will not."""
    candidate, utterance, text = done.candidate, state.utterance, state.text
    actions: list[Action] = []
    if candidate is not None:
        if not transcript.understood or len(words_of(transcript, 0)) < options.stands_alone:
            return []
        if candidate.inner_gap and not transcript.certain:
            return []
        if transcript.certain or not candidate.final:
            # What follows the silence stands on its own: the sentence before it was one.
            actions += state.close(candidate)
            candidate = None
    state.confidence = transcript.confidence
    certain, window_length_ms = transcript.certain, done.edge_media_ms - utterance.window_start_media_ms
    start_ms = 0 if candidate is None else candidate.until_ms
    if candidate is not None:
        text.reopen(words_of(candidate.transcript, start_ms))
        transcript = joined(candidate.transcript, transcript, start_ms, window_length_ms)
    text.revise(transcript, window_length_ms)
    segments = text.finalize_clauses() if transcript.understood else []
    if candidate is not None and segments:
        text.shift(len(words_of(candidate.transcript, start_ms)), start_ms)
        actions += state.discard_audio(start_ms)
    if state.candidate is not None and text.reaches_over(state.candidate.transcript):
        state.candidate = None  # what is final reaches over the silence: it ended nothing
    if candidate is None and not segments and certain:
        state.candidate = _behind_an_inner_gap(state, done, transcript, window_length_ms) or state.candidate
    if text.text:
        actions += state.show(final=False)
    if segments:
        late_ms = max(0, utterance.voice_end_ms - text.final_end_ms)
        actions += state.deliver(segments, utterance.voiced_at - late_ms / 1000)
    if text.cut_ms is not None and utterance.window_length_ms >= options.trim_ms:
        actions += state.renew(text.cut_ms if candidate is None else start_ms)
    if certain:
        actions.append(Expect(utterance, text.opening()))
    return actions


def _behind_an_inner_gap(
    state: UtteranceState, done: Pass, transcript: Transcript, window_length_ms: int
) -> SentenceCandidate | None:
    """Return a candidate where a pass gave the same whole sentence again, although voice went on behind an inner gap.

    The recogniser may have stopped at the sentence's end, and would at every pass. From now on what follows the gap is
    heard apart, as after a silence.
    """
    text = state.text
    if not (text.complete and text.repeated):
        return None
    gap = state.utterance.inner_gap_from(text.unchanged_since_ms - GUESSED_MS)
    if gap is None or window_length_ms - gap[1] < WENT_ON_MS:
        return None
    ended, went_on = gap
    voiced_at = done.began_at - (window_length_ms - ended) / 1000
    until_ms = min(ended + SPLIT_MS, (ended + went_on) // 2)
    return SentenceCandidate(transcript, until_ms, voiced_at, inner_gap=True)
