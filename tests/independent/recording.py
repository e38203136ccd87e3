"""Whole calls, held once and kept as plain data, on which many rules of the protocol are then checked."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from .calls import call
from .client import Client
from .inbox import Message, Received
from .peer import Line
from .speech import speech

PATIENCE_S = 30.0
# Sentences of a phrasebook: the models of a small server know no others.
ENGLISH = ("Where is the hotel?", "I need a doctor, please.")
SPANISH = "¿Dónde está la farmacia?"
TYPED = "Where is the bank?"


@dataclass
class Party:
    """All that one participant of a recorded call received."""

    participant_id: str
    language: str
    channel: list[Received]
    socket: list[Received]
    lines: list[Line]

    def of(self, *types: str) -> list[Message]:
        """Its `subtitles` messages of these types, in order."""
        return [r.message for r in self.channel if r.message["type"] in types]

    def utterances_of(self, speaker: Party) -> list[str]:
        """The ids of the speaker's utterances in the order in which they were first heard of here."""
        ids = [m["utteranceId"] for m in self.of("transcription") if m["sourceUserId"] == speaker.participant_id]
        return list(dict.fromkeys(ids))


@dataclass
class Recording:
    """A call of Ana and Ben. `marks` are moments by `time.monotonic`; `idle_packets` is what Ben's first
    line received in two seconds in which nobody spoke."""

    ana: Party
    ben: Party
    session_id: str
    started_at: int
    began_ms: float
    ended_ms: float
    marks: dict[str, float] = field(default_factory=dict)
    idle_packets: int = -1

    @property
    def both(self) -> tuple[Party, Party]:
        return self.ana, self.ben


async def _ended(clients: tuple[Client, Client], already: list[int]) -> None:
    """Wait until one more utterance has ended for each, or patience has (the tests tell which), and its
    voice has been played."""
    for client, count in zip(clients, already, strict=True):
        await client.peer.inbox.count("utterance_end", count + 1, timeout=PATIENCE_S)
    await asyncio.sleep(1.5)


def _ends(clients: tuple[Client, Client]) -> list[int]:
    return [len(client.peer.inbox.of("utterance_end")) for client in clients]


async def _utterance(speaker: Client, other: Client, text: str, voice: str) -> None:
    already = _ends((speaker, other))
    await speaker.speak(speech(text, voice))
    await _ended((speaker, other), already)


def _party(client: Client) -> Party:
    return Party(
        client.participant_id,
        client.language,
        list(client.peer.inbox.received),
        list(client.signal.inbox.received),
        client.peer.lines,
    )


async def record(url: str, languages: tuple[str, str], lines: tuple[int, int], reply: tuple[str, str]) -> Recording:
    """Ana speaks twice in English, Ben replies with (text, voice), Ana types, Ben hangs up."""
    for text in ENGLISH:
        speech(text, "en-us")
    speech(*reply)
    began, marks = time.time() * 1000, {}
    async with call(url, *languages, lines=lines) as (ana, ben):
        marks["first"] = time.monotonic()
        await _utterance(ana, ben, ENGLISH[0], "en-us")
        idle = await ben.peer.packets(0)
        await asyncio.sleep(2)
        idle = await ben.peer.packets(0) - idle
        marks["second"] = time.monotonic()
        await _utterance(ana, ben, ENGLISH[1], "en-us")
        marks["reply"] = time.monotonic()
        await _utterance(ben, ana, *reply)
        marks["typed"] = time.monotonic()
        already = _ends((ana, ben))
        ana.say(TYPED)
        await _ended((ana, ben), already)
        marks["end"] = time.monotonic()
        await ben.leave()
        await ana.signal.inbox.wait_for("session_ended")
        await ben.signal.inbox.wait_for("session_ended")
        return Recording(
            _party(ana),
            _party(ben),
            ana.session_id,
            ben.joined["startedAt"],
            began,
            time.time() * 1000,
            marks,
            idle,
        )
