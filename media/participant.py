"""One person in a room: their connection, the interpreter's voice in their ear, their subtitles and requests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from media.boundary import Boundary
from media.call_figures import connection_quality
from media.connection import Connection
from media.events import ConnectionQuality, RefusalCode, Seam, StatusReason
from media.playout import Playout
from media.publication import Publication
from media.rtp.budget import TokenBucket
from media.rtp.packets import RtpPacket
from media.rtp.receiver import Receiver
from media.rtp.statistics import ReportBlock, SenderStatistics
from media.subtitles.client_messages import BadMessage, ChannelMessage, ClientStats, Resume, Typing, parse
from media.subtitles.outbox import Post, SubtitlesOutbox
from media.subtitles.server_messages import Message, ServerMessages, status, typing
from media.webrtc.network import ParticipantBudgets
from pipeline.delivery.listener import PlaybackObserver
from pipeline.events import Event, PlaybackState, SpeechPlayed
from pipeline.speech import Frame, Speech

MAX_UNHEARD_MS = 15_000
"""Speech queued for a participant whose connection is away; more than this is skipped."""
MESSAGES_PER_S, MESSAGES_BURST = 20.0, 40.0
"""Messages that a client may send on its subtitles channel."""
REFUSALS_PER_S = 1.0
"""Messages beyond that which are answered: each answer is kept for a reconnection, in the place of a subtitle."""


class SpeakerSink(Protocol):
    """The call as one of its speakers sees it."""

    def hear(self, frame: Frame) -> None:
        """Interpret the next frame of their microphone."""

    def forward(self, packet: RtpPacket, now: float) -> None:
        """Send a packet of their own voice to their partners, at loop time `now`."""

    def request(self, message: ChannelMessage) -> None:
        """Do what they ask for on their subtitles channel."""


class Participant:
    """A `Listener` of the pipeline, and the owner of everything that outlives one connection."""

    def __init__(
        self,
        participant: str,
        language: str,
        session: str,
        now: Callable[[], float],
        wall_ms: Callable[[], int],
        boundary: Boundary | None = None,
    ) -> None:
        """`now` returns loop time in seconds, `wall_ms` epoch milliseconds. `boundary` counts their errors."""
        self.participant = participant
        self.language = language
        self.detects_language = False
        self.hears_self_in = ""
        """Language in which they hear their own words; empty for everybody who has a partner."""
        self.voice = ""
        self.interruptions = 0
        self.connection: Connection | None = None
        self.pending: Connection | None = None
        self.published: Publication | None = None
        """The encoder that sends their microphone, in place of their connection."""
        self.publishing: Publication | None = None
        """An encoder whose connection is not up yet."""
        self.client_stats = ClientStats()
        self.sender_statistics = SenderStatistics()
        self.receiver = Receiver()
        self.budgets = ParticipantBudgets()
        self._boundary = boundary or Boundary(session)
        self._sink: SpeakerSink | None = None
        self._now = now
        self._playout = Playout()
        self._begun: set[tuple[str, int]] = set()
        """Segments of which they have heard the beginning, and not yet the end."""
        self._may_return = True
        self._subtitles = SubtitlesOutbox(now, partial(self._boundary.note, Seam.SUBTITLES, participant))
        self._messages = ServerMessages(session, participant, now, wall_ms)
        self._message_budget = TokenBucket(MESSAGES_PER_S, MESSAGES_BURST)
        self._refusal_budget = TokenBucket(REFUSALS_PER_S, 1.0)

    def join(self, sink: SpeakerSink) -> None:
        """Speak into the call that begins now: session time, and so media time, counts anew."""
        self._sink = sink
        self.receiver.begin(sink.hear)

    def detach(self) -> None:
        """Cut the ties to the call and the connection: the room is closed."""
        self.connection = self.pending = self.published = self.publishing = self._sink = None
        self._playout = Playout()
        del self.receiver

    # the interpreter's voice in their ear

    @property
    def backlog_ms(self) -> float:
        """Speech that is queued for them, in ms."""
        return self._playout.backlog_ms

    @property
    def spoken_to(self) -> bool:
        """True while the interpreter speaks to them, or a segment that it began is still being made.

        A talkspurt lasts to the end of the silence that closes it.
        """
        return self.connection is not None and (self._playout.speaking or bool(self._begun))

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        """Queue the interpreter's speech.

        A participant whose connection is away hears it later, within bounds. One whose connection is deaf never does.
        """
        away = self.connection is None
        deaf = self.connection is not None and self.connection.deaf
        if deaf or (away and self.backlog_ms + speech.duration_ms > MAX_UNHEARD_MS):
            observer(PlaybackState.SKIPPED)
        else:
            self._playout.play(speech, observer)

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Withdraw the speech that was queued with this `observer` and has not begun."""
        self._playout.withdraw(observer)

    def interrupt(self) -> None:
        """Silence the interpreter, because they begin to speak.

        All that is final by now is discarded in this ear, be it queued or still being made: none of it is heard later
        from its middle. Text that becomes final later will be heard.
        """
        self.interruptions += 1
        self._begun.clear()
        self._playout.hush()

    def tick(self, now: float, given_up: int, session_ms: float) -> None:
        """Send the interpreter's frame of this 20 ms slot, and close holes in the microphone.

        `now` is loop time, `given_up` the number of slots that were skipped just before.
        """
        try:
            self.receiver.poll(now, session_ms)
        except Exception as error:  # noqa: BLE001 - `note` logs it
            self._boundary.note(Seam.MICROPHONE, self.participant, error)
        try:
            self._subtitles.tick()
        except Exception as error:  # noqa: BLE001 - `note` logs it
            self._boundary.note(Seam.SUBTITLES, self.participant, error)
        connection = self.connection
        if connection is None or connection.voice is None or not connection.peer.connected:
            if (connection is not None and connection.deaf) or not self._may_return:
                self._playout.hush()
            return
        frame = self._playout.next_frame()
        if frame is not None:
            if given_up and not frame.first:
                connection.voice.skip(given_up)
            if connection.forwarders[0] is not None:
                connection.forwarders[0].rest()
            connection.voice.speak(frame, now)

    def expect_no_return(self) -> None:
        """Keep nothing more for them while their connection is away: the call ends soon."""
        self._may_return = False

    def play_original(self, m_line: int, packet: RtpPacket, now: float) -> None:
        """Forward a packet of a partner's own voice on the audio m-line of that index."""
        connection = self.connection
        if connection is None or not connection.peer.connected or m_line >= len(connection.forwarders):
            return
        forwarder = connection.forwarders[m_line]
        if forwarder is not None:
            forwarder.send(packet, now)

    # their subtitles

    def show(self, event: Event) -> None:
        """Write an event on their subtitles channel."""
        if isinstance(event, SpeechPlayed) and event.listener == self.participant:
            segment = event.utterance, event.segment
            if event.state == PlaybackState.START:
                self._begun.add(segment)
            else:
                self._begun.discard(segment)
        message = self._messages.write(event)
        if message is not None:
            self._subtitles.put(message)

    def miss(self) -> None:
        """Note on their subtitles channel that an event could not be written there."""
        self._subtitles.note_loss()

    def refuse(self, code: str, message: str) -> None:
        """Write an `error` on their subtitles channel: a request of theirs is not done."""
        refusal: Message = {"type": "error", "code": code, "message": message}
        self._subtitles.put(refusal)

    def show_typing(self, partner: str, *, on: bool) -> None:
        """Write on their subtitles channel that a partner types, or does so no longer; never later than now."""
        self._subtitles.put(typing(partner, on=on))

    def show_status(self, reason: StatusReason, *, over: bool, message: str) -> bool:
        """Write on their subtitles channel why their client is deaf or mute. False where no channel is open."""
        if not self._subtitles.is_open:
            return False
        self._subtitles.put(status(reason, over=over, message=message))
        return True

    def unread(self) -> list[Any]:
        """Return the subtitles that they may not have yet, for the process that goes on with the session."""
        return self._subtitles.hand_on()

    def go_on(self, unread: object) -> None:
        """Write subtitles on from what another process has handed on, by its `unread`."""
        self._subtitles.go_on(unread)

    def channel_opened(self, post: Post, limit: int = 0) -> None:
        """Write subtitles by `post` from now on, once the client has said where it left off.

        `limit` is the bytes that a message may have; 0 for any number.
        """
        self._subtitles.open(post, limit)

    def channel_closed(self, post: Post) -> None:
        """Keep subtitles until a channel is opened again, unless a newer one than `post` is open."""
        self._subtitles.close(post)

    # their microphone and their requests

    def receive_packet(self, packet: RtpPacket, now: float, session_ms: float) -> None:
        """Forward a packet of their microphone at once, then interpret it."""
        if self._sink is not None:
            self._sink.forward(packet, now)
        self.receiver.receive(packet, now, session_ms)

    def receive_message(self, data: str | bytes) -> None:
        """Do, or refuse, what a message on their subtitles channel asks for."""
        if not self._message_budget.consume(1, self._now()):
            if self._refusal_budget.consume(1, self._now()):
                self.refuse(RefusalCode.RATE_LIMITED, "Too many messages.")
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
                self.client_stats = message
            case Typing() if self._sink is None:
                pass  # nobody is there who could see it
            case _ if self._sink is None:
                self.refuse(RefusalCode.BAD_REQUEST, "Nobody is here to hear it yet.")
            case _:
                self._sink.request(message)

    def quality(self) -> ConnectionQuality:
        """Return the figures of their connections so far."""
        return connection_quality(self.receiver.statistics, self.sender_statistics, self.client_stats)

    def reception_report(self) -> ReportBlock | None:
        """Return the report block on their microphone; None before its first packet."""
        return self.receiver.statistics.report()
