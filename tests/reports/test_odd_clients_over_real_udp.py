"""Odd clients over real UDP: a second source, numbers that wrap at once, silent levels; and who is deaf learns why."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

import pytest
from aiortc import RTCSessionDescription

from media.events import ClientStatusChanged, StatusReason
from media.room import Room
from media.rtp.packets import HeaderExtensions, build
from pipeline.engines.scripted import ScriptedTranscriber
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.contract import channel_message
from tests.kit.tones import packets

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

MINE, FOREIGN = 0xABCDEF01, 0x12345678
PROMISED_S = 5.0


class Beside(Scene):
    """A scene beside others on one loop: whose tasks are left is not told apart."""

    async def leave(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self._left = True
        await self.room.__aexit__(kind, error, trace)
        await self._stages.__aexit__(kind, error, trace)


class OddClient(Client):
    """A stock client that sends no sound by itself, but packets as the test builds them."""

    def __init__(self, label: str | None = "subtitles", **channel: Any) -> None:
        super().__init__()
        self._label = label
        self._options = channel

    async def __aenter__(self) -> Self:
        if self._label is not None:
            self.channel = self.pc.createDataChannel(self._label, **self._options)
            self.channel.on("message", lambda text: self.messages.append(channel_message(text)))
        self.pc.on("track", self._listen)
        self.microphone.recv = asyncio.Event().wait  # type: ignore[assignment,method-assign]
        self.pc.addTrack(self.microphone)
        self.pc.addTransceiver("audio", "sendrecv")
        return self

    async def connect(self, room: Room, participant: str) -> None:
        """Return once media is up, whatever becomes of the channel."""
        self.answer = await room.offer(participant, 1, await self.offer())
        await self.pc.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        await until(lambda: self.pc.connectionState == "connected")

    async def resume(self) -> None:
        await until(lambda: self.channel.readyState == "open")
        self.send(type="resume", lastSeq=0)

    async def send_packets(
        self,
        payloads: Sequence[bytes],
        *,
        first: int = 1000,
        lost: int = 0,
        level: int = 20,
        mid: bytes = b"0",
        payload_type: int = 96,
        foreign: Sequence[bytes] = (),
    ) -> None:
        """Send in real time as the source MINE; after each packet one of `foreign`, as another source without a mid."""
        loop, transport = asyncio.get_running_loop(), self._dtls
        begin, ids = loop.time(), self._extension_ids()
        for n, payload in enumerate(payloads):
            await asyncio.sleep(max(0.0, begin + n * 0.02 - loop.time()))
            extension = HeaderExtensions(ids["mid"], mid, ids["level"]).encode(level, True)
            data = build(payload_type, first + n, n * 960, MINE, payload, extension=extension)
            if n < lost:
                transport._tx_srtp.protect(data)  # it is sent, and does not arrive
            else:
                await transport._send_rtp(data)
            if n < len(foreign):
                await transport._send_rtp(build(payload_type, 1000 + n, 5_000_000 + n * 960, FOREIGN, foreign[n]))

    async def forge(self, count: int) -> None:
        """Send packets that do not authenticate."""
        for n in range(count):
            await self._dtls.transport._send(build(96, n, n * 960, MINE, bytes(60)))
            await asyncio.sleep(0.02)

    @property
    def _dtls(self) -> Any:
        return self.pc.getSenders()[0].transport

    def _extension_ids(self) -> dict[str, int]:
        """Return the ids of the header extensions that aiortc offers: mid and level."""
        rows = [row for row in self.pc.localDescription.sdp.splitlines() if row.startswith("a=extmap:")]
        pairs = [row.removeprefix("a=extmap:").split()[:2] for row in rows]
        return {"mid" if uri.endswith("sdes:mid") else "level": int(number) for number, uri in pairs}


def finals(client: Client) -> list[str]:
    return [one["text"] for one in client.of("transcription") if one["final"]]


def changed(scene: Scene) -> list[tuple[str, StatusReason, bool]]:
    return [(one.participant, one.reason, one.over) for one in scene.of(ClientStatusChanged)]


SECONDS = 3.0
TONE = packets(440, SECONDS)
ODD: dict[str, dict[str, Any]] = {
    "control": {},
    "a second source": {"foreign": packets(700, SECONDS)},
    "a second source of silence": {"foreign": packets(0, SECONDS)},
    "numbers that wrap at once": {"first": 65530, "lost": 10},
    "silent levels": {"level": 127},
}


async def test_odd_microphones_are_heard() -> None:
    """Each in a call of its own, all at once: the words, their length, and the original at the partner."""

    async def call(name: str) -> None:
        odd = ODD[name]
        async with Beside() as scene, OddClient() as ann, Client() as bob:
            await asyncio.gather(ann.connect(scene.room, "ann"), bob.join(scene.room, "bob"))
            await ann.resume()
            scene.begin()
            assert len(TONE) == 158
            await ann.send_packets(TONE, **odd)
            await until(lambda: bob.of("utterance_end"))
            assert finals(bob) == ["tone 440"], name
            (said,) = [one for one in bob.of("transcription") if one["final"]]
            said_ms = said["endMs"] - said["startMs"]
            assert said_ms < SECONDS * 1000 + 700, f"{name}: media time runs as fast as the clock"
            assert [one["outcome"] for one in bob.of("utterance_end")] == ["spoken"], name
            assert bob.distant_tones(1) == {440}, name
            sent = scene.room.metrics().quality["ann"]
            assert (sent.sent_lost, sent.sent_dropped) == (0, 0), name
            assert sent.sent_packets == len(TONE) - odd.get("lost", 0), name
            assert changed(scene) == [], name

    async with asyncio.TaskGroup() as group:
        for name in ODD:
            group.create_task(call(name))


async def test_who_is_deaf_or_mute_learns_why() -> None:
    """Each in a call of its own, all at once: the reason, where it is shown, and within 5 s."""

    async def call(client: OddClient, act: Coroutine[Any, Any, None], reason: StatusReason, **engines: Any) -> None:
        loop, shown = asyncio.get_running_loop(), reason is not StatusReason.NO_SUBTITLES_CHANNEL
        async with Beside(**engines) as scene, client, Client() as bob:
            await asyncio.gather(client.connect(scene.room, "ann"), bob.join(scene.room, "bob"))
            if shown:
                await client.resume()
            scene.begin()
            async with asyncio.TaskGroup() as group:
                begin = loop.time()
                acting = group.create_task(act)
                await until(lambda: changed(scene), 2 * PROMISED_S)
                assert loop.time() - begin <= PROMISED_S + 0.3, f"{reason}: and the reason is there"
                acting.cancel()
            assert changed(scene) == [("ann", reason, False)]
            assert [one.shown for one in scene.of(ClientStatusChanged)] == [shown]
            if shown:
                await until(lambda: [one for one in client.of("status") if one.get("reason") == reason])
            assert [one for one in bob.of("status") if "reason" in one] == [], "it is nobody else's affair"

    tone = packets(440, 5.5)
    nothing = asyncio.sleep
    deaf = ScriptedTranscriber(texts={"en": "", "es": ""})
    undecodable, no_channel = StatusReason.AUDIO_NOT_DECODED, StatusReason.NO_SUBTITLES_CHANNEL
    forger, noise, other_codec, other_line, mumbler = (OddClient() for _ in range(5))
    without, captions, negotiated = OddClient(None), OddClient("captions"), OddClient(negotiated=True, id=0)
    async with asyncio.TaskGroup() as group:
        for one in (
            call(forger, forger.forge(400), StatusReason.MEDIA_NOT_AUTHENTICATED),
            call(noise, noise.send_packets([b"\xff\xff\xff"] * 300), undecodable),
            call(other_codec, other_codec.send_packets(tone, payload_type=0), undecodable),
            call(other_line, other_line.send_packets(tone, mid=b"1"), StatusReason.WRONG_AUDIO_LINE),
            call(without, nothing(9), no_channel),
            call(captions, nothing(9), no_channel),
            call(negotiated, nothing(9), no_channel),
            call(mumbler, mumbler.send_packets(tone), StatusReason.NOTHING_UNDERSTOOD, stt=deaf),
        ):
            group.create_task(one)
