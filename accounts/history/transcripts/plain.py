"""Transcript as plain text: a line for each sentence that was said, and an indented one for its translation."""

from __future__ import annotations

from accounts.history.transcripts.call import TranscribedCall, clock, cues


def write_plain(call: TranscribedCall) -> str:
    """Return the file's text."""
    lines = []
    for cue in cues(call, longest_ms=None):
        first, *more = cue.lines
        lines.append(f"[{clock(cue.start_ms, '.')[:-4]}] {cue.name}: {first}" if cue.name else first)
        lines += [f"    {line}" for line in more]
    return "".join(f"{line}\n" for line in lines)
