"""Decides which sentence a segment goes on: the one that its speaker's last segment left open, for each language. Pure.

A translation that carries on needs what was said of the sentence, and the translation that listeners have of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.recognition.utterance import Utterance
from pipeline.speech import Begun
from pipeline.text.language import same
from pipeline.text.segmenter import LONGEST, SENTENCE_MARKS, is_sentence, joined

_TARGETS = 8
"""Languages of which a sentence is kept: a client may name many."""


@dataclass(frozen=True, slots=True)
class OpenSentence:
    """A sentence that is not over: what listeners of one language have of it."""

    utterance: str
    """The utterance of its last segment."""
    language: str
    begun: Begun


class OpenSentences:
    """Open sentences of one speaker, by target language."""

    def __init__(self) -> None:
        self._open: dict[str, OpenSentence] = {}

    def of(self, utterance: Utterance, continues: str | None, target: str) -> OpenSentence | None:
        """Return the sentence that the next segment of an utterance goes on, or None if it begins one.

        `continues`: the utterance before it, whose last sentence this one goes on.
        """
        found = self._open.get(target)
        if found is None or found.utterance not in (utterance.id, continues):
            return None
        return found if same(found.language, utterance.language) else None

    def note(self, utterance: Utterance, target: str, said: str, translated: str, before: OpenSentence | None) -> None:
        """Note a segment's text and translation. `before`: the sentence that the translation carries on.

        Typed text leaves nothing open, as it is no sooner there than it is whole. A sentence that is longer than a
        segment may be is carried on no further: each translation would cost the whole of it again.
        """
        self.close(target)
        if utterance.text is not None or is_sentence(said, utterance.language):
            return
        begun = Begun(said.rstrip(SENTENCE_MARKS + " "), translated.rstrip(SENTENCE_MARKS + " "))
        if before is not None:
            said = joined([before.begun.said, begun.said], utterance.language)
            begun = Begun(said, joined([before.begun.translated, begun.translated], target))
        if begun.said and begun.translated and len(begun.said) <= LONGEST:
            self._open[target] = OpenSentence(utterance.id, utterance.language, begun)
        if len(self._open) > _TARGETS:
            del self._open[next(iter(self._open))]

    def close(self, target: str) -> None:
        """Forget the sentence of a language: what comes next begins anew."""
        self._open.pop(target, None)
