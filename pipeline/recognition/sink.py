"""What becomes of an utterance's text: the callables that transcribing tells, and why there is no text."""

from __future__ import annotations

from typing import Protocol

from pipeline.errors import EngineError
from pipeline.errors import Failure as Failure
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Segment


class RecognitionSink(Protocol):
    """Where the text of utterances goes."""

    def working(self, utterance: Utterance) -> None:
        """Engines begin to work on what will be the utterance's last text."""

    def shown(self, utterance: Utterance, *, final: bool) -> None:
        """The draft has changed."""

    async def settled(self, utterance: Utterance, segments: list[Segment], voiced_at: float) -> None:
        """These will never change. Waits while there is no room for them."""

    def expected(self, utterance: Utterance, text: str | None) -> None:
        """A clause that may be settled soon; None: no more."""

    def concluded(self, utterance: Utterance, trouble: Failure | None) -> None:
        """The last of an utterance."""

    def failed(self, stage: str, utterance: str, error: EngineError) -> None:
        """An engine failed on it."""

    def echoes(self, utterance: Utterance, text: str) -> bool:
        """Whether the window's text is the interpreter's own voice."""
