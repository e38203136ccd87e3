"""The end of a call, and the exit status for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """Exit statuses of `dragoman call`. 1 is Python's own status: a defect of ours."""

    OK = 0
    USAGE = 2
    REFUSED = 3
    NO_AUDIO = 4
    NO_SUBTITLES = 5
    LOST = 6
    ALONE = 7


class Expectation(StrEnum):
    """The output that a call must have for exit status 0."""

    AUTO = "auto"
    """A voice where the server announced one, subtitles where anybody spoke."""
    BOTH = "both"
    AUDIO = "audio"
    SUBTITLES = "subtitles"
    NONE = "none"


EXIT_CODES = {
    Exit.OK.value: "the call ended properly, and everything expected was received",
    Exit.USAGE.value: "the command line or a WAV file is wrong",
    Exit.REFUSED.value: "could not connect or join; a refusal's code and message are on standard error",
    Exit.NO_AUDIO.value: "the interpreter was expected to speak, and no voice came from it",
    Exit.NO_SUBTITLES.value: "no final transcription or translation came",
    Exit.LOST.value: "the call was lost: by us, by the partner, by the server's end, or at its time limit",
    Exit.ALONE.value: "nobody joined",
}

PROPER_REASONS = {"left", "partner_left", "deleted"}
"""Reasons of session_ended (docs/protocol.md, section 2) after which somebody wanted the end."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The first reason why a call is over."""

    reason: str
    """A reason of session_ended, an error code of the protocol, or one of our own words."""
    status: Exit
    message: str = ""


LEFT = Ending("left", Exit.OK)


def ended_by_server(reason: str) -> Ending:
    """Return the ending for a reason of `session_ended`."""
    return Ending(reason, Exit.OK if reason in PROPER_REASONS else Exit.LOST)


def judge(
    ending: Ending,
    *,
    expect: Expectation,
    spoke: bool,
    voice_expected: bool,
    heard_interpreter: bool,
    heard_original: bool,
    received_subtitles: bool,
) -> Exit:
    """Return the exit status of a call."""
    if ending.status is not Exit.OK:
        return ending.status
    wants_audio = expect in (Expectation.BOTH, Expectation.AUDIO) or (expect is Expectation.AUTO and voice_expected)
    wants_text = expect in (Expectation.BOTH, Expectation.SUBTITLES) or (
        expect is Expectation.AUTO and (spoke or heard_original)
    )
    if wants_audio and not heard_interpreter:
        return Exit.NO_AUDIO
    if wants_text and not received_subtitles:
        return Exit.NO_SUBTITLES
    return Exit.OK
