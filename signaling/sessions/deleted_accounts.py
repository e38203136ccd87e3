"""Ends the live calls of people whose account was deleted elsewhere: by an operator's command, on another server."""

from __future__ import annotations

import logging

from accounts.accounts import Accounts
from signaling.sessions.live_sessions import LiveSessions

log = logging.getLogger(__name__)


async def expel_deleted(accounts: Accounts, sessions: LiveSessions) -> None:
    """Look at everybody in a live call whose tokens were revoked. Raises Unavailable.

    Tokens die first and the account goes a moment later, so each is looked at again, until the revocation is old.
    """
    for user in accounts.revoked.users:
        if sessions.takes_part(user) and await accounts.store.users.get(user) is None:
            log.info("calls of a deleted account end")
            sessions.expel(user)
