"""Decides when a speaker who goes on is recognised, and which clauses become final meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from pipeline.recognition import boundary
from pipeline.recognition.actions import Action, Expect
from pipeline.recognition.passes import Pass, RecognitionOptions
from pipeline.recognition.silence import Stage
from pipeline.recognition.stable_text import joined, words_of
from pipeline.recognition.state import SPLIT_MS, SentenceCandidate, UtteranceState
from pipeline.speech import Segment, Transcript
from pipeline.text.values import Ending

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

    A mark at the edge of a window is no evidence of an end, however certain; a mark with words behind it is. So a
    candidate without final text is heard together with what follows, unless the recogniser is deaf behind it.
    """
    candidate = state.candidate
    if candidate is None or candidate.final:
        return candidate
    return candidate if candidate.transcript.certain and (candidate.deaf or candidate.inner_gap) else None


def take_in(state: UtteranceState, done: Pass, transcript: Transcript, options: RecognitionOptions) -> list[Action]:
    """Use the transcript of an interim: a subtitle that may still change, and clauses that will not."""
    candidate, utterance, text = done.candidate, state.utterance, state.text
    actions: list[Action] = []
    few = False  # words behind a sentence: they may change, and are not shown
    if candidate is None and _certain(sentence := state.candidate):
        if not boundary.says_more_than(transcript, sentence):
            state.candidate = _if_deaf(sentence, done, transcript)
            return []
        few = len(words_of(transcript, 0)) < len(words_of(sentence.transcript, 0)) + options.stands_alone
    if candidate is not None:
        if not transcript.understood or len(words_of(transcript, 0)) < options.stands_alone:
            return []
        if candidate.inner_gap and not transcript.certain:
            return []
        if not candidate.final and boundary.may_go_on(candidate.transcript, transcript):
            return []
        if transcript.certain or not candidate.final:
            # The words after the silence stand on their own: the sentence before it was whole.
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
        actions += state.discard_audio(start_ms, segments)
    if candidate is None:
        actions += _follow_candidate(state, segments)
    if candidate is None and not segments and certain:
        state.candidate = _behind_an_inner_gap(state, done, transcript, window_length_ms) or state.candidate
    if text.text and (segments or not few):
        actions += state.show(final=False)
    if segments:
        late_ms = max(0, utterance.voice_end_ms - text.final_end_ms)
        actions += state.deliver(segments, utterance.voiced_at - late_ms / 1000)
    if text.cut_ms is not None and utterance.window_length_ms >= options.trim_ms:
        actions += state.renew(text.cut_ms if candidate is None else start_ms)
    if certain:
        actions.append(Expect(utterance, text.opening(), state.continues))
    return actions


def _certain(candidate: SentenceCandidate | None) -> TypeGuard[SentenceCandidate]:
    """Return True for a certain sentence before a silence, whose text is not final."""
    if candidate is None or candidate.final or candidate.inner_gap:
        return False
    return candidate.transcript.certain


def _if_deaf(candidate: SentenceCandidate, done: Pass, transcript: Transcript) -> SentenceCandidate:
    """Return the candidate with a note if the pass, which says no more, heard much voice behind it.

    A pass with another number has heard that voice: "one hundred and one" is no longer than "one hundred"
    where it is written "101".
    """
    spans = ((max(since, candidate.until_ms), until) for since, until in done.job.voice)
    voice_ms = sum(until - since for since, until in spans if until > since)
    deaf = voice_ms >= boundary.DEAF_MS and not boundary.has_another_number(transcript, candidate.transcript)
    return replace(candidate, deaf=deaf)


def _follow_candidate(state: UtteranceState, segments: Sequence[Segment]) -> list[Action]:
    """Give up a candidate over which final text reaches, or cut the window behind one that is final."""
    candidate, text = state.candidate, state.text
    if candidate is None or candidate.final:
        return []
    if text.reaches_over(candidate.transcript):
        state.candidate = None  # it ended nothing
        return []
    if not segments or not text.is_final(candidate.transcript):
        return []
    text.shift(text.final_words, candidate.until_ms)
    return state.discard_audio(candidate.until_ms)


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
    if text.ending is not Ending.WORD and text.other_until_ms > ended:
        return None  # the pass before heard all up to the gap: the number's last word came behind it
    voiced_at = done.began_at - (window_length_ms - ended) / 1000
    until_ms = min(ended + SPLIT_MS, (ended + went_on) // 2)
    return SentenceCandidate(transcript, until_ms, voiced_at, inner_gap=True)
