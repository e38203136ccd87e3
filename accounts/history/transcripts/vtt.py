"""Transcript as WebVTT (W3C WebVTT): a cue for each entry or sentence, its speaker in a voice span."""

from __future__ import annotations

from accounts.history.transcripts.call import Cue, TranscribedCall, clock, cues


def write_vtt(call: TranscribedCall) -> str:
    """Return the file's text. Cues overlap where both spoke at once."""
    return "\n".join(["WEBVTT", "", *(_block(cue) for cue in cues(call))])


def _block(cue: Cue) -> str:
    voice = f"<v {_escaped(cue.name)}>" if cue.name else ""
    text = "\n".join(_escaped(line) for line in cue.lines)
    return f"{clock(cue.start_ms, '.')} --> {clock(cue.end_ms, '.')}\n{voice}{text}\n"


def _escaped(text: str) -> str:
    """Return text that is no tag, no escape and no arrow of a timing line (W3C WebVTT, 4.2.2)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
