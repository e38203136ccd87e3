"""Options of interpreters as the settings fill them: the same for a server and for `dragoman interpret`."""

from __future__ import annotations

from functools import partial

from pipeline.delivery.stages import DeliveryOptions
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.noise_suppression import NoiseSuppressor
from pipeline.hearing.voice_activity import Loudness, VoiceActivity
from pipeline.hearing.voice_activity_options import VoiceActivityOptions
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from server.settings import Settings, filled


def interpreter_options(settings: Settings) -> InterpreterOptions:
    """Return the options of every speaker's interpreter."""
    detector = partial(VoiceActivity, filled(settings, VoiceActivityOptions))
    level = settings.noise_suppression
    return InterpreterOptions(
        endpointing=filled(settings, EndpointingOptions),
        activity=Loudness if settings.vad == "loudness" else detector,
        suppression=partial(NoiseSuppressor, level) if level else None,
        barge_in=settings.barge_in,
        passes=filled(settings, RecognitionOptions),
        pace=filled(settings, DeliveryOptions),
    )
