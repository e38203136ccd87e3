"""Participants of a live session as the accounts' database knows them."""

from __future__ import annotations

from storage.accounts.records import CallParticipant
from storage.records import SessionRecord


def people_of(session: SessionRecord) -> tuple[CallParticipant, ...]:
    """Return the participants who were let in."""
    admitted = (one for one in session.participants if one.admitted)
    return tuple(CallParticipant(one.id, one.user, one.name, one.language) for one in admitted)
