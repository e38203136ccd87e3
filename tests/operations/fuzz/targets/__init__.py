"""All targets by name. A target's module is loaded when it is asked for, lest each process load every parser."""

from __future__ import annotations

from importlib import import_module

from tests.operations.fuzz.target import Target

NAMES = ("bodies", "channel", "dtls", "jitter", "jobs", "messages", "models", "rtcp", "rtp", "sctp", "sdp", "stun")


def target(name: str) -> Target:
    """Return the target of that name. Raises ModuleNotFoundError."""
    chosen: Target = import_module(f"{__name__}.{name}").TARGET
    return chosen
