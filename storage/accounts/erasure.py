"""Decides what goes with a deleted account, and what of a call stays for the other person."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.tables import call_sessions, data_keys, participants, translations, usage, users


async def erase_user(connection: AsyncConnection, user: str) -> None:
    """Delete a user and everything that is only theirs. Identities and refresh tokens go with the row."""
    mine = select(participants.c.session_id).where(participants.c.user_id == user)
    # The calls first, in one order: a call that is being written, or another participant's deletion, waits for us.
    await connection.execute(
        select(call_sessions.c.id).where(call_sessions.c.id.in_(mine)).order_by(call_sessions.c.id).with_for_update()
    )
    # Then their keys: entries that are being kept are seen below, and later ones come after us.
    keyed = select(data_keys.c.session_id).where(data_keys.c.session_id.in_(mine))
    await connection.execute(keyed.order_by(data_keys.c.session_id).with_for_update())
    shared = (
        select(participants.c.session_id)
        .join(users, users.c.id == participants.c.user_id)
        .where(participants.c.user_id != user, participants.c.session_id.in_(mine))
    )
    await connection.execute(
        delete(data_keys).where(data_keys.c.session_id.in_(mine), data_keys.c.session_id.not_in(shared))
    )
    spoken = exists().where(
        participants.c.session_id == translations.c.session_id,
        participants.c.participant == translations.c.source,
        participants.c.user_id == user,
    )
    await connection.execute(delete(translations).where(translations.c.session_id.in_(mine), spoken))
    await connection.execute(update(participants).where(participants.c.user_id == user).values(user_id="", name=""))
    await connection.execute(delete(usage).where(usage.c.user_id == user))
    await connection.execute(delete(users).where(users.c.id == user))
