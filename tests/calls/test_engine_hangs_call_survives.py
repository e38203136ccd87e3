"""An engine that never answers is killed after its timeout; it costs the utterance that it had."""

from __future__ import annotations

import asyncio

from faults import survives
from serving import Server


async def test_recognition_translation_and_voice_hang(scripted: Server) -> None:
    async with asyncio.TaskGroup() as calls:
        calls.create_task(survives(scripted.url, 320, "failed"), name="recognition hangs")
        calls.create_task(survives(scripted.url, 340, "failed"), name="translation hangs")
        calls.create_task(survives(scripted.url, 360, "subtitles_only"), name="voice hangs")
