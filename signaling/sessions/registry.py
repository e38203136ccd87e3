"""Registry of sessions by id and code: decides who may join, and refuses a third participant. Pure.

Synchronous and without a clock: each step is atomic on the event loop, `now` is Unix epoch milliseconds.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from signaling.config import SignalingOptions
from signaling.refusal import Code, Refusal
from signaling.session_states import REASONS, SessionState, SessionStep, after, state_of
from signaling.sessions.ended_sessions import EndedSessions
from signaling.sessions.solo import Solo
from storage.records import EndedRecord, ParticipantRecord, SessionRecord


@dataclass(frozen=True, slots=True)
class SnapshotSink:
    """Receivers of each change."""

    save: Callable[[SessionRecord], None]
    end: Callable[[EndedRecord], None]


class ParticipantChanges(TypedDict, total=False):
    """Fields of a ParticipantRecord that change during a session."""

    language: str
    voice: str
    admitted: bool
    keeps_history: bool
    withdrew: bool
    withdrew_at: int | None
    viewers: tuple[str, ...]


def random_id(kind: str) -> str:
    """Return an id of 128 random bits after the letter `kind`: it cannot be guessed, only received."""
    return f"{kind}_{secrets.token_hex(16)}"


class SessionRegistry:
    """Records of sessions. They are immutable and replaced whole; `snapshots` gets each replacement."""

    def __init__(self, options: SignalingOptions, snapshots: SnapshotSink) -> None:
        self._options = options
        self._snapshots = snapshots
        self._sessions: dict[str, SessionRecord] = {}
        self._codes: dict[str, str] = {}
        self._ended = EndedSessions()

    def __len__(self) -> int:
        return len(self._sessions)

    def restore(self, live: Iterable[SessionRecord], ended: Iterable[EndedRecord]) -> None:
        """Take back the records of an earlier process, or take those of another node."""
        for one in ended:
            self._ended.remember(one)
        for record in live:
            self._sessions[record.id] = record
            if record.code:
                self._codes[record.code] = record.id

    def create(
        self,
        session: str,
        code: str,
        user: str,
        name: str,
        language: str,
        admit: bool,
        now: int,
        solo: Solo | None = None,
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """Make the session with this new id and a code that no live session has, or with none.

        `solo`: the wish of a creator who stays alone. Raises Refusal `at_capacity`.
        """
        if len(self._sessions) >= self._options.limits.sessions:
            raise Refusal(Code.AT_CAPACITY, "this server holds all the calls that it can", retry_after=60)
        creator = ParticipantRecord(random_id("p"), user, name, language, voice="" if solo is None else solo.voice)
        record = SessionRecord(
            id=session,
            code=code,
            admit=admit,
            created_at=now,
            code_expires_at=self._waiting_until(now),
            participants=(creator,),
            solo="" if solo is None else solo.language,
        )
        if code:
            self._codes[code] = record.id
        self._put(record)
        return record, creator

    def by_code(self, code: str) -> SessionRecord:
        """Return the live session of a code. Raises Refusal `session_not_found`; `session_ended` for a former code."""
        session = self._codes.get(code)
        if session is not None:
            return self._sessions[session]
        if self._ended.had_code(code):
            raise Refusal(Code.SESSION_ENDED, "that session has ended, or nobody joined it in time")
        raise Refusal(Code.SESSION_NOT_FOUND, "no session has that code")

    def join(
        self, record: SessionRecord, user: str, name: str, language: str, now: int
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """Return the session with `user` in it, and the user's participant, new or not.

        Raises Refusal `own_session`, `not_admitted` for a user who was turned away, or `session_full`.
        """
        if record.participants[0].user == user:
            raise Refusal(Code.OWN_SESSION, "this is your own session: give the code to the other person")
        if user in record.refused:
            raise Refusal(Code.NOT_ADMITTED, "the other person did not let you in")
        present = record.of_user(user)
        if present is not None:
            return record, present
        if len(record.participants) >= record.size:
            raise Refusal(Code.SESSION_FULL, "somebody else has joined with this code")
        joiner = ParticipantRecord(random_id("p"), user, name, language, admitted=not record.admit)
        # The joiner gets as long to open a socket as the creator gave them to come.
        record = replace(
            record,
            participants=(*record.participants, joiner),
            code_expires_at=self._waiting_until(now),
        )
        self._put(record)
        return record, joiner

    def get(self, session: str) -> SessionRecord:
        """Return a live session. Raises Refusal `session_ended` or `session_not_found`."""
        record = self._sessions.get(session)
        if record is not None:
            return record
        if self._ended.find(session) is not None:
            raise Refusal(Code.SESSION_ENDED, "the session has ended")
        raise Refusal(Code.SESSION_NOT_FOUND, "there is no such session")

    def takes_part(self, user: str) -> bool:
        """True if the user has been let into a live session."""
        people = (record.of_user(user) for record in self._sessions.values())
        return any(person is not None and person.admitted for person in people)

    def participations(self, user: str) -> list[tuple[str, ParticipantRecord]]:
        """Return (session, participant) for each live session that the user has joined, let in or not."""
        found = ((record.id, record.of_user(user)) for record in self._sessions.values())
        return [(session, person) for session, person in found if person is not None]

    def by_state(self) -> dict[SessionState, int]:
        """Return the number of live sessions in each state that a live one can be in."""
        states = Counter(state_of(record) for record in self._sessions.values())
        return {state: states[state] for state in SessionState if state is not SessionState.ENDED}

    def find_ended(self, session: str) -> EndedRecord | None:
        """Return the record of an ended session; None where there is none, or none any more."""
        return self._ended.find(session)

    def start(self, session: str, now: int) -> SessionRecord:
        """Make the session active: everybody has joined it by a socket."""
        record = self._sessions[session]
        after(state_of(record), SessionStep.PAIRED)
        return self._put(replace(record, started_at=now))

    def update(self, session: str, participant: str, **changes: Unpack[ParticipantChanges]) -> None:
        """Change fields of a participant."""
        record = self._sessions[session]
        people = tuple(replace(one, **changes) if one.id == participant else one for one in record.participants)
        if people != record.participants:
            self._put(replace(record, participants=people))

    def turn_away(self, session: str, participant: str) -> None:
        """Remove a participant whose user may not come again; another user may."""
        record = self._sessions[session]
        removed = record.participant(participant)
        assert removed is not None
        refused = (*record.refused, removed.user)
        self._put(replace(record, participants=_without(record, participant), refused=refused))

    def withdraw(self, session: str, participant: str) -> None:
        """Remove a participant who was not let in yet and no longer asks for it."""
        record = self._sessions[session]
        self._put(replace(record, participants=_without(record, participant)))

    def end(self, session: str, step: SessionStep, now: int) -> EndedRecord:
        """Replace a live session by the record of its end, and return that."""
        record = self._sessions.pop(session)
        after(state_of(record), step)
        if record.code:
            del self._codes[record.code]
        talked = record.participants if record.started_at is not None else ()
        ended = EndedRecord(
            id=record.id,
            code=record.code,
            created_at=record.created_at,
            started_at=record.started_at,
            ended_at=now,
            reason=REASONS[step][1],
            users=tuple(one.user for one in record.participants if one.admitted),
            participants=tuple(one.id for one in record.participants if one.admitted),
            withdrawn=tuple(one.id for one in talked if one.withdrew),
            withdrawn_until=tuple(
                (one.id, one.withdrew_at) for one in talked if not one.withdrew and one.withdrew_at is not None
            ),
        )
        self._ended.remember(ended)
        self._ended.forget_before(self.forget_before(now))
        self._snapshots.end(ended)
        return ended

    def forget(self, session: str) -> None:
        """Forget a live session that another process goes on with. Again is nothing."""
        record = self._sessions.pop(session, None)
        if record is not None:
            self._codes.pop(record.code, None)

    def expires_at(self, session: str) -> int:
        """Return the time (Unix epoch ms) at which the session ends if nothing happens before."""
        record = self._sessions[session]
        if record.started_at is None:
            return record.code_expires_at
        return record.started_at + int(self._options.limits.session_length_s * 1000)

    def forget_before(self, now: int) -> int:
        """Return the time (Unix epoch ms) before which ended sessions are forgotten."""
        return now - int(self._options.remember_ended_s * 1000)

    def _waiting_until(self, now: int) -> int:
        return now + int(self._options.code_lifetime_s * 1000)

    def _put(self, record: SessionRecord) -> SessionRecord:
        self._sessions[record.id] = record
        self._snapshots.save(record)
        return record


def _without(record: SessionRecord, participant: str) -> tuple[ParticipantRecord, ...]:
    return tuple(one for one in record.participants if one.id != participant)
