"""Asks the translator for one segment, and judges its answer: all that is shown or spoken has passed here."""

from __future__ import annotations

import logging
from dataclasses import replace

from pipeline.delivery.translating import words_translated
from pipeline.errors import EngineError
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.queue import Priority
from pipeline.speech import Translate
from pipeline.text.characters import cleaned
from pipeline.text.translation_checks.verdict import Verdict, judged

log = logging.getLogger(__name__)


async def translated(engines: EngineSet, request: Translate, *, timeout: float, urgent: bool | Priority) -> Verdict:
    """Return the verdict on the translator's answer.

    One that carries a sentence on, and is held back or doubtful so, gives way to a translation of the segment alone.
    Raises what `Lane.do` raises, and EngineError for an answer that cannot be judged: it costs its segment alone.
    """
    try:
        answer = await words_translated(engines.mt, request, timeout=timeout, urgent=urgent)
        verdict = judged(request, answer)
        if answer.carried_on and (verdict.held is not None or verdict.unsure):
            alone = replace(request, begun=None)
            verdict = judged(alone, await words_translated(engines.mt, alone, timeout=timeout, urgent=urgent))
        return replace(verdict, text=cleaned(verdict.text))
    except EngineError:
        raise
    except Exception as error:  # the boundary around a text that nobody vouches for
        log.exception("an answer of the translator could not be judged")
        raise EngineError("its answer could not be judged") from error
