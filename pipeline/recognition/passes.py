"""Recognition passes: which audio each run of the recogniser hears, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.engines.whisper.silence_removal import EDGE_MS
from pipeline.recognition.hallucination import invented, loops, unlooped
from pipeline.recognition.silence import Stage
from pipeline.recognition.stable_text import StabilityOptions
from pipeline.recognition.state import FinalQuestion, SentenceCandidate, UtteranceState
from pipeline.recognition.utterance import BYTES_PER_MS, Utterance
from pipeline.speech import Transcribe, Transcript
from pipeline.text.spoken_words import spoken

NEAR_MS = 100
"""Silence before the voice in a pass with another lead."""


@dataclass(frozen=True, slots=True)
class RecognitionOptions:
    """Times and bounds of passes over a speaker who has not ended."""

    first_interim_s: float = 0.2
    """Time from the onset to the first interim."""
    interim_every_s: float = 0.24
    """Least time from one interim to the next. `duty` and overload make it longer."""
    duty: float = 0.35
    """Share of the time that one speaker's interims may keep an engine busy, 0..1."""
    interim_longest_s: float = 12.0
    """Length of a window beyond which no interim is recognised: it would only delay the final."""
    trim_ms: int = 8_000
    """Length of a window from which on its audio is cut behind the last final word, and not only in silence."""
    ahead: bool = True
    """True if the work of an end begins with the silence before it."""
    least_voice_ms: int = 100
    """Voice below which a window is noise, and no engine hears it."""
    stands_alone: int = 3
    """Words behind a silence that must be understood by themselves for the words before it to be a sentence."""
    confirm_within_ms: float = 80.0
    """Time within which a recogniser is quick: it is asked twice before a soft end, and wherever it is not certain.

    A slower one is believed at once.
    """
    timeout_s: float = 10.0
    """Longest time that one pass may run."""
    stability: StabilityOptions = field(default_factory=StabilityOptions)


class PassKind(StrEnum):
    """Purpose of a pass."""

    INTERIM = "interim"
    """Text that may still change, while somebody speaks."""
    WHOLE = "whole"
    """The whole window, as if this were the end."""
    REST = "rest"
    """Audio behind a sentence candidate, as if this were the end."""
    CONFIRM = "confirm"
    """The whole window once more just so."""
    RETRY = "retry"
    """The whole window with another lead of silence."""
    WITH_PAUSES = "with_pauses"
    """The whole window without shortening its long silence."""
    RETRY_IN_VAIN = "retry_in_vain"
    """The same as `RETRY`, after nothing at all was understood."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One run that is wanted of the recogniser, with all that is needed to use its transcript later."""

    kind: PassKind
    utterance: str
    """Name of the utterance."""
    job: Transcribe
    silence: int
    """Number of the silence, or of the voice before it, in which it was wanted."""
    began_at: float
    """Loop time, s."""
    start_ms: int
    """Place in the window where its audio begins. Negative: silence of that length before the window."""
    edge_media_ms: int
    """Media time at which its audio ends."""
    voiced_ms: int
    """Voice in its audio."""
    stage: Stage
    """Stage of the silence in which it was wanted."""
    candidate: SentenceCandidate | None = None
    """Sentence candidate behind which an interim begins."""
    question: FinalQuestion | None = None
    """The question of which this is a run."""

    @property
    def urgent(self) -> bool:
        """True if others wait for it: every pass but an interim."""
        return self.kind is not PassKind.INTERIM

    def believed(self, transcript: Transcript) -> Transcript:
        """Return the words that were said; `understood` is false if nobody can have said them in that much voice.

        Interims are shown at once: one that goes round in circles is cut where it begins to.
        """
        transcript = spoken(transcript)
        if not self.urgent and loops(transcript.text):
            return replace(transcript, text=unlooped(transcript.text), words=(), understood=False, spoken=())
        if transcript.understood and invented(transcript.text, self.job.language, self.voiced_ms):
            return replace(transcript, understood=False, spoken=())
        return transcript


def interim(state: UtteranceState, candidate: SentenceCandidate | None, now: float) -> Pass:
    """Return an interim over what follows a candidate; without one, over the whole window."""
    start_ms = 0 if candidate is None else candidate.until_ms
    return replace(_wanted(PassKind.INTERIM, state, now, start_ms), candidate=candidate)


def final(state: UtteranceState, question: FinalQuestion, now: float) -> Pass:
    """Return the next run of a question: over the whole and then the rest, or the other way round for a final one.

    Both runs hear the same: what was said between them is another question.
    """
    candidate = question.candidate
    rest = candidate is not None and (question.rest is None if candidate.final else question.whole is not None)
    broken = state.silence.number != question.silence
    until_ms = question.edge_media_ms - state.utterance.window_start_media_ms if broken else None
    if candidate is None or not rest:
        return replace(_wanted(PassKind.WHOLE, state, now, 0, until_ms), question=question)
    return replace(_wanted(PassKind.REST, state, now, candidate.until_ms, until_ms, candidate), question=question)


def once_more(kind: PassKind, state: UtteranceState, now: float) -> Pass:
    """Return another pass over the whole window; a retry has another lead of silence."""
    retry = kind in (PassKind.RETRY, PassKind.RETRY_IN_VAIN)
    return _wanted(kind, state, now, _another_lead_ms(state.utterance) if retry else 0)


def _wanted(
    kind: PassKind,
    state: UtteranceState,
    now: float,
    start_ms: int,
    until_ms: int | None = None,
    behind: SentenceCandidate | None = None,
) -> Pass:
    """Return a pass over the window from `start_ms` to `until_ms`. None: to its edge as it is now.

    `behind`: the candidate behind which a final pass begins, if it does. An interim gets no words before it: it ends
    in the middle of a word, and with them a recogniser guesses how the sentence goes on.
    """
    utterance, urgent = state.utterance, kind is not PassKind.INTERIM
    edge_ms = utterance.window_length_ms if until_ms is None else until_ms
    heard = utterance.audio[max(0, start_ms) * BYTES_PER_MS : edge_ms * BYTES_PER_MS]
    audio = bytes(max(0, -start_ms) * BYTES_PER_MS) + heard
    voice = tuple(
        (since, min(until, edge_ms - start_ms))
        for since, until in utterance.voice_from(start_ms)
        if since < edge_ms - start_ms
    )
    heard_again_ms = state.candidate.until_ms if state.candidate is not None and state.candidate.final else 0
    job = Transcribe(
        audio,
        utterance.language,
        final=urgent,
        voice=() if kind is PassKind.WITH_PAUSES else voice,
        candidates=state.candidates if urgent else (),
        before=state.words_before(behind) if urgent and (behind is None or behind.final) else "",
    )
    return Pass(
        kind,
        utterance.id,
        job,
        state.silence.number,
        now,
        start_ms,
        utterance.window_start_media_ms + edge_ms,
        min(utterance.voiced_ms + heard_again_ms, len(audio) // BYTES_PER_MS),
        state.silence.stage,
    )


def _another_lead_ms(utterance: Utterance) -> int:
    """Return the place in the window from which hardly any silence comes first; if there is hardly any, more does."""
    voice = utterance.voice_from(0)
    lead_ms = voice[0][0] if voice else 0
    return lead_ms - (NEAR_MS if lead_ms >= 2 * NEAR_MS else EDGE_MS)
