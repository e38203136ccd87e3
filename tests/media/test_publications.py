"""Encoders that publish a participant's microphone, over real UDP: whose voice is heard, and from when to when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from media.events import MediaLost, OfferRefused
from pipeline.events import UtteranceEnded
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.sdp_offers import chromium
from tests.kit.whip_encoder import WhipEncoder

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


@asynccontextmanager
async def call() -> AsyncIterator[tuple[Scene, Client, Client]]:
    async with Scene() as scene, Client() as ann, Client() as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        yield scene, ann, bob


def told(client: Client) -> list[str]:
    """Return the levels of the status that another program publishes this client's microphone."""
    return [one["level"] for one in client.of("status") if one.get("reason") == "other_microphone"]


def finals(client: Client) -> list[str]:
    return [one["text"] for one in client.of("transcription") if one["final"]]


async def speak(one: Client | WhipEncoder, hz: float, seconds: float = 0.7) -> None:
    one.microphone.hz = hz
    await asyncio.sleep(seconds)
    one.microphone.hz = None


async def test_an_encoder_is_the_microphone_until_it_ends() -> None:
    async with call() as (scene, ann, bob), WhipEncoder() as encoder:
        await encoder.publish(scene.room, "ann", "w_1")
        await until(lambda: told(ann) == ["degraded"])
        await asyncio.gather(speak(encoder, 440), speak(ann, 900))
        await until(lambda: len(scene.of(UtteranceEnded)) == 1)
        await asyncio.sleep(0.3)
        assert finals(bob) == ["tone 440"], "the own microphone is not interpreted meanwhile"
        assert (bob.distant_tones(0), bob.distant_tones(1)) == ({1440}, {440}), "and not forwarded"
        assert not scene.room.unpublish("bob", "w_1") and not scene.room.unpublish("ann", "w_2")
        assert scene.room.unpublish("ann", "w_1") and not scene.room.unpublish("ann", "w_1")
        await until(lambda: told(ann) == ["degraded", "ok"])
        await until(lambda: encoder.pc.connectionState == "closed")
        await speak(ann, 700)
        await until(lambda: len(scene.of(UtteranceEnded)) == 2)
        assert finals(bob) == ["tone 440", "tone 700"]
        assert told(bob) == [] and scene.of(MediaLost) == []


async def test_a_newer_encoder_takes_over_once_it_is_up() -> None:
    async with call() as (scene, ann, bob), WhipEncoder() as first, WhipEncoder() as second:
        await first.publish(scene.room, "ann", "w_1")
        await until(lambda: told(ann))
        await scene.room.publish("ann", "w_2", chromium("A"))  # it never connects
        await speak(first, 440)
        await until(lambda: finals(bob) == ["tone 440"])
        await second.publish(scene.room, "ann", "w_3")
        await until(lambda: first.pc.connectionState == "closed")
        assert not scene.room.unpublish("ann", "w_1") and not scene.room.unpublish("ann", "w_2")
        await speak(second, 600)
        await until(lambda: finals(bob) == ["tone 440", "tone 600"])
        assert told(ann) == ["degraded"]


async def test_an_encoder_that_goes_gives_the_microphone_back() -> None:
    async with call() as (scene, ann, bob):
        async with WhipEncoder() as encoder:
            await encoder.publish(scene.room, "ann", "w_1")
            await until(lambda: told(ann) == ["degraded"])
        await until(lambda: told(ann) == ["degraded", "ok"])
        await speak(ann, 700)
        await until(lambda: finals(bob) == ["tone 700"])


async def test_of_an_offer_nothing_but_the_microphone_is_answered() -> None:
    """A client that would also listen, show subtitles and send video gets none of it here."""
    async with call() as (scene, _, _):
        answer = await scene.room.publish("ann", "w_1", chromium("dvAa"))
        m_lines = answer.split("m=")[1:]
        ports = [one.split()[:2] for one in m_lines]
        assert ports == [["application", "0"], ["video", "0"], ["audio", "9"], ["audio", "0"]]
        assert "a=recvonly" in m_lines[2] and "a=msid" not in m_lines[2]
        assert "a=group:BUNDLE 2\r\n" in answer


@pytest.mark.parametrize(
    ("offer", "code"), [("v=0", "bad_sdp"), (chromium("a"), "no_audio"), (chromium("vd"), "no_audio")]
)
async def test_an_offer_that_sends_no_sound_is_refused(offer: str, code: str) -> None:
    async with Scene() as scene:
        with pytest.raises(OfferRefused) as refused:
            await scene.room.publish("ann", "w_1", offer)
        assert refused.value.code == code
        assert not scene.room.unpublish("ann", "w_1")


async def test_an_unanswered_offer_is_refused_by_what_overtook_it() -> None:
    """A newer offer gives the older one up; the end of the room is no fault of the offer."""
    async with Scene() as scene:
        offers = [scene.room.publish("ann", name, chromium("A")) for name in ("w_1", "w_2")]
        offered = [asyncio.ensure_future(one) for one in (*offers, scene.room.offer("bob", 1, chromium("Aad")))]
        await asyncio.sleep(0)
        await scene.leave()
        refused = await asyncio.gather(*offered, return_exceptions=True)
        codes = [one.code for one in refused if isinstance(one, OfferRefused)]
        assert codes == ["bad_request", "at_capacity", "at_capacity"]


async def test_a_call_that_ends_ends_its_encoders() -> None:
    async with Scene() as scene, WhipEncoder() as encoder:
        await encoder.publish(scene.room, "ann", "w_1")
        await scene.leave()
        await until(lambda: encoder.pc.connectionState == "closed")
