"""A client that is deaf or mute without knowing it: noticed within 5 s, with its reason, and never without cause."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.boundary import Boundary
from media.client_faults import CHANNEL_WAIT_S, LOOK_EVERY_S, Change, Evidence, SilentConnection, VoiceInVain
from media.client_watches import MESSAGES, ClientWatches
from media.connection import Connection
from media.events import (
    ClientStatusChanged,
    HeardLatencyReported,
    MicrophoneFault,
    MicrophoneFaulted,
    RoomEvent,
    StatusReason,
)
from media.participant import Participant
from media.rtp.packets import RtpPacket
from pipeline.context import Context
from pipeline.events import (
    Event,
    LoadChanged,
    Outcome,
    PlaybackState,
    SpeechPlayed,
    Transcribed,
    UtteranceEnded,
    UtteranceStarted,
)
from signaling.websocket import server_messages

PROMISED_S = 5.0
NONE = Evidence(channel_open=True)

RATES = (10, 17, 25, 50, 100)
"""Packets in a second: of 100, 60, 40, 20 and 10 ms."""


class Watched:
    """A connection whose counts grow by rates, looked at twice a second."""

    def __init__(self, **start: Any) -> None:
        self.evidence = replace(NONE, **start)
        self.now = 50.0
        self.began = self.now
        self.watch = SilentConnection(self.evidence, self.now)
        self.changes: list[tuple[float, Change]] = []

    def passes(self, seconds: float, **rates: float) -> Watched:
        for _ in range(round(seconds / LOOK_EVERY_S)):
            self.now += LOOK_EVERY_S
            grown = {name: getattr(self.evidence, name) + round(rate * LOOK_EVERY_S) for name, rate in rates.items()}
            self.evidence = replace(self.evidence, **grown)
            self.changes += [(self.now - self.began, one) for one in self.watch.look(self.evidence, self.now)]
        return self

    def channel(self, is_open: bool) -> Watched:
        self.evidence = replace(self.evidence, channel_open=is_open)
        return self


VAIN: dict[StatusReason, dict[str, float]] = {
    StatusReason.MEDIA_NOT_AUTHENTICATED: {"unauthenticated": 1},
    StatusReason.AUDIO_NOT_DECODED: {"microphone": 1},
    StatusReason.WRONG_AUDIO_LINE: {"elsewhere": 1},
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("reason", VAIN)
def test_packets_in_vain_are_noticed_in_time_once(reason: StatusReason, rate: int) -> None:
    watched = Watched().passes(20, **{name: rate for name in VAIN[reason]})
    assert [change for _, change in watched.changes] == [(reason, True)]
    assert 2.0 <= watched.changes[0][0] <= PROMISED_S
    assert watched.watch.holding == [reason]


def test_packets_of_no_codec_that_was_agreed_on_are_noticed() -> None:
    watched = Watched().passes(5, unplaced=50)
    assert [change for _, change in watched.changes] == [(StatusReason.AUDIO_NOT_DECODED, True)]


@pytest.mark.parametrize("reason", VAIN)
def test_it_is_over_with_the_first_that_is_heard(reason: StatusReason) -> None:
    watched = Watched().passes(5, **{name: 50 for name in VAIN[reason]})
    watched.passes(0.5, microphone=50, decoded=50)
    assert [change for _, change in watched.changes] == [(reason, True), (reason, False)]
    assert watched.watch.holding == []


WELL: dict[str, dict[str, float]] = {
    "a call": {"microphone": 50, "decoded": 50},
    "a switched-off microphone": {"microphone": 2.5, "decoded": 2.5},
    "nothing at all": {},
    "damage": {"microphone": 45, "decoded": 45, "unauthenticated": 5},
    "half of it damaged": {"microphone": 25, "decoded": 25, "unauthenticated": 25},
    "another line besides": {"microphone": 50, "decoded": 50, "elsewhere": 50},
    "another source besides": {"microphone": 50, "decoded": 50, "unplaced": 50},
    "half of it not Opus": {"microphone": 50, "decoded": 25},
}


@pytest.mark.parametrize("name", WELL)
def test_a_client_that_is_heard_is_left_in_peace(name: str) -> None:
    watched = Watched()
    assert watched.passes(30, **WELL[name]).changes == []


def test_a_moment_is_no_trouble() -> None:
    watched = Watched()
    for _ in range(20):
        watched.passes(1.5, microphone=50).passes(0.5, microphone=50, decoded=50)
        watched.passes(1.5, unauthenticated=50).passes(0.5, microphone=50, decoded=50)
    assert watched.changes == []


@pytest.mark.parametrize("open_after_s", [None, 0.0, 1.0, 3.0, 10.0])
def test_a_channel_that_does_not_open(open_after_s: float | None) -> None:
    watched = Watched(channel_open=False).passes(
        open_after_s if open_after_s is not None else 20.0, microphone=50, decoded=50
    )
    watched.channel(open_after_s is not None).passes(2.0, microphone=50, decoded=50)
    late = open_after_s is None or open_after_s > CHANNEL_WAIT_S
    expected = [(StatusReason.NO_SUBTITLES_CHANNEL, True)] * late
    if late and open_after_s is not None:
        expected.append((StatusReason.NO_SUBTITLES_CHANNEL, False))
    assert [change for _, change in watched.changes] == expected
    assert all(at <= PROMISED_S for at, (_, holds) in watched.changes if holds)


def test_a_channel_that_closes_in_a_call_is_noticed() -> None:
    watched = Watched().passes(60).channel(False).passes(5)
    assert [change for _, change in watched.changes] == [(StatusReason.NO_SUBTITLES_CHANNEL, True)]
    watched.channel(True).passes(1)
    assert watched.changes[-1][1] == (StatusReason.NO_SUBTITLES_CHANNEL, False)


@given(st.lists(st.tuples(*[st.integers(0, 60)] * 5, st.booleans()), max_size=60))
def test_whatever_happens_each_reason_begins_and_ends_in_turn(
    steps: list[tuple[int, int, int, int, int, bool]],
) -> None:
    watched = Watched()
    for unauthenticated, microphone, decoded, unplaced, elsewhere, is_open in steps:
        watched.channel(is_open).passes(
            0.5,
            unauthenticated=unauthenticated,
            microphone=microphone,
            decoded=min(microphone, decoded),
            unplaced=unplaced,
            elsewhere=elsewhere,
        )
    for reason in StatusReason:
        states = [holds for _, (changed, holds) in watched.changes if changed is reason]
        assert states == [n % 2 == 0 for n in range(len(states))]
        assert (reason in watched.watch.holding) == (len(states) % 2 == 1)


# voice that nobody understands


def ended(utterance: str, outcome: Outcome, reason: str | None = None) -> UtteranceEnded:
    return UtteranceEnded(utterance, "ann", "es", ("bob",), outcome, reason=reason)


def words(utterance: str, text: str, *, final: bool, client_id: str | None = None) -> Transcribed:
    return Transcribed(utterance, "ann", 0, text, 0, final, "en", 0, 0, 1.0, client_id)


class Speaker:
    """A speaker's events on a clock, looked at twice a second."""

    def __init__(self) -> None:
        self.watch = VoiceInVain()
        self.now = 10.0
        self.changes: list[tuple[float, bool]] = []

    def passes(self, seconds: float) -> Speaker:
        for _ in range(round(seconds / LOOK_EVERY_S)):
            self.now += LOOK_EVERY_S
            if (change := self.watch.look(self.now)) is not None:
                self.changes.append((self.now - 10.0, change))
        return self

    def event(self, *events: Event) -> Speaker:
        for event in events:
            self.watch.observe(event, self.now)
        return self

    def says(self, name: str, seconds: float, outcome: Outcome, text: str = "", reason: str | None = None) -> Speaker:
        """One utterance, which ends 1 s behind its voice."""
        self.event(UtteranceStarted(name, "ann")).passes(seconds + 1.0)
        if text:
            self.event(words(name, text, final=True))
        return self.event(ended(name, outcome, reason)).passes(0.5)


