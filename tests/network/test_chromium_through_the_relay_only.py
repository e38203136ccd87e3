"""A page in Chromium that may use nothing but the relay: the call is made, and the candidate pair is the relay's."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from testing.hotel_dialogue import GUEST, RECEPTIONIST, Person
from testing.words import share_heard
from tests.kit.chromium import COMMON, EXECUTABLE
from tests.kit.lab_machines import Peer, call, spoken, world
from tests.kit.network_namespaces import SYMMETRIC

pytestmark = pytest.mark.real_time

PATIENCE_S = 60.0
# By UDP alone: Chromium would take a relayed pair over TCP where that over UDP answers late, on a busy machine.
RELAY_ONLY = """
    globalThis.made = [];
    const Stock = RTCPeerConnection;
    const byUdp = ({ urls, ...server }) =>
        ({ ...server, urls: [urls].flat().filter((one) => one.endsWith("transport=udp")) });
    globalThis.RTCPeerConnection = class extends Stock {
        constructor({ iceServers, ...settings }) {
            const relays = iceServers.map(byUdp).filter(({ urls }) => urls.length);
            super({ ...settings, iceServers: relays, iceTransportPolicy: "relay" });
            made.push(this);
        }
    };
"""
SELECTED = """async () => {
    const stats = await made.at(-1).getStats();
    const all = [...stats.values()], selected = all.find((one) => one.type === "transport").selectedCandidatePairId;
    return all.filter((one) => one.type === "candidate-pair" && one.nominated).map((pair) => {
        const local = stats.get(pair.localCandidateId), remote = stats.get(pair.remoteCandidateId);
        return { state: pair.state, local: local.candidateType, relay: local.relayProtocol, from: local.address,
                 remote: remote.candidateType, to: remote.address, received: pair.bytesReceived,
                 selected: pair.id === selected };
    });
}"""
HEARD = """() => [...document.querySelectorAll("#subtitles")].map((one) => one.textContent).join(" ")"""


async def until(page: Page, expression: str) -> None:
    """The page's own security policy forbids Playwright's wait."""
    give_up = time.monotonic() + PATIENCE_S
    while not await page.evaluate(expression):
        assert time.monotonic() < give_up, f"{expression}: {await page.inner_text('body')}"
        await asyncio.sleep(0.1)


def heard_by(peer: Peer) -> str:
    """All final translations that a headless peer received, and that were spoken to their end."""
    spoken = {
        (one["utteranceId"], one["segment"], one["targetUserId"])
        for one in peer.messages
        if one["type"] == "speech_audio" and one["state"] == "end"
    }
    return " ".join(
        one["translatedText"]
        for one in peer.messages
        if one["type"] == "translation"
        and one["final"]
        and (one["utteranceId"], one["segment"], one["targetUserId"]) in spoken
    )


def understood(person: Person, read: str) -> bool:
    """Return True if it has the one sentence of this test, translated."""
    return share_heard(person.sentences[2].translation, read) >= 0.8


def microphone(folder: Path) -> Path:
    """A sentence again and again: Chromium's fake microphone does not wait until the call is up."""
    file = folder / "microphone.wav"
    said = spoken(folder, GUEST.voice, GUEST.sentences[2].text)
    command = ["sox", str(said), "-r", "48000", "-c", "1", str(file), "pad", "4", "4", "repeat", "19"]
    subprocess.run(command, check=True, capture_output=True)
    return file


async def test_chromium_through_the_relay_only(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        phone, ben_at = here.lab.behind(here.lab.nat("cell", SYMMETRIC), "phone"), here.lab.host("ben")
        chromium = tmp_path / "chromium"
        chromium.write_text(f'#!/bin/sh\nexec {" ".join(phone.prefix())} {EXECUTABLE} "$@"\n')
        chromium.chmod(0o755)
        secure = f"--unsafely-treat-insecure-origin-as-secure={here.server.url}"
        sound = f"--use-file-for-fake-audio-capture={microphone(tmp_path)}%noloop"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(chromium), args=[*COMMON, secure, sound])
            page = await (await browser.new_context(service_workers="block")).new_page()
            await page.add_init_script(RELAY_ONLY)
            await page.goto(here.server.url)
            await until(page, "!document.getElementById('create-button').disabled")
            await page.fill("#name", "Anna")
            await page.select_option("#language", "en")
            await page.click("#create-button")
            await page.wait_for_selector("#session-code:visible")
            code = await page.inner_text("#session-code")
            wav = spoken(tmp_path, RECEPTIONIST.voice, RECEPTIONIST.sentences[2].text)
            said = ("--wav", str(wav), "--start-after", "2", "--stay", "180")
            ben = call(ben_at, here.server, tmp_path / "ben", "--code", code, "--language", "es", *said)
            await until(page, "dragoman.call?.state.media === 'connected'")
            give_up = time.monotonic() + PATIENCE_S
            while not (understood(RECEPTIONIST, await page.evaluate(HEARD)) and understood(GUEST, heard_by(ben))):
                assert time.monotonic() < give_up, (await page.evaluate(HEARD), heard_by(ben))
                await asyncio.sleep(0.2)
            pairs: list[dict[str, Any]] = await page.evaluate(SELECTED)
            ben.process.terminate()
            report = ben.finish()
            await browser.close()
        print("\n", pairs)
        # Chromium nominates each pair that was the best for a moment: relayed are all, in use is one.
        assert {one["local"] for one in pairs} == {"relay"}
        (pair,) = [one for one in pairs if one["selected"]]
        assert (pair["state"], pair["local"], pair["relay"]) == ("succeeded", "relay", "udp")
        assert (pair["from"], pair["to"]) == (here.relay.host.address, here.server_host.address)
        assert pair["received"] > 0
        assert report["lines"]["interpreter"]["heard"]
