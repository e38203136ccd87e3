"""An engine that raises costs the utterance on which it does, in whichever stage."""

from __future__ import annotations

import asyncio

import pytest

from tests.kit.engine_faults import survives
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def test_recognition_translation_and_voice_raise(scripted: Server) -> None:
    async with asyncio.TaskGroup() as calls:
        calls.create_task(survives(scripted.url, 310, "failed"), name="recognition raises")
        calls.create_task(survives(scripted.url, 330, "failed"), name="translation raises")
        calls.create_task(survives(scripted.url, 350, "subtitles_only"), name="voice raises")
