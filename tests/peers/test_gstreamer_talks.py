"""GStreamer's webrtcbin, a stack of neither Google's nor ours: DTLS with an RSA certificate, words both ways."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from testing.recordings import voiced_ms
from testing.words import share_heard
from tests.independent.calls import connected
from tests.independent.speech import speech

from . import on_gstreamer, on_libwebrtc
from .ears import Ear, Recognise, ears_of, for_recognition, likeness, trimmed

pytestmark = pytest.mark.real_time

UNDERSTOOD = 0.8  # of the words
ALIKE = 0.7
HOTEL, PHARMACY = "Where is the hotel?", "¿Dónde está la farmacia?"


async def test_words_are_understood_both_ways(server_url: str, tmp_path: Path, recognise: Recognise) -> None:
    if lacking := on_gstreamer.missing():
        pytest.skip(f"GStreamer is not all here (scripts/setup test installs it): {lacking}")
    async with connected(server_url) as (ana, ben), on_gstreamer.joined(ben, tmp_path / "ben") as there:
        here = await ana.offer()
        await there.do("speak", on_libwebrtc.spoken(tmp_path, PHARMACY, "es"))
        began = time.monotonic()
        end = await here.inbox.wait_for("utterance_end", timeout=40)
        assert (end["sourceUserId"], end["outcome"]) == (ben.participant_id, "spoken")
        await asyncio.sleep(1.5)
        heard = [for_recognition(np.concatenate([h.pcm for h in line.heard if h.at >= began])) for line in here.lines]
        assert share_heard("Where is the pharmacy?", recognise(trimmed(heard[0]), "en")) >= UNDERSTOOD
        assert likeness(for_recognition(speech(PHARMACY, "es")), trimmed(heard[1])) >= ALIKE

        since = time.time() * 1000
        assert not any([voiced_ms(ear.between(0, since)) for ear in await ears_of(there)]), "its own words"
        await ana.speak(speech(HOTEL, "en-us"))
        await there.hears("channel", "utterance_end", sourceUserId=ana.participant_id, outcome="spoken", timeout=40)
        await asyncio.sleep(1.5)
        ears: dict[str, Ear] = {ear.kind: ear for ear in await ears_of(there)}
        spoken = {kind: trimmed(ear.between(since, time.time() * 1000)) for kind, ear in ears.items()}
        assert share_heard("¿Dónde está el hotel?", recognise(spoken["interpreter"], "es")) >= UNDERSTOOD
        assert likeness(for_recognition(speech(HOTEL, "en-us")), spoken["original"]) >= ALIKE
        texts = [m["text"] for m in there.messages("channel", "transcription", final=True)]
        assert texts == [PHARMACY, HOTEL]
