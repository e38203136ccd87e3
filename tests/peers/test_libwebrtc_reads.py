"""libwebrtc without a browser: the subtitles of a call, before and after a new connection in its middle."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from .recording import AFTER, HELD, HOTEL, MEANWHILE, PHARMACY, TYPED, Recording

pytestmark = pytest.mark.real_time

ALL = (HOTEL, PHARMACY, TYPED, HELD, MEANWHILE, AFTER)


def finals(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["final"]]


def test_both_read_every_sentence_in_both_languages(recorded: Recording) -> None:
    for party in recorded.both:
        assert [m["text"] for m in finals(party.of("transcription"))] == [one.text for one in ALL]
        assert [m["translatedText"] for m in finals(party.of("translation"))] == [one.translation for one in ALL]


def test_segments_tile_the_transcript(recorded: Recording) -> None:
    for party in recorded.both:
        for text in finals(party.of("transcription")):
            parts = finals(party.of("translation", utteranceId=text["utteranceId"]))
            edges = [0, *(edge for part in parts for edge in (part["sourceStart"], part["sourceEnd"]))]
            assert edges[0::2][: len(parts)] == edges[1::2]
            assert edges[-1] == len(text["text"].encode("utf-16-le")) // 2
            assert "".join(part["originalText"] for part in parts) == text["text"]


def test_every_utterance_ends_once_and_was_spoken(recorded: Recording) -> None:
    for party in recorded.both:
        ends = party.of("utterance_end")
        assert [end["outcome"] for end in ends] == ["spoken"] * len(ALL)
        assert set(Counter(end["utteranceId"] for end in ends).values()) == {1}


def test_nothing_is_lost_or_double_across_connections(recorded: Recording) -> None:
    """Ben's connection was replaced while Ana spoke: the one list goes on in the other. Texts that were not final
    may be missing where the old connection had not brought them."""
    for party in recorded.both:
        numbers = [message["seq"] for message in party.of()]
        assert numbers[0] == 1 and numbers == sorted(set(numbers))
        assert not party.of("error")
        if len(party.answers) == 1:
            assert numbers[-1] == len(numbers)
    told = {party.name: _settled(party.of()) for party in recorded.both}
    assert told["ana"] == told["ben"]
    by_connection: defaultdict[int, int] = defaultdict(int)
    for event in recorded.ben.peer.events:
        if event["event"] == "channel" and not event["seen"]:
            by_connection[event["negotiation"]] += 1
    assert set(by_connection) == {1, 2}, "one of the connections brought nothing"


def _settled(messages: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Messages that must reach both in order, whatever happens to a connection."""
    kept = []
    for m in messages:
        if m["type"] in {"transcription", "translation"} and m["final"]:
            kept.append((m["type"], m["utteranceId"], m.get("translatedText") or m["text"]))
        elif m["type"] == "utterance_end":
            kept.append((m["type"], m["utteranceId"], m["outcome"]))
    return kept


def test_push_to_talk_ends_the_utterance_at_once(recorded: Recording) -> None:
    ends = {end["utteranceId"]: end for end in recorded.ben.of("utterance_end")}
    texts = {m["text"]: m["utteranceId"] for m in finals(recorded.ben.of("transcription"))}
    assert ends[texts[HELD.text]]["latency"]["endpointMs"] < 400


def test_who_types_is_shown_to_the_other_until_the_text_is_sent(recorded: Recording) -> None:
    speaker, listener = recorded.sides(TYPED)
    assert [(m["sourceUserId"], m["on"]) for m in listener.of("typing")] == [
        (speaker.participant_id, True),
        (speaker.participant_id, False),
    ]
    assert not speaker.of("typing")


def test_typed_text_comes_back_with_its_id(recorded: Recording) -> None:
    assert {m["text"] for m in recorded.ana.of("transcription", clientId="typed-1")} == {TYPED.text}


def test_a_new_connection_is_no_event_for_the_partner(recorded: Recording) -> None:
    assert not recorded.ana.peer.messages("socket", "partner_disconnected")
    assert [answer["negotiation"] for answer in recorded.ben.answers] == [1, 2]


def test_lines_are_told_by_their_mids(recorded: Recording) -> None:
    for party, partner in (recorded.both, recorded.both[::-1]):
        for answer in party.answers:
            assert [(t["kind"], t["participantId"]) for t in answer["tracks"]] == [
                ("interpreter", partner.participant_id),
                ("original", partner.participant_id),
            ]


def test_the_session_says_who_was_there(recorded: Recording) -> None:
    assert recorded.session["status"] == "active"
    assert {(p["displayName"], p["language"], p["connected"]) for p in recorded.session["participants"]} == {
        ("Ana", "en", True),
        ("Ben", "es", True),
    }


def test_deleting_ends_it_for_both(recorded: Recording) -> None:
    for party in recorded.both:
        (ended,) = party.peer.messages("socket", "session_ended")
        assert ended["reason"] == "deleted"
        (closed,) = (event for event in party.peer.events if event["event"] == "closed")
        assert closed["code"] == 1000
    assert recorded.metrics["utterances"] == recorded.metrics["spoken"] == len(ALL)
    assert recorded.metrics["failed"] == 0


def test_client_stats_reach_the_metrics(recorded: Recording) -> None:
    for party in recorded.both:
        heard = recorded.metrics["quality"][party.participant_id]["heard"]
        assert 0 < heard["playoutDelayMs"] < 400
        assert heard["concealedMs"] is not None
