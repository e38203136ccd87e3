"""The devices of one participant: they outlive the call's connections, and the report is made of them."""

from __future__ import annotations

from dataclasses import dataclass

from clients.report import Journal
from clients.sound.microphone import Microphone
from clients.subtitles import Subtitles
from clients.webrtc.receiver import Receiver

KINDS = ("interpreter", "original")
"""The received voices in the order of their m-lines, unless the server's `tracks` map them otherwise."""


@dataclass(frozen=True, slots=True)
class Devices:
    """A microphone, a receiver for each voice, the subtitles, and the journal."""

    microphone: Microphone
    receivers: dict[str, Receiver]
    """One for each of KINDS."""
    subtitles: Subtitles
    journal: Journal
