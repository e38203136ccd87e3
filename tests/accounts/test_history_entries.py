"""Entries are made of a call's events: what is said while all consent, with the times at which it was said."""

from __future__ import annotations

from typing import Any

from accounts.history.entry import Entry, Kept, Missing
from media.events import RoomEvent
from pipeline.events import Outcome, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from pipeline.speech import Segment
from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from signaling.call_records.history_entries import HistoryEntries

ANA, BO = "p_ana", "p_bo"
NAMES = {ANA: "Ana", BO: "Bo"}


def transcribed(text: str, utterance: str = "u_1", **changes: Any) -> Transcribed:
    fields = {"revision": 0, "final": False, "start_ms": 1000, "end_ms": 3000, **changes}
    return Transcribed(utterance, ANA, text=text, stable_length=0, language="es", confidence=1.0, **fields)


def translated(index: int, start: int, end: int, text: str, utterance: str = "u_1", **changes: Any) -> Translated:
    segment = Segment(index, text[start:end], start, end)
    fields = {"revision": 2, "final": True, "voiced_at": 99.5, **changes}
    return Translated(utterance, ANA, (BO,), segment, text=f"EN {index}", source="es", target="en", **fields)


class Scene:
    def __init__(self) -> None:
        self.entries = HistoryEntries()

    def add(self, *events: RoomEvent, keeping: bool = True) -> list[Kept]:
        return [
            kept
            for event in events
            for kept in self.entries.observe(event, keeping=keeping, names=NAMES, now=100.0, wall_ms=1_700_000_000_000)
        ]


TEXT = "Buenos 👋 días. ¿Qué tal?"  # the wave is two units of UTF-16


def test_an_entry_has_the_fields_of_the_final_translation() -> None:
    scene = Scene()
    first, second = scene.add(
        UtteranceStarted("u_1", ANA),
        transcribed(TEXT),
        translated(0, 0, 15, TEXT, final=False),
        translated(0, 0, 15, TEXT),
        translated(1, 15, 24, TEXT, unsure=(Doubt.NUMBER,), held=HeldReason.EMPTY),
        UtteranceEnded("u_1", ANA, "en", (BO,), Outcome.SPOKEN),
    )
    assert isinstance(first, Entry) and isinstance(second, Entry)
    assert first.as_json("s_1") == {
        "sessionId": "s_1",
        "utteranceId": "u_1",
        "segment": 0,
        "revision": 2,
        "final": True,
        "sourceUserId": ANA,
        "targetUserId": BO,
        "originalText": "Buenos 👋 días. ",
        "sourceStart": 0,
        "sourceEnd": 16,
        "translatedText": "EN 0",
        "sourceLanguage": "es",
        "targetLanguage": "en",
        "timestamp": 1_700_000_000_000,
        "latency": 500,
        "startMs": 1000,
        "endMs": 2250,
    }
    assert first.name == "Ana"
    assert (second.source_start, second.source_end) == (16, 25)
    assert second.as_json("s_1") | {"held": "empty", "unsure": ["number"]} == second.as_json("s_1")
    assert (second.start_ms, second.end_ms) == (2250, 3000)


def test_segments_of_an_utterance_follow_each_other_though_its_text_grows() -> None:
    scene = Scene()
    long = TEXT + " " + "x" * 60
    first, second, third = scene.add(
        UtteranceStarted("u_1", ANA),
        transcribed(TEXT[:15]),
        translated(0, 0, 15, TEXT),
        transcribed(long, end_ms=5000),
        translated(1, 15, 24, long),
        translated(2, 24, len(long), long),
    )
    assert first.start_ms < first.end_ms <= second.start_ms <= second.end_ms <= third.start_ms < third.end_ms == 5000


def test_what_began_before_all_consented_is_none_of_it() -> None:
    scene = Scene()
    assert scene.add(transcribed(TEXT), translated(0, 0, 15, TEXT)) == []
    assert scene.add(UtteranceEnded("u_1", ANA, "es", (BO,), Outcome.NOT_NEEDED)) == []


def test_what_was_being_said_when_somebody_withdrew_is_none_of_it() -> None:
    scene = Scene()
    scene.add(UtteranceStarted("u_1", ANA), transcribed(TEXT))
    scene.entries.discard()
    assert scene.add(translated(0, 0, 15, TEXT)) == []


def test_what_could_not_be_kept_is_counted() -> None:
    scene = Scene()
    assert scene.add(UtteranceStarted("u_1", ANA), keeping=False) == []
    assert scene.add(transcribed(TEXT), translated(0, 0, 15, TEXT)) == [Missing(1000, 2250, 1)]
    scene.add(UtteranceStarted("u_2", ANA), transcribed(TEXT, "u_2"))
    scene.entries.interrupt()
    assert scene.add(translated(0, 0, 15, TEXT, "u_2")) == [Missing(1000, 2250, 1)]
    scene.add(UtteranceStarted("u_3", ANA), transcribed(TEXT, "u_3"))
    assert isinstance(scene.add(translated(0, 0, 15, TEXT, "u_3"))[0], Entry)


def test_words_in_the_same_language_are_kept_as_they_are() -> None:
    scene = Scene()
    (kept,) = scene.add(
        UtteranceStarted("u_1", ANA),
        transcribed(TEXT, final=True),
        UtteranceEnded("u_1", ANA, "es-MX", (BO,), Outcome.NOT_NEEDED),
    )
    assert isinstance(kept, Entry)
    assert (kept.original, kept.translated, kept.target_language) == (TEXT, TEXT, "es-MX")
    assert (kept.start_ms, kept.end_ms, kept.source, kept.target) == (1000, 3000, ANA, BO)


def test_a_piece_of_a_sentence_names_the_utterance_that_it_goes_on() -> None:
    scene = Scene()
    scene.add(UtteranceStarted("u_2", ANA), transcribed(TEXT, "u_2", final=True, continues="u_1"))
    (carried,) = scene.add(translated(0, 0, 15, TEXT, "u_2", continues="u_1"))
    (anew,) = scene.add(translated(1, 15, 24, TEXT, "u_2"))
    (same,) = scene.add(UtteranceEnded("u_2", ANA, "es-MX", (BO,), Outcome.NOT_NEEDED))
    assert [one.continues for one in (carried, anew, same) if isinstance(one, Entry)] == ["u_1", None, "u_1"]
    assert isinstance(carried, Entry) and carried.as_json("s_1")["continues"] == "u_1"


def test_noise_and_failures_leave_nothing() -> None:
    scene = Scene()
    for outcome in (Outcome.NOTHING_SAID, Outcome.REFUSED, Outcome.FAILED):
        end = UtteranceEnded("u_1", ANA, "en", (BO,), outcome)
        assert scene.add(UtteranceStarted("u_1", ANA), transcribed("", final=True), end) == []


def test_typed_text_has_a_time_though_it_takes_none() -> None:
    scene = Scene()
    (kept,) = scene.add(
        UtteranceStarted("u_1", ANA), transcribed("Hola.", start_ms=7000, end_ms=0), translated(0, 0, 5, "Hola.")
    )
    assert (kept.start_ms, kept.end_ms) == (7000, 7000)


def test_utterances_are_not_remembered_for_ever() -> None:
    scene = Scene()
    for number in range(200):
        scene.add(UtteranceStarted(f"u_{number}", ANA))
    assert scene.add(translated(0, 0, 5, "Hola.", "u_0")) == []
    assert scene.add(translated(0, 0, 5, "Hola.", "u_199")) != []
