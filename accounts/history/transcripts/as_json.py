"""Transcript as JSON: the entries as `GET /sessions/{id}/history` shows them, with names and times of the call."""

from __future__ import annotations

import json

from accounts.history.transcripts.call import TranscribedCall


def json_object(call: TranscribedCall) -> dict[str, object]:
    """Return the file's object."""
    names = {one.source: one.name for one in call.entries}
    return {
        "sessionId": call.session,
        "startedAt": call.started_at,
        "participants": [{"participantId": one, "displayName": name} for one, name in names.items()],
        "translations": [one.as_json(call.session) for one in call.entries],
        "missing": [one.as_json() for one in call.missing],
    }


def write_json(call: TranscribedCall) -> str:
    """Return the file's text."""
    return json.dumps(json_object(call), ensure_ascii=False, indent=1) + "\n"
