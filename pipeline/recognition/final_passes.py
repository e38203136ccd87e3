"""Judges final passes: the sentence candidate of a pause, its boundary, second opinions, whose voice it is. Pure."""

from __future__ import annotations

from dataclasses import replace

from pipeline.hearing.endpointer import Patience
from pipeline.recognition import boundary
from pipeline.recognition.actions import Action, Expect, Wait
from pipeline.recognition.boundary import Verdict
from pipeline.recognition.passes import Pass, PassKind
from pipeline.recognition.silence import Passes, Stage
from pipeline.recognition.stable_text import later, words_of
from pipeline.recognition.state import (
    SPLIT_MS,
    FinalQuestion,
    SentenceCandidate,
    SpeakerState,
    Standing,
    UtteranceState,
)
from pipeline.recognition.voice_origin import Origin, VoiceOrigin, Words
from pipeline.speech import Transcript
from pipeline.text.segmenter import is_sentence, unspaced
from pipeline.text.values import Ending

DONE = {
    PassKind.CONFIRM: Passes.CONFIRMED,
    PassKind.RETRY: Passes.RETRIED,
    PassKind.WITH_PAUSES: Passes.WITH_PAUSES,
    PassKind.RETRY_IN_VAIN: Passes.RETRIED_IN_VAIN | Passes.RETRIED,
}
"""Passes that follow the final one, and how they are noted."""


def question(state: UtteranceState, now: float) -> FinalQuestion:
    """Return the question of what was said since all was final, as of now."""
    utterance, candidate, number = state.utterance, state.candidate, state.silence.number
    if candidate is not None and candidate.silence == number:
        candidate = None  # nothing was said since
    return FinalQuestion(candidate, number, now, utterance.voiced_at, utterance.end_ms, utterance.edge_media_ms)


def answer(
    state: UtteranceState,
    speaker: SpeakerState,
    origin: VoiceOrigin,
    asked: FinalQuestion,
    standing: Standing,
    now: float,
) -> list[Action]:
    """Take in the transcripts of a question's runs so far. A verdict that needs another run leaves it open."""
    candidate, state.question, verdict = asked.candidate, None, None
    transcript = asked.whole if asked.rest is None else asked.rest
    actions: list[Action] = []
    if candidate is not None:
        verdict = _verdict(state, candidate, asked)
        if verdict is None:
            state.question = asked
            return []
        transcript = asked.rest if verdict in (Verdict.CLOSED, Verdict.UNKNOWN) else asked.whole
        actions += _apply(verdict, state, candidate, asked)
    assert transcript is not None
    state.recognised = asked.began_at, now
    take(state, speaker, origin, transcript, asked.edge_media_ms)
    if state.partners and state.text.tail and standing is not Standing.OVER:
        actions += state.discard_echo(asked.end_media_ms + SPLIT_MS)
    before, undecided = state.candidate, verdict is Verdict.UNDECIDED
    ends = state.understood and state.text.complete and not undecided
    voice_ms = 0 if before is None else boundary.voice_after_ms(state.utterance, before, asked.end_media_ms)
    if ends and (before is None or boundary.supersedes(transcript, before, voice_ms)):
        until_ms = asked.end_media_ms + SPLIT_MS - state.utterance.window_start_media_ms
        state.candidate = SentenceCandidate(transcript, until_ms, asked.voiced_at, asked.silence)
    if standing is Standing.BROKEN:
        return actions
    state.silence.passes &= ~Passes.UNDECIDED
    state.silence.passes |= Passes.FINAL | (Passes.UNDECIDED if undecided else Passes.NONE)
    if standing is Standing.OVER:
        return actions
    shown = state.show(final=False) if state.understood else []
    expected = state.text.opening(over=True) if state.understood else None
    return [
        Wait(state.utterance, patience(state, speaker)),
        *actions,
        *shown,
        Expect(state.utterance, expected, state.continues),
    ]


def patience(state: UtteranceState, speaker: SpeakerState) -> Patience:
    """Return how long a silence may last whose words are known, before it ends the utterance.

    Where words are written without spaces, the beginning of a value is often a whole one: "5分" and "5分の1".
    """
    if state.partners:
        return Patience.SHORT
    if state.understood and state.text.ending is Ending.BEGUN and not unspaced(state.utterance.language):
        return Patience.BEGUN
    return Patience.WORDS if speaker.punctuates else Patience.SHORT


