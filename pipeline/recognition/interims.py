"""Passes over what is being said: subtitles that may still change, and the clauses among them that won't."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.errors import EngineError, LaneBusy
from pipeline.overload import OverloadLadder
from pipeline.recognition.closing import SPLIT_MS, Closing
from pipeline.recognition.passes import Recognition, RecognitionOptions
from pipeline.recognition.sink import RecognitionSink
from pipeline.recognition.stable_text import joined, words_of
from pipeline.recognition.utterance import SentenceCandidate, Utterance
from pipeline.speech import Transcript

_EARLY_MS = 150  # a last word is guessed so long before it is over
_WENT_ON_MS = 240  # of voice after a breath, of which a recogniser would have heard something


class Interims:
    """The interims of one speaker, each when it is due: as often as the load allows."""

    def __init__(
        self,
        recognition: Recognition,
        passes: RecognitionOptions,
        *,
        load: OverloadLadder,
        outlet: RecognitionSink,
        closing: Closing,
        now: Callable[[], float],
    ) -> None:
        self._recognition = recognition
        self._passes = passes
        self._load = load
        self._outlet = outlet
        self._closing = closing
        self._now = now
        self._at = 0.0
        """When the next may be made."""

    def began(self) -> None:
        """Somebody began to speak."""
        self._at = self._now() + self._passes.first_interim

    def due(self, utterance: Utterance) -> bool:
        """Whether one is to be made now."""
        return (
            utterance.ended_at is None
            and (utterance.silence is None or not self._passes.ahead)
            and self._now() >= self._at
            and utterance.seconds <= self._passes.interim_longest
            and self._load.interims
            and utterance.voiced_ms >= self._passes.least_voice_ms
        )

    async def hear(self, utterance: Utterance) -> None:
        """Recognise what has been said so far: a subtitle that may still change, and clauses that won't."""
        began, edge_ms = self._now(), utterance.edge_ms
        self._at = began + self._passes.interim_every * self._load.step
        sentence = utterance.sentence
        if sentence is not None and not (sentence.settled or sentence.heard.certain):
            sentence = None  # perhaps none: heard together with what follows until the next pause
        start_ms = 0 if sentence is None else sentence.until_ms
        try:
            heard = await self._recognition.pass_over(utterance, start_ms, urgent=False)
        except LaneBusy:
            self._load.refused(self._now())
            return
        except EngineError:
            return  # an interim is a courtesy; the final will tell of a failure
        self._load.passed()
        self._at = max(self._at, began + (self._now() - began) / self._passes.duty)
        if not heard.text.strip() or utterance.ended_at is not None:
            return
        if self._outlet.echoes(utterance, heard.text):
            return
        if sentence is not None:
            if not heard.understood or len(words_of(heard, 0)) < self._passes.stands_alone:
                return
            if sentence.breath and not heard.certain:
                return
            if heard.certain or not sentence.settled:
                # What follows the pause stands on its own: the sentence before it was one.
                await self._closing.close(utterance, sentence)
                sentence = None
        draft = utterance.draft
        utterance.confidence = heard.confidence
        certain, window_ms = heard.certain, edge_ms - utterance.window_ms
        if sentence is not None:
            draft.reopen(words_of(sentence.heard, start_ms))
            heard = joined(sentence.heard, heard, start_ms, window_ms)
        draft.revise(heard, window_ms)
        segments = draft.ripe() if heard.understood else []
        if sentence is not None and segments:
            draft.forget(len(words_of(sentence.heard, start_ms)), start_ms)
            self._closing.drop(utterance, start_ms)
        if utterance.sentence is not None and draft.given > len(words_of(utterance.sentence.heard, 0)):
            utterance.sentence = None  # what was settled reaches over the pause: it ended nothing
        if sentence is None and not segments and certain:
            self._look_behind_a_breath(utterance, heard, window_ms, began)
        if draft.text:
            self._outlet.shown(utterance, final=False)
        if segments:
            late_ms = max(0, utterance.voice_end_ms - draft.gave_ms)
            await self._outlet.settled(utterance, segments, utterance.voiced_at - late_ms / 1000)
        if draft.cut_ms is not None and utterance.length_ms >= self._passes.trim_ms:
            self._closing.renew(utterance, draft.cut_ms if sentence is None else start_ms)
        if certain:
            self._outlet.expected(utterance, draft.opening())

    def _look_behind_a_breath(self, utterance: Utterance, heard: Transcript, window_ms: int, began: float) -> None:
        """The same whole sentence again, although voice went on after a breath: a recogniser may have stopped at its
        end, and would at every pass. What follows the breath is heard apart now, as after a pause."""
        draft = utterance.draft
        breath = utterance.breath_from(draft.same_ms - _EARLY_MS) if draft.complete and draft.repeated else None
        if breath is not None and window_ms - breath[1] >= _WENT_ON_MS:
            ended, went_on = breath
            until_ms = min(ended + SPLIT_MS, (ended + went_on) // 2)
            voiced_at = began - (window_ms - ended) / 1000
            utterance.sentence = SentenceCandidate(heard, until_ms, voiced_at, breath=True)
