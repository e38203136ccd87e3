"""One whole call of two peers on libwebrtc, held once and kept as plain data, on which the tests look."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from testing.recordings import Samples

from . import on_libwebrtc
from .ears import Ear, ears_of, trimmed
from .process import Process

VOICES = {"en": "en-us", "es": "es"}


@dataclass(frozen=True)
class Sentence:
    """A sentence that was said or typed, its speaker, and its translation."""

    speaker: str
    text: str
    translation: str


HOTEL = Sentence("ana", "Where is the hotel?", "¿Dónde está el hotel?")
PHARMACY = Sentence("ben", "¿Dónde está la farmacia?", "Where is the pharmacy?")
TYPED = Sentence("ana", "Where is the bank?", "¿Dónde está el banco?")
HELD = Sentence("ana", "I need a doctor, please.", "Necesito un médico, por favor.")
MEANWHILE = Sentence("ana", "Where is the hotel?", "¿Dónde está el hotel?")
AFTER = Sentence("ben", "¿Dónde está la farmacia?", "Where is the pharmacy?")


@dataclass
class Party:
    """One participant: the peer with all that it was told, and what it heard."""

    name: str
    participant_id: str
    language: str
    peer: Process
    ears: list[Ear] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *types: str, **fields: Any) -> list[dict[str, Any]]:
        """Its `subtitles` messages."""
        return self.peer.messages("channel", *types, **fields)

    def heard(self, kind: str, span: tuple[float, float]) -> Samples:
        """Return the sound of this line in a span of ms since 1970, without the silence around."""
        return trimmed(np.concatenate([ear.between(*span) for ear in self.ears if ear.kind == kind]))


@dataclass
class Recording:
    """`spans`: for each sentence, from when it was said until all of it had been heard, ms since 1970."""

    ana: Party
    ben: Party
    spans: list[tuple[Sentence, tuple[float, float]]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)

    @property
    def both(self) -> tuple[Party, Party]:
        return self.ana, self.ben

    def sides(self, sentence: Sentence) -> tuple[Party, Party]:
        """Return the speaker and the listener."""
        return self.both if sentence.speaker == "ana" else (self.ben, self.ana)

    def span(self, sentence: Sentence) -> tuple[float, float]:
        return next(span for said, span in self.spans if said is sentence)


async def record(url: str, folder: Path) -> Recording:
    """Ana and Ben talk, type, hold to talk, and offer anew while the other speaks; Ana ends the session."""
    async with on_libwebrtc.connected(url, folder) as (first, second):
        ids = [(await peer.do("kept"))["entry"]["participantId"] for peer in (first, second)]
        here = Recording(Party("ana", ids[0], "en", first), Party("ben", ids[1], "es", second))
        for party in here.both:
            party.answers.append(await party.peer.do("offer", 2))
            await party.peer.do("watch", 200)
        for party in here.both:
            await party.peer.hears("socket", "partner_connected")
        await _sentence(here, folder, HOTEL)
        await _sentence(here, folder, PHARMACY)
        await _sentence(here, folder, TYPED)
        await _sentence(here, folder, HELD)
        await _sentence(here, folder, MEANWHILE)
        await _sentence(here, folder, AFTER)
        here.session = await first.do("session")
        for party in here.both:
            await party.peer.do("report")
            party.ears += await ears_of(party.peer)
        await asyncio.sleep(0.5)
        here.metrics = (await first.do("delete"))["metrics"]
        for party in here.both:
            await party.peer.hears("socket", "session_ended")
            await party.peer.until("closed")
        return here


async def _sentence(here: Recording, folder: Path, sentence: Sentence) -> None:
    """One sentence, until both were told its end and its translation was heard."""
    speaker, listener = here.sides(sentence)
    ended = [len(party.of("utterance_end")) for party in here.both]
    since = time.time() * 1000
    if sentence is TYPED:
        await speaker.peer.do("typing", True)
        await listener.peer.hears("channel", "typing", on=True)
        await speaker.peer.do("say", sentence.text, "typed-1")
    else:
        path = on_libwebrtc.spoken(folder, sentence.text, VOICES[speaker.language])
        await speaker.peer.do("talk", True)
        async with asyncio.TaskGroup() as both:
            both.create_task(speaker.peer.do("speak", path))
            if sentence is MEANWHILE:
                both.create_task(_offer_anew(listener))
        if sentence is HELD:
            await speaker.peer.do("talk", False)
    for party, before in zip(here.both, ended, strict=True):
        await party.peer.hears("channel", "utterance_end", count=before + 1, timeout=40)
    await asyncio.sleep(1.5)
    here.spans.append((sentence, (since, time.time() * 1000)))


async def _offer_anew(party: Party) -> None:
    """In the middle of the other's sentence."""
    await asyncio.sleep(0.4)
    before = await ears_of(party.peer)
    party.answers.append(await party.peer.do("offer", 2))
    party.ears += before
