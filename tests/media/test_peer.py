"""A peer's scope: it closes once and whole, however it is left."""

import asyncio

import pytest

import media.webrtc.peer
from media.webrtc.peer import Peer, PeerListener, PeerLost
from media.webrtc.sdp_offer import parse_offer
from media.webrtc.uncancelled import run_uncancelled
from tests.kit.sdp_offers import chromium

pytestmark = pytest.mark.real_time


def peer(lines: str = "Aad") -> Peer:
    return Peer(parse_offer(chromium(lines)))


async def test_what_is_closing_is_closed_to_its_end_though_we_are_cancelled() -> None:
    closed = []

    async def close() -> None:
        await asyncio.sleep(0.05)
        closed.append(True)

    task = asyncio.ensure_future(run_uncancelled(close(), 3.0))
    for _ in range(3):
        await asyncio.sleep(0.01)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


async def test_closing_that_hangs_is_given_up() -> None:
    async with asyncio.timeout(1):
        await run_uncancelled(asyncio.Event().wait(), 0.05)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_in_closing_is_told_unless_the_network_is_to_blame() -> None:
    async def fail(error: Exception) -> None:
        raise error

    await run_uncancelled(fail(ConnectionResetError()), 3.0)
    with pytest.raises(KeyError):
        await run_uncancelled(fail(KeyError("x")), 3.0)


@pytest.mark.parametrize("moment", [0.0, 0.005, 0.05])
async def test_cancelled_at_any_moment_it_leaves_nothing(moment: float) -> None:
    async def serve() -> None:
        async with peer() as one:
            await one.answer(["interpreter", "original"])
            await one.serve(PeerListener())

    task = asyncio.ensure_future(serve())
    await asyncio.sleep(moment)
    task.cancel()
    async with asyncio.timeout(2):
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
        assert asyncio.get_running_loop().time() - began < 0.5
