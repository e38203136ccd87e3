"""Options of one speaker's interpreter: of hearing, recognition, delivery and overload, and a few of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.delivery.stages import DeliveryOptions
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.overload import OverloadOptions
from pipeline.recognition.language_detection import DetectionOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.recognition.utterance_builder import SpeechDetector, Suppressor


@dataclass(frozen=True, slots=True)
class InterpreterOptions:
    """Options of an interpreter."""

    endpointing: EndpointingOptions = field(default_factory=EndpointingOptions)
    passes: RecognitionOptions = field(default_factory=RecognitionOptions)
    pace: DeliveryOptions = field(default_factory=DeliveryOptions)
    limits: OverloadOptions = field(default_factory=OverloadOptions)
    barge_in: bool = False
    """True if the interpreter falls silent for a listener who begins to speak.

    In a call between two people both are interpreted when both talk, so usually not.
    """
    most_waiting: int = 16
    """Utterances of one speaker that wait for the engines. Beyond it speech is given up, and typed text refused."""
    activity: Callable[[], SpeechDetector] = VoiceActivity
    suppression: Callable[[], Suppressor] | None = None
    """Makes what takes noise out of a speaker's sound before it is recognised; None leaves it as it comes."""
    detection: DetectionOptions = field(default_factory=DetectionOptions)
    """Evidence that makes a detected change of language believed (`Interpreter.detect`)."""
