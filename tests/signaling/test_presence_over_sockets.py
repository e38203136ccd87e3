"""Taking over, dropping, coming back, being lost, running out of time."""

import time
from dataclasses import replace

from media.events import (
    CallMetrics,
    ClientStatusChanged,
    MediaConnected,
    MediaLost,
    StatusReason,
    TrackKind,
    TrackMapping,
    TracksChanged,
)
from tests.kit.moved_clock import until
from tests.kit.signaling_server import GENEROUS, Client, open_front
from tests.kit.timed_front import GRACE_S, timed_front, vanished


async def ended(one: Client, reason: str, close: int = 1000) -> None:
    assert (await one.hear("session_ended"))["reason"] == reason
    assert await one.next() == close


async def test_a_second_socket_takes_over() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        old = ana.socket
        await ana.open()
        joined = await ana.hear("session_joined")
        assert joined["status"] == "active" and joined["partner"]["participantId"] == bo.me
        ana.socket, new = old, ana.socket
        await ana.hear_error("taken_over", fatal=True, close=4001)
        ana.socket = new
        await ana.quiet()
        await bo.quiet()


async def test_what_the_displaced_socket_still_says_counts_for_nothing() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        old = ana.socket
        assert old is not None
        await ana.open(ana.resume_token)
        await old.send_str('{"type": "leave_session"}')
        await ana.hear("session_joined")
        await old.close()
        await ana.quiet()
        await bo.quiet()


async def test_the_partner_hears_of_media_and_sockets_that_come_and_go() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        front.room.tell(MediaConnected(bo.me))
        assert await ana.next() == {"type": "partner_connected", "participantId": bo.me}
        front.room.tell(MediaLost(bo.me, "silence"))
        assert await ana.next() == {"type": "partner_disconnected", "participantId": bo.me, "reason": "silence"}
        front.room.tell(MediaConnected(bo.me))
        await ana.hear("partner_connected")
        _, shown = await ana.call("GET", f"/sessions/{ana.session}")
        assert [one["connected"] for one in shown["participants"]] == [False, True]

        await bo.vanish()
        gone = await ana.hear("partner_disconnected")
        assert gone["participantId"] == bo.me
        await bo.open(bo.resume_token)
        joined = await bo.hear("session_joined")
        assert joined["participantId"] == bo.me and joined["status"] == "active"
        assert (await ana.hear("partner_connected"))["participantId"] == bo.me

        await ana.vanish()
        await ana.open(ana.resume_token)
        assert (await ana.hear("session_joined"))["partner"]["connected"] is True
        await ana.quiet()


async def test_media_before_pairing_is_seen_in_the_first_messages() -> None:
    async with open_front() as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        await until(lambda: front.rooms)
        front.room.tell(MediaConnected(ana.me))
        await ana.quiet()
        await bo.join(ana.code)
        await bo.open()
        assert (await bo.hear("session_joined"))["partner"]["connected"] is True
        assert (await ana.hear("session_paired"))["partner"]["connected"] is False
        await bo.quiet()


async def test_tracks_go_to_whose_lines_they_are() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        front.room.tell(
            TracksChanged(
                ana.me, (TrackMapping("1", TrackKind.ORIGINAL, bo.me), TrackMapping("0", TrackKind.INTERPRETER, None))
            )
        )
        assert await ana.next() == {
            "type": "tracks",
            "tracks": [
                {"mid": "1", "kind": "original", "participantId": bo.me},
                {"mid": "0", "kind": "interpreter", "participantId": None},
            ],
        }
        await bo.quiet()


async def test_who_has_no_channel_is_shown_on_the_socket_why_nothing_works() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        reason = StatusReason.NO_SUBTITLES_CHANNEL
        front.room.tell(ClientStatusChanged(ana.me, StatusReason.AUDIO_NOT_DECODED, False, "no Opus", shown=True))
        for over in (False, True):
            front.room.tell(ClientStatusChanged(ana.me, reason, over, "no channel", shown=False))
            assert await ana.next() == {
                "type": "status",
                "level": "ok" if over else "degraded",
                "lagMs": 0,
                "reason": "no_subtitles_channel",
                "message": "no channel",
            }
        await ana.quiet()
        await bo.quiet()


