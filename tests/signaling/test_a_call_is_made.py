"""The plain way: two guests, a code, two sockets, an offer and an answer, a goodbye."""

from tests.kit.signaling_server import ICE, open_front


async def test_two_people_meet_and_part() -> None:
    async with open_front() as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        made = await ana.create("es")
        assert len(made["sessionCode"]) == 6 and made["sessionCode"].isdigit()
        assert made["wsUrl"] == front.url.replace("http", "ws") + "/ws"

        await ana.open()
        joined = await ana.hear("session_joined")
        assert joined["partner"] is None and joined["status"] == "waiting" and "startedAt" not in joined
        assert joined["iceServers"] == list(ICE.servers)
        await ana.say({"type": "offer", "negotiation": 1, "sdp": "hello"})
        answer = await ana.hear("answer")
        assert answer["sdp"] == "answer to hello" and answer["negotiation"] == 1
        assert answer["tracks"] == [{"mid": "0", "kind": "interpreter", "participantId": ana.me}]

        partner = await bo.join(ana.code, "en")
        assert partner["partnerId"] == ana.me and partner["sessionId"] == ana.session
        await bo.open()
        joined = await bo.hear("session_joined")
        assert joined["status"] == "active" and joined["startedAt"] > 0
        assert joined["partner"] == {
            "participantId": ana.me,
            "displayName": "Ana",
            "language": "es",
            "connected": False,
        }
        paired = await ana.hear("session_paired")
        assert paired["startedAt"] == joined["startedAt"]
        assert paired["partner"]["displayName"] == "Bo" and paired["partner"]["language"] == "en"
        assert front.room.did("begin") == [("begin", joined["startedAt"])]
        assert [one[1:] for one in front.room.did("add")] == [(ana.me, "es"), (bo.me, "en")]

        await bo.say({"type": "leave_session"})
        assert (await bo.hear("session_ended"))["reason"] == "left"
        assert await bo.next() == 1000
        ended = await ana.hear("session_ended")
        assert ended["reason"] == "partner_left"
        assert ended["metrics"] == {
            "durationMs": 0,
            "utterances": 0,
            "spoken": 0,
            "failed": 0,
            "firstAudioMs": {"p50": None, "p95": None},
            "quality": {},
        }
        assert await ana.next() == 1000
