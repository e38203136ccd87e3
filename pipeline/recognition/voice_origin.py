"""Decides whose voice an utterance is: its speaker's, the interpreter's, or a partner's. A table of evidence; pure.

Two witnesses are heard. One compares the sound of the microphones (`crosstalk`). The other one compares words and their
times (`echo_guard`): with what the interpreter says in this ear, with what partners say, and with its translation, for
a recogniser may translate what it hears in another language than it expects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.events import Event, PlaybackState, SpeechPlayed, Transcribed, Translated
from pipeline.hearing.band_levels import BandLevels
from pipeline.hearing.crosstalk import LATEST_MS, compare
from pipeline.hearing.echo_guard import FEW, EchoGuard
from pipeline.hearing.likeness import Sound
from pipeline.recognition.rules import Rule, outcome
from pipeline.text.language import primary
from pipeline.text.segmenter import unspaced

KEPT = 16
"""Utterances of partners whose times are kept."""
FEW_SIGNS = 6
"""Signs below which a text without spaces is a word or two."""


class Origin(StrEnum):
    """Origin of an utterance's sound."""

    SPEAKER = "speaker"
    INTERPRETER = "interpreter"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Words:
    """Words whose origin is asked for."""

    text: str
    language: str
    """Language of the microphone."""
    since_at: float
    until_at: float
    """Loop time of the first and the last voice, s."""
    voice_ms: tuple[tuple[int, int], ...] = ()
    """Spans of voice in media time, ms."""
    spoken: tuple[tuple[str, float], ...] = ()
    """Likely languages as (primary subtag, 0..1); empty if the recogniser did not judge."""
    interim: bool = False
    """True while the speaker goes on: there is time to be sure."""


TABLE: tuple[Rule[Origin], ...] = (
    Rule({"interpreters_words": True}, Origin.INTERPRETER,
        "The words are those that the interpreter said in this ear at that time."),
    Rule({"partners_sound": True}, Origin.PARTNER,
        "The sound is that of the partner's microphone, which was nearer to the voice, or heard it first."),
    Rule({"same_sound": True, "partners_language": True}, Origin.PARTNER,
        "Both microphones have one voice, nothing in the sound tells whose, and the language is the partner's."),
    Rule({"like_sound": True, "partners_words": True}, Origin.PARTNER,
        "The sound resembles the partner's, as through noise or an echoing room, and so do the words."),
    Rule({"partners_words": True, "partners_language": True, "few_words": False}, Origin.PARTNER,
        "The words, their times and the language are the partner's: no speaker does that by accident."),
    Rule({"interim": True, "like_sound": True}, Origin.PARTNER,
        "While it is said there is time: what may be the partner's is not shown yet."),
    Rule({"interim": True, "same_sound": True}, Origin.PARTNER,
        "The same, where nothing tells yet who is nearer."),
    Rule({}, Origin.SPEAKER,
        "Both talk at once, one repeats the other, or nothing tells whose voice it is: no words are lost for a doubt."),
)  # fmt: skip
"""The first rule whose conditions all hold gives the origin."""


