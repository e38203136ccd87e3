"""Options of the recogniser in three groups, and the flat JSON options of a setting as these groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pipeline.engines.whisper.prompt import Words


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """Device of the model, hints to the model, and form of the text that it writes."""

    device: str = "cpu"
    """Device that computes: cpu, cuda or auto."""
    compute_type: str | None = None
    """Type of CTranslate2's that the device computes. None: int8 on a CPU, float16 on a GPU."""
    threads: int = 1
    """Threads of one run on a CPU."""
    beam: int = 1
    """Texts that the decoder follows side by side. 1: the likeliest next token is always taken."""
    hotwords: Words = ()
    """Words to expect in every job: a list, or one for each language (`prompt`)."""
    prompt: str | Mapping[str, str] = ""
    """Text whose spelling and tone are taken up in every job: one, or one for each language (`prompt`)."""
    context: bool = False
    """True if the decoder is given the words that were said just before a window (`Transcribe.before`).

    For weights that were trained with them, as Whisper's own are.
    """
    suppress_tokens: Sequence[int] = (-1,)
    """Ids that are never decoded. -1 stands for Whisper's own list of non-speech symbols."""
    timestamps: bool = False
    """True if the model marks the end of a sentence, and the rest is a window of its own.

    It suits models that were trained to say no more than the marks bound.
    """
    word_timestamps: bool = False
    """True if words have times, which costs a second pass of the decoder. Implies `timestamps`."""


@dataclass(frozen=True, slots=True)
class AcceptanceOptions:
    """Thresholds of text that counts as speech, as understood and as certain. The right ones depend on the model."""

    min_level_dbfs: float = -60.0
    """Level of the loudest 20 ms below which an utterance is not looked at, dB of full scale."""
    min_logprob: float = -1.0
    """Mean log probability of its tokens below which a transcript is not understood."""
    certain_logprob: float = -0.35
    """Mean log probability from which on a transcript is certain: a sentence cut short is less likely than a whole."""
    max_no_speech: float = 0.6
    """Probability of no speech, 0..1, above which text below `noise_logprob` is no text at all."""
    noise_logprob: float = -0.35
    """Mean log probability below which a text is none where no speech is that probable: "you" of music is -0.5."""
    max_compression: float = 2.4
    """Compression ratio above which a transcript is not understood: it repeats itself."""


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """Audio around an utterance, as the encoder gets it."""

    margin: int | None = None
    """Frames of padding (10 ms each) left to the encoder. None: padding to the usual 30 s.

    A short utterance costs a part of the time without it. Weights that were trained on padded input must be shown to
    bear a margin first, by `dragoman models check-trim`.
    """
    silent_tail: int = 0
    """Frames of encoded silence (10 ms each) that the decoder sees behind a shortened window; 3000 for all of 30 s.

    The encoder's work on it is done once, when the model is loaded. Weights that were trained on padded input end their
    text by it. Those that were trained without padding, as the bundled ones, need none.
    """
    stretch: int | None = 0
    """Frames of padding more than alone that a job may get to go with longer ones. None: any number.

    With 0 several jobs come out exactly as each alone. With more they are about as sure, and not always the same where
    the model is in doubt. Without a margin all windows are equally long, and it makes no difference.
    """
    lead_s: float = 0.0
    """Silence put before an utterance."""
    tail_s: float = 0.5
    """Silence put after an utterance."""
    shorten: bool = True
    """True if long silence in an utterance is left out (`silence_removal`), where the job says where voice is."""
    vad_filter: bool = False
    """True if the decoder hears only what Silero takes for speech in the whole window (`speech_filter`)."""
    loudness_dbfs: float | None = None
    """Loudness to which a voice is brought, dB of full scale (`loudness`). None: it is heard as it came."""


def grouped(options: Mapping[str, Any]) -> tuple[DecodingOptions, AcceptanceOptions, WindowOptions]:
    """Return the groups of flat `options`, named as the groups' fields. Raises TypeError for an unknown name."""
    rest = dict(options)

    def fitting(group: type[Any]) -> dict[str, Any]:
        return {field.name: rest.pop(field.name) for field in fields(group) if field.name in rest}

    decoding = DecodingOptions(**fitting(DecodingOptions))
    acceptance = AcceptanceOptions(**fitting(AcceptanceOptions))
    window = WindowOptions(**fitting(WindowOptions))
    if rest:
        raise TypeError(f"Whisper got an unexpected keyword argument {min(rest)!r}")
    return decoding, acceptance, window
