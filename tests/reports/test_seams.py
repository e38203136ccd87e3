"""One listener's trouble is its own: an error at each seam of one participant, and the other's call is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest

import media.offers
import media.webrtc.peer
import pipeline.delivery.translation
from media.boundary import Boundary
from media.connection import Connection
from media.events import FailureContained, MediaConnected, MediaLost, OfferRefused, RoomEvent, Seam
from media.participant import Participant
from media.playout import Playout
from media.webrtc.peer import Peer
from pipeline.context import Context
from pipeline.engines.scripted import ScriptedSynthesizer
from pipeline.events import PlaybackFailed
from pipeline.speech import Speech, Translate, Translation
from pipeline.text.translation_checks.verdict import Verdict
from signaling.ports import NoHistory
from testing.virtual_clock import virtually
from tests.kit.aiortc_peer import Client, Scene, until
from tests.kit.call_without_network import Tongue, Unwired
from tests.kit.delivery_scene import Flowing
from tests.kit.sdp_offers import chromium
from tests.kit.signaling_server import open_front

pytestmark = pytest.mark.throws


class Thrown(Exception):
    """The error of these tests."""


def throw(*arguments: object, **named: object) -> NoReturn:
    raise Thrown("thrown by a test")


async def throw_later(*arguments: object) -> NoReturn:
    throw()


@dataclass
class Call:
    """A call of Ann and Bob over real UDP, in which something of Bob's breaks."""

    scene: Scene
    ann: Client
    bob: Client
    patch: pytest.MonkeyPatch

    @property
    def person(self) -> Participant:
        return self.scene.room._people["bob"]

    @property
    def connection(self) -> Connection:
        assert self.person.connection is not None
        return self.person.connection

    def bob_says(self, text: str) -> None:
        """Let Bob say a text without his client's help."""
        call, clock = self.scene.room._call, self.scene.room._clock
        assert call is not None and call.interpreters["bob"].say(text, round(clock.session_ms(clock.now())))

    @property
    def contained(self) -> list[Any]:
        """Everything that was contained."""
        facts: list[RoomEvent] = self.scene.facts
        return [fact for fact in facts if isinstance(fact, FailureContained | PlaybackFailed)]

    @property
    def of_bob(self) -> list[str]:
        of_others = [one for one in self.contained if getattr(one, "participant", None) not in (None, "bob")]
        assert not of_others
        return [one.seam.value if isinstance(one, FailureContained) else "playback" for one in self.contained]

    async def is_whole_for_ann(self, hz: int) -> None:
        """Ann says a text and reads it translated; Bob says another, which she reads and hears to its end."""
        self.ann.send(type="say", clientId=f"c-{hz}", text=f"mine {hz}")
        self.bob_says(f"tone {hz}")

        def done() -> bool:
            texts = [m["text"] for m in self.ann.of("transcription") if m["final"]]
            translated = [m["originalText"] for m in self.ann.of("translation")]
            ends = [m for m in self.ann.of("utterance_end") if m["sourceUserId"] == "bob"]
            return (
                {f"mine {hz}", f"tone {hz}"} <= set(texts)
                and {f"mine {hz}", f"tone {hz}"} <= set(translated)
                and len(ends) == len([text for text in texts if text.startswith("tone")])
            )

        await until(done)
        ends = [m["outcome"] for m in self.ann.of("utterance_end") if m["sourceUserId"] == "bob"]
        assert set(ends) == {"spoken"}
        assert [m["seq"] for m in self.ann.messages] == list(range(1, len(self.ann.messages) + 1))
        assert not self.ann.of("error")


@asynccontextmanager
async def call_of_two(patch: pytest.MonkeyPatch) -> AsyncIterator[Call]:
    patch.setattr(media.webrtc.peer, "REPORT_INTERVAL", 0.2)
    scene = Scene(tts=ScriptedSynthesizer(seconds=0.3))
    async with scene, Client() as ann, Client() as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        yield Call(scene, ann, bob, patch)


def raising_in_bobs_playout(call: Call, patch: pytest.MonkeyPatch) -> None:
    playout, take = call.person._playout, Playout.next_frame
    patch.setattr(Playout, "next_frame", lambda self: throw() if self is playout else take(self))


def raising_observer(call: Call, patch: pytest.MonkeyPatch) -> None:
    def observe(context: Context, event: RoomEvent) -> None:
        if context.participant == "bob":
            throw()

    observers = call.scene.room._observers
    patch.setattr(observers, "_observers", (observe, *observers._observers))


