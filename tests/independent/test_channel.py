"""docs/protocol.md, 4: what a client may send on the `subtitles` channel, and resumption of its messages."""

from __future__ import annotations

import asyncio

import pytest

from .calls import answers, call, check_keys, guest
from .client import Client
from .inbox import Message
from .peer import Peer
from .speech import speech
from .test_subtitles import plain

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PATIENCE_S = 40.0
HOTEL, BANK = "Where is the hotel?", "Where is the bank?"


async def _typed(speaker: Client, listener: Client, text: str = HOTEL) -> Message:
    """Type a text; its transcription as the listener got it."""
    after = len(listener.peer.inbox.received)
    speaker.say(text)
    return await listener.peer.inbox.wait_for("transcription", after=after, final=True, timeout=PATIENCE_S)


async def _said(speaker: Client, listener: Client, text: str = HOTEL) -> Message:
    """Type a text; its `utterance_end` as the listener got it."""
    after = len(listener.peer.inbox.received)
    speaker.say(text)
    return await listener.peer.inbox.wait_for("utterance_end", after=after, timeout=PATIENCE_S)


def _sequence(peer: Peer) -> list[Message]:
    return [r.message for r in peer.inbox.received]


async def test_typed_texts_are_transcribed_word_for_word_in_utterances_of_their_own(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        written = [await _typed(ana, ben, text) for text in (HOTEL, "Zorgle 3.5, ¡ay!")]
        assert [m["text"] for m in written] == [HOTEL, "Zorgle 3.5, ¡ay!"]
        assert {(m["sourceUserId"], m["language"]) for m in written} == {(ana.participant_id, "en")}
        assert written[0]["utteranceId"] < written[1]["utteranceId"]


async def test_typed_text_is_translated_and_spoken(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        assert (await _said(ana, ben, HOTEL))["outcome"] == "spoken"
        finals = ben.peer.inbox.of("translation", final=True)
        assert plain(" ".join(m["translatedText"] for m in finals)) == "dónde está el hotel"
        assert ben.peer.inbox.of("speech_audio", state="start")


async def test_end_utterance_ends_it_without_waiting_for_a_pause(server_url: str) -> None:
    pcm = speech(HOTEL, "en-us")
    async with call(server_url) as (ana, ben):
        ana.end_utterance()  # before anything was said: harmless
        await ana.speak(pcm)
        ana.end_utterance()
        end = await ben.peer.inbox.wait_for("utterance_end", timeout=PATIENCE_S)
        assert (end["sourceUserId"], end["outcome"]) == (ana.participant_id, "spoken")
        assert end["latency"]["endpointMs"] < 400
        (final,) = ben.peer.inbox.of("transcription", final=True)
        assert plain(final["text"]) == plain(HOTEL)
        assert not ana.peer.inbox.of("error")


async def test_start_over_drops_what_was_said_and_nothing_after_it(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.start_over()  # before anything was said: harmless
        await ana.speak(speech(HOTEL, "en-us"))
        ana.start_over()
        end = await ben.peer.inbox.wait_for("utterance_end", timeout=PATIENCE_S)
        assert (end["outcome"], end["reason"]) == ("refused", "start_over")
        assert [m["text"] for m in ben.peer.inbox.of("transcription", final=True)] in ([], [""])
        assert not ben.peer.inbox.of("translation") and not ben.peer.inbox.of("speech_audio")
        await asyncio.sleep(0.5)  # a pause: what is said without one belongs to it
        after = len(ben.peer.inbox.received)
        await ana.speak(speech(BANK, "en-us"))
        end = await ben.peer.inbox.wait_for("utterance_end", after=after, timeout=PATIENCE_S)
        assert end["outcome"] == "spoken"
        finals = [m["text"] for m in ben.peer.inbox.of("transcription", final=True)]
        assert plain(finals[-1]) == plain(BANK)
        assert not ana.peer.inbox.of("error")


async def test_the_partner_alone_is_told_who_types_and_a_sent_text_ends_it(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.typing(True)
        told = await ben.peer.inbox.wait_for("typing")
        check_keys(told, "seq type sourceUserId on")
        assert (told["sourceUserId"], told["on"]) == (ana.participant_id, True)
        await _typed(ana, ben)
        await ben.peer.inbox.wait_for("typing", on=False)
        assert not ana.peer.inbox.of("typing") and not ana.peer.inbox.of("error")
        numbers = [m["seq"] for m in _sequence(ben.peer)]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("by_channel", [True, False])
async def test_set_language_holds_from_the_next_utterance(server_url: str, by_channel: bool) -> None:
    async with call(server_url) as (ana, ben):
        await ben.set_language("en", by_channel=by_channel)
        told = await ana.signal.inbox.wait_for("partner_language")
        assert (told["participantId"], told["language"]) == (ben.participant_id, "en")
        assert (await _said(ana, ben))["outcome"] == "not_needed"
        await ben.set_language("es", by_channel=by_channel)
        await ana.signal.inbox.wait_for("partner_language", language="es")
        await _typed(ana, ben)
        await ben.peer.inbox.wait_for("translation", targetLanguage="es")


async def test_later_set_language_wins_over_socket_and_channel(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ben.set_language("en")
        await ana.signal.inbox.wait_for("partner_language", language="en")
        await ben.set_language("es", by_channel=True)
        await ana.signal.inbox.wait_for("partner_language", language="es")
        languages = {p["participantId"]: p["language"] for p in (await ana.get())["participants"]}
        assert languages[ben.participant_id] == "es"


async def test_unsupported_language_on_the_channel_is_refused(server_url: str) -> None:
    """The page does not say whether the refusal comes on the channel or on the socket."""
    async with call(server_url) as (ana, ben):
        await ana.set_language("tlh", by_channel=True)
        assert (await _typed(ana, ben))["language"] == "en"
        await answers(ana.signal)
        errors = ana.peer.inbox.of("error") + ana.signal.inbox.of("error")
        assert [error["code"] for error in errors] == ["unsupported_language"]
        assert not ben.signal.inbox.of("partner_language")


async def test_unknown_type_on_the_channel_is_an_error_and_it_stays(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.peer.send("dance")
        error = await ana.peer.inbox.wait_for("error")
        check_keys(error, "seq type code message")
        assert error["code"] == "unknown_type"
        await _typed(ana, ben)


@pytest.mark.parametrize("text", ["{", "[]", '{"type": 5}', '{"type": "say"}'])
async def test_malformed_message_on_the_channel_is_bad_request(server_url: str, text: str) -> None:
    async with call(server_url) as (ana, ben):
        ana.peer.channel.send(text)
        assert (await ana.peer.inbox.wait_for("error"))["code"] == "bad_request"
        await _typed(ana, ben)


async def test_message_over_64_kib_on_the_channel_is_too_large(server_url: str) -> None:
    async with call(server_url) as (ana, _):
        assert "a=max-message-size:65536" in ana.peer.answer["sdp"]
        assert ana.peer.connection.sctp is not None
        ana.peer.connection.sctp._remote_max_message_size = 0  # a client that does not keep to it
        ana.say("x" * 65_536)
        assert (await ana.peer.inbox.wait_for("error"))["code"] == "too_large"


async def test_client_stats_are_taken_silently(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        stats = {"rttMs": 12.5, "jitterMs": 3, "packetsLost": 0, "concealedMs": 0, "playoutDelayMs": 60}
        ana.peer.send("client_stats", **stats)
        ana.peer.send("client_stats", **stats, heardLatencyMs=900)
        await _typed(ana, ben)
        await ana.peer.inbox.wait_for("transcription")
        assert not ana.peer.inbox.of("error")


async def test_nothing_is_recognised_before_pairing(server_url: str) -> None:
    pcm = speech(HOTEL, "en-us")
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        await ana.speak(pcm)
        await asyncio.sleep(1)
        await ben.join(ana.session_code, "es")
        await ben.connect()
        await ben.offer()
        assert (await _typed(ben, ana, "¿Dónde está la farmacia?"))["sourceUserId"] == ben.participant_id
        await asyncio.sleep(1)
        for one in (ana, ben):
            heard = one.peer.inbox.of("transcription") + one.peer.inbox.of("utterance_end")
            assert {m["sourceUserId"] for m in heard} == {ben.participant_id}


async def test_resume_repeats_what_came_after_but_only_final_texts(server_url: str) -> None:
    pcm = speech(HOTEL, "en-us")
    async with call(server_url) as (ana, ben):
        await ana.speak(pcm)
        await ben.peer.inbox.wait_for("utterance_end", timeout=PATIENCE_S)
        await _said(ana, ben, BANK)
        known = {m["seq"]: m for m in _sequence(ben.peer)}
        assert [m for m in known.values() if m["type"] == "transcription" and not m["final"]]
        texts = [m for m in known.values() if m["type"] in {"transcription", "translation"} and m["final"]]
        ends = [m["seq"] for m in known.values() if m["type"] == "utterance_end"]
        for last in (0, ends[0]):
            peer = await ben.offer(last_seq=last)
            await peer.inbox.wait_for("utterance_end", seq=ends[1])
            replayed = _sequence(peer)
            assert [m["seq"] for m in replayed] == sorted({m["seq"] for m in replayed})
            assert all(m["seq"] > last and m == known.get(m["seq"], m) for m in replayed)
            got = [m for m in replayed if m["type"] in {"transcription", "translation"}]
            assert got == [m for m in texts if m["seq"] > last]
        last = ben.last_seq
        peer = await ben.offer()
        await _typed(ana, ben)
        assert _sequence(peer)[0]["seq"] == last + 1, "what is known already is repeated"


async def test_resume_after_a_dropped_socket_brings_what_was_missed(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await _said(ana, ben, HOTEL)
        last = ben.last_seq
        await ben.peer.close()
        await ben.signal.close()
        await ana.signal.inbox.wait_for("partner_disconnected", timeout=12)
        await _typed(ana, ana, BANK)
        await ben.resume()
        peer = await ben.offer()
        await peer.inbox.wait_for("utterance_end", timeout=PATIENCE_S)
        assert all(m["seq"] > last for m in _sequence(peer))
        assert [m["text"] for m in peer.inbox.of("transcription")] == [BANK]
        assert [m["translatedText"] for m in peer.inbox.of("translation")] == ["¿Dónde está el banco?"]
