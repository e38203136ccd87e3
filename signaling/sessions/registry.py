"""Who may come in: the sessions of this process by id and by code, and every rule of joining them.

Synchronous and without a clock: each step is atomic on the event loop, `now` is Unix epoch milliseconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from signaling.config import SignalingOptions
from signaling.refusal import Code, Refusal
from signaling.session_states import REASONS, SessionState, SessionStep, after
from storage.records import EndedRecord, ParticipantRecord, SessionRecord

# A bound for a day's ended sessions; the oldest is forgotten first.
MOST_ENDED = 20_000


@dataclass(frozen=True, slots=True)
class SnapshotSink:
    """Where each change is written through to."""

    save: Callable[[SessionRecord], None]
    end: Callable[[EndedRecord], None]


def random_code() -> str:
    """Six decimal digits from the system's CSPRNG."""
    return f"{secrets.randbelow(10**6):06d}"


def state(record: SessionRecord) -> SessionState:
    return SessionState.WAITING if record.started_at is None else SessionState.ACTIVE


class SessionRegistry:
    """Records are immutable and replaced whole; `keep` hears of each replacement."""

    def __init__(self, config: SignalingOptions, keep: SnapshotSink, code: Callable[[], str] = random_code) -> None:
        self._config = config
        self._keep = keep
        self._random_code = code
        self._sessions: dict[str, SessionRecord] = {}
        self._codes: dict[str, str] = {}
        self._ended: dict[str, EndedRecord] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def restore(self, live: Iterable[SessionRecord], ended: Iterable[EndedRecord]) -> None:
        """Take back what an earlier process knew."""
        for one in sorted(ended, key=lambda one: one.ended_at):
            self._ended[one.id] = one
        for record in live:
            self._sessions[record.id] = record
            self._codes[record.code] = record.id

    def create(
        self, user: str, name: str, language: str, admit: bool, now: int
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """Raises Refusal `at_capacity`."""
        if len(self._sessions) >= self._config.limits.sessions:
            raise Refusal(Code.AT_CAPACITY, "this server holds all the calls that it can", retry_after=60)
        creator = ParticipantRecord(_id("p"), user, name, language)
        record = SessionRecord(
            id=_id("s"),
            code=self._unused_code(),
            admit=admit,
            created_at=now,
            code_expires_at=self._waiting_until(now),
            participants=(creator,),
        )
        self._codes[record.code] = record.id
        self._put(record)
        return record, creator

    def by_code(self, code: str) -> SessionRecord:
        """The live session of a code. Raises Refusal `session_not_found`, or `session_ended` for a used-up one."""
        session = self._codes.get(code)
        if session is not None:
            return self._sessions[session]
        if any(one.code == code for one in self._ended.values()):
            raise Refusal(Code.SESSION_ENDED, "that session has ended, or nobody joined it in time")
        raise Refusal(Code.SESSION_NOT_FOUND, "no session has that code")

    def join(
        self, record: SessionRecord, user: str, name: str, language: str, now: int
    ) -> tuple[SessionRecord, ParticipantRecord]:
        """The seat of `user`: a new one, or the one that they have already. Raises Refusal `own_session`,
        `not_admitted` (they were turned away) or `session_full`."""
        if record.participants[0].user == user:
            raise Refusal(Code.OWN_SESSION, "this is your own session: give the code to the other person")
        if user in record.refused:
            raise Refusal(Code.NOT_ADMITTED, "the other person did not let you in")
        seated = record.of_user(user)
        if seated is not None:
            return record, seated
        if len(record.participants) > 1:
            raise Refusal(Code.SESSION_FULL, "somebody else has joined with this code")
        joiner = ParticipantRecord(_id("p"), user, name, language, admitted=not record.admit)
        # The joiner gets as long to open a socket as the creator gave them to come.
        record = replace(
            record,
            participants=(*record.participants, joiner),
            code_expires_at=self._waiting_until(now),
        )
        self._put(record)
        return record, joiner

    def get(self, session: str) -> SessionRecord:
        """A live session. Raises Refusal `session_ended` or `session_not_found`."""
        record = self._sessions.get(session)
        if record is not None:
            return record
        if session in self._ended:
            raise Refusal(Code.SESSION_ENDED, "the session has ended")
        raise Refusal(Code.SESSION_NOT_FOUND, "there is no such session")

    def takes_part(self, user: str) -> bool:
        """Whether they have been let into a live session."""
        people = (record.of_user(user) for record in self._sessions.values())
        return any(person is not None and person.admitted for person in people)

    def find_ended(self, session: str) -> EndedRecord | None:
        return self._ended.get(session)

    def start(self, session: str, now: int) -> SessionRecord:
        """Both sockets have joined: the session is active from now on."""
        record = self._sessions[session]
        after(state(record), SessionStep.PAIRED)
        return self._put(replace(record, started_at=now))

    def admit(self, session: str, participant: str) -> None:
        self._change(session, participant, admitted=True)

    def turn_away(self, session: str, participant: str) -> None:
        """Their seat is free again, but not for them."""
        record = self._sessions[session]
        gone = record.participant(participant)
        assert gone is not None
        refused = (*record.refused, gone.user)
        self._put(replace(record, participants=_without(record, participant), refused=refused))

    def give_up(self, session: str, participant: str) -> None:
        """Somebody who was not let in yet no longer wants to be."""
        record = self._sessions[session]
        self._put(replace(record, participants=_without(record, participant)))

    def set_language(self, session: str, participant: str, language: str) -> None:
        self._change(session, participant, language=language)

    def set_voice(self, session: str, participant: str, voice: str) -> None:
        self._change(session, participant, voice=voice)

    def set_history(self, session: str, participant: str, on: bool) -> None:
        self._change(session, participant, keeps_history=on)

    def end(self, session: str, step: SessionStep, now: int) -> EndedRecord:
        """Forget the session, but for what says that it has ended."""
        record = self._sessions.pop(session)
        after(state(record), step)
        del self._codes[record.code]
        ended = EndedRecord(
            id=record.id,
            code=record.code,
            created_at=record.created_at,
            started_at=record.started_at,
            ended_at=now,
            reason=REASONS[step][1],
            users=tuple(one.user for one in record.participants if one.admitted),
        )
        self._ended[ended.id] = ended
        self._forget(now)
        self._keep.end(ended)
        return ended

    def expires_at(self, session: str) -> int:
        """When the session ends by itself, if nothing happens before (ms)."""
        record = self._sessions[session]
        if record.started_at is None:
            return record.code_expires_at
        return record.started_at + int(self._config.limits.session_length * 1000)

    def forget_before(self, now: int) -> int:
        return now - int(self._config.remember_ended * 1000)

    def _waiting_until(self, now: int) -> int:
        return now + int(self._config.code_lifetime * 1000)

    def _forget(self, now: int) -> None:
        """In the order of ending, so that the first ones are the oldest."""
        for one in list(self._ended.values()):
            if one.ended_at >= self.forget_before(now) and len(self._ended) <= MOST_ENDED:
                return
            del self._ended[one.id]

    def _unused_code(self) -> str:
        # `sessions` is far below the million codes, so this ends at once.
        while (code := self._random_code()) in self._codes:
            pass
        return code

    def _change(self, session: str, participant: str, **fields: object) -> None:
        record = self._sessions[session]
        people = tuple(
            replace(one, **fields) if one.id == participant else one  # type: ignore[arg-type]
            for one in record.participants
        )
        if people != record.participants:
            self._put(replace(record, participants=people))

    def _put(self, record: SessionRecord) -> SessionRecord:
        self._sessions[record.id] = record
        self._keep.save(record)
        return record


def _without(record: SessionRecord, participant: str) -> tuple[ParticipantRecord, ...]:
    return tuple(one for one in record.participants if one.id != participant)


def _id(kind: str) -> str:
    """128 random bits: an id cannot be guessed, so that knowing one means having been told."""
    return f"{kind}_{secrets.token_hex(16)}"
