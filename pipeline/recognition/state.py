"""State of recognition: all that changes while one utterance is recognised. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from pipeline.recognition.actions import Action, Finalize, Progress, Show, Work
from pipeline.recognition.continuation import LeftOpen
from pipeline.recognition.silence import Silence
from pipeline.recognition.stable_text import StableText
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.words_before import Said, words_before
from pipeline.speech import Segment, Transcript

SPLIT_MS = 60
"""Silence behind a sentence that stays with it: a last sound may be softer than voice."""
UNMARKED = 3
"""Utterances without the end of a sentence after which a recogniser is taken for one that writes no marks."""


@dataclass(frozen=True, slots=True)
class SentenceCandidate:
    """A sentence that a silence of the window seems to have ended. The words after it show whether it did."""

    transcript: Transcript
    """The window up to `until_ms`."""
    until_ms: int
    """Place in the window behind which more may follow."""
    voiced_at: float
    """Loop time at which its last voice was heard, s."""
    silence: int | None = None
    """Number of the silence that followed when it was found."""
    final: bool = False
    """True if its text is final already."""
    deaf: bool = False
    """True if a pass over it and the voice behind it says no more: the recogniser stops there."""
    inner_gap: bool = False
    """True if no more than an inner gap follows: what comes behind it must be certain to make it a sentence."""


@dataclass(frozen=True, slots=True)
class FinalQuestion:
    """A final pass of one or two runs, as the utterance was when its first run began."""

    candidate: SentenceCandidate | None
    """The sentence candidate whose end is asked for. None: there is but the whole window."""
    silence: int
    began_at: float
    voiced_at: float
    end_media_ms: int
    """Media time at which the last voice ended."""
    edge_media_ms: int
    """Media time at which the window ended."""
    whole: Transcript | None = None
    """The window, once that run was made."""
    rest: Transcript | None = None
    """The audio behind the candidate, once that run was made."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of an utterance."""

    at: float
    """Loop time, s."""
    enough_voice: bool = True
    given_up: bool = False
    """True if too many others waited before it: its audio was discarded."""
    started_over: bool = False
    """True if its speaker took it back."""


class Standing(Enum):
    """Standing of a transcript when it comes back."""

    CURRENT = auto()
    """The silence in which it was wanted lasts, or the voice does."""
    BROKEN = auto()
    """Voice went on meanwhile: it tells of words, and nothing of the present silence."""
    OVER = auto()
    """The utterance ended meanwhile."""


@dataclass(slots=True)
class SpeakerState:
    """State of recognition that outlives an utterance."""

    quick: bool = True
    """True if the last urgent pass left time for another."""
    unmarked: int | None = 0
    """Utterances so far without the end of a sentence; None once one was seen."""
    interim_at: float = 0.0
    """Loop time from which on the next interim may be made, s."""
    left_open: LeftOpen | None = None
    """The last utterance with text, if its last sentence was left open."""
    said: Said | None = None
    """The last words that became final, of the last utterance with text."""

    @property
    def punctuates(self) -> bool:
        """True if the recogniser may tell the end of a sentence: believed until it never does."""
        return self.unmarked is None or self.unmarked < UNMARKED


