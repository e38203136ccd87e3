"""Asks the translator for one segment, and judges its answer: all that is shown or spoken has passed here."""

from __future__ import annotations

from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.queue import Priority
from pipeline.speech import Translate
from pipeline.text.translation_checks.verdict import Verdict, judged


async def translated(engines: EngineSet, request: Translate, *, timeout: float, urgent: bool | Priority) -> Verdict:
    """Return the verdict on the translator's answer. Raises what `Lane.do` raises."""
    return judged(request, await engines.mt.do(request, timeout=timeout, urgent=urgent))
