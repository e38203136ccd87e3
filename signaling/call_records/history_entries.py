"""Makes the entries of one session's history from its events: final translations, with their media times. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from accounts.history.entry import Entry, Kept, Missing
from media.events import RoomEvent
from pipeline.events import Outcome, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from pipeline.speech import Segment
from wire.strict_json import utf16_length

_OPEN = 64
"""Utterances that are remembered: far more than those of which segments may still come."""


@dataclass(slots=True)
class _Utterance:
    """An utterance that began while all consented."""

    kept: bool
    """False once it can't be kept whole, because the database did not answer meanwhile."""
    text: str = ""
    start_ms: int = 0
    end_ms: int = 0
    language: str = ""
    revision: int = 0
    continues: str | None = None
    ended_ms: dict[str, int] = field(default_factory=dict)
    """Media time at which the last segment ends, by target language."""


class HistoryEntries:
    """Entries of one session. An utterance that began before all consented has none."""

    def __init__(self) -> None:
        self._utterances: dict[str, _Utterance] = {}

    def discard(self) -> None:
        """Keep nothing of the utterances under way: somebody has withdrawn consent."""
        self._utterances.clear()

    def interrupt(self) -> None:
        """Let the rest of the utterances under way be missing: they can't be kept for now."""
        for utterance in self._utterances.values():
            utterance.kept = False

    def observe(
        self, event: RoomEvent, *, keeping: bool, names: Mapping[str, str], now: float, wall_ms: int
    ) -> Iterator[Kept]:
        """Return what an event adds. All consent; `keeping` is false while nothing can be kept.

        `names`: display names by participant id. `now` is loop time, seconds; `wall_ms` Unix epoch milliseconds.
        """
        match event:
            case UtteranceStarted(utterance):
                self._utterances[utterance] = _Utterance(keeping)
                if len(self._utterances) > _OPEN:
                    del self._utterances[next(iter(self._utterances))]
            case Transcribed() if event.utterance in self._utterances:
                _note(self._utterances[event.utterance], event)
            case Translated(final=True) if event.utterance in self._utterances:
                said = self._utterances[event.utterance]
                latency = max(0, round((now - event.voiced_at) * 1000))
                yield from _translated(event, said, names.get(event.speaker, ""), wall_ms, latency)
            case UtteranceEnded(outcome=Outcome.NOT_NEEDED) if event.utterance in self._utterances:
                yield from _same_language(event, self._utterances[event.utterance], names, wall_ms)


def _note(said: _Utterance, event: Transcribed) -> None:
    said.text, said.start_ms, said.end_ms = event.text, event.start_ms, max(event.start_ms, event.end_ms)
    said.language, said.revision, said.continues = event.language, event.revision, event.continues


def _translated(event: Translated, said: _Utterance, name: str, wall_ms: int, latency: int) -> Iterator[Kept]:
    start_ms, end_ms = _times(event.segment, said, event.target)
    source_start = utf16_length(said.text[: event.segment.start])
    for listener in event.listeners:
        entry = Entry(
            utterance=event.utterance,
            segment=event.segment.index,
            source=event.speaker,
            target=listener,
            original=event.segment.text,
            source_start=source_start,
            source_end=source_start + utf16_length(event.segment.text),
            translated=event.text,
            source_language=event.source,
            target_language=event.target,
            revision=event.revision,
            timestamp=wall_ms,
            latency=latency,
            start_ms=start_ms,
            end_ms=end_ms,
            continues=event.continues,
            held=None if event.held is None else event.held.value,
            unsure=tuple(doubt.value for doubt in event.unsure),
            name=name,
        )
        yield entry if said.kept else Missing(start_ms, end_ms, 1)


def _same_language(event: UtteranceEnded, said: _Utterance, names: Mapping[str, str], wall_ms: int) -> Iterator[Kept]:
    """Return what was said to somebody of the same language: there is no translation, and the words are kept."""
    whole = Segment(0, said.text, 0, len(said.text))
    if said.text:
        translated = Translated(
            event.utterance,
            event.speaker,
            event.listeners,
            whole,
            said.revision,
            True,
            said.text,
            said.language,
            event.target,
            0.0,
            continues=said.continues,
        )
        yield from _translated(translated, said, names.get(event.speaker, ""), wall_ms, 0)


def _times(segment: Segment, said: _Utterance, target: str) -> tuple[int, int]:
    """Return the media times of a segment, by its place in the text that there is so far.

    Segments of one utterance follow each other, however the text has grown between them.
    """
    length, took = max(1, len(said.text)), said.end_ms - said.start_ms
    start = said.start_ms + took * min(segment.start, length) // length
    end = said.start_ms + took * min(segment.end, length) // length
    start = max(start, said.ended_ms.get(target, 0))
    end = max(start, end)
    said.ended_ms[target] = end
    return start, end
