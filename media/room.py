"""One session's media, as `async with`: its participants, their connections, the pacer and the call.

An error in what is done for one participant stays within `media.boundary`. Any other error inside a room ends this
room only: it comes out of the scope, and is caught there, at the room's boundary. Leaving the scope tears it down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from media.boundary import Boundary
from media.call import Call
from media.call_figures import CallFigures
from media.client_watches import ClientWatches
from media.events import Answer, CallMetrics, ConnectionQuality, Observer, Seam
from media.observers import Observers
from media.offers import Offers
from media.pacer import SLOT, Pacer
from media.participant import Participant
from media.publications import Publications
from media.session_clock import SessionClock, wall_ms
from media.tracks import Tracks
from media.webrtc.network import NetworkOptions
from pipeline.context import bound
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.owned_tasks import OwnedTasks


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """Options of the network that media comes by, and of its interpretation."""

    network: NetworkOptions = field(default_factory=NetworkOptions)
    interpreting: InterpreterOptions = field(default_factory=InterpreterOptions)


class Room:
    """The media of one session. All methods are called on the event loop, between `__aenter__` and `__aexit__`."""

    def __init__(
        self,
        session: str,
        stages: EngineSet,
        observers: Iterable[Observer] = (),
        options: MediaOptions | None = None,
    ) -> None:
        """`observers` are called in order for each event of the room, after its own figures have counted it."""
        self.session = session
        self.pacer = Pacer()
        self._stages = stages
        self._options = options or MediaOptions()
        self._clock = SessionClock(asyncio.get_running_loop().time)
        self._figures = CallFigures()
        self._people: dict[str, Participant] = {}
        self._watches = ClientWatches(self._people, self._clock.now, stages.hears)
        self._observers = Observers(session, (self._figures.observe, self._watches.observe, *observers))
        self._boundary = Boundary(session, self._observers.emit)
        self._call: Call | None = None
        self._tasks = OwnedTasks()
        self._tracks = Tracks(self._people, self._observers, self._boundary)
        self._offers = Offers(
            session,
            self._tasks,
            network=self._options.network,
            clock=self._clock,
            tracks=self._tracks,
            observers=self._observers,
            boundary=self._boundary,
        )
        self._publications = Publications(
            session, self._tasks, network=self._options.network, clock=self._clock, boundary=self._boundary
        )

    def __repr__(self) -> str:
        state = "waiting" if self._call is None else "interpreting"
        return f"<Room {self.session} {state} people={len(self._people)} connected={self.connected}>"

    async def __aenter__(self) -> Room:
        await self._tasks.__aenter__()
        with bound(self.session):
            self._tasks.start(self.pacer.run(self._tick))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            self._detach()

    def _detach(self) -> None:
        """Cut the ties between participants, call and connections.

        As one knot they would stay until the garbage collector comes, which counts objects and doesn't see the
        codecs' memory behind them.
        """
        if self._call is not None:
            self._call.detach()
        for person in self._people.values():
            person.detach()
        self._call = None
        self._people.clear()

    # participants

    def add(self, participant: str, language: str) -> None:
        """Let a participant offer a connection; once for each, again is ignored."""
        if participant not in self._people:
            person = Participant(participant, language, self.session, self._clock.now, wall_ms, self._boundary)
            self._people[participant] = person

    def hear_self(self, participant: str, language: str) -> None:
        """Let a participant who is alone hear their own words in `language`. Holds for a call that begins later."""
        self._people[participant].hears_self_in = language

    def unread(self) -> dict[str, object]:
        """Return for each participant the subtitles that they may not have yet, as plain JSON."""
        return {name: person.unread() for name, person in self._people.items()}

    def go_on(self, participant: str, unread: object) -> None:
        """Write a participant's subtitles on from what the room of another process had `unread`. Comes before all."""
        self._people[participant].go_on(unread)

    def begin(self, started_at_ms: int) -> None:
        """Interpret from here on: the session is paired since `started_at_ms` (epoch). Again is ignored."""
        if self._call is not None:
            return
        self._clock.begin(started_at_ms)
        self._call = Call(
            list(self._people.values()),
            stages=self._stages,
            emit=self._observers.emit,
            now=self._clock.now,
            session_ms=self._clock.session_ms,
            options=self._options.interpreting,
            boundary=self._boundary,
        )
        for speaker, interpreter in self._call.interpreters.items():
            with bound(self.session, participant=speaker):
                self._tasks.start(interpreter.run())
        self._tracks.begin(self._call)

    def set_language(self, participant: str, language: str) -> None:
        """Let the participant speak and hear `language` from their next utterance on."""
        person = self._people[participant]
        if self._call is None:
            person.language = language
        else:
            self._call.set_language(person, language)
            self._tracks.review()

    def set_detection(self, participant: str, on: bool) -> None:
        """Detect the participant's language, or no longer: `LanguageChanged` is emitted when it is another one."""
        person = self._people[participant]
        if self._call is None:
            person.detects_language = on
        else:
            self._call.set_detection(person, on)

    def set_voice(self, participant: str, voice: str) -> None:
        """Interpret to the participant by that voice from the next sentence on; empty means the usual one."""
        self._people[participant].voice = voice

    def refuse(self, participant: str, code: str, message: str) -> None:
        """Write an `error` on the participant's subtitles channel."""
        self._boundary.contain(Seam.SUBTITLES, participant, self._people[participant].refuse, code, message)

    @property
    def connected(self) -> int:
        """The number of participants whose media is up."""
        return sum(person.connection is not None for person in self._people.values())

    def metrics(self) -> CallMetrics:
        """Return the call's figures so far."""
        duration_ms = round(self._clock.session_ms(self._clock.now())) if self._call else 0
        return self._figures.metrics(duration_ms, self.quality())

    def quality(self) -> dict[str, ConnectionQuality]:
        """Return the figures of each participant's connections so far."""
        return {name: person.quality() for name, person in self._people.items()}

    async def finish(self, timeout: float) -> None:
        """Begin no new sentence, and let all that was said be heard, for at most `timeout` seconds.

        The speakers have half of them to end their sentences, the interpreter has the rest.
        """
        if self._call is None:
            return
        for person in self._people.values():
            person.expect_no_return()
        try:
            async with asyncio.timeout(timeout):
                async with asyncio.TaskGroup() as group:
                    for interpreter in self._call.interpreters.values():
                        group.create_task(interpreter.finish(timeout / 2))
                while any(one.spoken_to for one in self._people.values()):  # noqa: ASYNC110 - the pacer's own step
                    await asyncio.sleep(SLOT)
        except TimeoutError:
            return

    # connections

    async def offer(self, participant: str, negotiation: int, text: str) -> Answer:
        """Answer an offer, which comes from a new peer connection. Raises OfferRefused."""
        person = self._people[participant]
        with self._boundary.refusing(participant):
            sdp, connection = await self._offers.answer(person, negotiation, text)
            connection.tracks = self._tracks.of(person, connection)
        return Answer(sdp, connection.tracks)

    async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None:
        """Add a trickled candidate to the connection of that negotiation; one for an older connection is ignored.

        None, or an empty one, says that there will be no more. Raises OfferRefused.
        """
        with self._boundary.refusing(participant):
            await self._offers.candidate(self._people[participant], negotiation, candidate)

    async def publish(self, participant: str, publication: str, text: str) -> str:
        """Answer an encoder's offer: once it is up, what it sends is the participant's microphone, until it ends.

        `publication` names it. A newer one of the participant takes over. Raises OfferRefused.
        """
        with self._boundary.refusing(participant):
            return await self._publications.answer(self._people[participant], publication, text)

    def unpublish(self, participant: str, publication: str) -> bool:
        """End a publication of the participant's. False where there is none of that name."""
        return self._publications.end(self._people[participant], publication)

    def _hears_a_partner(self, participant: str) -> bool:
        """Return True if the voice in a participant's microphone is a partner's so far."""
        return self._call is not None and self._call.interpreters[participant].hears_a_partner()

    def _tick(self, now: float, given_up: int) -> None:
        """Do what is due in a 20 ms slot, for everybody."""
        session_ms = self._clock.session_ms(now)
        for person in self._people.values():
            try:
                person.tick(now, given_up, session_ms)
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._boundary.note(Seam.VOICE, person.participant, error)
        if self._call is not None:
            self._call.tick(now)
        self._watches.tick(now, self._observers.emit, self._boundary, self._hears_a_partner)
