"""One session's media as `async with`: its participants, their connections, the pacer and the call.

A room is torn down by leaving its scope. An error inside it ends this room only: whoever holds the scope
catches it at the room's boundary.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from media.call import Call, track_lines
from media.call_figures import CallFigures
from media.events import (
    Answer,
    CallMetrics,
    MediaConnected,
    MediaLost,
    OfferRefused,
    RoomFact,
    TrackMapping,
    TracksChanged,
)
from media.pacer import SLOT, Pacer
from media.participant import INTERPRETER, ORIGINAL, Connection, Participant
from media.rtp.forwarder import Forwarder
from media.rtp.sender import VoiceSender
from media.webrtc import sdp_offer
from media.webrtc.network import NetworkOptions
from media.webrtc.peer import Peer, PeerEvents, PeerLost
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.owned_tasks import OwnedTasks


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """Where media is received, and how it is interpreted."""

    network: NetworkOptions = field(default_factory=NetworkOptions)
    interpreting: InterpreterOptions = field(default_factory=InterpreterOptions)


class Room:
    """See the module. All methods are called on the event loop, between `__aenter__` and `__aexit__`."""

    def __init__(
        self, session: str, stages: EngineSet, tell: Callable[[RoomFact], None], settings: MediaOptions | None = None
    ) -> None:
        self.session = session
        self._stages = stages
        self._upward = tell
        self._settings = settings or MediaOptions()
        self._loop = asyncio.get_running_loop()
        self._people: dict[str, Participant] = {}
        self._call: Call | None = None
        self._origin = self._loop.time()
        self._ledger = CallFigures()
        self._tasks = OwnedTasks()
        self.pacer = Pacer(self._tick)

    async def __aenter__(self) -> Room:
        await self._tasks.__aenter__()
        self._tasks.start(self.pacer.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            self._release()

    def _release(self) -> None:
        """Cut the ties between all that is in here: as one knot it would stay until the garbage collector comes,
        which counts objects and doesn't see the codecs' memory behind them."""
        if self._call is not None:
            self._call.release()
        for person in self._people.values():
            person.release()
        self._call = None
        self._people.clear()
        self.pacer.release()

    # who is here

    def add(self, participant: str, language: str) -> None:
        """Someone who may offer a connection; once for each, again is ignored."""
        if participant not in self._people:
            person = Participant(participant, language, self.session, self._loop.time, _wall_ms)
            self._people[participant] = person

    def begin(self, started_at_ms: int) -> None:
        """The session is paired since `started_at_ms` (epoch): from here on it is interpreted."""
        if self._call is not None:
            return
        self._origin = self._loop.time() - (_wall_ms() - started_at_ms) / 1000
        for person in self._people.values():
            person.inbound.set_clock()
        self._call = Call(
            list(self._people.values()),
            stages=self._stages,
            tell=self._tell,
            now=self._loop.time,
            session_ms=self._session_ms,
            settings=self._settings.interpreting,
        )
        for interpreter in self._call.interpreters.values():
            self._tasks.start(interpreter.run())
        self._review_tracks()

    def set_language(self, participant: str, language: str) -> None:
        """What they speak and hear from their next utterance on."""
        person = self._people[participant]
        if self._call is None:
            person.language = language
        else:
            self._call.set_language(person, language)
            self._review_tracks()

    def set_detection(self, participant: str, on: bool) -> None:
        """Whether what they speak is detected: `LanguageChanged` is told when it is another language."""
        person = self._people[participant]
        if self._call is None:
            person.detects_language = on
        else:
            self._call.set_detection(person, on)

    def set_voice(self, participant: str, voice: str) -> None:
        """The voice in which they hear others interpreted, from the next sentence on; empty: the usual one."""
        self._people[participant].voice = voice

    def refuse(self, participant: str, code: str, message: str) -> None:
        """An `error` on the participant's subtitles channel."""
        self._people[participant].refuse(code, message)

    @property
    def connected(self) -> int:
        """Participants whose media is up."""
        return sum(person.connection is not None for person in self._people.values())

    def metrics(self) -> CallMetrics:
        duration = round(self._session_ms(self._loop.time())) if self._call else 0
        return self._ledger.metrics(duration, {name: person.quality() for name, person in self._people.items()})

    async def finish(self, timeout: float) -> None:
        """Hear no new sentence, and let what was said be heard, for at most `timeout` seconds: half of them for
        who still speaks, the rest for the interpreter."""
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
        offer = sdp_offer.parse_offer(text)
        person = self._people[participant]
        if person.pending is not None:
            person.pending.task.cancel()
            person.pending = None
        answered: asyncio.Future[str] = self._loop.create_future()
        peer = self._make_peer(person, offer)
        task = self._tasks.start(self._serve(person, peer, len(offer.audio), answered))
        task.add_done_callback(lambda _: _refuse_unanswered(answered))
        connection = self._connection(offer, peer, task, negotiation)
        person.pending = connection
        answer = await answered
        connection.told_tracks = self._tracks(person, connection)
        return Answer(answer, connection.told_tracks)

    async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None:
        """A trickled candidate for the connection of that negotiation; for an older one it is ignored."""
        person = self._people[participant]
        connection = next(
            (c for c in (person.pending, person.connection) if c is not None and c.negotiation == negotiation), None
        )
        if connection is None:
            return
        text = "" if candidate is None else candidate.get("candidate", "")
        if not isinstance(text, str):
            raise OfferRefused("bad_request", "candidate must be a string")
        if not text:
            await connection.peer.add_candidate(None)
            return
        try:
            parsed = sdp_offer.parse_candidate(text)
        except ValueError as error:
            raise OfferRefused("bad_request", str(error)) from None
        if parsed is not None:
            await connection.peer.add_candidate(parsed)

    def _make_peer(self, person: Participant, offer: sdp_offer.SdpOffer) -> Peer:
        def post(text: str) -> bool:
            return peer.send_message(text)

        def current() -> bool:
            return person.connection is not None and person.connection.peer is peer

        peer = Peer(
            offer,
            PeerEvents(
                connected=lambda: self._connected(person, peer),
                rtp=lambda packet, now: person.took_packet(packet, now, self._session_ms(now)) if current() else None,
                channel_open=lambda: person.channel_open(post),
                channel_closed=lambda: person.channel_shut(post),
                channel_message=lambda data: person.took_message(data) if current() else None,
                inbound_report=lambda: person.inbound_report() if current() else None,
            ),
            self._settings.network,
            person.allowance,
        )
        return peer

    def _connection(
        self, offer: sdp_offer.SdpOffer, peer: Peer, task: asyncio.Task[None], negotiation: int
    ) -> Connection:
        voice = VoiceSender(peer.streams[0]) if peer.streams[0] is not None else None
        forwards = tuple(None if stream is None else Forwarder(stream) for stream in peer.streams)
        return Connection(peer, task, negotiation, tuple(line.mid for line in offer.audio), voice, forwards)

    async def _serve(self, person: Participant, peer: Peer, lines: int, answered: asyncio.Future[str]) -> None:
        """One connection's life: answered, connected, lost or replaced."""
        stream_ids = [INTERPRETER, *(ORIGINAL if i == 1 else f"{ORIGINAL}-{i}" for i in range(1, lines))]
        async with peer:
            try:
                answer = await peer.answer(stream_ids)
            except OfferRefused as refused:
                if person.pending is not None and person.pending.peer is peer:
                    person.pending = None
                if not answered.done():
                    answered.set_exception(refused)
                return
            if not answered.done():
                answered.set_result(answer)
            try:
                await peer.serve()
            except PeerLost as lost:
                self._lost(person, peer, str(lost))

    def _connected(self, person: Participant, peer: Peer) -> None:
        """The new connection is up: it replaces the one before."""
        if person.pending is None or person.pending.peer is not peer:
            return
        before, person.connection, person.pending = person.connection, person.pending, None
        person.heard = peer.outbound
        if before is not None:
            before.task.cancel()
        self._review_tracks()
        self._tell(MediaConnected(person.participant))

    def _lost(self, person: Participant, peer: Peer, reason: str) -> None:
        if person.pending is not None and person.pending.peer is peer:
            person.pending = None
            if person.connection is None:
                self._tell(MediaLost(person.participant, reason))
        elif person.connection is not None and person.connection.peer is peer:
            person.connection = None
            self._tell(MediaLost(person.participant, reason))

    # time and facts

    def _tick(self, now: float, given_up: int) -> None:
        session_ms = self._session_ms(now)
        for person in self._people.values():
            person.tick(now, given_up, session_ms)
        if self._call is not None:
            self._call.tick(now)

    def _session_ms(self, now: float) -> float:
        return (now - self._origin) * 1000

    def _tell(self, fact: RoomFact) -> None:
        self._ledger.enter(fact)
        self._upward(fact)

    def _tracks(self, person: Participant, connection: Connection) -> tuple[TrackMapping, ...]:
        if self._call is not None:
            return self._call.tracks(person, connection)
        return track_lines(connection.mids, person, (), lambda speaker, listener: True)

    def _review_tracks(self) -> None:
        """Tell everyone connected who stands behind their lines, where that has changed."""
        for person in self._people.values():
            connection = person.connection
            if connection is not None and (tracks := self._tracks(person, connection)) != connection.told_tracks:
                connection.told_tracks = tracks
                self._tell(TracksChanged(person.participant, tracks))


def _refuse_unanswered(answered: asyncio.Future[str]) -> None:
    if not answered.done():
        answered.set_exception(OfferRefused("bad_request", "the offer was given up for a newer one"))


def _wall_ms() -> int:
    return round(time.time() * 1000)
