"""One person in a room: what is kept for them while they are away, and how much they may ask."""

from types import SimpleNamespace
from typing import Any

from media.connection import Connection
from media.participant import MAX_UNHEARD_MS, MESSAGES_BURST, MESSAGES_PER_S, Participant
from media.rtp.packets import HeaderExtensions, RtpPacket, parse
from media.rtp.sender import SenderStream, VoiceSender
from media.subtitles.client_messages import ChannelMessage, EndUtterance
from pipeline.events import Transcribed
from pipeline.speech import VOICE_RATE, Frame, Speech
from tests.kit.contract import channel_message


def speech(seconds: float) -> Speech:
    return Speech(b"\x01\x02" * int(seconds * VOICE_RATE))


class Sink:
    """A call that notes its participant's requests."""

    def __init__(self) -> None:
        self.asked: list[ChannelMessage] = []

    def hear(self, frame: Frame) -> None: ...

    def forward(self, packet: RtpPacket, now: float) -> None: ...

    def request(self, message: ChannelMessage) -> None:
        self.asked.append(message)


class Person:
    """A participant, with a clock that the test moves, and the packets and messages that reach them."""

    def __init__(self, *, in_call: bool = True) -> None:
        self.now = 10.0
        self.participant = Participant("ann", "en", "s-1", lambda: self.now, lambda: 0)
        self.sent: list[RtpPacket] = []
        self.messages: list[dict[str, Any]] = []
        self.call = Sink()
        self.told: list[str] = []
        if in_call:
            self.participant.join(self.call)

    def connect(self, *, hears: bool = True) -> None:
        stream = SenderStream(7, 111, HeaderExtensions(), lambda data: self.sent.append(parse(data)))
        peer: Any = SimpleNamespace(connected=True)
        self.participant.connection = Connection(peer, 1, ("0",), VoiceSender(stream) if hears else None, (None,))

    def channel(self) -> None:
        def post(text: str) -> bool:
            self.messages.append(channel_message(text))
            return True

        self.participant.channel_opened(post)
        self.participant.receive_message('{"type": "resume", "lastSeq": 0}')

    def say(self, seconds: float, name: str) -> None:
        self.participant.play(speech(seconds), lambda state: self.told.append(f"{name} {state}"))

    def slots(self, count: int) -> None:
        for _ in range(count):
            self.participant.tick(self.now, 0, self.now * 1000)
            self.now += 0.02


def test_who_is_away_hears_it_on_return() -> None:
    person = Person()
    person.say(1.0, "a")
    person.slots(200)
    assert person.told == [] and person.participant.backlog_ms == 1000
    person.connect()
    person.slots(60)
    assert person.told == ["a start", "a end"] and len(person.sent) == 50 + 8


def test_who_returns_without_a_line_to_hear_on_is_not_waited_for() -> None:
    person = Person()
    person.say(1.0, "a")
    person.connect(hears=False)
    person.slots(2)
    assert person.told == ["a skipped"] and person.participant.backlog_ms == 0


def test_no_more_is_kept_for_the_absent_than_its_bound() -> None:
    person = Person()
    for name in "abcde":
        person.say(4.0, name)
    assert person.told == ["d skipped", "e skipped"]
    assert person.participant.backlog_ms == 12_000 <= MAX_UNHEARD_MS


def test_who_is_here_is_never_skipped_here() -> None:
    person = Person()
    person.connect()
    for name in "abcde":
        person.say(4.0, name)
    assert person.told == [] and person.participant.backlog_ms == 20_000


def test_at_the_end_of_a_call_nothing_waits_for_the_absent() -> None:
    person = Person()
    person.say(1.0, "a")
    person.participant.expect_no_return()
    person.slots(1)
    assert person.told == ["a skipped"]


def test_a_connection_that_breaks_in_the_middle_goes_on_where_it_was() -> None:
    person = Person()
    person.connect()
    person.say(1.0, "a")
    person.slots(20)
    person.participant.connection = None
    person.slots(100)
    assert person.told == ["a start"]
    person.connect()
    person.slots(40)
    assert person.told == ["a start", "a end"] and len(person.sent) == 58
    assert [packet.marker for packet in person.sent[18:23]] == [False, False, True, False, False]


def test_a_flood_of_messages_is_answered_and_forgiven() -> None:
    person = Person()
    person.channel()  # one message
    for _ in range(60):
        person.participant.receive_message('{"type": "end_utterance"}')
    assert person.call.asked == [EndUtterance()] * (int(MESSAGES_BURST) - 1)
    assert [m["code"] for m in person.messages] == ["rate_limited"]
    person.now += 1.0
    person.call.asked.clear()
    for _ in range(60):
        person.participant.receive_message('{"type": "end_utterance"}')
    assert len(person.call.asked) == MESSAGES_PER_S
    assert [m["code"] for m in person.messages] == ["rate_limited"] * 2


def test_a_flood_of_messages_pushes_no_subtitle_out_of_what_is_kept() -> None:
    """A thousand messages a second for ten seconds, and then another channel, to which all is sent again."""
    person = Person()
    person.channel()
    person.participant.show(Transcribed("u-1", "bob", 0, "Hola.", 5, True, "es", 0, 500, 0.9))
    for _ in range(10_000):
        person.now += 0.001
        person.participant.receive_message('{"type": "end_utterance"}')
    assert 9 <= sum(m["type"] == "error" for m in person.messages) <= 11
    person.messages.clear()
    person.now += 1.0
    person.channel()
    assert [m.get("text") for m in person.messages][:1] == ["Hola."], "it is kept for five minutes"


def test_before_there_is_a_call_nothing_can_be_asked() -> None:
    person = Person(in_call=False)
    person.channel()
    person.participant.receive_message('{"type": "end_utterance"}')
    person.participant.receive_message('{"type": "client_stats", "rttMs": 7}')
    assert [m["code"] for m in person.messages] == ["bad_request"]
    assert person.participant.client_stats.rtt_ms == 7
