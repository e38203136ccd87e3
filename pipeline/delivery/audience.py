"""Who hears a speaker in which language, and the flows of their utterances to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.delivery.listener import Listener
from pipeline.delivery.utterance_delivery import UtteranceDelivery
from pipeline.events import Event, Outcome, ProcessingEnded, ProcessingStarted
from pipeline.lanes.engine_set import EngineSet
from pipeline.recognition.sink import Failure
from pipeline.recognition.utterance import Utterance
from pipeline.text.language import primary, same


class Audience:
    """One flow for each utterance and target language, from its first settled word to its end."""

    def __init__(
        self,
        speaker: str,
        *,
        stages: EngineSet,
        listeners: Callable[[], Sequence[Listener]],
        tell: Callable[[Event], None],
        progress: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self._speaker = speaker
        self._stages = stages
        self._listeners = listeners
        self._tell = tell
        self._progress = progress
        self._now = now
        self._flows: dict[str, list[UtteranceDelivery]] = {}
        self._computing: dict[str, int] = {}

    @property
    def awaited(self) -> bool:
        """Whether anything settled is still on its way to be heard."""
        return any(flow.awaited for flows in self._flows.values() for flow in flows)

    def targets(self) -> dict[str, list[Listener]]:
        """Who hears which language now."""
        listeners: dict[str, list[Listener]] = {}
        for listener in self._listeners():
            listeners.setdefault(listener.language, []).append(listener)
        return listeners

    def renders(self, source: str, target: str) -> bool:
        """Whether what is said in `source` is to be translated for who hears `target`, and can be."""
        return not same(source, target) and self._translates(source, target)

    def trouble(self) -> str | None:
        """What those who hear this speaker interpreted should know of the voice."""
        told = (self._stages.trouble(listener.language) for listener in self._listeners())
        return next((message for message in told if message is not None), None)

    def working(self, utterance: Utterance) -> None:
        """Engines work on the utterance's last text."""
        if not utterance.processing:
            utterance.processing = True
            self._tell(ProcessingStarted(utterance.id, self._speaker))

    def rendering(self, utterance: Utterance, count: int) -> list[UtteranceDelivery]:
        """The flows that so many settled segments go to."""
        flows = [flow for flow in self._of(utterance) if self.renders(utterance.language, flow.target)]
        self._computing[utterance.id] = self._computing.get(utterance.id, 0) + len(flows) * count
        return flows

    def conclude(self, utterance: Utterance, trouble: Failure | None) -> None:
        """No more segments come; `utterance.ended_at` is known."""
        assert utterance.ended_at is not None
        flows = self._of(utterance)
        decided_at = utterance.ended_at if utterance.settled_at is None else utterance.settled_at
        utterance.over = True
        self._end_processing(utterance)
        for flow in flows:
            flow.timed((decided_at - utterance.voiced_at) * 1000, utterance.stt_ms)
            if trouble is not None and not utterance.draft.segments:
                flow.end(_outcome(trouble), trouble.reason)
            elif same(utterance.language, flow.target):
                flow.end(Outcome.NOT_NEEDED)
            elif not self._translates(utterance.language, flow.target):
                flow.end(Outcome.SUBTITLES_ONLY, "unsupported_pair")
            else:
                flow.close()
        if all(flow.ended for flow in flows):
            self._flows.pop(utterance.id, None)

    def forget(self) -> None:
        """The call is over: what was on its way never arrives."""
        for flows in self._flows.values():
            for flow in flows:
                flow.forget()
        self._flows.clear()

    def _of(self, utterance: Utterance) -> list[UtteranceDelivery]:
        if utterance.id not in self._flows:
            self._flows[utterance.id] = [
                UtteranceDelivery(utterance, target, ears, self._tell, self._computed, self._moved, self._now)
                for target, ears in self.targets().items()
            ]
        return self._flows[utterance.id]

    def _translates(self, source: str, target: str) -> bool:
        return (primary(source), primary(target)) in self._stages.mt.pairs

    def _computed(self, flow: UtteranceDelivery) -> None:
        self._computing[flow.utterance.id] -= 1
        self._end_processing(flow.utterance)

    def _end_processing(self, utterance: Utterance) -> None:
        """Once the utterance is over and no engine works on it any more."""
        if not utterance.over or self._computing.get(utterance.id, 0) > 0:
            return
        self._computing.pop(utterance.id, None)
        if utterance.processing:
            utterance.processing = False
            self._tell(ProcessingEnded(utterance.id, self._speaker))

    def _moved(self, flow: UtteranceDelivery) -> None:
        if all(other.ended for other in self._flows.get(flow.utterance.id, [])):
            self._flows.pop(flow.utterance.id, None)
        self._progress()


def _outcome(trouble: Failure) -> Outcome:
    if trouble.failed:
        return Outcome.FAILED
    return Outcome.NOTHING_SAID if trouble.reason is None else Outcome.REFUSED