def second_opinion(
    state: UtteranceState, speaker: SpeakerState, origin: VoiceOrigin, done: Pass, transcript: Transcript
) -> None:
    """Take in a pass that followed the final one."""
    note(state, done)
    if done.kind in (PassKind.CONFIRM, PassKind.WITH_PAUSES):
        take(state, speaker, origin, transcript, done.edge_media_ms)
        return
    before = state.transcript
    if before is not None and transcript.understood and transcript.confidence > before.confidence:
        transcript = replace(later(transcript, done.start_ms), spoken=before.spoken)
        take(state, speaker, origin, transcript, done.edge_media_ms)
        state.silence.better = True


def note(state: UtteranceState, done: Pass) -> None:
    """Note that a pass that followed the final one was made, whatever came of it."""
    state.silence.passes |= DONE[done.kind]
    state.silence.better = False
    if done.kind is PassKind.CONFIRM:
        state.silence.confirmed_at = done.stage


def take(
    state: UtteranceState, speaker: SpeakerState, origin: VoiceOrigin, transcript: Transcript, edge_media_ms: int
) -> None:
    """Make a transcript of audio up to `edge_media_ms` the present text."""
    state.text.revise(transcript, edge_media_ms - state.utterance.window_start_media_ms)
    state.transcript = transcript
    if is_sentence(transcript.text, transcript.language):
        speaker.unmarked = None
    state.confidence = transcript.confidence
    found = origin_of(state, origin, transcript, edge_media_ms)
    state.echo, state.partners = found is not Origin.SPEAKER, found is Origin.PARTNER
    state.understood = transcript.understood and bool(state.text.tail) and not state.echo
    if not state.echo:
        state.judge_language(transcript.spoken)


def origin_of(
    state: UtteranceState, origin: VoiceOrigin, transcript: Transcript, edge_media_ms: int, *, interim: bool = False
) -> Origin:
    """Return whose voice the words without final text are, of audio up to `edge_media_ms`.

    Without words the sound alone tells: a partner's voice may be too faint to be understood.
    """
    utterance, candidate, text = state.utterance, state.candidate, transcript.text.strip()
    known_ms = candidate.until_ms if candidate is not None and candidate.final else 0
    since_at = utterance.voiced_at - (utterance.voice_end_ms - known_ms) / 1000
    first_ms = utterance.window_start_media_ms + known_ms
    voice = tuple(
        (max(start, first_ms), min(end, edge_media_ms))
        for start, end in utterance.voice_ms
        if end > first_ms and start < edge_media_ms
    )
    return origin.of(Words(text, utterance.language, since_at, utterance.voiced_at, voice, transcript.spoken, interim))


def _verdict(state: UtteranceState, candidate: SentenceCandidate, asked: FinalQuestion) -> Verdict | None:
    """Return what the runs so far say of the candidate's end. None: another run is needed."""
    if candidate.final:
        assert asked.rest is not None
        return boundary.final(asked.rest, asked.whole, candidate)
    if asked.whole is None or asked.rest is None:
        return None
    voice_ms = boundary.voice_after_ms(state.utterance, candidate, asked.end_media_ms)
    early = state.end is None and state.silence.stage is not Stage.LATE
    return boundary.tentative(asked.whole, asked.rest, candidate, voice_ms, early=early)


def _apply(verdict: Verdict, state: UtteranceState, candidate: SentenceCandidate, asked: FinalQuestion) -> list[Action]:
    """Move the candidate, the window and its text as the verdict says."""
    match verdict:
        case Verdict.CLOSED:
            return state.close(candidate)
        case Verdict.EXTENDED:
            until_ms = asked.end_media_ms + SPLIT_MS - state.utterance.window_start_media_ms
            state.candidate = replace(candidate, until_ms=until_ms, voiced_at=asked.voiced_at, silence=asked.silence)
        case Verdict.REOPENED:
            state.text.reopen(words_of(candidate.transcript, candidate.until_ms))
        case Verdict.UNKNOWN:
            state.text.reopen(())
        case Verdict.CONTINUED | Verdict.UNDECIDED:
            pass
    return []