def test_a_voice_that_goes_on_without_a_word() -> None:
    speaker = Speaker().event(UtteranceStarted("u", "ann")).passes(10)
    assert [holds for _, holds in speaker.changes] == [True] and speaker.changes[0][0] <= PROMISED_S


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 3.0, 6.0])
@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOTHING_SAID])
def test_utterances_of_which_nothing_is_understood(outcome: Outcome, seconds: float) -> None:
    speaker = Speaker()
    for n in range(20):
        speaker.says(f"u{n}", seconds, outcome)
    assert [holds for _, holds in speaker.changes] == [True]
    voiced = speaker.changes[0][0] * seconds / (seconds + 1.5)
    assert voiced <= PROMISED_S, "within 5 s of voice"


def test_it_is_over_with_the_first_words() -> None:
    speaker = Speaker().event(UtteranceStarted("u", "ann")).passes(6)
    speaker.event(words("u", "at last", final=True)).passes(1)
    assert [holds for _, holds in speaker.changes] == [True, False]


@pytest.mark.parametrize(
    "outcome",
    [Outcome.SPOKEN, Outcome.SUBTITLES_ONLY, Outcome.NOT_NEEDED, Outcome.FAILED],
)
def test_understood_speech_is_left_in_peace(outcome: Outcome) -> None:
    speaker = Speaker()
    for n in range(20):
        speaker.says(f"u{n}", 2.0 if n == 0 else 8.0, outcome, text="words")
    assert speaker.changes == []


