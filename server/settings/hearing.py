"""The part of the table of settings that is about hearing: what is speech, when it ends, how it is recognised."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.engines.whisper.options import DecodingOptions, WindowOptions
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.noise_suppression import LEVELS
from pipeline.hearing.voice_activity_options import VoiceActivityOptions
from server.settings import casts
from server.settings.accounts import AccountsSettings
from server.settings.row import Target, setting

HEARING = "Hearing"
_PAUSES = EndpointingOptions()
_LONGEST_MS = 10_000


@dataclass(frozen=True, slots=True)
class HearingSettings(AccountsSettings):
    """Settings of hearing; `Settings` holds them, too."""

    vad: str = setting(
        casts.one_of("speech", "loudness"), "speech",
        "`speech`; `loudness` takes any loud sound for speech, for tests with tones.", HEARING,
    )  # fmt: skip
    vad_aggressiveness: int = setting(
        casts.whole(0, 3), VoiceActivityOptions().aggressiveness,
        "Strictness of the voice detector's gate against noise: 0 the least, 3 the most. Higher keeps more noise out, "
        "and may miss soft speech.", HEARING, targets=(Target(VoiceActivityOptions, "aggressiveness"),),
    )  # fmt: skip
    noise_suppression: int = setting(
        casts.whole(0, LEVELS), 0,
        "Noise that is taken out of the sound for recognition: 0 none, 1 the least, 4 the most. The partner hears the "
        "voice as it is. Above 0 it takes `pip install 'dragoman[denoise]'`.", HEARING,
    )  # fmt: skip
    soft_end_ms: int = setting(
        casts.whole(_PAUSES.pause_ms, _LONGEST_MS), _PAUSES.soft_end_ms,
        "Milliseconds of silence behind a sentence of which the recogniser is certain: it is translated.", HEARING,
        targets=(Target(EndpointingOptions, "soft_end_ms"),),
    )  # fmt: skip
    late_end_ms: int = setting(
        casts.whole(_PAUSES.pause_ms, _LONGEST_MS), _PAUSES.late_ms,
        "Milliseconds of silence behind a sentence that is understood, but not certain: it is translated.", HEARING,
        targets=(Target(EndpointingOptions, "late_ms"),),
    )  # fmt: skip
    end_ms: int = setting(
        casts.whole(_PAUSES.pause_ms, _LONGEST_MS), _PAUSES.hangover_ms,
        "Milliseconds of silence that end an utterance where its words can't tell if the sentence is over.", HEARING,
        targets=(Target(EndpointingOptions, "hangover_ms"),),
    )  # fmt: skip
    patient_end_ms: int = setting(
        casts.whole(_PAUSES.pause_ms, _LONGEST_MS), _PAUSES.patient_ms,
        "Milliseconds of silence that end an utterance whose words tell that the sentence is not over.", HEARING,
        targets=(
            Target(EndpointingOptions, "patient_ms"),
            Target(EndpointingOptions, "crowded_ms", lambda patient_ms: max(patient_ms, _PAUSES.crowded_ms)),
        ),
    )  # fmt: skip
    stt_beam: int = setting(
        casts.whole(1, 16), DecodingOptions().beam,
        "Texts that Whisper follows side by side: more cost time, and may find a likelier one.", HEARING,
        targets=(Target(DecodingOptions, "beam"),),
    )  # fmt: skip
    stt_vad_filter: bool = setting(
        casts.boolean, WindowOptions().vad_filter,
        "`true`: Whisper hears only what Silero takes for speech in the whole window.", HEARING,
        targets=(Target(WindowOptions, "vad_filter"),),
    )  # fmt: skip
    stt_loudness: float | None = setting(
        casts.number(-50, -10), WindowOptions().loudness_dbfs,
        "Loudness to which each voice is brought for Whisper, dB of full scale, such as -20; the gain is 30 dB at "
        "most.", HEARING, unset="as it comes", targets=(Target(WindowOptions, "loudness_dbfs"),),
    )  # fmt: skip


ORDERED = ("soft_end_ms", "late_end_ms", "patient_end_ms"), ("soft_end_ms", "end_ms", "patient_end_ms")
"""Pauses that one silence reaches one after the other."""
