"""A real call of one: what is said comes back translated, as sound and as subtitles, and a viewer reads along."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest

from testing.words import share_heard
from tests.independent.speech import speech
from tests.kit.extent import LONG, extent
from tests.kit.packet_caller import PATIENCE, Caller, calling
from tests.kit.subtitles_reader import reading
from tests.kit.tones import decoded, encoded
from tests.peers.ears import Recognise, for_recognition, trimmed

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

SENTENCE, MEANT = "Where is the hotel?", "¿Dónde está el hotel?"
UNDERSTOOD = 0.8  # of the words
PLACES = ("hotel", "pharmacy", "train station", "bank", "airport")[: extent(2, 5)]


async def test_one_hears_and_reads_oneself_and_a_viewer_reads_along(server_url: str, recognise: Recognise) -> None:
    async with Caller(server_url) as ana:
        await ana.sign_in("Ana")
        made = await ana.create("en", solo={"language": "es"})
        assert made["sessionCode"] is None
        await ana.connect()
        assert (ana.joined["status"], ana.joined["partner"]) == ("active", None)
        media = await ana.offer()
        viewer = (await ana.call("POST", f"/sessions/{ana.session_id}/viewers", token=ana.resume_token)).body
        async with reading(ana.http, server_url, ana.session_id, viewer["token"]) as reader:
            await ana.speak(encoded(speech(SENTENCE, "en-us")))
            end = await media.inbox.wait_for("utterance_end", timeout=PATIENCE)
            read: list[dict[str, Any]] = []
            while not read or read[-1]["type"] != "utterance_end":
                message = await reader.next()
                assert message is not None
                read.append(message)
            await ana.leave()
            assert await reader.next() == {"type": "ended", "reason": "session_ended"}
    me = ana.participant_id
    assert (end["outcome"], end["sourceUserId"], end["targetUserId"]) == ("spoken", me, me)
    (translation,) = media.inbox.of("translation", final=True)
    assert translation["translatedText"] == MEANT
    assert translation["latency"] <= end["latency"]["firstAudioMs"], "a caption is settled before its first sound"
    states = media.inbox.of("speech_audio")
    assert [one["state"] for one in states] == ["start", "end"] and translation["seq"] < states[0]["seq"]
    heard = recognise(trimmed(for_recognition(decoded([one.packet for one in media.lines[0]]))), "es")
    assert share_heard(MEANT, heard) >= UNDERSTOOD, heard
    assert media.lines[1] == [], "nobody hears their own voice"
    assert [one["translatedText"] for one in read if one["type"] == "translation" and one["final"]] == [MEANT]
    said = [one for one in read if one["type"] == "transcription"][-1]
    assert (said["final"], said["language"]) == (True, "en") and share_heard(SENTENCE, said["text"]) >= UNDERSTOOD
    assert {**read[-1], "seq": 0} == {**end, "seq": 0}


async def test_a_caption_is_settled_no_later_than_a_call_begins_to_sound(server_url: str) -> None:
    """One at a time, in turn: the quickest of each is what the server adds, whatever else the machine does."""
    settled, sounding = [], []
    async with Caller(server_url) as alone, calling(server_url) as (ana, _):
        await alone.sign_in("Alma")
        await alone.create("en", solo={"language": "es"})
        await alone.connect()
        await alone.offer()
        for place in PLACES:
            sentence = encoded(speech(f"Where is the {place}?", "en-us"))
            came = len(alone.media.inbox.received)
            await alone.speak(sentence)
            translation = await alone.media.inbox.wait_for("translation", after=came, timeout=PATIENCE, final=True)
            settled.append(translation["latency"])
            sounding.append((await said_and_heard(ana, sentence))["latency"]["firstAudioMs"])
        await alone.leave()
        await ana.leave()
    print(f"\nsettled {sorted(settled)} ms, sounding {sorted(sounding)} ms after the last voice")
    assert min(settled) <= min(sounding)
    if LONG:
        assert median(settled) <= median(sounding)


async def said_and_heard(one: Caller, sentence: list[bytes]) -> dict[str, Any]:
    """Say a sentence; return its end, once all of it was heard."""
    place = len(one.media.inbox.received)
    await one.speak(sentence)
    end = await one.media.inbox.wait_for("utterance_end", after=place, timeout=PATIENCE)
    assert end["outcome"] == "spoken"
    return end
