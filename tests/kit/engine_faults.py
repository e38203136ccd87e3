"""A call in which an engine fails on one utterance: that utterance is lost, nothing else is."""

from __future__ import annotations

import asyncio

from tests.independent.inbox import Message
from tests.kit.packet_caller import PATIENCE, Arrived, Caller, calling
from tests.kit.tone_server_settings import SHIFT
from tests.kit.tones import decoded, packets, tones

SHORT = 0.3  # s; too short for an interim, so that an engine sees each utterance once


async def survives(url: str, hz: float, outcome: str) -> None:
    """Ana says the tone on which an engine fails; then she and Ben go on as if nothing had been."""
    async with calling(url) as (ana, ben):
        failed = await utterance(ana, ben, hz)
        assert (failed["outcome"], hears(ben, 0), hears(ben, 1)) == (outcome, set(), {hz})
        for person in (ana, ben):
            error = await person.media.inbox.wait_for("error")
            assert (error["code"], error["utteranceId"]) == ("engine_failed", failed["utteranceId"])
            assert len(person.media.inbox.of("utterance_end")) == 1
        before = [set(person.media.lines[0]) | set(person.media.lines[1]) for person in (ana, ben)]
        ends = await asyncio.gather(utterance(ana, ben, 500), utterance(ben, ana, 600))
        assert [end["outcome"] for end in ends] == ["spoken", "spoken"]
        assert (hears(ben, 0, before[1]), hears(ben, 1, before[1])) == ({500 + SHIFT}, {500})
        assert (hears(ana, 0, before[0]), hears(ana, 1, before[0])) == ({600 + SHIFT}, {600})
        await ben.leave()
        await ana.signal.inbox.wait_for("session_ended", reason="partner_left")


async def utterance(speaker: Caller, listener: Caller, hz: float) -> Message:
    """Say a tone; its `utterance_end`, when its interpretation, if any, has arrived whole."""
    inbox = listener.media.inbox
    place = len(inbox.received)
    await speaker.speak(packets(hz, SHORT))
    return await inbox.wait_for("utterance_end", after=place, timeout=PATIENCE, sourceUserId=speaker.participant_id)


def hears(listener: Caller, line: int, but: set[Arrived] | frozenset[Arrived] = frozenset()) -> set[float]:
    """The tones in what came on a line, to 10 Hz; `but` leaves packets out."""
    came = [arrived.packet for arrived in listener.media.lines[line] if arrived not in but]
    return {round(hz, -1) for hz in tones(decoded(came))}
