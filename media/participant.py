"""One person in a room: their present connection, what they hear, and what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from media.events import ConnectionQuality, TrackMapping
from media.playout import Playout
from media.rtp.forwarder import Forwarder
from media.rtp.packets import RtpPacket
from media.rtp.receiver import Receiver
from media.rtp.sender import VoiceSender
from media.rtp.statistics import SenderStatistics
from media.subtitles.client_messages import BadMessage, ChannelMessage, ClientStats, Resume, parse
from media.subtitles.outbox import Post, SubtitlesOutbox
from media.subtitles.server_messages import Message, ServerMessages
from media.webrtc.network import Allowance
from pipeline.delivery.listener import Told
from pipeline.events import Event, SpeechPlayed
from pipeline.speech import Frame, Speech

if TYPE_CHECKING:
    from media.webrtc.peer import Peer

MAX_UNHEARD_MS = 15_000
"""Speech queued for one whose connection is away; more than this is skipped."""
MESSAGES_PER_S, MESSAGES_BURST = 20.0, 40.0

INTERPRETER, ORIGINAL = "interpreter", "original"


@dataclass(slots=True)
class Connection:
    """A peer and what we send on it: the voice on the first line, a forwarder for each line."""

    peer: Peer
    task: asyncio.Task[None]
    negotiation: int
    mids: tuple[str, ...]
    voice: VoiceSender | None
    forwards: tuple[Forwarder | None, ...]
    told_tracks: tuple[TrackMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantEar:
    """What a participant's client sets off."""

    hear: Callable[[Frame], None]
    packet: Callable[[RtpPacket, float], None]
    asked: Callable[[ChannelMessage], None]


