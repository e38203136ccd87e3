"""PROTOCOL 4: what a client may send on the `subtitles` channel, and resumption of its messages."""

from __future__ import annotations

import asyncio

import pytest

from .calls import call, check_keys, connected, guest
from .client import Client
from .inbox import Message
from .peer import Peer
from .speech import speech
from .test_protocol_subtitles import plain

PATIENCE_S = 40.0


async def _said(speaker: Client, listener: Client, text: str) -> Message:
    """Type a text; its `utterance_end` as the listener got it."""
    after = len(listener.peer.inbox.received)
    speaker.say(text)
    return await listener.peer.inbox.wait_for("utterance_end", after=after, timeout=PATIENCE_S)


def _sequence(peer: Peer) -> list[Message]:
    return [r.message for r in peer.inbox.received]


@pytest.mark.parametrize("text", ["Good morning.", "How much is it?"])
async def test_typed_text_is_transcribed_word_for_word(server_url: str, text: str) -> None:
    async with call(server_url) as (ana, ben):
        end = await _said(ana, ben, text)
        assert end["sourceUserId"] == ana.participant_id
        (final,) = ben.peer.inbox.of("transcription", final=True)
        assert (final["text"], final["language"]) == (text, "en")
        assert final["utteranceId"] == end["utteranceId"]


