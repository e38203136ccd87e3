"""The devices of one participant: they outlive the call's connections, and the report is made of them."""

from __future__ import annotations

from dataclasses import dataclass

from clients.microphone import Microphone
from clients.receiver import Receiver
from clients.report import Journal
from clients.subtitles import Subtitles

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
