"""Decides after how much silence a whole sentence is final, and which pass runs in a pause. Tables; pure.

Each table is read from its first row on. The first row whose conditions all hold gives the step.
"""

from __future__ import annotations

from enum import StrEnum

from pipeline.recognition.rules import Rule, outcome
from pipeline.recognition.silence import Passes, Stage
from pipeline.recognition.state import UtteranceState
from pipeline.text.values import Ending


class Step(StrEnum):
    """The next step in a silence."""

    NOTHING = "nothing"
    """Wait for what comes: voice, a later stage, the end."""
    ASK = "ask"
    """Recognise as if this were the end (one or two runs)."""
    CONFIRM = "confirm"
    """Recognise the window once more just so."""
    RETRY = "retry"
    """Recognise the window with another lead of silence; the more certain of both holds."""
    WITH_PAUSES = "with_pauses"
    """Recognise the window without shortening its long silence."""
    RETRY_IN_VAIN = "retry_in_vain"
    """Recognise the window with another lead, since nothing at all was understood."""
    FINALIZE = "finalize"
    """The text is final, though the utterance may go on."""
    CONCLUDE = "conclude"
    """The utterance is concluded."""


IN_A_SILENCE: tuple[Rule[Step], ...] = (
    Rule({"worth_hearing": False}, Step.NOTHING,
        "Too little voice without final text is noise, and in a crowd only what is over is recognised."),
    Rule({"failed": True}, Step.NOTHING,
        "A pass that failed is not repeated: the end will report it."),
    Rule({"asked": False}, Step.ASK,
        "The work of an end begins with the silence before it."),
    Rule({"soft_end": False}, Step.NOTHING,
        "The silence is too short to be believed."),
    Rule({"undecided": True}, Step.NOTHING,
        "What was said may go on a number before it: a longer silence must agree."),
    Rule({"sentence": False}, Step.NOTHING,
        "The words are no whole sentence: they call for more."),
    Rule({"begins_value": True}, Step.NOTHING,
        "The beginning of a value calls for the rest, whatever mark ends it."),
    Rule({"ends_in_value": True, "late": False}, Step.NOTHING,
        "A number at the end may go on, or be another once more is heard: a longer silence must agree."),
    Rule({"trusted": False}, Step.NOTHING,
        "The recogniser is not certain of the sentence: a longer silence must agree."),
    Rule({"better": True}, Step.FINALIZE,
        "A second opinion was more certain."),
    Rule({"quick": True, "repeated": False, "confirmed": False}, Step.CONFIRM,
        "A quick recogniser is asked twice."),
    Rule({"quick": True, "doubtful": True}, Step.RETRY,
        "A quick recogniser that is not certain is asked with another lead."),
    Rule({"mark_doubted": True, "late": False}, Step.NOTHING,
        "The pass before gave these words without a mark, so they may go on: a longer silence must agree."),
    Rule({"repeated": True}, Step.FINALIZE,
        "Two passes gave the same sentence."),
    Rule({"quick": False, "confirmed_in_this_stage": False}, Step.FINALIZE,
        "A slow recogniser is believed at once."),
    Rule({}, Step.NOTHING,
        "Two passes gave different sentences: a later stage or the end decides."),
)  # fmt: skip
"""Before the end of an utterance."""

AT_THE_END: tuple[Rule[Step], ...] = (
    Rule({"nothing_to_hear": True}, Step.CONCLUDE,
        "Typed text, noise, text that is final already, or audio that was given up: nothing is to be recognised."),
    Rule({"failed": True}, Step.CONCLUDE,
        "The final pass has failed: it is not repeated."),
    Rule({"asked": False}, Step.ASK,
        "The final pass, where the silence before the end has not made it."),
    Rule({"in_vain": True, "with_pauses": False}, Step.WITH_PAUSES,
        "Before all that was said is refused, it is heard with all its pauses."),
    Rule({"in_vain": True, "with_pauses": True, "quick": True, "retried_in_vain": False}, Step.RETRY_IN_VAIN,
        "And then, where there is time, with another lead."),
    Rule({"quick": True, "doubtful": True}, Step.RETRY,
        "Text that is not certain is heard with another lead, where there is time."),
    Rule({}, Step.CONCLUDE,
        "No pass is left that could change the text."),
)  # fmt: skip
"""After the end of an utterance."""


def in_a_silence(state: UtteranceState, *, least_voice_ms: int, quick: bool, crowded: bool) -> Step:
    """Return the next step in a silence that is no end yet."""
    silence, done = state.silence, state.silence.passes
    certain = state.transcript is not None and state.transcript.certain
    late = silence.stage is Stage.LATE
    undecided, ending = Passes.UNDECIDED in done, state.text.ending
    return outcome(
        IN_A_SILENCE,
        {
            "worth_hearing": _has_voice(state, least_voice_ms) and not crowded,
            "failed": Passes.FAILED in done,
            "asked": Passes.FINAL in done and not (undecided and late),
            "soft_end": silence.stage >= Stage.SOFT_END,
            "undecided": undecided,
            "sentence": state.understood and state.text.complete,
            "begins_value": ending is Ending.BEGUN,
            "ends_in_value": ending is Ending.VALUE,
            "late": late,
            "trusted": late or certain or bool(done & (Passes.CONFIRMED | Passes.RETRIED)),
            "better": silence.better,
            "quick": quick,
            "mark_doubted": state.text.mark_doubted,
            "repeated": state.text.repeated,
            "confirmed": Passes.CONFIRMED in done,
            "confirmed_in_this_stage": silence.confirmed_at is silence.stage,
            "doubtful": _doubtful(state) and not crowded,
        },
    )


def at_the_end(state: UtteranceState, *, least_voice_ms: int, quick: bool, crowded: bool) -> Step:
    """Return the next step after the end of the utterance."""
    done = state.silence.passes
    return outcome(
        AT_THE_END,
        {
            "nothing_to_hear": nothing_to_hear(state, least_voice_ms),
            "failed": Passes.FAILED in done,
            "asked": Passes.FINAL in done and Passes.UNDECIDED not in done,
            "in_vain": _in_vain(state) and not crowded,
            "with_pauses": Passes.WITH_PAUSES in done,
            "quick": quick,
            "retried_in_vain": Passes.RETRIED_IN_VAIN in done,
            "doubtful": _doubtful(state) and not crowded,
        },
    )


def nothing_to_hear(state: UtteranceState, least_voice_ms: int) -> bool:
    """Return True if no pass is made for an utterance that has ended."""
    assert state.end is not None
    given_up = state.end.given_up or state.end.started_over or not state.end.enough_voice
    return state.utterance.text is not None or given_up or not _has_voice(state, least_voice_ms)


def _has_voice(state: UtteranceState, least_voice_ms: int) -> bool:
    """Return True if there is voice enough without final text, or words of it already."""
    words = Passes.FINAL in state.silence.passes and bool(state.text.tail)
    return words or state.utterance.voiced_ms >= least_voice_ms


def _doubtful(state: UtteranceState) -> bool:
    """Return True if the text is understood but not certain, and no pass had another lead."""
    certain = state.transcript is None or state.transcript.certain
    return state.understood and not certain and Passes.RETRIED not in state.silence.passes


def _in_vain(state: UtteranceState) -> bool:
    """Return True if nothing was understood of all that was said."""
    whole = state.candidate is None or not state.candidate.final
    return whole and bool(state.text.tail) and not (state.understood or state.echo)
