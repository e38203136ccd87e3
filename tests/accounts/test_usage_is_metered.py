"""Usage: seconds heard and spoken in media time, characters translated, each counted once, whatever happens."""

from __future__ import annotations

from accounts.keeping.metered_usage import MeteredUsage
from pipeline.events import (
    Outcome,
    PlaybackState,
    SkipReason,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.speech import Segment
from pipeline.text.translation_checks.verdict import HeldReason
from signaling.call_records.usage_meter import UsageMeter
from storage.accounts.records import Usage

ANA, BO = "p_ana", "p_bo"


def transcribed(text: str, end_ms: int, utterance: str = "u_1", final: bool = True) -> Transcribed:
    return Transcribed(utterance, ANA, 0, text, 0, final, "es", 1000, end_ms, 1.0)


def ended(outcome: Outcome = Outcome.SPOKEN, utterance: str = "u_1", target: str = "en") -> UtteranceEnded:
    return UtteranceEnded(utterance, ANA, target, (BO,), outcome)


def played(state: PlaybackState, segment: int = 0) -> SpeechPlayed:
    reason = SkipReason.BEHIND if state is PlaybackState.SKIPPED else None
    return SpeechPlayed("u_1", ANA, BO, segment, state, reason)


def test_speech_is_heard_once_though_it_ends_for_each_language() -> None:
    meter = UsageMeter()
    for event in (UtteranceStarted("u_1", ANA), transcribed("Ho", 1500, final=False), transcribed("Hola", 2600)):
        meter.observe(event, 0)
    assert meter.totals() == {}
    meter.observe(ended(), 0)
    meter.observe(ended(target="de"), 0)
    assert meter.totals() == {ANA: Usage(heard_ms=1600)}


def test_noise_and_echoes_are_not_heard_and_untranslated_speech_is() -> None:
    meter = UsageMeter()
    for outcome in Outcome:
        meter.observe(transcribed("Hola", 2000, outcome.value), 0)
        meter.observe(ended(outcome, outcome.value), 0)
    assert meter.totals()[ANA].heard_ms == 1000 * (len(Outcome) - 2)


def test_what_its_speaker_took_back_was_heard() -> None:
    meter = UsageMeter()
    meter.observe(transcribed("Hola", 2000, final=False), 0)
    meter.observe(transcribed("", 2000), 0)
    meter.observe(UtteranceEnded("u_1", ANA, "en", (BO,), Outcome.REFUSED, reason="start_over"), 0)
    assert meter.totals() == {ANA: Usage(heard_ms=1000)}


def test_speech_played_is_as_long_as_its_frames() -> None:
    meter = UsageMeter()
    meter.observe(played(PlaybackState.START), 10.0)
    meter.observe(played(PlaybackState.END), 11.48)  # the first and the last of 75 frames
    meter.observe(played(PlaybackState.SKIPPED, 1), 12.0)
    assert meter.totals() == {BO: Usage(spoken_ms=1500)}


def test_what_is_cut_by_the_end_of_the_call_counts_until_then() -> None:
    meter = UsageMeter()
    meter.observe(transcribed("Hola", 2500), 0)
    meter.observe(played(PlaybackState.START), 10.0)
    meter.end(10.48)
    meter.end(99.0)
    assert meter.totals() == {ANA: Usage(heard_ms=1500), BO: Usage(spoken_ms=500)}


def test_characters_are_those_of_final_translations() -> None:
    meter = UsageMeter()
    wave = Segment(0, "Hola 👋", 0, 6)
    for revision, final in enumerate((False, False, True)):
        meter.observe(Translated("u_1", ANA, (BO,), wave, revision, final, "Hi", "es", "en", 0.0), 0)
    meter.observe(Translated("u_1", ANA, (BO,), wave, 0, True, "x", "es", "en", 0.0, held=HeldReason.EMPTY), 0)
    assert meter.totals() == {ANA: Usage(characters=7)}


def test_an_addition_that_failed_is_not_made_twice() -> None:
    usage, stored = MeteredUsage(), {"u_ana": Usage(5000)}  # by an earlier process
    usage.metered = {"u_ana": Usage(1000, 10)}
    assert usage.needs_stored
    usage.stored(stored)
    assert usage.to_add() == {"u_ana": Usage(1000, 10)}
    stored = {"u_ana": Usage(6000, 10)}  # it came, and nobody said so
    assert usage.needs_stored
    usage.stored(stored)
    assert usage.to_add() == {}
    usage.wrote(usage.metered)
    usage.metered = {"u_ana": Usage(1500, 10), "u_bo": Usage(7)}
    assert not usage.needs_stored
    assert usage.to_add() == {"u_ana": Usage(500), "u_bo": Usage(7)}


def test_more_that_is_metered_during_a_write_is_due_after_it() -> None:
    usage = MeteredUsage({"u_ana": Usage(1)}, due=True)
    usage.stored({})
    totals = dict(usage.metered)
    usage.to_add()
    usage.metered = {"u_ana": Usage(2)}
    usage.wrote(totals)
    assert usage.due and usage.to_add() == {"u_ana": Usage(1)}
    usage.wrote(usage.metered)
    assert not usage.due
