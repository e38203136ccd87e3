"""What was said up to a pause is a sentence of its own: it is settled, and the window begins anew behind it."""

from __future__ import annotations

from pipeline.recognition.sink import RecognitionSink
from pipeline.recognition.stable_text import words_of
from pipeline.recognition.utterance import SentenceCandidate, Utterance
from pipeline.recognition.utterance_builder import UtteranceBuilder
from pipeline.speech import Transcript

SPLIT_MS = 60
"""Of the silence behind a sentence so much stays with it: a last sound may be softer than voice."""


def supersedes(heard: Transcript, sentence: SentenceCandidate) -> bool:
    """Whether a pass over more audio makes a later pause the end of this sentence: where the end was certain, only a
    longer sentence that is as certain does. One that says no more has not understood what came after."""
    if sentence.settled:
        return False
    if sentence.breath and heard.certain:
        return True
    longer = len(words_of(heard, 0)) > len(words_of(sentence.heard, 0))
    return not sentence.heard.certain or (heard.certain and longer)


class Closing:
    """Closes the sentences of one speaker's utterances."""

    def __init__(self, listening: UtteranceBuilder, outlet: RecognitionSink) -> None:
        self._listening = listening
        self._outlet = outlet

    async def close(self, utterance: Utterance, sentence: SentenceCandidate) -> None:
        """It turned out that a sentence did end in a pause of the window."""
        draft = utterance.draft
        if sentence.settled:
            self.renew(utterance, sentence.until_ms)
            return
        draft.revise(sentence.heard, sentence.until_ms)
        utterance.confidence = sentence.heard.confidence
        segments = draft.settle()
        self._outlet.shown(utterance, final=False)
        self.renew(utterance, sentence.until_ms)
        await self._outlet.settled(utterance, segments, sentence.voiced_at)

    def renew(self, utterance: Utterance, until_ms: int) -> None:
        """All up to `until_ms` of the window is settled: a new one begins there."""
        utterance.draft.renew()
        self.drop(utterance, until_ms)

    def drop(self, utterance: Utterance, until_ms: int) -> None:
        utterance.drop(until_ms)
        utterance.voiced_ms = min(utterance.voiced_ms, max(0, utterance.voice_end_ms))
        self._listening.settled(utterance.window_ms)