@dataclass(slots=True)
class UtteranceState:
    """Recognition of one utterance. Nothing but the machine changes it."""

    utterance: Utterance
    text: StableText
    onset_at: float
    """Loop time at which its first voiced frame came, s."""
    candidates: tuple[str, ...] = ()
    """Languages that it may be in; empty where that is not asked."""
    continues: str | None = None
    """The utterance before it, whose last sentence this one goes on. Known once it is the first that is pending."""
    said_before: str = ""
    """The end of the text of the utterance before it, where that was said just before."""
    before_window: int = 0
    """Length of the final text whose audio is no more in the window."""
    silence: Silence = field(default_factory=Silence)
    candidate: SentenceCandidate | None = None
    question: FinalQuestion | None = None
    transcript: Transcript | None = None
    """The last that was recognised in a silence, or at the end."""
    understood: bool = False
    echo: bool = False
    """True if `transcript` is not the speaker's voice: the interpreter's, or a partner's."""
    partners: bool = False
    """True if `transcript` is a partner's voice."""
    echo_discarded: bool = False
    """True if a partner's voice was cut from the window."""
    confidence: float = 1.0
    spoken: tuple[tuple[str, float], ...] = ()
    """Likelihood of each of `candidates`, by the pass that heard most voice."""
    spoken_ms: int = 0
    """Voice that this pass heard."""
    recognised: tuple[float, float] | None = None
    """Loop times at which the last final recognition began and ended, s."""
    final_at: float | None = None
    """Loop time at which a silence was taken for the end of all that was said, s."""
    end: End | None = None
    working: bool = False
    revision: int = 0
    shown: tuple[str, int] | None = None
    """The text and the length of its final part, as they were shown last."""
    concluded: bool = False

    @property
    def started_over(self) -> bool:
        """True if its speaker took it back: nothing more of it becomes final."""
        return self.end is not None and self.end.started_over

    def words_before(self, behind: SentenceCandidate | None) -> str:
        """Return the words before the window, or those before the audio that follows `behind`, whose text is final."""
        final = self.text.final if behind is not None else self.text.final[: self.before_window]
        return words_before(self.said_before, final, self.utterance.language)

    def show(self, *, final: bool) -> list[Action]:
        """Show the text as it is now, unless it is on show."""
        present = self.text.text, len(self.text.final)
        if present == self.shown and not final:
            return []
        self.shown = present
        self.revision += 1
        return [Show(self.utterance, self.revision - 1, *present, self.confidence, final, self.continues)]

    def work(self) -> list[Action]:
        """Tell once that engines work on what will be final."""
        if self.working:
            return []
        self.working = True
        return [Work(self.utterance)]

    def deliver(self, segments: list[Segment], voiced_at: float) -> list[Action]:
        """Hand out segments that have become final."""
        begun = self.work() if self.utterance.text is None else []
        return [*begun, Finalize(self.utterance, tuple(segments), voiced_at, self.continues)]

    def discard_audio(self, until_ms: int, kept: Sequence[Segment] = ()) -> list[Action]:
        """Cut the window's first `until_ms`. `kept`: the last final segments, whose audio is behind that."""
        self.utterance.discard_audio(until_ms)
        self.before_window = len(self.text.final) - sum(len(one.text) for one in kept)
        self.candidate = None
        return [Progress(self.utterance.window_start_media_ms)]

    def discard_echo(self, until_media_ms: int) -> list[Action]:
        """Cut what a partner said up to this media time: what follows is recognised alone."""
        self.text.discard_tail()
        self.echo_discarded = True
        return self.discard_audio(until_media_ms - self.utterance.window_start_media_ms)

    def renew(self, until_ms: int) -> list[Action]:
        """Begin a new window at `until_ms`: everything before it is final."""
        self.text.renew()
        return self.discard_audio(until_ms)

    def close(self, candidate: SentenceCandidate) -> list[Action]:
        """Make a candidate a sentence: its text is final, and the window begins anew behind it."""
        if candidate.final:
            return self.renew(candidate.until_ms)
        self.text.revise(candidate.transcript, candidate.until_ms)
        self.confidence = candidate.transcript.confidence
        segments = self.text.finalize()
        shown = self.show(final=False)
        return [*self.renew(candidate.until_ms), *shown, *self.deliver(segments, candidate.voiced_at)]

    def judge_language(self, spoken: tuple[tuple[str, float], ...]) -> None:
        """Keep a pass's judgement of the language if it heard at least as much voice as those before."""
        if spoken and self.utterance.voiced_ms >= self.spoken_ms:
            self.spoken, self.spoken_ms = spoken, self.utterance.voiced_ms
