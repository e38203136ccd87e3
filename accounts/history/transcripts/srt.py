"""Transcript as SubRip: numbered cues. The format has no escape, so what players take for markup looks alike only."""

from __future__ import annotations

from accounts.history.transcripts.call import Cue, TranscribedCall, clock, cues

_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "{": "❴", "}": "❵"})
"""Tags (`<b>`) and the overrides of some players (`{\\an8}`)."""


def write_srt(call: TranscribedCall) -> str:
    """Return the file's text. Cues overlap where both spoke at once."""
    return "\n".join(_block(number, cue) for number, cue in enumerate(cues(call), 1))


def _block(number: int, cue: Cue) -> str:
    first, *more = (line.translate(_LOOKALIKES) for line in cue.lines)
    spoken = f"{cue.name.translate(_LOOKALIKES)}: {first}" if cue.name else first
    return "\n".join([str(number), f"{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}", spoken, *more, ""])
