"""Records that outlive the process, and their JSON. Plain frozen data, without any rule of joining."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ParticipantRecord:
    """One participant of a session."""

    id: str
    user: str
    name: str
    language: str
    """BCP 47 tag of the language that the participant speaks and hears."""
    admitted: bool = True
    """False until the creator lets the participant in, in a session that asks for it."""
    keeps_history: bool = False
    """True if the participant has consented to history."""
    voice: str = ""
    """Voice that the participant chose to hear; empty for the server's choice."""
    withdrew: bool = False
    """True if the participant's last word about history was to withdraw from it."""
    withdrew_at: int | None = None
    """Unix epoch ms of the last withdrawal, also where the participant has consented again."""
    viewers: tuple[str, ...] = ()
    """Viewers whom the participant has made, and whose tokens are good; the oldest first."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A live session. Times are Unix epoch milliseconds."""

    id: str
    code: str
    """Empty for a session that nobody can join."""
    admit: bool
    """True if the creator answers for everyone who joins by the code."""
    created_at: int
    code_expires_at: int
    """End of the session if it is still waiting then."""
    started_at: int | None = None
    """None while the session waits for everybody's socket."""
    participants: tuple[ParticipantRecord, ...] = ()
    """The creator is the first."""
    refused: tuple[str, ...] = ()
    """Ids of users whom the creator did not let in."""
    solo: str = ""
    """BCP 47 tag of the language in which the creator hears their own words; empty for a session of two."""

    @property
    def viewers(self) -> int:
        """Return the number of those who may read the subtitles without taking part."""
        return sum(len(one.viewers) for one in self.participants)

    @property
    def size(self) -> int:
        """Return the number of people whom the session is for."""
        return 1 if self.solo else 2

    def participant(self, participant: str) -> ParticipantRecord | None:
        """Return the participant with this id; None where there is none."""
        return next((one for one in self.participants if one.id == participant), None)

    def of_user(self, user: str) -> ParticipantRecord | None:
        """Return the participant that is this user; None where there is none."""
        return next((one for one in self.participants if one.user == user), None)


@dataclass(frozen=True, slots=True)
class EndedRecord:
    """A session that has ended, as it is remembered for a day: no names and no languages.

    Times are Unix epoch milliseconds.
    """

    id: str
    code: str
    created_at: int
    started_at: int | None
    ended_at: int
    reason: str
    users: tuple[str, ...] = ()
    """Ids of the users who had been let in."""
    participants: tuple[str, ...] = ()
    """Their participant ids, in the same order; empty in records of older versions."""
    withdrawn: tuple[str, ...] = ()
    """Those of them who withdrew from the history and did not consent again: what they said must not be left."""
    withdrawn_until: tuple[tuple[str, int], ...] = ()
    """(participant, Unix epoch ms of the withdrawal) of those who consented again: what was kept before must go."""


def encode(record: SessionRecord | EndedRecord) -> str:
    """Return the record as JSON."""
    return json.dumps(asdict(record), separators=(",", ":"))


def decode_session(text: str) -> SessionRecord:
    """Return the record of `text`; unknown keys are ignored. Raises ValueError where it is not a whole record."""
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
        solo=_text({"solo": "", **data}, "solo"),  # written since one may be alone in a session
    )


def decode_ended(text: str) -> EndedRecord:
    """Return the record of `text`; unknown keys are ignored. Raises ValueError where it is not a whole record."""
    data = _object(text)
    return EndedRecord(
        id=_text(data, "id"),
        code=_text(data, "code"),
        created_at=_count(data, "created_at"),
        started_at=_maybe_count(data, "started_at"),
        ended_at=_count(data, "ended_at"),
        reason=_text(data, "reason"),
        users=_texts(data, "users"),
        participants=_texts({"participants": [], **data}, "participants"),
        withdrawn=_texts({"withdrawn": [], **data}, "withdrawn"),  # written since a withdrawal outlasts its call
        withdrawn_until=_moments({"withdrawn_until": [], **data}, "withdrawn_until"),
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
        withdrew=_flag({"withdrew": False, **data}, "withdrew"),
        withdrew_at=_maybe_count(data, "withdrew_at"),
        viewers=_texts({"viewers": [], **data}, "viewers"),  # written since subtitles are shown to viewers
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


def _moments(data: Mapping[str, Any], key: str) -> tuple[tuple[str, int], ...]:
    values = data.get(key)
    if not isinstance(values, list) or not all(isinstance(one, list) and len(one) == 2 for one in values):
        raise ValueError(key)
    return tuple((_text({key: who}, key), _count({key: at}, key)) for who, at in values)


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
