"""Losses heal without a click: a cut socket, a network that is off, a killed server, a reloaded page."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.chromium import EXECUTABLE, Browsers, Tab, speech_file
from tests.kit.page_meeting import IN_CALL, line_with, make_call, say
from tests.kit.server_process import UNLIMITED, Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

BACK_S = 5  # after the network, or the server, is there again
BACK = f"dragoman.call.state.socket === 'joined' && {IN_CALL}"
WATCH = """() => {
    globalThis.seen = new Set();
    const look = () => seen.add(document.getElementById("connection-state").textContent);
    new MutationObserver(look).observe(document.getElementById("connection-state"), { childList: true, subtree: true });
}"""
TOLD = "seen.has('Connection lost. Reconnecting…')"


@dataclass(frozen=True)
class Island:
    """A network namespace with a server and its browsers in it, whose whole network can be cut."""

    name: str
    chromium: str

    def cut(self) -> None:
        """From now on every packet is lost, TCP and UDP, and nobody is told."""
        rules = "table inet cut { chain everything { type filter hook input priority 0; policy drop; }\n}\n"
        subprocess.run([*self.inside, "nft", "-f", "-"], input=rules.encode(), check=True)

    def heal(self) -> None:
        subprocess.run([*self.inside, "nft", "delete", "table", "inet", "cut"], check=True)

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]


@pytest.fixture
def island(tmp_path: Path) -> Iterator[Island]:
    """Return a namespace with one interface, over which server and browsers reach each other."""
    name = f"page-{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        pytest.skip("making a network namespace needs root")
    # In a chroot a namespace can be made and not entered: its root is no mount point.
    entered = subprocess.run(["ip", "netns", "exec", name, "true"], capture_output=True, text=True, check=False)
    if entered.returncode:
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        pytest.skip(f"no network namespaces here: {entered.stderr.strip()}")
    try:
        inside = ["ip", "-n", name]
        subprocess.run([*inside, "link", "set", "lo", "up"], check=True)
        subprocess.run([*inside, "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"], check=True)
        subprocess.run([*inside, "address", "add", "10.77.0.1/24", "dev", "lan0"], check=True)
        for end in ("lan0", "lan1"):
            # An IPv6 address of its own would come seconds later (RFC 4862 section 5.4): to Chromium another network,
            # for which it gives up what it is loading.
            subprocess.run([*inside, "link", "set", end, "addrgenmode", "none"], check=True)
            subprocess.run([*inside, "link", "set", end, "up"], check=True)
        wrapper = tmp_path / "chromium"
        wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {name} {EXECUTABLE} "$@"\n')
        wrapper.chmod(0o755)
        yield Island(name, str(wrapper))
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    return speech_file(tmp_path / "silence.wav", "en-us", 120.0)


async def back(tabs: tuple[Tab, Tab], since: float) -> None:
    """Until both pages are in the call again; AssertionError later than `BACK_S` after `since`."""
    for tab in tabs:
        await tab.until(BACK, max(0.1, since + BACK_S - time.monotonic()))


@pytest.mark.network
async def test_five_seconds_without_a_network(
    browsers: Browsers, island: Island, silence: Path, tmp_path: Path
) -> None:
    with Server(tmp_path / "server", prefix=island.inside, **UNLIMITED) as server:
        anna, luis = await asyncio.gather(
            browsers.tab(microphone=silence, executable=island.chromium),
            browsers.tab(microphone=silence, executable=island.chromium),
        )
        await make_call(anna, luis, server.url)
        for tab in (anna, luis):
            await tab.page.evaluate(WATCH)
        island.cut()
        await asyncio.sleep(5)
        for tab in (anna, luis):
            assert await tab.page.evaluate(TOLD), await tab.told()
        island.heal()
        await back((anna, luis), time.monotonic())
        assert "The connection is back" in await anna.page.inner_text("#notice")
        await say(anna, "Good afternoon.")
        await luis.until(line_with(":not(.mine) .translation", "tardes"))


async def test_a_killed_server_that_is_started_again(browsers: Browsers, silence: Path, tmp_path: Path) -> None:
    with Server(tmp_path / "server", **UNLIMITED) as server:
        anna, luis = await asyncio.gather(browsers.tab(microphone=silence), browsers.tab(microphone=silence))
        await make_call(anna, luis, server.url)
        for tab in (anna, luis):
            await tab.page.evaluate(WATCH)
        await asyncio.to_thread(server.restart, kill=True)
        await back((anna, luis), time.monotonic())
        for tab in (anna, luis):
            assert await tab.page.evaluate(TOLD)
        await say(anna, "Good afternoon.")
        await luis.until(line_with(":not(.mine) .translation", "tardes"))


async def test_a_cut_socket_and_a_reload(browsers: Browsers, server_url: str, silence: Path) -> None:
    anna, luis = await asyncio.gather(browsers.tab(microphone=silence), browsers.tab(microphone=silence))
    sockets = []

    async def carry(socket) -> None:  # type: ignore[no-untyped-def]
        socket.connect_to_server()
        sockets.append(socket)

    await anna.page.route_web_socket("**/ws", carry)
    await make_call(anna, luis, server_url)
    await anna.page.evaluate(WATCH)
    await sockets[-1].close(code=1011, reason="cut by the test")
    await back((anna, luis), time.monotonic())
    await anna.until(TOLD)
    assert len(sockets) == 2
    await say(luis, "Buenas tardes.")
    await anna.until(line_with(":not(.mine) .translation", "afternoon"))

    # a reload is no hang-up, and the server resends what was said
    await anna.page.reload()
    await anna.page.click("#return-button:enabled")
    await anna.until("dragoman.call?.state.media === 'connected'")
    await anna.until(line_with(":not(.mine) .translation", "afternoon"))
