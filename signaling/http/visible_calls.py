"""Decides who may see a call, live or ended: its participants and nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.keeping.running import KeptCalls
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions, Member
from signaling.tokens import AccessClaims


@dataclass(frozen=True, slots=True)
class VisibleCall:
    """A call, and the participant who looks at it."""

    session: str
    participant: str
    started_at: int
    """Unix epoch milliseconds; the time of its making, for a session that was never paired."""
    live: Member | None
    """None where it does not live here."""
    over: bool = True
    """False for one that may live, here or elsewhere."""


class VisibleCalls:
    """Calls of live sessions, of ended ones that are remembered, and of the accounts' database."""

    def __init__(self, sessions: LiveSessions, kept: KeptCalls | None) -> None:
        self._sessions = sessions
        self._kept = kept

    async def get(self, session: str, access: AccessClaims) -> VisibleCall:
        """Return the call. Raises Refusal `forbidden`, `session_not_found` or `not_admitted`, and Unavailable."""
        ended = self._sessions.ended(session)
        if ended is not None:
            if access.user not in ended.users:
                raise Refusal(Code.FORBIDDEN, "you are not a participant of this session")
            people = dict(zip(ended.users, ended.participants, strict=False))
            return VisibleCall(session, people.get(access.user, ""), ended.started_at or ended.created_at, None)
        try:
            member = self._sessions.member(session, access)
        except Refusal as problem:
            if problem.code is not Code.SESSION_NOT_FOUND:
                raise
            return await self._past(session, access, problem)
        if not member.person.admitted:
            raise Refusal(Code.NOT_ADMITTED, "the other person has not let you in yet")
        started_at = member.record.started_at or member.record.created_at
        return VisibleCall(session, member.person.id, started_at, member, False)

    async def _past(self, session: str, access: AccessClaims, problem: Refusal) -> VisibleCall:
        call = None if self._kept is None else await self._kept.past.get(session, access.user)
        if call is None:
            raise problem
        participant = next(one.participant for one in call.participants if one.user == access.user)
        return VisibleCall(session, participant, call.started_at, None, call.ended_at is not None)
