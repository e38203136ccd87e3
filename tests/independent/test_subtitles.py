"""docs/protocol.md, 4: numbering, transcription, translation and the end of an utterance, read off recorded calls."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from .calls import check_keys, check_number
from .inbox import Message
from .recording import ENGLISH, SPANISH, Party, Recording

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

FIELDS = {
    "transcription": (
        "seq type sessionId utteranceId revision final sourceUserId text stableLength language startMs endMs "
        "confidence",
        "clientId continues",  # of a typed line, echoed, so that its writer knows it again; a sentence that goes on
    ),
    "translation": (
        "seq type sessionId utteranceId segment revision final sourceUserId targetUserId originalText "
        "sourceStart sourceEnd translatedText sourceLanguage targetLanguage timestamp latency",
        "held unsure continues",  # no translation came, or one to doubt; one that carries a sentence on
    ),
    "speech_audio": ("seq type utteranceId segment sourceUserId targetUserId state", "reason"),
    "processing_start": ("seq type utteranceId", ""),
    "processing_end": ("seq type utteranceId", ""),
    "utterance_end": ("seq type utteranceId sourceUserId targetUserId outcome latency", "reason"),
    "status": ("seq type level lagMs", "message"),
    "error": ("seq type code message", ""),
}
OUTCOMES = {"spoken", "subtitles_only", "not_needed", "nothing_said", "refused", "failed"}
STAGES = "endpointMs sttMs translationMs ttsMs firstAudioMs"


@pytest.fixture(params=["interpreted", "same_language"])
def recording(request: pytest.FixtureRequest) -> Recording:
    """Each recorded call in turn."""
    value = request.getfixturevalue(request.param)
    assert isinstance(value, Recording)
    return value


def utf16(text: str) -> bytes:
    """Two bytes for each code unit, so that lengths of the protocol are half the bytes."""
    return text.encode("utf-16-le")


def units(text: str, start: int, end: int) -> str:
    """`text[start:end]` in UTF-16 code units; fails where that splits a character."""
    return utf16(text)[2 * start : 2 * end].decode("utf-16-le")


def by_utterance(messages: list[Message]) -> dict[str, list[Message]]:
    grouped: defaultdict[str, list[Message]] = defaultdict(list)
    for message in messages:
        grouped[message["utteranceId"]].append(message)
    return grouped


def by_segment(party: Party) -> dict[tuple[str, str, int], list[Message]]:
    """Translations by utterance, target language and segment."""
    grouped: defaultdict[tuple[str, str, int], list[Message]] = defaultdict(list)
    for message in party.of("translation"):
        grouped[message["utteranceId"], message["targetLanguage"], message["segment"]].append(message)
    return grouped


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()


def test_seq_counts_from_one_and_rises_by_one(recording: Recording) -> None:
    for party in recording.both:
        numbers = [r.message["seq"] for r in party.channel]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_message_has_the_fields_of_its_type(recording: Recording) -> None:
    for party in recording.both:
        for received in party.channel:
            check_keys(received.message, *FIELDS[received.message["type"]])


def test_every_utterance_that_was_spoken_or_typed_has_ended(recording: Recording) -> None:
    for party in recording.both:
        assert len(party.of("utterance_end")) >= 4


def test_participants_are_named_by_participant_id(recording: Recording) -> None:
    known = {party.participant_id for party in recording.both}
    for party in recording.both:
        for received in party.channel:
            named = {received.message[k] for k in ("sourceUserId", "targetUserId") if k in received.message}
            assert named <= known
            assert len(named) == len({"sourceUserId", "targetUserId"} & set(received.message))


def test_session_id_is_that_of_the_call(recording: Recording) -> None:
    for party in recording.both:
        for message in party.of("transcription", "translation"):
            assert message["sessionId"] == recording.session_id


def test_both_get_the_transcriptions_of_both(recording: Recording) -> None:
    seen = [
        [(m["utteranceId"], m["sourceUserId"], m["text"]) for m in party.of("transcription") if m["final"]]
        for party in recording.both
    ]
    assert sorted(seen[0]) == sorted(seen[1])
    assert {source for _, source, _ in seen[0]} == {party.participant_id for party in recording.both}


def test_utterance_ids_sort_in_speaking_order(recording: Recording) -> None:
    for speaker in recording.both:
        ids = recording.ana.utterances_of(speaker)
        assert ids and ids == sorted(ids)


def test_utterance_id_belongs_to_one_speaker(recording: Recording) -> None:
    ana, ben = (set(recording.ana.utterances_of(speaker)) for speaker in recording.both)
    assert not ana & ben


def test_transcription_revisions_count_from_zero(recording: Recording) -> None:
    for party in recording.both:
        for messages in by_utterance(party.of("transcription")).values():
            assert [m["revision"] for m in messages] == list(range(len(messages)))


def test_stable_text_never_changes_later(recording: Recording) -> None:
    for party in recording.both:
        for messages in by_utterance(party.of("transcription")).values():
            for at, message in enumerate(messages):
                assert 0 <= 2 * message["stableLength"] <= len(utf16(message["text"]))
                stable = units(message["text"], 0, message["stableLength"])
                assert all(later["text"].startswith(stable) for later in messages[at:])


def test_transcription_is_final_once_and_last(recording: Recording) -> None:
    for party in recording.both:
        for messages in by_utterance(party.of("transcription")).values():
            assert [m["final"] for m in messages] == [False] * (len(messages) - 1) + [True]


def test_transcription_is_in_the_speakers_language(recording: Recording) -> None:
    languages = {party.participant_id: party.language for party in recording.both}
    for party in recording.both:
        for message in party.of("transcription"):
            assert message["language"] == languages[message["sourceUserId"]]


def test_utterance_times_count_from_the_start_of_the_session(recording: Recording) -> None:
    length = recording.ended_ms - recording.started_at
    for party in recording.both:
        for messages in by_utterance(party.of("transcription")).values():
            final = messages[-1]
            assert 0 <= final["startMs"] <= final["endMs"] <= length + 1000


def test_utterance_time_is_when_it_was_spoken(recording: Recording) -> None:
    marks, ana = recording.marks, recording.ana
    finals = [m for m in ana.of("transcription") if m["final"] and m["sourceUserId"] == ana.participant_id]
    apart = finals[1]["startMs"] - finals[0]["startMs"]
    assert abs(apart - 1000 * (marks["second"] - marks["first"])) < 700


def test_confidence_is_a_share(recording: Recording) -> None:
    for party in recording.both:
        for message in party.of("transcription"):
            check_number(message["confidence"], null=True)
            assert message["confidence"] is None or 0 <= message["confidence"] <= 1


def test_spoken_words_are_understood(interpreted: Recording) -> None:
    texts = [plain(m["text"]) for m in interpreted.ben.of("transcription") if m["final"]]
    for said in (*ENGLISH, SPANISH):
        assert plain(said) in texts


def test_translation_segments_count_from_zero(interpreted: Recording) -> None:
    for party in interpreted.both:
        for messages in by_utterance(party.of("translation")).values():
            segments = list(dict.fromkeys(m["segment"] for m in messages))
            assert sorted(segments) == list(range(len(segments)))


def test_translation_revisions_count_from_zero_in_each_segment(interpreted: Recording) -> None:
    for party in interpreted.both:
        for messages in by_segment(party).values():
            assert [m["revision"] for m in messages] == list(range(len(messages)))


def test_translation_is_final_once_and_last_in_each_segment(interpreted: Recording) -> None:
    for party in interpreted.both:
        assert by_segment(party)
        for messages in by_segment(party).values():
            assert [m["final"] for m in messages] == [False] * (len(messages) - 1) + [True]


def test_original_text_is_that_part_of_the_transcript(interpreted: Recording) -> None:
    for party in interpreted.both:
        transcripts = {m["utteranceId"]: m["text"] for m in party.of("transcription") if m["final"]}
        for message in (m for m in party.of("translation") if m["final"]):
            text = transcripts[message["utteranceId"]]
            assert message["originalText"] == units(text, message["sourceStart"], message["sourceEnd"])


def test_segments_tile_the_final_transcript(interpreted: Recording) -> None:
    for party in interpreted.both:
        transcripts = {m["utteranceId"]: m["text"] for m in party.of("transcription") if m["final"]}
        for utterance, messages in by_utterance(party.of("translation")).items():
            finals = sorted((m for m in messages if m["final"]), key=lambda m: int(m["segment"]))
            edges = [0, *(edge for m in finals for edge in (m["sourceStart"], m["sourceEnd"]))]
            assert all(first == second for first, second in zip(edges[0::2], edges[1::2], strict=False))
            assert edges[-1] == len(utf16(transcripts[utterance])) // 2


def test_translation_goes_from_one_language_to_the_other(interpreted: Recording) -> None:
    languages = {party.participant_id: party.language for party in interpreted.both}
    for party in interpreted.both:
        for message in party.of("translation"):
            assert message["sourceUserId"] != message["targetUserId"]
            assert message["sourceLanguage"] == languages[message["sourceUserId"]]
            assert message["targetLanguage"] == languages[message["targetUserId"]]


def test_both_get_the_same_translations(interpreted: Recording) -> None:
    seen = [
        sorted((m["utteranceId"], m["segment"], m["translatedText"]) for m in party.of("translation") if m["final"])
        for party in interpreted.both
    ]
    assert seen[0] == seen[1]


def test_translation_says_when_it_was_sent(interpreted: Recording) -> None:
    for party in interpreted.both:
        stamps = [m["timestamp"] for m in party.of("translation")]
        assert all(interpreted.began_ms <= stamp <= interpreted.ended_ms for stamp in stamps)
        assert all(earlier <= later for earlier, later in pairwise(stamps))
        for message in party.of("translation"):
            check_number(message["latency"], null=True)
            assert message["latency"] is None or 0 <= message["latency"] < 30_000


def test_utterance_end_comes_once_and_last(recording: Recording) -> None:
    for party in recording.both:
        named = [r.message for r in party.channel if "utteranceId" in r.message]
        for messages in by_utterance(named).values():
            ends = [m for m in messages if m["type"] == "utterance_end"]
            assert len(ends) == 1
            assert messages[-1] is ends[0]


def test_utterance_end_has_an_outcome_and_all_stages(recording: Recording) -> None:
    for party in recording.both:
        for message in party.of("utterance_end"):
            assert message["outcome"] in OUTCOMES
            check_keys(message["latency"], STAGES)
            for value in message["latency"].values():
                check_number(value, null=True)


def test_interpreted_utterances_are_spoken_with_a_first_audio_time(interpreted: Recording) -> None:
    for party in interpreted.both:
        for message in party.of("utterance_end"):
            assert message["outcome"] == "spoken", message
            check_number(message["latency"]["translationMs"])
            check_number(message["latency"]["ttsMs"])
        for message in party.of("utterance_end")[:3]:
            check_number(message["latency"]["firstAudioMs"])
            check_number(message["latency"]["sttMs"])


def test_processing_starts_before_it_ends(recording: Recording) -> None:
    for party in recording.both:
        for messages in by_utterance(party.of("processing_start", "processing_end")).values():
            kinds = [m["type"] for m in messages]
            assert kinds == ["processing_start", "processing_end"] * (len(kinds) // 2)


def test_same_language_is_not_translated(same_language: Recording) -> None:
    for party in same_language.both:
        assert not party.of("translation")
        assert not [m for m in party.of("speech_audio") if m["state"] != "skipped"]
        assert {m["outcome"] for m in party.of("utterance_end")} == {"not_needed"}


def test_stages_that_did_not_run_are_null(same_language: Recording) -> None:
    for message in same_language.ana.of("utterance_end"):
        latency = message["latency"]
        assert latency["translationMs"] is latency["ttsMs"] is latency["firstAudioMs"] is None
