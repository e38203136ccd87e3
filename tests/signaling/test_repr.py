"""Live objects in a debugger: the state, not the address."""

from signaling.tokens import AccessClaims
from tests.kit.signaling_server import open_front


async def test_a_session_shows_its_state_and_its_connections() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        session = front.sessions.member(ana.session, AccessClaims(ana.user, "Ana")).session
        assert repr(session) == f"<Session {ana.session} active, 2 connections>"
        await bo.say({"type": "leave_session"})
        await ana.hear("session_ended")
        assert repr(session) == f"<Session {ana.session} ended, 0 connections>"


async def test_a_waiting_session_shows_its_state() -> None:
    async with open_front() as front:
        ana = await front.guest("Ana")
        await ana.create()
        session = front.sessions.member(ana.session, AccessClaims(ana.user, "Ana")).session
        assert repr(session) == f"<Session {ana.session} waiting, 0 connections>"


async def test_a_connection_shows_its_state_and_its_outbox() -> None:
    async with open_front() as front:
        await front.pair()
        connection = next(iter(front.sessions.connections))
        assert repr(connection) == "<ClientConnection open, 0 to send>"
        connection.send({"type": "heartbeat"})
        connection.close(1000)
        assert repr(connection) == "<ClientConnection closing, 1 to send>"
        connection.abort()
        assert repr(connection) == "<ClientConnection aborted, 1 to send>"
        connection.close(1000)
        assert repr(connection) == "<ClientConnection aborted, 1 to send>"
