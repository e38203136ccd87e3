"""With the option `admit` the creator decides who comes in."""

from tests.kit.signaling_server import Client, Front, open_front
from tests.kit.timed_front import GRACE_S, timed_front, vanished


async def knock(front: Front) -> tuple[Client, Client]:
    ana, bo = await front.guest("Ana"), await front.guest("Bo")
    await ana.create("es", admit=True)
    await ana.open()
    await ana.hear("session_joined")
    await bo.join(ana.code)
    assert await ana.next() == {"type": "join_request", "participantId": bo.me, "displayName": "Bo"}
    await bo.open()
    await bo.quiet()
    return ana, bo


async def admit(ana: Client, participant: str, accept: bool) -> None:
    await ana.say({"type": "admit", "participantId": participant, "accept": accept})


async def test_who_is_let_in_is_paired() -> None:
    async with open_front() as front:
        ana, bo = await knock(front)
        assert (await ana.call("GET", f"/sessions/{ana.session}"))[1]["status"] == "waiting"
        await admit(ana, bo.me, True)
        joined = await bo.hear("session_joined")
        assert joined["status"] == "active" and joined["partner"]["displayName"] == "Ana"
        assert (await ana.hear("session_paired"))["partner"]["participantId"] == bo.me
        await admit(ana, bo.me, False)
        await ana.quiet()
        await bo.quiet()


async def test_who_is_let_in_before_their_socket_comes_joins_at_once() -> None:
    async with open_front() as front:
        ana, bo = await front.guest("Ana"), await front.guest("Bo")
        await ana.create("es", admit=True)
        await bo.join(ana.code)
        await ana.open()
        await ana.hear("session_joined")
        assert (await ana.hear("join_request"))["participantId"] == bo.me
        await admit(ana, bo.me, True)
        await ana.quiet()
        await bo.open()
        assert (await bo.hear("session_joined"))["status"] == "active"
        await ana.hear("session_paired")


async def test_who_is_turned_away_stays_out_and_another_may_come() -> None:
    async with open_front() as front:
        ana, bo = await knock(front)
        await admit(ana, bo.me, False)
        await bo.hear_error("not_admitted", fatal=True, close=4401)
        await bo.open()
        await bo.hear_error("not_admitted", fatal=True, close=4401)
        status, answer = await bo.call("POST", "/sessions/join", {"sessionCode": ana.code, "language": "en"})
        assert (status, answer["error"]["code"]) == (403, "not_admitted")
        status, answer = await bo.call("GET", f"/sessions/{ana.session}")
        assert (status, answer["error"]["code"]) == (403, "not_admitted")
        cy = await front.guest("Cy")
        await cy.join(ana.code)
        assert (await ana.hear("join_request"))["displayName"] == "Cy"
        await ana.quiet()


async def test_who_waits_outside_can_do_nothing_inside() -> None:
    async with open_front() as front:
        ana, bo = await knock(front)
        for message in (
            {"type": "offer", "negotiation": 1, "sdp": "x"},
            {"type": "candidate", "negotiation": 1, "candidate": None},
            {"type": "set_history", "on": True},
        ):
            await bo.say(message)
            await bo.hear_error("not_admitted", fatal=False)
        await admit(bo, bo.me, True)
        await bo.hear_error("forbidden", fatal=False)
        await bo.say({"type": "set_language", "language": "de"})
        for call in (("GET", ""), ("DELETE", ""), ("GET", "/history")):
            status, answer = await bo.call(call[0], f"/sessions/{ana.session}{call[1]}")
            assert (status, answer["error"]["code"]) == (403, "not_admitted")
        await ana.quiet()
        assert front.room.did("add") == [("add", ana.me, "es")]
        await admit(ana, bo.me, True)
        assert (await bo.hear("session_joined"))["language"] == "de"
        await ana.hear("session_paired")
        assert front.room.did("add")[1] == ("add", bo.me, "de")


async def test_who_gives_up_waiting_gives_the_seat_back() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await knock(front)
        await bo.say({"type": "leave_session"})
        assert (await bo.hear("session_ended"))["reason"] == "left"
        assert await bo.next() == 1000
        await ana.quiet()
        cy = await front.guest("Cy")
        await cy.join(ana.code)
        await ana.hear("join_request")
        await cy.open()
        await cy.quiet()
        await vanished(cy)
        clock.pass_time(GRACE_S)
        di = await front.guest("Di")
        await di.join(ana.code)
        assert (await ana.hear("join_request"))["displayName"] == "Di"


async def test_the_creator_leaves_and_who_waits_is_told() -> None:
    async with open_front() as front:
        ana, bo = await knock(front)
        await ana.say({"type": "leave_session"})
        await ana.hear("session_ended")
        assert (await bo.hear("session_ended"))["reason"] == "partner_left"
        assert await bo.next() == 1000
