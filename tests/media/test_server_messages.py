"""Facts as messages: every field of the protocol, with lengths as JavaScript counts them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.subtitles.server_messages import Message, ServerMessages, is_lasting
from pipeline.events import (
    EngineFailed,
    Event,
    Latency,
    LoadChanged,
    Outcome,
    ProcessingEnded,
    ProcessingStarted,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.text.segmenter import segment
from wire.strict_json import utf16_length

HEARD = Transcribed("u-1", "ann", 2, "Hello 🦊 there.", 7, True, "en", 1200, 2400, 0.87654)
PART = segment("Hello 🦊 there.")[0]
TRANSLATED = Translated("u-1", "ann", ("bob",), PART, 0, True, "Hola 🦊.", "en", "es", 99.5)
ENDED = UtteranceEnded("u-1", "ann", "es", ("bob",), Outcome.SPOKEN, Latency(500.04, 120.0, 30.0, 8.0, -250.5))


def wire(receiver: str = "bob") -> ServerMessages:
    return ServerMessages("s-1", receiver, now=lambda: 100.0, wall_ms=lambda: 1_700_000_000_123)


def written(event: Event, receiver: str = "bob") -> Message:
    message = wire(receiver).write(event)
    assert message is not None
    return message


def js(text: str, start: int, end: int) -> str:
    """`text.slice(start, end)` of JavaScript."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_a_transcription() -> None:
    assert written(HEARD) == {
        "type": "transcription",
        "sessionId": "s-1",
        "utteranceId": "u-1",
        "revision": 2,
        "final": True,
        "sourceUserId": "ann",
        "text": "Hello 🦊 there.",
        "stableLength": 8,  # "Hello 🦊", the fox counts two
        "language": "en",
        "startMs": 1200,
        "endMs": 2400,
        "confidence": 0.877,
    }
    assert written(replace(HEARD, client_id="mine"))["clientId"] == "mine"


def test_a_translation() -> None:
    assert written(TRANSLATED) == {
        "type": "translation",
        "sessionId": "s-1",
        "utteranceId": "u-1",
        "segment": 0,
        "revision": 0,
        "final": True,
        "sourceUserId": "ann",
        "targetUserId": "bob",
        "originalText": "Hello 🦊 there.",
        "sourceStart": 0,
        "sourceEnd": 15,
        "translatedText": "Hola 🦊.",
        "sourceLanguage": "en",
        "targetLanguage": "es",
        "timestamp": 1_700_000_000_123,
        "latency": 500,
    }


@pytest.mark.parametrize(("receiver", "target"), [("bob", "bob"), ("cy", "cy"), ("ann", "bob")])
def test_each_listener_is_the_target_of_its_own_and_the_speaker_sees_the_first(receiver: str, target: str) -> None:
    for event in (replace(TRANSLATED, listeners=("bob", "cy")), replace(ENDED, listeners=("bob", "cy"))):
        assert written(event, receiver)["targetUserId"] == target


def test_the_end_of_an_utterance() -> None:
    assert written(ENDED) == {
        "type": "utterance_end",
        "utteranceId": "u-1",
        "sourceUserId": "ann",
        "targetUserId": "bob",
        "outcome": "spoken",
        "latency": {"endpointMs": 500.0, "sttMs": 120.0, "translationMs": 30.0, "ttsMs": 8.0, "firstAudioMs": -250.5},
    }
    message = written(replace(ENDED, outcome=Outcome.FAILED, latency=Latency(500.0), reason="stt"))
    assert (message["outcome"], message["reason"]) == ("failed", "stt")
    assert set(message["latency"].values()) == {500.0, None}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (UtteranceStarted("u-1", "ann"), None),
        (ProcessingStarted("u-1", "ann"), {"type": "processing_start", "utteranceId": "u-1"}),
        (ProcessingEnded("u-1", "ann"), {"type": "processing_end", "utteranceId": "u-1"}),
        (LoadChanged("ann", "busy", 1500.4), {"type": "status", "level": "busy", "lagMs": 1500}),
        (
            LoadChanged("ann", "degraded", 0.0, "stt failed"),
            {"type": "status", "level": "degraded", "lagMs": 0, "message": "stt failed"},
        ),
        (
            SpeechPlayed("u-1", "ann", "bob", 3, "skipped", "behind"),
            {
                "type": "speech_audio",
                "utteranceId": "u-1",
                "segment": 3,
                "sourceUserId": "ann",
                "targetUserId": "bob",
                "state": "skipped",
                "reason": "behind",
            },
        ),
    ],
)
def test_the_other_facts(event: Event, message: Message | None) -> None:
    assert wire().write(event) == message


def test_an_engine_failure_is_told_without_its_details() -> None:
    message = written(EngineFailed("u-1", "ann", "stt", "/secret/path: Traceback"))
    assert (message["type"], message["code"], message["utteranceId"]) == ("error", "engine_failed", "u-1")
    assert "secret" not in message["message"] and "Recognition" in message["message"]


@given(st.text(alphabet="a🦊é. !？。\u200d𝒳", max_size=60))
def test_segments_tile_the_transcript_in_utf16(text: str) -> None:
    ours = wire()
    ours.write(replace(HEARD, text=text))
    position = 0
    for part in segment(text):
        message = ours.write(replace(TRANSLATED, segment=part))
        assert message is not None and message["sourceStart"] == position
        position = message["sourceEnd"]
        assert js(text, message["sourceStart"], position) == message["originalText"] == part.text
    assert position in (0, utf16_length(text))
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def test_a_second_language_has_its_places_too() -> None:
    """The first language's end of an utterance does not forget the text that the second refers to."""
    ours = wire("cy")
    text = "Well 🦊. Now."
    ours.write(replace(HEARD, text=text))
    first, second = segment(text)
    ours.write(replace(TRANSLATED, segment=first))
    ours.write(ENDED)
    message = ours.write(replace(TRANSLATED, segment=second, target="fr", listeners=("cy",)))
    assert message is not None
    assert js(text, message["sourceStart"], message["sourceEnd"]) == " Now."


def test_old_transcripts_are_forgotten() -> None:
    ours = wire()
    for n in range(10_000):
        ours.write(replace(HEARD, utterance=f"u-{n}"))
    assert len(ours._texts) < 100


def test_only_texts_that_are_not_final_may_be_missed() -> None:
    assert is_lasting(written(HEARD)) and is_lasting(written(ENDED)) and is_lasting(written(TRANSLATED))
    assert not is_lasting(written(replace(HEARD, final=False)))
    assert not is_lasting(written(replace(TRANSLATED, final=False)))


def test_what_goes_on_names_what_it_goes_on() -> None:
    assert written(replace(HEARD, continues="u-0"))["continues"] == "u-0"
    assert written(replace(TRANSLATED, continues="u-0"))["continues"] == "u-0"
    assert "continues" not in written(HEARD) and "continues" not in written(TRANSLATED)
