"""Entries of histories for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.history.entry import Entry

ANA, BO = "p_ana", "p_bo"


def entry(**changes: Any) -> Entry:
    """Ana says good morning to Bo, in the fields of a final translation."""
    plain = Entry(
        utterance="u_1",
        segment=0,
        source=ANA,
        target=BO,
        original="Buenos días.",
        source_start=0,
        source_end=12,
        translated="Good morning.",
        source_language="es",
        target_language="en",
        revision=0,
        timestamp=1_700_000_001_500,
        latency=350,
        start_ms=200,
        end_ms=1100,
        name="Ana",
    )
    return replace(plain, **changes)
