"""A call without a network: two people, two interpreters, on a clock that stands still while engines work.

The interpreters are the real ones and know each other as in `media.call`, what is spoken goes through the real
playout; a loudspeaker may give it back to the microphone beside it. Run it on a `VirtualLoop`: the time of a
recognition is no part of the question, so ten minutes take as long as the engines need for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from bench.simulated_call.person import Person
from pipeline.events import Event, Translated, UtteranceEnded, UtteranceStarted
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import FRAME_MS, Frame
from testing.disturbances import Sound

Result = TypeVar("Result")
Fact = TypeVar("Fact", Translated, UtteranceEnded, UtteranceStarted)
PATIENCE = 1.6
"""s without a sound, after which nothing more is expected."""
LONGEST = 15.0
"""s after which a loop is left to itself."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact, and its time (s since the call began)."""

    at: float
    event: Event


class Call:
    """Two people, interpreted both ways. Without `guarded` no interpreter hears of the other's speech."""

    def __init__(
        self,
        people: tuple[Person, Person],
        stages: EngineSet,
        *,
        guarded: bool = True,
        settings: InterpreterOptions | None = None,
    ) -> None:
        self.people = people
        self._settings = settings or InterpreterOptions()
        self.happened: list[Happened] = []
        self.observers: list[Callable[[Event], None]] = []
        """Called with each event."""
        self._guarded = guarded
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self.interpreters = [self._interpreter(one, other, stages) for one, other in (people, people[::-1])]

    def _interpreter(self, of: Person, listener: Person, stages: EngineSet) -> Interpreter:
        return Interpreter(
            of.participant,
            of.language,
            stages=stages,
            audience=lambda: [listener],
            emit=self._tell,
            now=self._loop.time,
            settings=self._settings,
        )

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        return self._loop.time() - self._zero

    async def run(self) -> None:
        """Interpret until cancelled."""
        async with asyncio.TaskGroup() as group:
            for interpreter in self.interpreters:
                group.create_task(interpreter.run())

    async def pass_time(self, seconds: float) -> None:
        """Let `seconds` of the call happen."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            now = self._loop.time()
            start_ms = round((now - self._zero) * 1000)
            for person, interpreter in zip(self.people, self.interpreters, strict=True):
                interpreter.hear(Frame(start_ms, person.slot()))
                interpreter.tick(now)
            await asyncio.sleep(FRAME_MS / 1000)

    async def until_said(self, speaker: Person, sound: Sound) -> float:
        """Let `speaker` say `sound`, and wait until all its interpretation has been played.

        Returns the second of the call at which it ended.
        """
        speaker.say(sound)
        began = quiet = self.now
        while speaker.speaking or self.now < min(quiet + PATIENCE, began + LONGEST):
            await self.pass_time(0.02)
            if speaker.speaking or any(one.playout.backlog_ms for one in self.people):
                quiet = self.now
        return quiet

    def began_s(self, utterance: str) -> float:
        """Return the start of an utterance on the call's clock (s), as its id gives it."""
        return int(utterance.partition("-")[0]) / 1000

    def events(self, kind: type[Fact], speaker: Person, since: float, until: float) -> list[Fact]:
        """Return the events of one kind about utterances that `speaker` began between two times (s of the call)."""
        return [
            one.event
            for one in self.happened
            if isinstance(one.event, kind)
            and one.event.speaker == speaker.participant
            and since <= self.began_s(one.event.utterance) < until
        ]

    def _tell(self, event: Event) -> None:
        self.happened.append(Happened(self.now, event))
        for observer in self.observers:
            observer(event)
        if self._guarded:
            for interpreter in self.interpreters:
                interpreter.overhear(event)


async def in_call(
    stages: EngineSet,
    seed: int,
    scene: Callable[[Call], Coroutine[Any, Any, Result]],
    *,
    guarded: bool = True,
    settings: InterpreterOptions | None = None,
) -> Result:
    """Play a scene between Ana, in English, and Ben, in Spanish, and return its result."""
    people = Person("ana", "en", seed), Person("ben", "es", seed + 1)
    call = Call(people, stages, guarded=guarded, settings=settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(call.run())
        result = await scene(call)
        running.cancel()
    return result