class Participant:
    """A `Listener` of the pipeline, and the owner of everything that outlives one connection."""

    def __init__(
        self,
        participant: str,
        language: str,
        session: str,
        now: Callable[[], float],
        wall_ms: Callable[[], int],
    ) -> None:
        self.participant = participant
        self.language = language
        self.detects_language = False
        self.voice = ""
        self.interruptions = 0
        self.connection: Connection | None = None
        self.pending: Connection | None = None
        self.stats = ClientStats()
        self.heard = SenderStatistics()
        self.reactions: ParticipantEar | None = None
        self.inbound = Receiver(self._hear)
        self.allowance = Allowance(now)
        self._now = now
        self._playout = Playout()
        self._hears: set[tuple[str, int]] = set()
        """Segments of which they have heard the beginning, and not yet the end."""
        self._may_return = True
        self._subtitles = SubtitlesOutbox(now)
        self._wire = ServerMessages(session, participant, now, wall_ms)
        self._allowance = MESSAGES_BURST
        self._asked_at = now()

    def release(self) -> None:
        """The room is closed: nothing is heard, told or held any more."""
        self.connection = self.pending = self.reactions = None
        self._playout = Playout()
        del self.inbound

    # what they hear

    @property
    def backlog_ms(self) -> float:
        return self._playout.backlog_ms

    @property
    def spoken_to(self) -> bool:
        """Whether the interpreter is speaking, or is silent in the middle of a segment, whose rest is still being made;
        or the silence that ends a talkspurt is still being sent."""
        return self.connection is not None and (self._playout.speaking or bool(self._hears))

    def play(self, speech: Speech, told: Told) -> None:
        """Queue the interpreter's speech. One whose connection is away hears it later, within bounds; one who
        offered no line to hear it on never does."""
        away = self.connection is None
        deaf = self.connection is not None and self.connection.voice is None
        if deaf or (away and self.backlog_ms + speech.duration_ms > MAX_UNHEARD_MS):
            told("skipped")
        else:
            self._playout.play(speech, told)

    def drop(self, told: Told) -> None:
        """Take the interpreter's speech that was queued with this `told`, and has not begun, out of the queue."""
        self._playout.drop(told)

    def interrupt(self) -> None:
        """They take the word: the interpreter stops in their ear. All that was on its way to it is dropped, whether it
        is queued here or still being made, so that nothing of it is heard later from its middle; what is settled from
        now on will be heard."""
        self.interruptions += 1
        self._hears.clear()
        self._playout.hush()

    def tick(self, now: float, given_up: int, session_ms: float) -> None:
        """One 20 ms slot: the next frame of the interpreter leaves, holes in the microphone are closed."""
        self.inbound.poll(now, session_ms)
        self._subtitles.tick()
        connection = self.connection
        if connection is None or connection.voice is None or not connection.peer.connected:
            deaf = connection is not None and connection.voice is None  # nothing of it can be heard
            if deaf or not self._may_return:
                self._playout.hush()
            return
        frame = self._playout.next_frame()
        if frame is not None:
            if given_up and not frame.first:
                connection.voice.skip(given_up)
            if connection.forwards[0] is not None:
                connection.forwards[0].rest()
            connection.voice.speak(frame, now)

    def expect_no_return(self) -> None:
        """The call ends soon: from now on nothing is kept for them while their connection is away."""
        self._may_return = False

    def hear_original(self, line: int, packet: RtpPacket, now: float) -> None:
        """A packet of a partner's own voice, for the audio line of that index."""
        connection = self.connection
        if connection is None or not connection.peer.connected or line >= len(connection.forwards):
            return
        forward = connection.forwards[line]
        if forward is not None:
            forward.send(packet, now)

    # what they are told

    def tell(self, event: Event) -> None:
        """Write an event on their subtitles channel."""
        if isinstance(event, SpeechPlayed) and event.listener == self.participant:
            segment = event.utterance, event.segment
            (self._hears.add if event.state == "start" else self._hears.discard)(segment)
        message = self._wire.write(event)
        if message is not None:
            self._subtitles.put(message)

    def channel_open(self, post: Post) -> None:
        self._subtitles.open(post)

    def channel_shut(self, post: Post) -> None:
        self._subtitles.shut(post)

    # what they send

    def took_packet(self, packet: RtpPacket, now: float, session_ms: float) -> None:
        """A packet of their microphone: forwarded at once, then heard."""
        if self.reactions is not None:
            self.reactions.packet(packet, now)
        self.inbound.take(packet, now, session_ms)

    def took_message(self, data: str | bytes) -> None:
        """A message on their subtitles channel."""
        if not self._allowed():
            self.refuse("rate_limited", "Too many messages.")
            return
        try:
            message = parse(data)
        except BadMessage as bad:
            self.refuse(bad.code, bad.message)
            return
        match message:
            case Resume(last_seq):
                self._subtitles.resume(last_seq)
            case ClientStats():
                self.stats = message
            case _ if self.reactions is None:
                self.refuse("bad_request", "Nobody is here to hear it yet.")
            case _:
                self.reactions.asked(message)

    def refuse(self, code: str, message: str) -> None:
        """Tell them why something they asked for was not done."""
        refusal: Message = {"type": "error", "code": code, "message": message}
        self._subtitles.put(refusal)

    def _hear(self, frame: Frame) -> None:
        if self.reactions is not None:
            self.reactions.hear(frame)

    def _allowed(self) -> bool:
        now = self._now()
        self._allowance = min(MESSAGES_BURST, self._allowance + (now - self._asked_at) * MESSAGES_PER_S)
        self._asked_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def quality(self) -> ConnectionQuality:
        """What their connection was like so far."""
        sent = self.inbound.quality
        heard = self.heard
        trip = heard.round_trip_ms if heard.round_trip_ms is not None else self.stats.rtt_ms
        return ConnectionQuality(
            sent_packets=sent.packets,
            sent_lost=sent.lost,
            sent_concealed=sent.holes,
            sent_recovered=sent.recovered,
            sent_jitter_ms=round(sent.jitter_ms, 2),
            heard_lost=heard.packets_lost,
            heard_jitter_ms=round(heard.jitter_ms, 2),
            round_trip_ms=None if trip is None else round(trip, 2),
            concealed_ms=self.stats.concealed_ms,
            playout_delay_ms=self.stats.playout_delay_ms,
        )

    def inbound_report(self) -> Any:
        return self.inbound.quality.report()