@dataclass(slots=True, eq=False)
class VoiceOrigin:
    """Evidence on one speaker's microphone: what it heard, and what others said and were played meanwhile."""

    speaker: str = ""
    levels: BandLevels = field(default_factory=BandLevels)
    """Sound of this microphone."""
    others: Sequence[VoiceOrigin] = ()
    """Evidence on the partners' microphones."""
    voiced_ms: int = -LATEST_MS
    """Media time at which the last voice in this microphone ended, ms."""
    interpreter: EchoGuard = field(default_factory=EchoGuard)
    """Words that the interpreter said in this ear; times are loop time."""
    partners: EchoGuard = field(default_factory=EchoGuard)
    """Words that partners said, and their translation; times are media time, s."""
    _languages: dict[str, str] = field(default_factory=dict)
    """Language that each partner last spoke."""
    _times: dict[str, tuple[float, float, int]] = field(default_factory=dict)
    """Utterances of partners as (start, end, length of the text); media time, s."""

    def __repr__(self) -> str:
        return f"<VoiceOrigin {self.speaker} {self.levels} voiced_ms={self.voiced_ms} others={len(self.others)}>"

    def overhear(self, event: Event, now: float) -> None:
        """Note an event of another speaker at loop time `now`."""
        match event:
            case Transcribed() if event.speaker != self.speaker:
                self._partner_said(event)
            case Translated() if self.speaker in event.listeners:
                self.interpreter.will_play((event.utterance, event.segment.index), event.text, event.target)
                self._partner_meant(event)
            case SpeechPlayed(listener=self.speaker, state=PlaybackState.START):
                self.interpreter.began((event.utterance, event.segment), now)
            case SpeechPlayed(listener=self.speaker):
                self.interpreter.ended((event.utterance, event.segment), now)

    def of(self, words: Words) -> Origin:
        """Return the origin of an utterance's words."""
        return outcome(TABLE, self.facts(words))

    def is_a_partners(self, voice_ms: Sequence[tuple[int, int]]) -> bool:
        """Return True if a voice that still goes on may be a partner's, by its sound alone."""
        return self.of(Words("", "", 0.0, 0.0, tuple(voice_ms), interim=True)) is Origin.PARTNER

    def facts(self, words: Words) -> Mapping[str, bool]:
        """Return the conditions of the table."""
        sounds = {compare(self.levels, other.levels, words.voice_ms).sound for other in self._voiced_with(words)}
        like, foreign = Sound.LIKE in sounds, self._partners_language(words)
        return {
            "interpreters_words": self.interpreter.is_echo(words.text, words.since_at, words.until_at, words.language),
            "partners_sound": Sound.PARTNERS in sounds,
            "same_sound": Sound.SAME in sounds,
            "like_sound": like,
            "partners_words": (like or foreign) and self._partners_words(words),
            "partners_language": foreign,
            "few_words": _few(words),
            "interim": words.interim,
        }

    def _voiced_with(self, words: Words) -> Iterator[VoiceOrigin]:
        """Yield the partners who spoke when the words were said, or just before."""
        since_ms = words.voice_ms[0][0] - LATEST_MS if words.voice_ms else 0
        yield from (other for other in self.others if words.voice_ms and other.voiced_ms >= since_ms)

    def _partners_words(self, words: Words) -> bool:
        spans = words.voice_ms
        if not spans:
            return False
        return self.partners.is_echo(words.text, spans[0][0] / 1000, spans[-1][1] / 1000, _likeliest(words))

    def _partners_language(self, words: Words) -> bool:
        """Return True if the words are more likely in a partner's language than in the microphone's own."""
        likeliest = _likeliest(words)
        return likeliest != primary(words.language) and likeliest in self._languages.values()

    def _partner_said(self, event: Transcribed) -> None:
        self._languages[event.speaker] = primary(event.language)
        since, until = event.start_ms / 1000, event.end_ms / 1000
        self._times.pop(event.utterance, None)
        self._times[event.utterance] = since, until, len(event.text)
        if len(self._times) > KEPT:
            del self._times[next(iter(self._times))]
        self.partners.was_said(event.utterance, event.text, since, until, event.language)

    def _partner_meant(self, event: Translated) -> None:
        """Note a translation as if it had been said when its source was."""
        since, until, length = self._times.get(event.utterance, (0.0, 0.0, 0))
        if length:
            each, segment = (until - since) / length, event.segment
            key = event.utterance, segment.index
            start, end = since + each * segment.start, since + each * segment.end
            self.partners.was_said(key, event.text, start, end, event.target)


def _likeliest(words: Words) -> str:
    """Return the language that the words are most likely in; the microphone's if that was not judged."""
    return max(words.spoken, key=lambda one: one[1], default=(primary(words.language), 0.0))[0]


def _few(words: Words) -> bool:
    """Return True if two people may well say the words at the same time: hello, yes."""
    return len(words.text) < FEW_SIGNS if unspaced(words.language) else len(words.text.split()) < FEW