def raising_tracks(call: Call, patch: pytest.MonkeyPatch) -> None:
    tracks, of = call.scene.room._tracks, call.scene.room._tracks.of
    patch.setattr(tracks, "of", lambda person, line: throw() if person is call.person else of(person, line))
    tracks.review()


def raising_refusal(call: Call, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(call.person, "refuse", throw)
    call.scene.room.refuse("bob", "bad_request", "no")


def raising_request(call: Call, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(call.person, "receive_message", throw)
    call.bob.send(type="end_utterance")


def raising_sender(call: Call, patch: pytest.MonkeyPatch) -> None:
    for stream in call.connection.peer._sent:
        patch.setattr(stream, "_send", throw)


Break = Callable[[Call, pytest.MonkeyPatch], None]
SEAMS: dict[str, tuple[str, Break]] = {
    "an event is shown": ("subtitles", lambda call, patch: patch.setattr(call.person, "show", throw)),
    "an event is written": ("subtitles", lambda call, patch: patch.setattr(call.person._messages, "write", throw)),
    "a message is stored": ("subtitles", lambda call, patch: patch.setattr(call.person._subtitles, "put", throw)),
    "a message is sent": ("subtitles", lambda call, patch: patch.setattr(call.connection.peer._channel, "send", throw)),
    "the outbox looks": ("subtitles", lambda call, patch: patch.setattr(call.person._subtitles, "tick", throw)),
    "a refusal is told": ("subtitles", raising_refusal),
    "a request is read": ("request", raising_request),
    "speech is queued": ("playback", lambda call, patch: patch.setattr(call.person, "play", throw)),
    "a frame is taken": ("voice", raising_in_bobs_playout),
    "a frame is encoded": ("voice", lambda call, patch: patch.setattr(call.connection.voice, "speak", throw)),
    "their slot comes": ("voice", lambda call, patch: patch.setattr(call.person, "tick", throw)),
    "a packet is encrypted": ("original", raising_sender),
    "the original is forwarded": ("original", lambda call, patch: patch.setattr(call.person, "play_original", throw)),
    "the original is rewritten": (
        "original",
        lambda call, patch: patch.setattr(call.connection.forwarders[1], "send", throw),
    ),
    "their packet comes": ("microphone", lambda call, patch: patch.setattr(call.person, "receive_packet", throw)),
    "their packet is read": ("microphone", lambda call, patch: patch.setattr(call.person.receiver, "receive", throw)),
    "their holes are closed": ("microphone", lambda call, patch: patch.setattr(call.person.receiver, "poll", throw)),
    "time passes": (
        "microphone",
        lambda call, patch: patch.setattr(call.scene.room._call.interpreters["bob"], "tick", throw),  # type: ignore[union-attr]
    ),
    "others are overheard": (
        "overheard",
        lambda call, patch: patch.setattr(call.scene.room._call.interpreters["bob"], "overhear", throw),  # type: ignore[union-attr]
    ),
    "a report is sent": ("connection", lambda call, patch: patch.setattr(call.connection.peer._rtcp, "report", throw)),
    "their reception is reported": (
        "connection",
        lambda call, patch: patch.setattr(call.person, "reception_report", throw),
    ),
    "their tracks are told": ("connection", raising_tracks),
    "an observer is told": ("observer", raising_observer),
}
"""Breakages, and the seam by which each is counted."""


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_an_error_at_any_seam_of_one_leaves_the_others_call_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """One seam after another of one call. Afterwards Bob's is whole again, too, and he was told of what he missed."""
    async with call_of_two(monkeypatch) as call:
        tones = range(400, 400 + 20 * len(SEAMS), 20)
        for hz, (name, (seam, break_it)) in zip(tones, SEAMS.items(), strict=True):
            before = len(call.contained)
            with monkeypatch.context() as patch:
                break_it(call, patch)
                try:
                    await call.is_whole_for_ann(hz)
                    await until(lambda: seam in call.of_bob[before:])  # noqa: B023 - awaited here
                except TimeoutError:
                    pytest.fail(f"not whole, or nothing was thrown, where {name}: {call.of_bob[before:]}")

        call.ann.send(type="say", clientId="last", text="the last 900")
        await until(lambda: 1900 in call.bob.tones(0))
        await until(lambda: any(m["originalText"] == "the last 900" for m in call.bob.of("translation")))
        await until(lambda: len(call.ann.of("utterance_end")) == 2 * len(SEAMS) + 1)
        assert {1000 + hz for hz in tones} <= call.ann.tones(0), "each of Bob's sentences was heard"
        numbers = [m["seq"] for m in call.bob.messages]
        assert numbers == sorted(set(numbers))
        assert {m["code"] for m in call.bob.of("error")} == {"gap", "internal"}
        assert not call.ann.of("error") and call.scene.of(MediaLost) == []


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_an_error_of_a_connection_costs_its_owner_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with call_of_two(monkeypatch) as call, Client() as again, Client() as third:
        scene, room = call.scene, call.scene.room
        for hz, target, name, broken in (
            (400, media.offers, "Peer", throw),
            (420, media.offers.sdp_offer, "parse_offer", throw),
            (440, Peer, "answer", throw_later),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(target, name, broken)
                with pytest.raises(OfferRefused) as refused:
                    await room.offer("bob", 2, chromium("Aad"))
            assert refused.value.code == "internal" and "Thrown" not in refused.value.message
            await call.is_whole_for_ann(hz)
        assert scene.of(MediaLost) == [], "the connection that was there stays"

        await room.offer("bob", 3, chromium("Aad"))
        with monkeypatch.context() as patch:
            patch.setattr(media.offers.sdp_offer, "parse_candidate", throw)
            with pytest.raises(OfferRefused) as refused:
                await room.candidate("bob", 3, {"candidate": "candidate:1 1 udp 99 192.0.2.1 4000 typ host"})
        assert refused.value.code == "internal"

        monkeypatch.setattr(call.connection.peer._closed, "is_set", throw)
        await until(lambda: MediaLost("bob", "failed") in scene.facts)
        await call.is_whole_for_ann(460)

        await again.join(room, "bob", negotiation=4, last_seq=call.bob.messages[-1]["seq"])
        peer, closes = call.connection.peer, call.connection.peer._close
        monkeypatch.setattr(peer, "_close", throw_later)
        await again.pc.close()
        await until(lambda: scene.of(MediaLost)[1:])
        await call.is_whole_for_ann(480)
        await closes()

        await third.join(room, "bob", negotiation=5, last_seq=again.messages[-1]["seq"] if again.messages else 0)
        await call.is_whole_for_ann(500)
        await until(lambda: third.of("translation") and third.tones(0))
        assert set(call.of_bob) == {"connection"}
        assert [fact.participant for fact in scene.of(MediaConnected)].count("bob") == 3


# the same, seam by seam, without a network


def test_what_is_contained_is_counted_and_logged_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[RoomEvent] = []
    boundary = Boundary("s-1", counted.append)
    assert [boundary.contain(Seam.VOICE, "bob", throw) for _ in range(100)] == [False] * 100
    assert boundary.contain(Seam.VOICE, "bob", lambda: None)
    assert counted == [FailureContained("bob", Seam.VOICE)] * 100
    logged = [vars(record) for record in caplog.records]
    assert [one["count"] for one in logged] == [1, 2, 4, 8, 16, 32, 64]
    assert {(one["session"], one["participant"], one["seam"]) for one in logged} == {("s-1", "bob", "voice")}
    boundary.contain(Seam.VOICE, "ann", throw)
    assert len(caplog.records) == 8 and "Thrown" in caplog.text


def test_a_cancellation_is_not_contained() -> None:
    def cancel() -> NoReturn:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        Boundary("s-1").contain(Seam.VOICE, "bob", cancel)


@virtually
async def test_an_interruption_that_fails_leaves_the_speaker_alone() -> None:
    async with Unwired(Tongue(spoken_s=2.0), barge_in=True) as call:
        call.ann_types("One.")
        await call.passes(0.5)
        assert call.bob.spoken_to
        call.bob.interrupt = throw  # type: ignore[method-assign]
        call.bob_says("hola")
        await call.passes(3.0)
        assert call.heard == ["ONE."] and call.told[-1][1:] == ("spoken", None, None)


@virtually
async def test_an_ear_that_fails_in_the_middle_hears_the_next_sentence() -> None:
    async with Unwired(Tongue(spoken_s=0.4)) as call:
        play, calls = call.bob.play, 0

        def fails_once(speech: Speech, observer: Any) -> None:
            nonlocal calls
            calls += 1
            play(speech, observer)
            if calls == 1:
                throw()

        call.bob.play = fails_once  # type: ignore[method-assign]
        call.ann_types("One.")
        call.ann_types("Two.")
        await call.passes(3.0)
        states = [(state, segment, reason) for _, state, segment, reason in call.told]
        assert states == [
            ("skipped", 0, "behind"),
            ("subtitles_only", None, "behind"),
            ("start", 0, None),
            ("end", 0, None),
            ("spoken", None, None),
        ]
        assert call.heard == ["TWO."]
        assert next(fact for _, fact in call.facts if isinstance(fact, PlaybackFailed)).listener == "bob"


@virtually
async def test_an_answer_that_cannot_be_judged_costs_its_segment_alone() -> None:
    """Answers are texts that nobody vouches for, and their judges read numbers of fifteen languages."""
    with pytest.MonkeyPatch.context() as patch:
        judge = pipeline.delivery.translation.judged

        def judged(job: Translate, answer: Translation) -> Verdict:
            return throw() if "1" in job.text else judge(job, answer)

        patch.setattr(pipeline.delivery.translation, "judged", judged)
        async with Unwired(Tongue(spoken_s=0.4)) as call:
            call.ann_types("One 1.")
            call.ann_types("Two.")
            await call.passes(3.0)
    assert [one[1] for one in call.told if one[1] not in ("start", "end")] == ["failed", "spoken"]
    assert call.heard == ["TWO."]


def test_a_segment_reaches_the_other_ears_if_one_fails(caplog: pytest.LogCaptureFixture) -> None:
    scene = Flowing("One.", ("bob", "cy", "di"))
    scene.ears[1].play = scene.ears[1].withdraw = throw  # type: ignore[method-assign]
    scene.play(0)
    for ear in (scene.ears[0], scene.ears[2]):
        ear.told[0]("start")
        ear.told[0]("end")
    assert [one for one in scene.played() if one[0] == "cy"] == [("cy", 0, "skipped", "behind")]
    assert [one[2] for one in scene.played() if one[0] != "cy"] == ["start", "end", "start", "end"]
    failed = [event for event in scene.events if isinstance(event, PlaybackFailed)]
    assert {(one.listener, one.segment) for one in failed} == {("cy", 0)} and scene.over
    assert "a listener failed" in caplog.text


@pytest.mark.parametrize("at", ["start", "end"])
def test_an_observer_of_speech_that_raises_does_not_stop_the_queue(at: str) -> None:
    playout, heard = Playout(), list[str]()

    def fails(state: str) -> None:
        heard.append(f"one {state}")
        if state == at:
            throw()

    playout.play(Speech(b"\1\2" * 1920), fails)
    playout.play(Speech(b"\3\4" * 1920), lambda state: heard.append(f"two {state}"))
    raised = 0
    for _ in range(40):
        try:
            playout.next_frame()
        except Thrown:
            raised += 1
    assert raised == 1 and heard == ["one start", "one end", "two start", "two end"]


async def test_a_history_that_fails_costs_nobody_their_presence() -> None:
    class FullDisk(NoHistory):
        def append(self, session: object, event: RoomEvent) -> None:
            throw()

    async with open_front(history=FullDisk()) as front:
        ana, bo = await front.pair()
        for one in (ana, bo):
            await one.say({"type": "set_history", "on": True})
            await ana.hear("history")
            await bo.hear("history")
        with pytest.raises(Thrown):
            front.room.tell(MediaConnected(bo.me))
        assert await ana.next() == {"type": "partner_connected", "participantId": bo.me}
        with pytest.raises(Thrown):
            front.room.tell(MediaLost(bo.me, "silence"))
        assert (await ana.hear("partner_disconnected"))["reason"] == "silence"


def test_lone_surrogates_can_be_sent() -> None:
    sent: list[str] = []
    person = Participant("bob", "es", "s-1", lambda: 1.0, lambda: 0)
    person.channel_opened(lambda text: bool(text.encode()) and not sent.append(text))  # type: ignore[func-returns-value]
    person.receive_message('{"type": "resume", "lastSeq": 0}')
    person.refuse("bad_request", "a \ud800 b")
    assert json.loads(sent[0])["message"] == "a ? b"


async def test_a_socket_that_can_not_be_sent_to_costs_the_other_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        connection = front.sessions._live[ana.session]._participants[bo.me].connection
        assert connection is not None
        connection.send = throw  # type: ignore[method-assign]
        await ana.say({"type": "set_language", "language": "de"})
        await ana.quiet()
        front.room.tell(MediaConnected(ana.me))
        await ana.quiet()
        await ana.say({"type": "leave_session"})
        assert (await ana.hear("session_ended"))["reason"] == "left"
        assert await ana.next() == 1000 and await bo.next() == 1000
        assert caplog.text.count("a message could not be sent") == 3
