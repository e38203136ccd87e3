"""Measures sentences that are cut within: pieces translated each by itself, and carried on, against the whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from bench.quality.scores import translation
from pipeline.delivery.open_sentences import OpenSentences
from pipeline.delivery.translation import translated
from pipeline.lanes.engine_set import EngineSet
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Translate
from testing.speech_material import OTHER, phrases

_SEED = 19
_TIMEOUT_S = 5.0


def cuts(language: str) -> Iterator[tuple[str, str]]:
    """Yield the two pieces of each known sentence, cut between any two words by chance."""
    chance = random.Random(f"{_SEED} {language}")
    for one in phrases(language):
        words = one.clause.text.split()
        after = chance.randint(1, max(1, len(words) - 1))
        if len(words) > after:
            yield " ".join(words[:after]), " ".join(words[after:])


async def carried_on(stages: EngineSet, language: str) -> dict[str, Any]:
    """Return chrF of both ways for sentences of a language, and the share that the engine carried on."""
    target = OTHER[language]

    async def told(text: str, before: OpenSentences | None = None) -> tuple[str, bool]:
        utterance = Utterance("u", "speaker", language, 0, 0.0)
        found = None if before is None else before.of(utterance, None, target)
        job = Translate(text, language, target, begun=None if found is None else found.begun)
        verdict = await translated(stages, job, timeout=_TIMEOUT_S, urgent=True)
        if before is not None:
            before.note(utterance, target, text, verdict.text, found)
        return verdict.text, verdict.carried_on

    whole, anew, joined, count = [], [], [], 0
    for first, rest in cuts(language):
        sentence = OpenSentences()
        begun, _ = await told(first, sentence)
        going_on, carried = await told(rest, sentence)
        count += carried
        whole.append((await told(f"{first} {rest}"))[0])
        anew.append(f"{begun} {(await told(rest))[0]}")
        joined.append(f"{begun} {going_on}")
    return {
        "sentences": len(whole),
        "carriedOn": round(count / max(1, len(whole)), 4),
        "chrfAnew": translation(whole, anew, target)["chrf"],
        "chrf": translation(whole, joined, target)["chrf"],
    }
