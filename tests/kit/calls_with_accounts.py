"""A real signaling server with a real database of accounts, whose calls are kept; rooms are scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from accounts.accounts import Accounts
from accounts.history.operator_keys import OperatorKeys
from accounts.keeping.running import KeepingOptions, KeptCalls, keep_calls
from accounts.keeping.writer import WriterOptions
from accounts.running import run_accounts
from pipeline.events import (
    Outcome,
    PlaybackState,
    SpeechPlayed,
    Transcribed,
    Translated,
    UtteranceEnded,
    UtteranceStarted,
)
from pipeline.speech import Segment
from signaling.call_records.kept_history import KeptHistory
from signaling.call_records.written_calls import WrittenCalls
from signaling.ports import NoHistory
from signaling.tokens import AccessClaims
from storage.accounts.ports import AccountStore
from storage.accounts.records import User
from tests.kit.account_server import CHEAP
from tests.kit.signaling_server import Client, Front, open_front

KEY = bytes(range(32))
QUICK = WriterOptions(slow_s=30.0, again_s=0.02)  # a busy machine is no trouble


@dataclass
class Clock:
    """A wall clock that a test sets, and loop time for the meter of usage."""

    wall: float = 1_700_000_000.0
    loop: float = 100.0


@dataclass
class Kept:
    """The server and what it keeps."""

    front: Front
    accounts: Accounts
    calls: KeptCalls
    store: AccountStore
    clock: Clock = field(default_factory=Clock)

    async def user(self, name: str, **changes: Any) -> Client:
        """Return a person with an account."""
        person = User(f"u_{name.lower()}", name, f"{name.lower()}@example.org", True, None, "es", 1)
        for field_, value in changes.items():
            object.__setattr__(person, field_, value)
        await self.store.users.add(person)
        return self.client(person.id, name, "user")

    def client(self, user: str, name: str, kind: str) -> Client:
        claims = AccessClaims(user, name, kind)
        return Client(self.front, self.front.sessions.tokens.issue_access(claims, self.clock.wall), user)

    async def pair(self, ana: Client, bo: Client, *, consent: bool = True) -> None:
        """Put both into a call, in which both consent to its history."""
        await ana.create("es")
        await bo.join(ana.code, "en")
        for one in (ana, bo):
            await one.open()
            await one.hear("session_joined")
        await ana.hear("session_paired")
        if consent:
            for one in (ana, bo):
                await one.say({"type": "set_history", "on": True})
                await ana.hear("history")
                await bo.hear("history")

    def says(
        self, who: Client, to: Client, text: str, translation: str, utterance: str, at_ms: int, took_ms: int = 1000
    ) -> None:
        """Let a sentence be said, translated and played, as a room emits it."""
        room, whole = self.front.room, Segment(0, text, 0, len(text))
        room.tell(UtteranceStarted(utterance, who.me))
        end = at_ms + took_ms
        room.tell(Transcribed(utterance, who.me, 0, text, len(text), True, who.language, at_ms, end, 1.0))
        languages = (who.language, to.language)
        room.tell(Translated(utterance, who.me, (to.me,), whole, 0, True, translation, *languages, self.clock.loop))
        room.tell(SpeechPlayed(utterance, who.me, to.me, 0, PlaybackState.START))
        self.clock.loop += took_ms / 1000 - 0.02
        room.tell(SpeechPlayed(utterance, who.me, to.me, 0, PlaybackState.END))
        room.tell(UtteranceEnded(utterance, who.me, to.language, (to.me,), Outcome.SPOKEN))

    async def written(self) -> None:
        """Wait until all is in the database."""
        await self.calls.writer.finish(60)


@asynccontextmanager
async def open_kept(store: AccountStore, *, keys: tuple[bytes, ...] = (KEY,), **ports: Any) -> AsyncIterator[Kept]:
    """Open the server over `store`."""
    clock = Clock()

    def wall() -> float:
        return clock.wall

    options = KeepingOptions(OperatorKeys(keys), writer=QUICK)
    async with (
        run_accounts(store, [bytes(32)], CHEAP, wall=wall) as accounts,
        keep_calls(store, options, wall=wall) as calls,
    ):
        parts = {
            "accounts": accounts,
            "kept_calls": calls,
            "call_log": WrittenCalls(calls.writer, lambda: clock.loop),
            "history": KeptHistory(calls.writer, wall, lambda: clock.loop) if keys else NoHistory(),
            "wall": wall,
        }
        async with open_front(**parts, **ports) as front:
            yield Kept(front, accounts, calls, store, clock)
