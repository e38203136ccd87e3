"""Formats of a transcript by name: the writer, the media type and the file's name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.history.transcripts.as_json import write_json
from accounts.history.transcripts.call import TranscribedCall
from accounts.history.transcripts.plain import write_plain
from accounts.history.transcripts.srt import write_srt
from accounts.history.transcripts.vtt import write_vtt


@dataclass(frozen=True, slots=True)
class Format:
    """A format of transcripts."""

    write: Callable[[TranscribedCall], str]
    media_type: str


FORMATS: Mapping[str, Format] = {
    "vtt": Format(write_vtt, "text/vtt"),
    "srt": Format(write_srt, "application/x-subrip"),
    "txt": Format(write_plain, "text/plain"),
    "json": Format(write_json, "application/json"),
}


def file_name(session: str, started_at: int, ending: str) -> str:
    """Return a name that any file system takes: no name of a person, no path, nothing that a client chose."""
    day = time.strftime("%Y-%m-%d", time.gmtime(started_at / 1000))
    return f"dragoman-{day}-{re.sub(r'[^0-9A-Za-z_-]', '', session)[:16]}.{ending}"