def test_speech_with_interim_text_is_being_understood() -> None:
    speaker = Speaker().event(UtteranceStarted("u", "ann")).passes(0.5)
    speaker.event(words("u", "once upon", final=False)).passes(15)
    assert speaker.changes == []


def test_coughs_echoes_typed_text_and_failures_are_no_voice_in_vain() -> None:
    speaker = Speaker()
    for n in range(10):
        speaker.says(f"cough {n}", 0.1, Outcome.NOTHING_SAID)
        speaker.says(f"echo {n}", 2.0, Outcome.REFUSED, reason="echo")
        speaker.says(f"failed {n}", 2.0, Outcome.FAILED)
        speaker.event(UtteranceStarted(f"typed {n}", "ann"), words(f"typed {n}", "hello", final=True, client_id="c"))
        speaker.passes(6).event(ended(f"typed {n}", Outcome.SPOKEN))
    assert speaker.changes == []


def test_the_interpreter_in_the_microphone_is_no_voice_in_vain() -> None:
    """A long echo, which is refused at its end."""
    speaker = Speaker()
    for n in range(5):
        speaker.event(SpeechPlayed(f"u{n}", "bob", "ann", 0, PlaybackState.START))
        speaker.says(f"echo {n}", 8.0, Outcome.REFUSED, reason="echo")
        speaker.event(SpeechPlayed(f"u{n}", "bob", "ann", 0, PlaybackState.END)).passes(1)
    assert speaker.changes == []


def test_a_recogniser_that_is_late_is_another_matter() -> None:
    speaker = Speaker().event(LoadChanged("ann", "busy", 3000.0), UtteranceStarted("u", "ann")).passes(12)
    assert speaker.changes == []
    speaker.event(LoadChanged("ann", "ok", 0.0)).passes(1)
    assert [holds for _, holds in speaker.changes] == [True]


# a room's watches


class Watches:
    """Watches of one participant whose connection is a double, and what they emit."""

    def __init__(self, *, channel: bool) -> None:
        self.now = 20.0
        self.person = Participant("ann", "en", "s-1", lambda: self.now, lambda: 0)
        source = SimpleNamespace(foreign=0, unplaced=0, unknown=0, elsewhere=0)
        self.peer: Any = SimpleNamespace(
            connected=True, unauthenticated=0, refused=0, microphone=source, channel_open=channel
        )
        self.connect()
        self.messages: list[str] = []
        if channel:
            self.person.channel_opened(self._post)
            self.person.receive_message('{"type": "resume", "lastSeq": 0}')
        self.watches = ClientWatches({"ann": self.person}, lambda: self.now)
        self.events: list[RoomEvent] = []

    def _post(self, text: str) -> bool:
        self.messages.append(text)
        return True

    def connect(self) -> None:
        self.person.connection = Connection(self.peer, 1, ("0",), None, (None,))

    def passes(self, seconds: float, each: Any = lambda: None) -> None:
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            each()
            self.watches.tick(self.now, self.events.append, Boundary("s-1", self.events.append))

    def changed(self) -> list[ClientStatusChanged]:
        return [one for one in self.events if isinstance(one, ClientStatusChanged)]

    def forge(self) -> None:
        self.peer.unauthenticated += 1


@pytest.mark.parametrize("channel", [True, False])
def test_it_is_shown_where_a_channel_is_open_and_left_to_the_socket_where_none_is(channel: bool) -> None:
    room = Watches(channel=channel)
    room.passes(5, room.forge)
    first = room.changed()[0]
    assert first.reason is StatusReason.MEDIA_NOT_AUTHENTICATED and not first.over and first.shown == channel
    assert len(room.messages) == channel
    if channel:
        assert '"type":"status","level":"degraded","lagMs":0,"reason":"media_not_authenticated"' in room.messages[0]
    else:
        assert room.changed()[1].reason is StatusReason.NO_SUBTITLES_CHANNEL
    message = server_messages.status(first.reason, over=first.over, message=first.message)
    assert message["level"] == "degraded" and message["reason"] == "media_not_authenticated" and message["message"]


def test_how_late_a_page_heard_a_sentence_is_told_once_for_each_report() -> None:
    room = Watches(channel=True)

    def told() -> list[float]:
        return [one.heard_latency_ms for one in room.events if isinstance(one, HeardLatencyReported)]

    room.passes(2)
    assert told() == []
    for report, heard in (("heardLatencyMs", [900.0]), ("rttMs", [900.0]), ("heardLatencyMs", [900.0, 900.0])):
        room.person.receive_message(f'{{"type": "client_stats", "{report}": 900}}')
        room.passes(2)
        assert told() == heard