async def test_typed_text_is_translated_and_spoken(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        end = await _said(ana, ben, "Good morning.")
        assert end["outcome"] == "spoken"
        finals = ben.peer.inbox.of("translation", final=True)
        assert plain(" ".join(m["translatedText"] for m in finals)) == "buenos días"
        assert ben.peer.inbox.of("speech_audio", state="start")


async def test_typed_texts_are_utterances_each_of_its_own(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        first = await _said(ana, ben, "Good morning.")
        second = await _said(ana, ben, "How much is it?")
        assert first["utteranceId"] < second["utteranceId"]


async def test_end_utterance_ends_it_without_waiting_for_a_pause(server_url: str) -> None:
    pcm = speech("How much is it?", "en-us")
    async with call(server_url) as (ana, ben):
        await ana.speak(pcm)
        ana.end_utterance()
        end = await ben.peer.inbox.wait_for("utterance_end", timeout=PATIENCE_S)
        assert end["sourceUserId"] == ana.participant_id
        (final,) = ben.peer.inbox.of("transcription", final=True)
        assert plain(final["text"]) == "how much is it"


async def test_end_utterance_with_nothing_said_is_harmless(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.end_utterance()
        assert (await _said(ana, ben, "Good morning."))["outcome"] == "spoken"
        assert not ana.peer.inbox.of("error")


@pytest.mark.parametrize("by_channel", [True, False])
async def test_set_language_holds_from_the_next_utterance(server_url: str, by_channel: bool) -> None:
    async with call(server_url) as (ana, ben):
        await ben.set_language("en", by_channel=by_channel)
        told = await ana.signal.inbox.wait_for("partner_language")
        assert (told["participantId"], told["language"]) == (ben.participant_id, "en")
        assert (await _said(ana, ben, "Good morning."))["outcome"] == "not_needed"
        await ben.set_language("es", by_channel=by_channel)
        await ana.signal.inbox.wait_for("partner_language", language="es")
        assert (await _said(ana, ben, "Good morning."))["outcome"] == "spoken"


async def test_later_set_language_wins_over_socket_and_channel(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ben.set_language("en")
        await ana.signal.inbox.wait_for("partner_language", language="en")
        await ben.set_language("es", by_channel=True)
        await ana.signal.inbox.wait_for("partner_language", language="es")
        languages = {p["participantId"]: p["language"] for p in (await ana.get())["participants"]}
        assert languages[ben.participant_id] == "es"


async def test_unsupported_language_on_the_channel_is_an_error_there(server_url: str) -> None:
    async with call(server_url) as (ana, _):
        await ana.set_language("tlh", by_channel=True)
        error = await ana.peer.inbox.wait_for("error")
        assert error["code"] == "unsupported_language"


async def test_unknown_type_on_the_channel_is_an_error_and_it_stays(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.peer.send("dance")
        error = await ana.peer.inbox.wait_for("error")
        check_keys(error, "seq type code message")
        assert error["code"] == "unknown_type"
        await _said(ana, ben, "Good morning.")


@pytest.mark.parametrize("text", ["{", "[]", '{"type": 5}', '{"type": "say"}'])
async def test_malformed_message_on_the_channel_is_bad_request(server_url: str, text: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.peer.channel.send(text)
        assert (await ana.peer.inbox.wait_for("error"))["code"] == "bad_request"
        await _said(ana, ben, "Good morning.")


async def test_message_over_64_kib_on_the_channel_is_too_large(server_url: str) -> None:
    async with call(server_url) as (ana, _):
        ana.say("x" * 65_536)
        assert (await ana.peer.inbox.wait_for("error"))["code"] == "too_large"


async def test_client_stats_are_taken_silently(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        stats = {"rttMs": 12.5, "jitterMs": 3, "packetsLost": 0, "concealedMs": 0, "playoutDelayMs": 60}
        ana.peer.send("client_stats", **stats)
        ana.peer.send("client_stats", **stats, heardLatencyMs=900)
        await _said(ana, ben, "Good morning.")
        assert not ana.peer.inbox.of("error")


async def test_nothing_is_recognised_before_pairing(server_url: str) -> None:
    pcm = speech("Good morning.", "en-us")
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        await ana.speak(pcm)
        await asyncio.sleep(3)
        await ben.join(ana.session_code, "es")
        await ben.connect()
        await ben.offer()
        await asyncio.sleep(2)
        for one in (ana, ben):
            assert not one.peer.inbox.of("transcription") and not one.peer.inbox.of("utterance_end")


async def test_resume_from_the_last_number_repeats_nothing(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await _said(ana, ben, "Good morning.")
        await asyncio.sleep(1)
        last = ben.last_seq
        peer = await ben.offer()
        await _said(ana, ben, "How much is it?")
        assert _sequence(peer)[0]["seq"] == last + 1


async def test_resume_repeats_what_came_after_but_only_final_texts(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await _said(ana, ben, "Good morning.")
        await _said(ana, ben, "How much is it?")
        await asyncio.sleep(1)
        known = {m["seq"]: m for m in _sequence(ben.peer)}
        middle = min(m["seq"] for m in known.values() if m["type"] == "utterance_end")
        peer = await ben.offer(last_seq=middle)
        await peer.inbox.wait_for("utterance_end")
        await asyncio.sleep(1)
        replayed = _sequence(peer)
        assert [m["seq"] for m in replayed] == sorted({m["seq"] for m in replayed})
        assert all(m["seq"] > middle and m == known.get(m["seq"], m) for m in replayed)
        assert all(m["final"] for m in replayed if m["type"] in {"transcription", "translation"})
        wanted = [
            m["seq"]
            for m in known.values()
            if m["seq"] > middle and m["type"] in {"transcription", "translation"} and m["final"]
        ]
        assert {m["seq"] for m in replayed} >= set(wanted)


async def test_resume_from_zero_repeats_all_final_texts(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await _said(ana, ben, "Good morning.")
        await asyncio.sleep(1)
        texts = [m for m in _sequence(ben.peer) if m["type"] == "translation" and m["final"]]
        peer = await ben.offer(last_seq=0)
        await peer.inbox.wait_for("utterance_end")
        assert peer.inbox.of("translation") == texts


async def test_resume_after_a_dropped_socket_brings_what_was_missed(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await _said(ana, ben, "Good morning.")
        await asyncio.sleep(1)
        last = ben.last_seq
        await ben.peer.close()
        await ben.signal.socket.close()
        after = len(ana.peer.inbox.received)
        ana.say("How much is it?")
        await ana.peer.inbox.wait_for("utterance_end", after=after, timeout=PATIENCE_S)
        await ben.resume()
        peer = await ben.offer()
        await peer.inbox.wait_for("utterance_end")
        assert all(m["seq"] > last for m in _sequence(peer))
        assert [m["text"] for m in peer.inbox.of("transcription")] == ["How much is it?"]


async def test_history_keeps_what_was_said_once_both_agreed(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        for one in (ana, ben):
            await one.signal.send("set_history", on=True)
        await ana.signal.inbox.wait_for("history", on=True)
        await _said(ana, ben, "Good morning.")
        await asyncio.sleep(1)
        kept = (await ben.call("GET", f"/sessions/{ben.session_id}/history?limit=10&offset=0")).body
        assert kept["total"] == len(kept["translations"]) == 1
        nothing = (await ben.call("GET", f"/sessions/{ben.session_id}/history?limit=10&offset=1")).body
        assert (nothing["total"], nothing["translations"]) == (1, [])


@pytest.mark.parametrize(("form", "beginning"), [("vtt", "WEBVTT"), ("srt", "1\n"), ("txt", ""), ("json", "")])
async def test_transcript_of_a_session_both_agreed_to_keep(server_url: str, form: str, beginning: str) -> None:
    async with call(server_url) as (ana, ben):
        for one in (ana, ben):
            await one.signal.send("set_history", on=True)
        await ana.signal.inbox.wait_for("history", on=True)
        await _said(ana, ben, "Good morning.")
        await asyncio.sleep(1)
        body = (await ana.call("GET", f"/sessions/{ana.session_id}/transcript?format={form}")).body
        text = str(body).replace("\r\n", "\n")
        assert text.startswith(beginning)
        assert "Good morning" in text


async def test_history_consent_needs_both(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ana.offer()
        await ben.offer()
        await ana.signal.send("set_history", on=True)
        await ana.signal.inbox.wait_for("history")
        await _said(ana, ben, "Good morning.")
        kept = (await ana.call("GET", f"/sessions/{ana.session_id}/history")).body
        assert kept == {"translations": [], "total": 0}
