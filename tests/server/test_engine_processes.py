"""Settings of how many processes each engine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.lanes.local import LocalLane
from server.engine_choice.from_settings import engine_set
from server.settings.reading import BadSetting, read
from tests.kit.moved_clock import until


async def test_each_stage_has_as_many_processes_as_is_set(tmp_path: Path) -> None:
    settings = read({"DRAGOMAN_MODELS": "scripted", "DRAGOMAN_STT_PROCESSES": "2", "DRAGOMAN_DATA": str(tmp_path)})
    async with engine_set(settings) as stages:
        lanes = [lane for lane in stages.engines if isinstance(lane, LocalLane)]
        await until(lambda: [len(lane.pids) for lane in lanes] == [2, 1, 1])


@pytest.mark.parametrize("number", ["0", "65", "two"])
def test_there_is_at_least_one(number: str) -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_TTS_PROCESSES"):
        read({"DRAGOMAN_TTS_PROCESSES": number})
