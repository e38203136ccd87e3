"""The observers at a room's edge: all are called, in order, whatever one of them does."""

from __future__ import annotations

import pytest

from media.events import (
    ClientStatusChanged,
    DatagramsRefused,
    FailureContained,
    HeardLatencyReported,
    LanguageChanged,
    MediaConnected,
    MediaLost,
    MicrophoneFault,
    MicrophoneFaulted,
    RefusalCode,
    RoomEvent,
    Seam,
    StatusReason,
    TracksChanged,
)
from media.observers import Observers, context_of
from pipeline.context import Context
from pipeline.events import (
    EngineFailed,
    LanguageDetected,
    LoadChanged,
    PlaybackFailed,
    Speculated,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceStarted,
)
from pipeline.speech import Segment
from signaling.refusal import Code


def test_all_are_called_in_order_with_the_context() -> None:
    seen: list[tuple[str, Context, RoomEvent]] = []
    observers = Observers(
        "s-1", [lambda context, event, name=name: seen.append((name, context, event)) for name in ("first", "second")]
    )
    event = UtteranceStarted("u-1", "ann")
    observers.emit(event)
    assert seen == [(name, Context("s-1", "ann", "u-1"), event) for name in ("first", "second")]


def test_one_that_raises_is_logged_and_keeps_nobody_from_the_event(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[RoomEvent] = []

    def fail(context: Context, event: RoomEvent) -> None:
        raise ValueError("no disk")

    observers = Observers("s-1", [fail, lambda context, event: seen.append(event)])
    observers.emit(MediaConnected("ann"))
    observers.emit(MediaLost("ann", "closed"))
    counted = FailureContained("ann", Seam.OBSERVER)
    assert seen == [MediaConnected("ann"), counted, MediaLost("ann", "closed"), counted]
    assert [record.getMessage() for record in caplog.records] == ["an observer failed"] * 2
    assert "no disk" in caplog.text and vars(caplog.records[0])["session"] == "s-1"


def test_one_that_always_raises_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A contained failure may come with every frame: each is emitted to observers, of which one may fail itself."""

    class Broken:
        __hash__ = None  # type: ignore[assignment]

        def observe(self, context: Context, event: RoomEvent) -> None:
            raise ValueError("no disk")

    seen: list[RoomEvent] = []
    observers = Observers("s-1", [Broken().observe, lambda context, event: seen.append(event)])
    for _ in range(1000):
        observers.emit(FailureContained("ann", Seam.VOICE))
    assert [vars(record)["count"] for record in caplog.records] == [2**n for n in range(10)]
    assert len(seen) == 1000


@pytest.mark.parametrize(
    ("event", "context"),
    [
        (MediaConnected("ann"), Context("s", "ann")),
        (TracksChanged("ann", ()), Context("s", "ann")),
        (LanguageChanged("ann", "es"), Context("s", "ann")),
        (FailureContained("ann", Seam.VOICE), Context("s", "ann")),
        (DatagramsRefused("ann", 3), Context("s", "ann")),
        (HeardLatencyReported("ann", 900.0), Context("s", "ann")),
        (MicrophoneFaulted("ann", MicrophoneFault.NOT_OPUS, 3), Context("s", "ann")),
        (
            ClientStatusChanged("ann", StatusReason.AUDIO_NOT_DECODED, False, "no Opus", True),
            Context("s", "ann"),
        ),
        (LanguageDetected("ann", "es"), Context("s", "ann")),
        (UtteranceStarted("u", "ann"), Context("s", "ann", "u")),
        (EngineFailed("u", "ann", "mt", "x"), Context("s", "ann", "u")),
        (Transcribed("u", "ann", 0, "Hola.", 0, False, "es", 0, 0, 1.0), Context("s", "ann", "u")),
        (
            Translated("u", "ann", ("bob",), Segment(2, 0, 5, "Hola."), 0, True, "Hello.", "es", "en", 0.0),
            Context("s", "ann", "u", 2),
        ),
        (SpeechPlayed("u", "ann", "bob", 2, "start"), Context("s", "ann", "u", 2)),
        (PlaybackFailed("u", "ann", "bob", 2), Context("s", "ann", "u", 2)),
        (Speculated("ann", "en", True), Context("s", "ann")),
        (LoadChanged("ann", "busy", 10.0), Context("s", "ann")),
    ],
)
def test_the_context_of_an_event_is_its_speaker_utterance_and_segment(event: RoomEvent, context: Context) -> None:
    assert context_of("s", event) == context


def test_a_rooms_codes_are_the_protocols() -> None:
    assert set(RefusalCode) <= {code.value for code in Code}