def test_what_a_connection_was_shown_is_over_on_the_next_one_that_is_well() -> None:
    room = Watches(channel=True)
    room.passes(5, room.forge)
    room.connect()
    room.passes(1)
    assert len(room.changed()) == 1, "nothing is known of the new one yet"
    room.passes(1, lambda: room.person.receiver.receive(voice(round(room.now * 50)), room.now, room.now * 1000))
    assert [(one.reason, one.over) for one in room.changed()] == [
        (StatusReason.MEDIA_NOT_AUTHENTICATED, False),
        (StatusReason.MEDIA_NOT_AUTHENTICATED, True),
    ]


def test_what_still_holds_is_shown_anew_on_a_new_connection() -> None:
    """A client that joins again has forgotten it: it can't know that it talks to the same process."""
    room = Watches(channel=True)
    room.passes(5, room.forge)
    room.watches.observe(Context("s-1"), UtteranceStarted("u", "ann"))
    room.watches.observe(Context("s-1"), LoadChanged("ann", "busy", 1700.0))
    room.passes(5)
    vain, mute = (StatusReason.MEDIA_NOT_AUTHENTICATED, False), (StatusReason.NOTHING_UNDERSTOOD, False)
    assert [(one.reason, one.over) for one in room.changed()] == [vain], "no alarm while the recogniser is late"
    room.watches.observe(Context("s-1"), LoadChanged("ann", "ok", 0.0))
    room.passes(1)
    assert [(one.reason, one.over) for one in room.changed()] == [vain, mute]
    room.watches.observe(Context("s-1"), LoadChanged("ann", "busy", 1800.0))
    room.connect()
    before = len(room.messages)
    room.passes(5, room.forge)
    assert [(one.reason, one.over) for one in room.changed()][2:] == [mute, vain]
    assert ['"lagMs":1800' in one for one in room.messages[before:]] == [True, False, False]


@pytest.mark.parametrize("comes", [True, False])
def test_a_channel_that_an_earlier_connection_lacked(comes: bool) -> None:
    watch = SilentConnection(Evidence(), 0.0, [StatusReason.NO_SUBTITLES_CHANNEL])
    changes = [one for step in range(40) for one in watch.look(Evidence(channel_open=comes and step > 4), step / 2)]
    assert changes == [(StatusReason.NO_SUBTITLES_CHANNEL, not comes)]


def voice(number: int, payload: bytes = b"\xf8\xff\xfe", level: int | None = None) -> RtpPacket:
    return RtpPacket(111, number & 0xFFFF, number * 960, 5, False, payload, level)


@pytest.mark.parametrize(
    ("payload", "noticed"),
    [(b"\xff\xff\xff", True), (b"\x03\x3f", True), (b"\xf8\xff\xfe", False), (b"\xf8", False), (b"", False)],
)
def test_packets_that_are_no_opus(payload: bytes, noticed: bool) -> None:
    """One byte is DTX, none is a probe of the line: both are well."""
    room = Watches(channel=True)
    room.passes(6, lambda: room.person.receiver.receive(voice(round(room.now * 50), payload), room.now, room.now * 1e3))
    assert [one.reason for one in room.changed()] == [StatusReason.AUDIO_NOT_DECODED] * noticed
    faults = sum(one.count for one in room.events if isinstance(one, MicrophoneFaulted))
    assert (faults >= 250) == noticed


def test_silence_of_10_ms_packets_by_dtx_is_well() -> None:
    room = Watches(channel=True)
    for n in range(40):
        room.person.receiver.receive(voice(n, b"\xf0"), room.now, room.now * 1000)
        room.passes(0.4)
    assert room.changed() == []


def test_faults_are_counted_once_each() -> None:
    room = Watches(channel=True)
    room.peer.unauthenticated, room.peer.microphone.foreign, room.peer.microphone.unknown = 3, 4, 5
    room.passes(1)
    room.connect()
    room.peer.unauthenticated, room.peer.microphone.foreign, room.peer.microphone.unknown = 1, 1, 1
    room.passes(1)
    totals = dict.fromkeys(MicrophoneFault, 0)
    for event in room.events:
        if isinstance(event, MicrophoneFaulted):
            totals[event.fault] += event.count
    assert totals[MicrophoneFault.NOT_AUTHENTICATED] == 4
    assert totals[MicrophoneFault.OTHER_SOURCE] == 5 == room.person.quality().sent_foreign
    assert totals[MicrophoneFault.NOT_OPUS] == 6


def test_a_voice_in_vain_is_shown() -> None:
    room = Watches(channel=True)
    room.watches.observe(Context("s-1"), UtteranceStarted("u", "ann"))
    room.passes(5)
    assert [one.reason for one in room.changed()] == [StatusReason.NOTHING_UNDERSTOOD]


def test_every_reason_has_words() -> None:
    assert MESSAGES.keys() == set(StatusReason)
    assert all(message.endswith(".") and len(message) > 20 for message in MESSAGES.values())
