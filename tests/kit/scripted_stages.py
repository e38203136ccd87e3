"""Scripted engines in the event loop as a server's stages: any of them may be another lane."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.in_loop import InLoopLane

TRANSLATIONS = {"Hello": "Hola", "I have 2": "Tengo 3"}


@asynccontextmanager
async def scripted_stages(**lanes: Any) -> AsyncIterator[EngineSet]:
    """Yield the stages, ready; `lanes` are `stt`, `mt` or `tts`."""
    usual: dict[str, Any] = {
        "stt": InLoopLane(ScriptedTranscriber()),
        "mt": InLoopLane(ScriptedTranslator(texts=TRANSLATIONS)),
        "tts": InLoopLane(ScriptedSynthesizer()),
    }
    async with EngineSet(**{**usual, **lanes}) as stages:
        await stages.wait_ready()
        yield stages
