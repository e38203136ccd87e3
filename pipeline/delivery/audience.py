"""Listeners of one speaker by language, and one delivery for each utterance and language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.delivery.listener import Listener
from pipeline.delivery.utterance_delivery import UtteranceDelivery
from pipeline.errors import Failure
from pipeline.events import Outcome, ProcessingEnded, ProcessingStarted
from pipeline.lanes.engine_set import EngineSet
from pipeline.recognition.actions import Conclude
from pipeline.recognition.utterance import Utterance
from pipeline.text.language import primary, same
from pipeline.types import Clock, Emit, Notify


class Audience:
    """One delivery for each utterance and target language, from its first final word to its end."""

    def __init__(
        self,
        speaker: str,
        *,
        stages: EngineSet,
        listeners: Callable[[], Sequence[Listener]],
        emit: Emit,
        progress: Notify,
        now: Clock,
    ) -> None:
        self._speaker = speaker
        self._stages = stages
        self._listeners = listeners
        self._emit = emit
        self._progress = progress
        self._now = now
        self.flows: dict[str, list[UtteranceDelivery]] = {}
        """Deliveries on their way, by utterance."""
        self.computing: dict[str, int] = {}
        """Segments that engines still work on, by utterance."""
        self._processing: set[str] = set()
        """Utterances whose `ProcessingStarted` was emitted, and whose end was not."""
        self._concluded: set[str] = set()
        """Utterances that are over, and on which engines still work."""

    @property
    def awaited(self) -> bool:
        """True if a final segment is still on its way to be heard."""
        return any(flow.awaited for flows in self.flows.values() for flow in flows)

    def targets(self) -> dict[str, list[Listener]]:
        """Return the present listeners by language."""
        listeners: dict[str, list[Listener]] = {}
        for listener in self._listeners():
            listeners.setdefault(listener.language, []).append(listener)
        return listeners

    def renders(self, source: str, target: str) -> bool:
        """Return True if speech in `source` is to be translated for listeners of `target`, and can be."""
        return not same(source, target) and self._translates(source, target)

    def trouble(self) -> str | None:
        """Return what listeners should know of the interpreter's voice; None if all is as usual."""
        for listener in self._listeners():  # a plain loop: each slot asks
            message = self._stages.trouble(listener.language)
            if message is not None:
                return message
        return None

    def work(self, utterance: Utterance) -> None:
        """Emit `ProcessingStarted`: engines work on text of the utterance that will be final."""
        if utterance.id not in self._processing:
            self._processing.add(utterance.id)
            self._emit(ProcessingStarted(utterance.id, self._speaker))

    def rendering(self, utterance: Utterance, count: int) -> list[UtteranceDelivery]:
        """Return the deliveries that `count` more segments go to."""
        flows = [flow for flow in self._of(utterance) if self.renders(utterance.language, flow.target)]
        self.computing[utterance.id] = self.computing.get(utterance.id, 0) + len(flows) * count
        return flows

    def last_spoken(self) -> Utterance | None:
        """Return the last utterance that was spoken, not typed, and is on its way to a listener."""
        known = (flow.utterance for flows in self.flows.values() for flow in flows if not flow.ended)
        return max((one for one in known if one.text is None), key=lambda one: one.id, default=None)

    def take_back(self, utterance: Utterance) -> None:
        """Let nothing more of an utterance begin to be heard: its speaker took it back."""
        for flow in self.flows.get(utterance.id, ()):
            flow.take_back()

    def conclude(self, end: Conclude) -> int:
        """Close the deliveries of an utterance: no more segments come. Return the number of their languages."""
        utterance, failure = end.utterance, end.failure
        flows = self._of(utterance)
        self._concluded.add(utterance.id)
        self._end_processing(utterance)
        for flow in flows:
            flow.timed((end.decided_at - utterance.voiced_at) * 1000, end.stt_ms)
            if failure is not None and not end.has_text:
                flow.end(_outcome(failure), failure.reason)
            elif flow.taken_back:
                flow.close()
            elif same(utterance.language, flow.target):
                flow.end(Outcome.NOT_NEEDED)
            elif not self._translates(utterance.language, flow.target):
                flow.end(Outcome.SUBTITLES_ONLY, "unsupported_pair")
            else:
                flow.close()
        if all(flow.ended for flow in flows):
            self.flows.pop(utterance.id, None)
        return len(flows)

    def detach(self) -> None:
        """End the call: deliveries refer to nobody, and what was on its way never arrives."""
        for flows in self.flows.values():
            for flow in flows:
                flow.detach()
        self.flows.clear()

    def _of(self, utterance: Utterance) -> list[UtteranceDelivery]:
        if utterance.id not in self.flows:
            self.flows[utterance.id] = [
                UtteranceDelivery(utterance, target, ears, self._emit, self._computed, self._moved, self._now)
                for target, ears in self.targets().items()
            ]
        return self.flows[utterance.id]

    def _translates(self, source: str, target: str) -> bool:
        return (primary(source), primary(target)) in self._stages.mt.pairs

    def _computed(self, flow: UtteranceDelivery) -> None:
        self.computing[flow.utterance.id] -= 1
        self._end_processing(flow.utterance)

    def _end_processing(self, utterance: Utterance) -> None:
        """Emit `ProcessingEnded` once the utterance is over and no engine works on it any more."""
        if utterance.id not in self._concluded or self.computing.get(utterance.id, 0) > 0:
            return
        self.computing.pop(utterance.id, None)
        self._concluded.discard(utterance.id)
        if utterance.id in self._processing:
            self._processing.discard(utterance.id)
            self._emit(ProcessingEnded(utterance.id, self._speaker))

    def _moved(self, flow: UtteranceDelivery) -> None:
        if all(other.ended for other in self.flows.get(flow.utterance.id, [])):
            self.flows.pop(flow.utterance.id, None)
        self._progress()


def _outcome(trouble: Failure) -> Outcome:
    if trouble.failed:
        return Outcome.FAILED
    return Outcome.NOTHING_SAID if trouble.reason is None else Outcome.REFUSED