async def test_who_does_not_come_back_is_lost_after_the_grace() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await front.pair()
        front.room.figures = CallMetrics(9000, 4, 3, 1, (120.0, 480.0, 250.0))
        await vanished(bo)
        clock.pass_time(GRACE_S - 60)
        await ana.quiet()
        clock.pass_time(60)
        told = await ana.hear("session_ended")
        assert told["reason"] == "partner_lost"
        assert told["metrics"] == {
            "durationMs": 9000,
            "utterances": 4,
            "spoken": 3,
            "failed": 1,
            "firstAudioMs": {"p50": 250.0, "p95": 480.0},
            "quality": {},
        }
        assert await ana.next() == 1000
        await bo.open(bo.resume_token)
        await bo.hear_error("session_ended", fatal=True, close=1000)
        await bo.open()
        await bo.hear_error("session_ended", fatal=True, close=1000)


async def test_who_comes_back_in_time_is_not_lost() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await front.pair()
        await vanished(bo)
        clock.pass_time(GRACE_S - 60)
        await bo.open(bo.resume_token)
        await bo.hear("session_joined")
        clock.pass_time(2 * GRACE_S)
        for one in (ana, bo):
            await one.quiet()


async def test_lost_media_alone_ends_the_call_too() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await front.pair()
        front.room.tell(MediaConnected(bo.me))
        front.room.tell(MediaLost(bo.me, "ice"))
        await ana.hear("partner_connected")
        await ana.hear("partner_disconnected")
        clock.pass_time(GRACE_S)
        await ended(ana, "partner_lost")
        await ended(bo, "left")


async def test_who_waits_alone_may_drop_and_come_back() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        await vanished(ana)
        clock.pass_time(GRACE_S + 60)
        await bo.join(ana.code)
        await bo.open()
        joined = await bo.hear("session_joined")
        assert joined["status"] == "waiting" and joined["partner"] is None
        await ana.open(ana.resume_token)
        assert (await ana.hear("session_joined"))["status"] == "active"
        assert (await bo.hear("session_paired"))["partner"]["displayName"] == "Ana"


async def test_nobody_joins_and_the_code_expires() -> None:
    async with timed_front(code_lifetime_s=600) as (front, clock):
        ana, bo = await front.guest(), await front.guest()
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        clock.pass_time(600)
        await ended(ana, "expired")
        status, answer = await bo.call("POST", "/sessions/join", {"sessionCode": ana.code, "language": "en"})
        assert (status, answer["error"]["code"]) == (410, "session_ended")
        assert front.room.closed


async def test_a_session_has_its_length() -> None:
    async with timed_front(limits=replace(GENEROUS, session_length_s=3600)) as (front, clock):
        ana, bo = await front.pair()
        clock.pass_time(3600)
        for one in (ana, bo):
            await ended(one, "expired")


async def test_a_clock_that_is_set_forward_is_noticed() -> None:
    offset = 0.0
    async with open_front(wall=lambda: time.time() + offset) as front:
        ana, bo = await front.pair()
        offset = 4 * 3600 + 1
        await ana.say({"type": "set_language", "language": "en"})
        await bo.hear("partner_language")
        for one in (ana, bo):
            await ended(one, "expired")


async def test_leaving_ends_it_for_both() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await ana.say({"type": "leave_session"})
        await ended(ana, "left")
        await ended(bo, "partner_left")
        assert front.room.closed


async def test_leaving_alone_ends_it_too() -> None:
    async with open_front() as front:
        ana = await front.guest()
        await ana.create()
        await ana.open()
        await ana.hear("session_joined")
        await ana.say({"type": "leave_session"})
        await ended(ana, "left")
