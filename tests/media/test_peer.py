"""A peer's scope: it closes once and whole, however it is left."""

import asyncio

import pytest

import media.webrtc.peer
from media.webrtc.peer import Peer, PeerListener, PeerLost
from media.webrtc.sdp_offer import parse_offer
from tests.kit.sdp_offers import chromium

pytestmark = pytest.mark.real_time


def peer(lines: str = "Aad") -> Peer:
    return Peer(parse_offer(chromium(lines)))


@pytest.mark.parametrize("moment", [0.0, 0.005, 0.05])
async def test_cancelled_at_any_moment_it_leaves_nothing(moment: float) -> None:
    async def serve() -> None:
        async with peer() as one:
            await one.answer(["interpreter", "original"])
            await one.serve(PeerListener())

    task = asyncio.ensure_future(serve())
    await asyncio.sleep(moment)
    task.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_serving_always_ends_by_peer_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media.webrtc.peer, "CONNECT_TIMEOUT", 0.05)
    async with peer("A") as one:
        await one.answer(["interpreter"])
        with pytest.raises(PeerLost, match="timed out"):
            await one.serve(PeerListener())
        assert not one.connected and not one.send_message("nobody reads it")


async def test_unresolvable_names_delay_no_answer() -> None:
    """Browsers hide their addresses behind names under .local until the microphone is allowed."""
    hidden = "".join(
        f"a=candidate:{n} 1 udp 99 0a0b0c0d-0000-4000-8000-00000000000{n}.local 4000 typ host\n" for n in range(6)
    )
    offer = parse_offer(chromium("A", candidates=hidden))
    async with Peer(offer) as one:
        began = asyncio.get_running_loop().time()
        await one.answer(["interpreter"])
        assert asyncio.get_running_loop().time() - began < 2


async def test_no_voice_is_encoded_with_more_bits_than_the_client_takes() -> None:
    offer = chromium("Aad").replace("useinbandfec=1", "useinbandfec=1;maxaveragebitrate=18000")
    async with Peer(parse_offer(offer)) as limited, peer("Aad") as usual:
        rates = [one.streams[0].adaptation.encoding.bitrate for one in (limited, usual) if one.streams[0]]
    assert rates == [18_000, 24_000]


async def test_its_state_can_be_seen_in_a_debugger() -> None:
    async with peer("Aad") as one:
        assert repr(one) == "<Peer connecting streams=2/2 channel=none dropped=0>"
    assert repr(one) == "<Peer closed streams=2/2 channel=none dropped=0>"
