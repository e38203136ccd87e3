"""Transcript as JSON: the entries as `GET /sessions/{id}/history` shows them, with names and times of the call."""

from __future__ import annotations

import json

from accounts.history.slices import in_slices
from accounts.history.transcripts.call import TranscribedCall

_ENCODER = json.JSONEncoder(ensure_ascii=False, indent=1)


def json_object(call: TranscribedCall) -> dict[str, object]:
    """Return the file's object."""
    names = {one.source: one.name for one in call.entries}
    return {
        "sessionId": call.session,
        "startedAt": call.started_at,
        "participants": [{"participantId": one, "displayName": name} for one, name in names.items()],
        "translations": [one.as_json(call.session) for one in in_slices(call.entries)],
        "missing": [one.as_json() for one in call.missing],
    }


def json_text(value: object) -> str:
    """Return JSON with a member a line. The encoder is plain Python where it indents: this is for a thread."""
    return "".join(in_slices(_ENCODER.iterencode(value)))


def write_json(call: TranscribedCall) -> str:
    """Return the file's text."""
    return json_text(json_object(call)) + "\n"
