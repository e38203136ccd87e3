"""Jobs and results of engines, frames, words, segments, voices: plain, frozen, picklable data."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.deprecated_names import renamed

SAMPLE_RATE = 16_000
"""Hz of all audio on its way *in* (recognition). Mono, signed 16 bit, native order."""

VOICE_RATE = 24_000
"""Hz of all audio on its way *out* (synthesized speech). Opus carries it without resampling (RFC 6716)."""

FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of one speaker's microphone.

    `start_ms` is media time: milliseconds since the session's `startedAt`, on the speaker's RTP clock, so
    that a lost packet or a silent gap moves it on by its true length. `pcm` holds `FRAME_BYTES` bytes, or
    none where the sender marked the frame as silence (RFC 6464, Opus DTX).
    """

    start_ms: int
    pcm: bytes = b""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, with the space that stands before it; `start_ms` and `end_ms` count from the first
    sample of the audio that was recognised."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class Transcribe:
    """A job for a `Transcriber`: the audio of an utterance so far.

    `audio` is mono s16 at `SAMPLE_RATE`. `final` says that no more will come, so accuracy goes before speed
    and the job is never dropped. `voice` are the spans in which voice was heard, ms from the first sample; empty
    where that is not known. `candidates` are languages that it may be in instead: the engine judges which is spoken
    (`Transcript.spoken`), and recognises `language` all the same. `hotwords` are words to expect. `before` is the text
    that the same voice said just before the audio, in the same language; empty where there is none.
    """

    audio: bytes
    language: str
    final: bool = True
    voice: tuple[tuple[int, int], ...] = ()
    candidates: tuple[str, ...] = ()
    hotwords: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Text that a recogniser made of a job. `confidence` is in 0..1.

    `understood` is False if the engine itself doubts the words: nothing may be spoken then. `certain` is False if
    words may be missing at the end. `spoken` gives the likelihood of each of the job's `candidates`, as (primary
    subtag, 0..1), the likeliest first. `spoken` is empty for a job without candidates, or if the engine can't tell.
    """

    text: str
    language: str
    confidence: float = 1.0
    understood: bool = True
    certain: bool = True
    words: tuple[Word, ...] = field(default=())
    spoken: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """The beginning of a sentence that goes on: what was said of it, and the translation that listeners have of it."""

    said: str
    translated: str


@dataclass(frozen=True, slots=True)
class Translate:
    """A job for a `Translator`: one segment of a transcript, with the segments said just before it.

    `begun` is there where the segment goes on the sentence of the one before it. An engine that can carries that
    translation on; any other translates `text` by itself.
    """

    text: str
    source: str
    target: str
    context: tuple[str, ...] = ()
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated segment. `kept`: the engine leaves the text as it is on purpose, and no check of it is needed.

    `carried_on`: the text goes on behind what `begun` of the job has translated, and repeats nothing of it. Without
    a word, the engine could not: it is asked for the segment by itself then.
    """

    text: str
    source: str
    target: str
    kept: bool = False
    carried_on: bool = False


@dataclass(frozen=True, slots=True)
class Synthesize:
    """A job for a `Synthesizer`: words to be spoken. `rate` is a factor on the voice's normal tempo; a `voice` that
    there is not, or that speaks another language, is the usual one."""

    text: str
    language: str
    voice: str = ""
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of a `Synthesizer`. `Synthesize` names it by `id`, a person chooses it by `name`. `language`: BCP-47."""

    id: str
    language: str
    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Synthesized audio: mono s16 at `VOICE_RATE`."""

    pcm: bytes

    @property
    def duration_ms(self) -> float:
        return len(self.pcm) / 2 / VOICE_RATE * 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """Unit of translation, speech and backlog: `text` is `transcript[start:end]` (code points).

    The segment was said `before_ms` before the last of the text that became final with it.
    """

    index: int
    text: str
    start: int
    end: int
    before_ms: int = 0


__getattr__ = renamed(__name__, {"Hearing": "Transcribe", "Phrase": "Translate", "Line": "Synthesize"})
