"""A real call in which Ben's microphone hears Ana: he is not interpreted for it, and is for his own words."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from testing.spoken_turns import speak
from tests.kit.packet_caller import PATIENCE, Caller, calling
from tests.kit.tones import encoded

pytestmark = pytest.mark.real_time

SENTENCE, VOICE = "The train station is behind the beach.", "en-us+m6"
OWN, OWN_VOICE = "Una mesa para tres personas, por favor.", "es+f5"
RATE = 48_000
Wave = NDArray[np.float64]


def microphone(ms: int, noise_rms: float = 0.0) -> Wave:
    return np.random.default_rng(1).normal(0, noise_rms or 1e-9, ms * RATE // 1000)


def add(sound: Wave, text: str, voice: str, at_ms: int, db: float = 0.0) -> None:
    said = speak(text, voice) * 10 ** (db / 20)
    at = at_ms * RATE // 1000
    sound[at : at + len(said)] += said


async def both_speak(ana: Caller, ben: Caller, anas: Wave, bens: Wave) -> None:
    async with asyncio.TaskGroup() as group:
        for one, sound in ((ana, anas), (ben, bens)):
            group.create_task(one.speak(encoded(sound.astype(np.int16))))


def ends(listener: Caller, speaker: Caller) -> list[tuple[str, str | None]]:
    found = listener.media.inbox.of("utterance_end", sourceUserId=speaker.participant_id)
    return [(one["outcome"], one.get("reason")) for one in found]


async def test_what_ben_s_microphone_hears_of_ana_is_not_said_to_her(server_url: str) -> None:
    async with calling(server_url) as (ana, ben):
        anas, bens = microphone(3600), microphone(3600, 8)
        add(anas, SENTENCE, VOICE, 300)
        add(bens, SENTENCE, VOICE, 500, -14)
        await both_speak(ana, ben, anas, bens)
        await ana.media.inbox.wait_for("utterance_end", sourceUserId=ben.participant_id, timeout=PATIENCE)
        await ben.media.inbox.wait_for("utterance_end", sourceUserId=ana.participant_id, timeout=PATIENCE)
        assert ends(ana, ben) == [("refused", "echo")]
        assert ends(ben, ana) == [("spoken", None)]
        assert not ana.media.inbox.of("speech_audio", sourceUserId=ben.participant_id)
        # The control: his own words beside hers.
        anas, bens = microphone(4200), microphone(4200, 8)
        add(anas, SENTENCE, VOICE, 300)
        add(bens, SENTENCE, VOICE, 500, -26)
        add(bens, OWN, OWN_VOICE, 350)
        await both_speak(ana, ben, anas, bens)
        await ana.media.inbox.wait_for(
            "utterance_end", sourceUserId=ben.participant_id, outcome="spoken", timeout=PATIENCE
        )
        assert ana.media.inbox.of("speech_audio", sourceUserId=ben.participant_id, state="start")
        await ana.leave()
