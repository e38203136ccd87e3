"""The records that outlive the process, and their JSON. Plain frozen data; no rule of the lobby lives here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ParticipantRecord:
    """One member of a session. `admitted` is false while the creator has not yet answered; `keeps_history`
    is their consent; `voice` is the one that they chose to hear, none being the server's choice."""

    id: str
    user: str
    name: str
    language: str
    admitted: bool = True
    keeps_history: bool = False
    voice: str = ""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A live session; times are Unix epoch milliseconds. The creator is the first participant.

    `code_expires_at` is when a session that is still waiting expires; `refused` holds the user ids that the
    creator did not let in.
    """

    id: str
    code: str
    admit: bool
    created_at: int
    code_expires_at: int
    started_at: int | None = None
    participants: tuple[ParticipantRecord, ...] = ()
    refused: tuple[str, ...] = ()

    def participant(self, participant: str) -> ParticipantRecord | None:
        return next((one for one in self.participants if one.id == participant), None)

    def of_user(self, user: str) -> ParticipantRecord | None:
        return next((one for one in self.participants if one.user == user), None)


@dataclass(frozen=True, slots=True)
class EndedRecord:
    """What is remembered of an ended session for a day: no names and no languages."""

    id: str
    code: str
    created_at: int
    started_at: int | None
    ended_at: int
    reason: str
    users: tuple[str, ...] = ()


def encode(record: SessionRecord | EndedRecord) -> str:
    return json.dumps(asdict(record), separators=(",", ":"))


def decode_session(text: str) -> SessionRecord:
    """Raises ValueError where `text` is not a whole record; unknown keys are ignored."""
    data = _object(text)
    people = data.get("participants")
    if not isinstance(people, list) or not people:
        raise ValueError("participants")
    return SessionRecord(
        id=_text(data, "id"),
        code=_text(data, "code"),
        admit=_flag(data, "admit"),
        created_at=_count(data, "created_at"),
        code_expires_at=_count(data, "code_expires_at"),
        started_at=_maybe_count(data, "started_at"),
        participants=tuple(_participant(one) for one in people),
        refused=_texts(data, "refused"),
    )


def decode_ended(text: str) -> EndedRecord:
    """Raises ValueError where `text` is not a whole record; unknown keys are ignored."""
    data = _object(text)
    return EndedRecord(
        id=_text(data, "id"),
        code=_text(data, "code"),
        created_at=_count(data, "created_at"),
        started_at=_maybe_count(data, "started_at"),
        ended_at=_count(data, "ended_at"),
        reason=_text(data, "reason"),
        users=_texts(data, "users"),
    )


def _participant(data: object) -> ParticipantRecord:
    if not isinstance(data, dict):
        raise ValueError("participants")
    return ParticipantRecord(
        id=_text(data, "id"),
        user=_text(data, "user"),
        name=_text(data, "name"),
        language=_text(data, "language"),
        admitted=_flag(data, "admitted"),
        keeps_history=_flag(data, "keeps_history"),
        voice=_text({"voice": "", **data}, "voice"),  # written since there are voices to choose
    )


def _object(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except (TypeError, RecursionError) as problem:
        raise ValueError("not JSON") from problem
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(key)
    return value


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = data.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(key)
    return tuple(values)


def _flag(data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ValueError(key)
    return value


def _count(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(key)
    return value


def _maybe_count(data: Mapping[str, Any], key: str) -> int | None:
    return None if data.get(key) is None else _count(data, key)
