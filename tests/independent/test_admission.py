"""docs/protocol.md, 1 and 2: with the option `admit`, the creator decides who comes in.

The page does not say whether `POST /sessions/join` itself waits or the joiner's socket does; both ways pass.
"""

from __future__ import annotations

import asyncio

import pytest

from .calls import check_error_body, check_keys, guest
from .client import Client, Refused
from .inbox import Message

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def _enter(joiner: Client, code: str) -> Message | str:
    """Join over HTTP and on the socket; `session_joined`, or the code of the refusal."""
    try:
        await joiner.join(code, "es")
    except Refused as refusal:
        check_error_body(refusal)
        return f"{refusal.status} {refusal.code}"
    signal = await joiner.open()
    await signal.send("join_session", sessionId=joiner.session_id, token=joiner.token, language="es", protocol=1)
    first = await signal.inbox.nth(0, timeout=30)
    if first["type"] == "session_joined":
        return first
    assert (first["type"], first["fatal"]) == ("error", True)
    await signal.close_code()
    return str(first["code"])


async def _knock(ana: Client, ben: Client, *, accept: bool) -> Message | str:
    await ana.create("en", admit=True)
    await ana.connect()
    async with asyncio.TaskGroup() as tasks:
        entering = tasks.create_task(_enter(ben, ana.session_code))
        request = await ana.signal.inbox.wait_for("join_request")
        check_keys(request, "type participantId displayName")
        assert request["displayName"] == "Ben"
        await asyncio.sleep(0.5)
        assert not entering.done(), "the joiner was let in, or turned away, before the creator decided"
        await ana.signal.send("admit", participantId=request["participantId"], accept=accept)
    return entering.result()


async def test_admitted_joiner_comes_in(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        joined = await _knock(ana, ben, accept=True)
        assert isinstance(joined, dict), joined
        assert joined["partner"]["participantId"] == ana.participant_id
        paired = await ana.signal.inbox.wait_for("session_paired")
        assert paired["partner"]["participantId"] == joined["participantId"]


async def test_join_request_names_the_participant_that_joins(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        await _knock(ana, ben, accept=True)
        request = await ana.signal.inbox.wait_for("join_request")
        assert request["participantId"] == ben.participant_id


async def test_refused_joiner_is_not_admitted(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        assert await _knock(ana, ben, accept=False) in {"403 not_admitted", "not_admitted"}
        assert not ana.signal.inbox.of("session_paired")
        assert (await ana.get())["status"] == "waiting"


async def test_nobody_is_asked_without_the_option(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, guest(server_url, "Ben") as ben:
        await ana.create("en", admit=False)
        await ana.connect()
        await ben.join(ana.session_code, "es")
        await ben.connect()
        await ana.signal.inbox.wait_for("session_paired")
        assert not ana.signal.inbox.of("join_request")
