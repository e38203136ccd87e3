"""One speaker's utterances into settled segments: passes while they speak, and a last one when they stop.

A pass hears the window of what is not settled yet. Between two passes, words may change; a clause is settled
when passes agree (`stable_text`, `interims`), when a pause follows a whole sentence, or by the end. The work of an
end begins with the pause before it, so that the end itself mostly confirms.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from pipeline.engines import EngineError
from pipeline.hearing.endpointer import Edge
from pipeline.lanes.lane import Lane
from pipeline.overload import OverloadLadder
from pipeline.recognition.closing import SPLIT_MS, Closing, supersedes
from pipeline.recognition.interims import Interims
from pipeline.recognition.passes import Recognition, RecognitionOptions
from pipeline.recognition.pause import Pause
from pipeline.recognition.sink import Failure, RecognitionSink
from pipeline.recognition.utterance import SentenceCandidate, Utterance
from pipeline.recognition.utterance_builder import UtteranceBuilder
from pipeline.speech import Segment, Transcribe, Transcript
from pipeline.text.segmenter import is_sentence

_UNMARKED = 3  # utterances without the end of a sentence, of a recogniser that writes no marks


class Transcribing:
    """The recognising half of one speaker's interpreter. `run` must be running."""

    def __init__(
        self,
        *,
        stt: Lane[Transcribe, Transcript],
        passes: RecognitionOptions,
        load: OverloadLadder,
        listening: UtteranceBuilder,
        outlet: RecognitionSink,
        now: Callable[[], float],
    ) -> None:
        self._recognition = Recognition(stt, passes, now)
        self._closing = Closing(listening, outlet)
        self._interims = Interims(self._recognition, passes, load=load, outlet=outlet, closing=self._closing, now=now)
        self._passes = passes
        self._load = load
        self._listening = listening
        self._outlet = outlet
        self._now = now
        self.pending: deque[Utterance] = deque()
        self.busy = False
        self._wake = asyncio.Event()
        self._pause = Pause(None)
        # What came of the last pass over the utterance that is being said.
        self._heard: Transcript | None = None
        self._understood = False
        self._echo = False
        self._unmarked: int | None = 0
        """Utterances that came out without the end of a sentence; None once one was seen."""

    def add(self, utterance: Utterance) -> None:
        """A new utterance, last in line."""
        utterance.draft.rules = self._passes.settling
        self.pending.append(utterance)
        self._interims.began()

    def wake(self) -> None:
        """Something is to be done: a pause, an end."""
        self._wake.set()

    def paused(self) -> None:
        """Silence has lasted a while. What the words say of it is known when they are recognised: until then it is
        no end, however long that takes, within the endpointer's patience."""
        if self._passes.ahead and self._punctuates and self._listening.current is not None:
            self._listening.wait(self._listening.current, True)
        self._wake.set()

    def heard_more(self) -> None:
        """A frame came: an interim may be due."""
        if self.pending and self._interims.due(self.pending[0]):
            self._wake.set()

    @property
    def _punctuates(self) -> bool:
        """Whether the recogniser may tell the end of a sentence: it is believed to until it never does."""
        return self._unmarked is None or self._unmarked < _UNMARKED

    @property
    def behind(self) -> bool:
        """Whether there is work to do, or in hand."""
        over = bool(self.pending) and self.pending[0].ended_at is not None
        return over or self._wake.is_set() or self.busy

    @property
    def lag(self) -> float:
        """Seconds that the oldest ended utterance has waited."""
        first = next((one.ended_at for one in self.pending if one.text is None), None)  # what is typed may wait
        return 0.0 if first is None else self._now() - first

    async def run(self, progress: Callable[[], None]) -> None:
        """Transcribe until cancelled; `progress` is called after each round of work."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            self.busy = True
            while self.pending and self.pending[0].ended_at is not None:
                await self._conclude(self.pending[0])
                self.pending.popleft()
                self._pause = Pause(None)
                self._understood = self._echo = False
            if self.pending:
                await self._advance(self.pending[0])
            self.busy = False
            progress()

    # while they speak

    async def _advance(self, utterance: Utterance) -> None:
        if utterance.silence is None or not self._passes.ahead:
            if self._interims.due(utterance):
                await self._interims.hear(utterance)
        elif utterance.voiced_ms >= self._passes.least_voice_ms and not self._load.crowded:
            if self._pause_in(utterance).new:
                await self._hang_over(utterance)
            if utterance.silence in (Edge.SETTLE, Edge.LATE) and self._pause_in(utterance).passed:
                await self._soft_end(utterance)

    def _pause_in(self, utterance: Utterance) -> Pause:
        """The pause that its speaker is in, or was in last."""
        if self._pause.voiced_at != utterance.voiced_at:
            self._pause = Pause(utterance.voiced_at)
        return self._pause

    async def _hang_over(self, utterance: Utterance) -> None:
        """A pause: recognise as if it were the end."""
        pause, pause_ms, edge_ms = self._pause_in(utterance), utterance.end_ms + SPLIT_MS, utterance.edge_ms
        voiced_at = utterance.voiced_at
        try:
            heard = await self._best(utterance)
        except EngineError as error:
            pause.error = error  # the end will tell, if this is it
            if utterance.voiced_at == voiced_at:
                self._listening.wait(utterance, False)
            return
        self._take(utterance, heard, edge_ms)
        draft = utterance.draft
        before = utterance.sentence
        if self._understood and draft.complete and (before is None or supersedes(heard, before)):
            utterance.sentence = SentenceCandidate(heard, pause_ms - utterance.window_ms, voiced_at)
        if utterance.voiced_at != voiced_at:
            return
        pause.passed = True
        if utterance.ended_at is not None:
            return
        self._listening.wait(utterance, self._punctuates)
        if self._understood:
            self._outlet.shown(utterance, final=False)
        self._outlet.expected(utterance, draft.opening(over=True) if self._understood else None)

    async def _soft_end(self, utterance: Utterance) -> None:
        """Silence has lasted: a sentence that is whole, and came out the same twice, is settled. Its audio stays
        for a while: should more come that is no sentence of its own, both are heard together again."""
        draft, pause, voiced_at = utterance.draft, self._pause_in(utterance), utterance.voiced_at
        trusted = utterance.silence is Edge.LATE or (self._heard is not None and self._heard.certain)
        if not (self._understood and draft.complete and trusted):
            return
        quick = self._recognition.quick
        if quick and not draft.repeated and not pause.confirmed:
            pause.confirmed, edge_ms = True, utterance.edge_ms
            try:
                heard = await self._recognition.pass_over(utterance)
            except EngineError:
                return
            if utterance.voiced_at != voiced_at:
                return
            self._take(utterance, heard, edge_ms)
        better = await self._reconsider(utterance)
        if utterance.voiced_at != voiced_at:
            return
        whole = self._understood and draft.complete and (draft.repeated or better or not quick)
        if whole and self._heard is not None and utterance.ended_at is None:
            segments = draft.settle()
            self._outlet.shown(utterance, final=False)
            utterance.settled_at = self._now()
            utterance.sentence = SentenceCandidate(
                self._heard, utterance.voice_end_ms + SPLIT_MS, voiced_at, settled=True
            )
            utterance.voiced_ms = 0
            self._listening.settled(utterance.end_ms)
            await self._outlet.settled(utterance, segments, voiced_at)

    async def _reconsider(self, utterance: Utterance) -> bool:
        """Whether a second opinion of what was not certain is better; once for each pause, where there is time."""
        heard, voiced_at, edge_ms = self._heard, utterance.voiced_at, utterance.edge_ms
        pause = self._pause_in(utterance)
        doubtful = self._understood and heard is not None and not heard.certain and not pause.doubted
        if heard is None or not doubtful or not self._recognition.quick or self._load.crowded:
            return False
        pause.doubted = True
        try:
            better = await self._recognition.more_certain(utterance, heard)
        except EngineError:
            return False
        if better is heard or utterance.voiced_at != voiced_at:
            return False
        self._take(utterance, better, edge_ms)
        return True

    # the end

    async def _conclude(self, utterance: Utterance) -> None:
        """The utterance is over: what was not settled yet is, or was not understood."""
        trouble = await self._last(utterance)
        if trouble is not None and utterance.sentence is not None:
            await self._save(utterance, utterance.sentence)
        draft = utterance.draft
        segments: list[Segment] = []
        if trouble is None:
            segments = draft.settle()
        else:
            draft.drop()
        utterance.audio.clear()
        if self._unmarked is not None and draft.settled and utterance.text is None:
            self._unmarked += 1
        if draft.settled or utterance.revision:
            if not draft.settled:
                utterance.confidence = 0.0
            self._outlet.shown(utterance, final=True)
        if segments:
            await self._outlet.settled(utterance, segments, utterance.voiced_at)
        else:
            self._outlet.expected(utterance, None)
        self._outlet.concluded(utterance, trouble)

    async def _save(self, utterance: Utterance, sentence: SentenceCandidate) -> None:
        """What came after a sentence was not understood: the sentence was, and stays."""
        went_on = utterance.voiced_at != sentence.voiced_at
        if went_on and sentence.heard.certain and not sentence.settled:
            await self._closing.close(utterance, sentence)

    async def _last(self, utterance: Utterance) -> Failure | None:
        """Recognise what has not been; the trouble if there is no text, or no more."""
        draft = utterance.draft
        if utterance.text is not None:
            draft.revise(Transcript(utterance.text, utterance.language), 0)
            return None
        if utterance.given_up:
            return Failure("behind", failed=True)
        if not utterance.heard or utterance.voiced_ms < self._passes.least_voice_ms:
            return Failure()
        pause = self._pause_in(utterance)
        if pause.new:
            self._outlet.working(utterance)
            try:
                heard = await self._best(utterance)
            except EngineError as error:
                pause.error = error
            else:
                self._take(utterance, heard, utterance.edge_ms)
        if pause.error is not None:
            self._outlet.failed("stt", utterance.id, pause.error)
            return Failure("stt", failed=True)
        await self._once_more(utterance)
        await self._reconsider(utterance)
        if self._understood:
            return None
        return Failure("echo" if self._echo else "not_understood") if draft.tail else Failure()

    async def _once_more(self, utterance: Utterance) -> None:
        """Before all that was said is refused, it is heard with all its pauses, and where there is time with another
        silence before it."""
        if not self._passed_over_in_vain(utterance):
            return
        with contextlib.suppress(EngineError):
            heard = await self._recognition.pass_over(utterance, shorten=False)
            self._take(utterance, heard, utterance.edge_ms)
            if self._recognition.quick and self._passed_over_in_vain(utterance):
                self._take(utterance, await self._recognition.more_certain(utterance, heard), utterance.edge_ms)

    def _passed_over_in_vain(self, utterance: Utterance) -> bool:
        """Whether nothing was understood of all that was said."""
        whole = utterance.sentence is None or not utterance.sentence.settled
        return whole and bool(utterance.draft.tail) and not (self._understood or self._echo or self._load.crowded)

    async def _best(self, utterance: Utterance) -> Transcript:
        """What was said since all was settled; a sentence before it that is one now is given away."""
        began, sentence = self._now(), utterance.sentence
        voiced_at, ended_ms = utterance.voiced_at, utterance.voice_end_ms
        best = await self._recognition.best(utterance)
        utterance.stt_ms = (self._now() - began) * 1000
        if best.closes and sentence is not None:
            await self._closing.close(utterance, sentence)
        elif best.reaches and sentence is not None:
            utterance.sentence = replace(sentence, until_ms=ended_ms + SPLIT_MS, voiced_at=voiced_at)
        elif best.again is not None:
            utterance.draft.reopen(best.again)
        return best.heard

    def _take(self, utterance: Utterance, heard: Transcript, edge_ms: int) -> None:
        """What came of a pass over audio up to `edge_ms`."""
        utterance.draft.revise(heard, edge_ms - utterance.window_ms)
        self._heard = heard
        if is_sentence(heard.text, heard.language):
            self._unmarked = None
        utterance.confidence = heard.confidence
        text = heard.text.strip()
        self._echo = bool(text) and self._outlet.echoes(utterance, text)
        self._understood = heard.understood and bool(utterance.draft.tail) and not self._echo
        if not self._echo:
            utterance.judged(heard.spoken)
