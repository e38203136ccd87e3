"""Invariants of every call (docs/protocol.md, section 4), checked on its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pipeline.events import (
    EngineFailed,
    Event,
    LanguageDetected,
    LoadChanged,
    Outcome,
    ProcessingEnded,
    ProcessingStarted,
    Speculated,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)


def obey(events: Sequence[Event]) -> None:
    """For utterances that have ended; of those that haven't, what must be true at any time."""
    order: dict[str, list[str]] = defaultdict(list)
    about: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if isinstance(event, UtteranceStarted):
            order[event.speaker].append(event.utterance)
        if not isinstance(event, LanguageDetected | LoadChanged | Speculated):
            about[event.utterance].append(event)
    for started in order.values():
        assert started == sorted(set(started)), "utterance ids are unique and sort in speaking order"
    assert set(about) == {name for started in order.values() for name in started}
    for facts in about.values():
        assert isinstance(facts[0], UtteranceStarted)
        _revisions(facts)
        _segments_are_settled_text(facts)
        ends = [fact for fact in facts if isinstance(fact, UtteranceEnded)]
        if ends:
            _ended(facts, ends)
    _heard_in_order(events)
    _levels_change(events)


def _revisions(facts: list[Event]) -> None:
    """Revisions are numbered; what is stable stays, and is all of the final one, which is the last."""
    texts = [fact for fact in facts if isinstance(fact, Transcribed)]
    assert [text.revision for text in texts] == list(range(len(texts)))
    assert not any(text.final for text in texts[:-1])
    for one, other in pairwise(texts):
        assert other.stable_length >= one.stable_length, "what is stable stays stable"
        assert other.text.startswith(one.text[: one.stable_length]), "and never changes"
        assert other.end_ms >= one.end_ms
    for text in texts:
        assert 0 <= text.stable_length <= len(text.text)
        if text.final:
            assert text.stable_length == len(text.text), "a final is stable to its end"
    goes_on = {text.continues for text in texts}
    assert len(goes_on) <= 1, "an utterance goes on another from its first revision, or never"
    for fact in facts:
        if isinstance(fact, Translated) and fact.continues is not None:
            before = {fact.utterance} if fact.segment.index else goes_on
            assert fact.continues in before, "a translation carries on that of the segment before it"


def _segments_are_settled_text(facts: list[Event]) -> None:
    """A segment is told once for each language, and of text that was told to be stable before."""
    stable = ""
    told: set[tuple[str, int]] = set()
    begun: set[tuple[str, int]] = set()
    for fact in facts:
        if isinstance(fact, Transcribed):
            stable = fact.text[: fact.stable_length]
        elif isinstance(fact, Translated):
            assert (fact.target, fact.segment.index) not in told, "a segment that was told never changes"
            told.add((fact.target, fact.segment.index))
            begun |= {(name, fact.segment.index) for name in fact.listeners}
            assert fact.final and stable[fact.segment.start : fact.segment.end] == fact.segment.text
        elif isinstance(fact, SpeechPlayed):
            assert (fact.listener, fact.segment) in begun, "a segment is final before it is spoken"


def _ended(facts: list[Event], ends: list[UtteranceEnded]) -> None:
    assert len({end.target for end in ends}) == len(ends), "one end for each language"
    assert isinstance(facts[-1], UtteranceEnded), "the end is the last fact"
    for end in ends:
        after = facts[facts.index(end) + 1 :]
        assert not any(getattr(fact, "target", None) == end.target for fact in after)
        assert not any(isinstance(fact, SpeechPlayed) and fact.listener in end.listeners for fact in after)
    texts = [fact for fact in facts if isinstance(fact, Transcribed)]
    assert [text.final for text in texts[-1:]] == [True] * bool(texts), "what was shown came to an end"
    begun = [type(fact) for fact in facts if isinstance(fact, ProcessingStarted | ProcessingEnded)]
    assert begun in ([], [ProcessingStarted, ProcessingEnded])
    for end in ends:
        _ended_in_one_language(facts, end, texts[-1].text if texts else "")


def _ended_in_one_language(facts: list[Event], end: UtteranceEnded, transcript: str) -> None:
    translated = [fact for fact in facts if isinstance(fact, Translated) and fact.target == end.target]
    failed = [fact.stage for fact in facts if isinstance(fact, EngineFailed)]
    taken_back = (end.outcome, end.reason) == (Outcome.REFUSED, "start_over")
    if translated and "mt" not in failed and not taken_back:
        assert "".join(fact.segment.text for fact in translated) == transcript, "segments tile the transcript"
    for fact in translated:
        assert transcript[fact.segment.start : fact.segment.end] == fact.segment.text
    numbers = [fact.segment.index for fact in translated]
    assert numbers == sorted(set(numbers))
    for listener in end.listeners:
        states: dict[int, list[str]] = {}
        for fact in facts:
            if isinstance(fact, SpeechPlayed) and fact.listener == listener:
                states.setdefault(fact.segment, []).append(fact.state)
                assert (fact.reason is not None) == (fact.state == "skipped"), "every skip has its reason"
        assert all(told in (["start", "end"], ["skipped"]) for told in states.values()), "nothing is spoken twice"
        assert set(states) == set(numbers), "every segment is heard or told to be skipped"
    spoken = any(
        isinstance(fact, SpeechPlayed) and fact.state == "start" and fact.listener in end.listeners for fact in facts
    )
    assert taken_back or spoken == (end.outcome is Outcome.SPOKEN)
    assert (end.latency.first_audio_ms is not None) == spoken


def _heard_in_order(events: Sequence[Event]) -> None:
    """Each listener hears a speaker's segments in the order of speaking, one after the other."""
    last: dict[tuple[str, str], tuple[str, int]] = {}
    open_for: dict[tuple[str, str], tuple[str, int]] = {}
    for event in events:
        if not isinstance(event, SpeechPlayed):
            continue
        ear, place = (event.speaker, event.listener), (event.utterance, event.segment)
        if event.state == "start":
            assert ear not in open_for, "one ends before the next starts"
            assert last.get(ear, ("", -1)) < place, "in order"
            last[ear] = open_for[ear] = place
        elif event.state == "end":
            assert open_for.pop(ear, None) == place


def _levels_change(events: Sequence[Event]) -> None:
    told: dict[str, tuple[str, str | None]] = {}
    for event in events:
        if isinstance(event, LoadChanged):
            now = event.level, event.message
            assert told.get(event.speaker, ("ok", None)) != now, "a level is told when it, or its reason, changes"
            told[event.speaker] = now
