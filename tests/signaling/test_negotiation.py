"""Offers, answers, candidates; languages, consent; a room that fails."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from media.events import LanguageChanged, Observer, RoomEvent
from pipeline.events import EngineFailed
from signaling.history_off import HistoryOff
from storage.records import SessionRecord
from tests.kit.signaling_server import Client, Front, ScriptedRoom, open_front

LINE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}


async def offer(one: Client, negotiation: int, sdp: str) -> None:
    await one.say({"type": "offer", "negotiation": negotiation, "sdp": sdp})


async def trickle(one: Client, negotiation: int, candidate: object) -> None:
    await one.say({"type": "candidate", "negotiation": negotiation, "candidate": candidate})


async def test_offers_are_answered_in_order_and_older_ones_ignored() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        await offer(ana, 3, "third")
        assert (await ana.hear("answer"))["negotiation"] == 3
        for number, sdp in [(2, "second"), (3, "third again")]:
            await offer(ana, number, sdp)
            await ana.quiet()
        await offer(ana, 4, "fourth")
        assert (await ana.hear("answer"))["negotiation"] == 4
        await ana.quiet()
        assert [one[3] for one in front.room.did("offer")] == ["third", "fourth"]


async def test_candidates_go_with_their_offer() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        await trickle(ana, 1, LINE)
        await offer(ana, 1, "one")
        await ana.hear("answer")
        await trickle(ana, 1, LINE)
        await trickle(ana, 0, LINE)
        await trickle(ana, 1, {**LINE, "candidate": ""})
        await trickle(ana, 1, None)
        await ana.quiet()
        assert front.room.did("candidate") == [
            ("candidate", ana.me, 1, LINE),
            ("candidate", ana.me, 1, LINE),
            ("candidate", ana.me, 1, None),
            ("candidate", ana.me, 1, None),
        ]


async def test_early_candidates_are_bounded() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        for _ in range(100):
            await trickle(ana, 9, LINE)
        await offer(ana, 9, "nine")
        await ana.hear("answer")
        await ana.quiet()
        assert len(front.room.did("candidate")) == 64


async def test_a_client_that_comes_back_may_count_from_one_again() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        await offer(ana, 7, "before")
        await ana.hear("answer")
        await ana.vanish()
        await ana.open(ana.resume_token)
        await ana.hear("session_joined")
        await offer(ana, 1, "after")
        assert (await ana.hear("answer"))["negotiation"] == 1
        numbers = [one[2] for one in front.room.did("offer")]
        assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(("sdp", "code"), [("bad", "bad_sdp"), ("video", "no_audio")])
async def test_a_refused_offer_disturbs_nothing(sdp: str, code: str) -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await offer(ana, 1, sdp)
        await ana.hear_error(code, fatal=False)
        await offer(ana, 2, "good")
        assert (await ana.hear("answer"))["negotiation"] == 2
        await trickle(ana, 2, {**LINE, "candidate": "nonsense"})
        await ana.hear_error("bad_request", fatal=False)
        await bo.quiet()


async def test_offers_beyond_what_the_room_takes_are_refused() -> None:
    gate = asyncio.Event()

    class SlowRoom(ScriptedRoom):
        async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None:
            await gate.wait()

    @asynccontextmanager
    async def slow(session: str, observer: Observer) -> AsyncIterator[SlowRoom]:
        yield SlowRoom(session, observer)

    async with open_front(open_room=slow) as front:
        ana, bo = await front.pair()
        await offer(ana, 1, "one")
        await ana.hear("answer")
        for _ in range(140):
            await trickle(ana, 1, LINE)
        await ana.hear_error("rate_limited", fatal=False)
        await bo.quiet()
        gate.set()


async def test_a_failed_room_ends_its_session_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        cy, di = await front.pair()
        await offer(ana, 1, "crash")
        for one in (ana, bo):
            assert (await one.hear("error"))["code"] == "internal"
            assert (await one.hear("session_ended"))["reason"] == "shutdown"
            assert await one.next() == 1001
        assert "room failed" in caplog.text and "the room fails" in caplog.text
        for other in (cy, di):
            await other.quiet()
        await ana.open(ana.resume_token)
        await ana.hear_error("session_ended", fatal=True, close=1000)


async def test_a_room_that_does_not_open_ends_its_session() -> None:
    @asynccontextmanager
    async def shut(session: str, observer: Observer) -> AsyncIterator[ScriptedRoom]:
        raise OSError("no sockets left")
        yield ScriptedRoom(session, observer)

    async with open_front(open_room=shut) as front:
        ana = await front.guest()
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        assert (await ana.hear("error"))["code"] == "internal"
        await ana.hear("session_ended")
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "ended"


async def languages_shown(front: Front, one: Client) -> list[str]:
    _, shown = await one.call("GET", f"/sessions/{one.session}")
    return [person["language"] for person in shown["participants"]]


async def test_a_new_language_is_told_to_the_partner_and_the_room() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await bo.say({"type": "set_language", "language": "de"})
        assert await ana.next() == {"type": "partner_language", "participantId": bo.me, "language": "de"}
        await bo.quiet()
        assert front.room.did("set_language") == [("set_language", bo.me, "de")]
        for tag in ("tlh", "not a tag", "en_US"):
            await bo.say({"type": "set_language", "language": tag})
            await bo.hear_error("unsupported_language", fatal=False)
        await ana.quiet()
        assert await languages_shown(front, ana) == ["es", "de"]


async def test_a_language_asked_for_on_the_channel_counts_as_one_on_the_socket() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        front.room.tell(LanguageChanged(bo.me, "es"))
        assert (await ana.hear("partner_language"))["language"] == "es"
        await bo.quiet()
        assert front.room.did("set_language") == [("set_language", bo.me, "es")]
        front.room.tell(LanguageChanged(bo.me, "tlh"))
        await ana.quiet()
        await bo.quiet()
        assert front.room.did("refuse") == [("refuse", bo.me, "unsupported_language")], "told where it was asked"
        assert await languages_shown(front, ana) == ["es", "es"]


async def test_a_language_is_detected_for_who_asks_until_they_set_one() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        assert front.room.did("set_detection") == []
        await bo.say({"type": "set_language", "language": "en", "detect": True})
        await ana.quiet()
        assert front.room.did("set_detection") == [("set_detection", bo.me, True)]
        front.room.tell(LanguageChanged(bo.me, "de", detect=True, detected=True))
        assert await bo.next() == {"type": "language_detected", "language": "de"}
        assert await ana.next() == {"type": "partner_language", "participantId": bo.me, "language": "de"}
        assert front.room.did("set_language") == [("set_language", bo.me, "de")]
        assert await languages_shown(front, ana) == ["es", "de"]
        await bo.say({"type": "set_language", "language": "tlh", "detect": False})
        await bo.hear_error("unsupported_language", fatal=False)
        assert len(front.room.did("set_detection")) == 1, "what is refused changes nothing"
        front.room.tell(LanguageChanged(bo.me, "de"))
        await bo.quiet()
        assert front.room.did("set_detection")[1:] == [("set_detection", bo.me, False)]
        front.room.tell(LanguageChanged(bo.me, "es", detect=True, detected=True))
        await ana.quiet()
        await bo.quiet()
        assert await languages_shown(front, ana) == ["es", "de"], "what was detected before they set it comes too late"


async def test_detection_that_is_asked_for_with_join_session_holds_for_this_socket() -> None:
    async with open_front() as front:
        _, bo = await front.pair()
        await bo.vanish()
        socket = await front.socket()
        join = {"type": "join_session", "sessionId": bo.session, "token": bo.resume_token, "protocol": 1}
        await socket.send_json({**join, "language": "en", "detect": True})
        assert (await socket.receive_json())["type"] == "session_joined"
        assert front.room.did("set_detection") == [("set_detection", bo.me, True)]
        other = await front.socket()
        await other.send_json({**join, "language": "en"})
        assert (await other.receive_json())["type"] == "session_joined"
        assert front.room.did("set_detection")[1:] == [("set_detection", bo.me, False)]


async def test_the_language_of_join_session_is_what_counts() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await bo.vanish()
        bo.language = "de"
        await bo.open(bo.resume_token)
        assert (await bo.hear("session_joined"))["language"] == "de"
        assert (await ana.hear("partner_language"))["language"] == "de"


class KeptEvents:
    """History in memory."""

    def __init__(self, off: HistoryOff | None) -> None:
        self.reason = off
        self.events: list[tuple[str, RoomEvent]] = []
        self.withdrawn: list[str] = []
        self.changed: Callable[[], None] | None = None

    def off(self, session: str) -> HistoryOff | None:
        return self.reason

    def open(self, session: str, changed: Callable[[], None]) -> None:
        self.changed = changed

    def append(self, session: SessionRecord, event: RoomEvent) -> None:
        self.events.append((session.id, event))

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        self.withdrawn.append(participant)

    def close(self, session: str) -> None:
        self.changed = None


@pytest.mark.parametrize("off", [None, HistoryOff.NOT_OFFERED])
async def test_history_is_kept_while_all_consent_and_the_server_keeps_any(off: HistoryOff | None) -> None:
    history, kept = KeptEvents(off), off is None
    reason = {} if kept else {"reason": "not_offered"}
    async with open_front(history=history) as front:
        ana, bo = await front.pair()
        voice_missing = EngineFailed("u_1", ana.me, "tts", "no voice")

        async def told(on: bool, consents: list[str]) -> None:
            for one in (ana, bo):
                assert await one.next() == {"type": "history", "on": on, "consents": consents, **reason}

        await ana.say({"type": "set_history", "on": True})
        await told(False, [ana.me])
        front.room.tell(voice_missing)
        assert history.events == []
        await bo.say({"type": "set_history", "on": True})
        await told(kept, [ana.me, bo.me])
        front.room.tell(voice_missing)
        assert history.events == [(ana.session, voice_missing)]
        await bo.vanish()
        await bo.open(bo.resume_token)
        await bo.hear("session_joined")
        assert (await bo.hear("history"))["on"] is kept
        await ana.say({"type": "set_history", "on": False})
        await told(False, [bo.me])
        front.room.tell(voice_missing)
        assert len(history.events) == 1 and history.withdrawn == [ana.me]


async def test_everybody_is_told_that_the_database_keeps_nothing_now_and_that_it_does_again() -> None:
    history = KeptEvents(None)
    async with open_front(history=history) as front:
        ana, bo = await front.pair()
        for one in (ana, bo):
            await one.say({"type": "set_history", "on": True})
            await ana.hear("history")
            await bo.hear("history")
        for off in (HistoryOff.UNAVAILABLE, None):
            history.reason = off
            assert history.changed is not None
            history.changed()
            for one in (ana, bo):
                said = await one.hear("history")
                assert (said["on"], said.get("reason")) == (off is None, off)
                assert said["consents"] == [ana.me, bo.me]
        await ana.say({"type": "set_history", "on": False})
        await ana.hear("history")
        await bo.hear("history")
        history.reason = HistoryOff.UNAVAILABLE
        history.changed()  # nobody asked for it any more
        await ana.quiet()
        await bo.quiet()
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
    assert history.changed is None


async def test_offers_one_after_another_are_limited() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        for number in range(1, 61):
            await ana.say({"type": "offer", "negotiation": number, "sdp": "v=0"})
            await ana.hear("answer")
        await ana.say({"type": "offer", "negotiation": 61, "sdp": "v=0"})
        await ana.hear_error("rate_limited", fatal=False)
