"""A call of two independent clients of an older commit, in whose tree this file's text runs: `python -c TEXT A B`.

It uses nothing of today's code. Each line of its output is JSON: how their sockets were lost, and how they came back.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import aiohttp

from tests.independent.client import Client

PATIENCE_S = 120.0
RETRY_S = 0.1
TEXTS = ("Good morning.", "Buenos días."), ("Good night.", "Buenas noches.")


async def main(here: str, there: str) -> None:
    """Meet over two servers, and come back twice, after whatever takes the sockets away."""
    async with Client(here) as ana, Client(there) as ben:
        for one, name in ((ana, "Ana"), (ben, "Ben")):
            await one.sign_in(name)
        await ana.create("en")
        await ben.join(ana.session_code, "es")
        for one in (ana, ben):
            await one.connect()
        await _media_of(ana, ben)
        await _is_understood(ana, ben)
        _tell(met=ana.ws_url)
        for _ in range(2):
            closed = [await one.signal.close_code(timeout=PATIENCE_S) for one in (ana, ben)]
            lost = time.monotonic()
            told = [await _come_back(one) for one in (ana, ben)]
            await _media_of(ana, ben)
            await _is_understood(ana, ben)
            assert not any(one.peer.inbox.of("error", code="gap") for one in (ana, ben)), "what was unread came along"
            _tell(closed=closed, told=told, after_s=round(time.monotonic() - lost, 2))
        await ana.leave()
        ended = await ben.signal.inbox.wait_for("session_ended", timeout=PATIENCE_S)
        _tell(ended=ended["reason"])


async def _come_back(person: Client) -> list[str]:
    """Try the address that one knows until one is let in. Return the types, or codes, of all other first messages."""
    told: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                signal = await person.open()
                fields = {"sessionId": person.session_id, "token": person.resume_token, "language": person.language}
                await signal.send("join_session", protocol=1, **fields)
                first = await signal.inbox.nth(0, timeout=PATIENCE_S)
            except aiohttp.ClientError:
                await asyncio.sleep(RETRY_S)
                continue
            if first["type"] == "session_joined":
                person.joined, person.resume_token = first, first["resumeToken"]
                return told
            told.append(str(first.get("code", first["type"])))
            await asyncio.sleep(RETRY_S)


async def _media_of(ana: Client, ben: Client) -> None:
    for one in (ana, ben):
        await one.offer()
    for one in (ana, ben):
        if not one.joined["partner"] or not one.joined["partner"]["connected"]:
            await one.signal.inbox.wait_for("partner_connected", timeout=PATIENCE_S)


async def _is_understood(ana: Client, ben: Client) -> None:
    """Let Ana type two greetings, which Ben reads in his language and is spoken to him."""
    for said, read in TEXTS:
        before = len(ben.peer.inbox.received)
        ana.say(said, f"typed-{time.monotonic_ns()}")
        inbox = ben.peer.inbox
        await inbox.wait_for("translation", after=before, translatedText=read, final=True, timeout=PATIENCE_S)
        end = await inbox.wait_for("utterance_end", after=before, timeout=PATIENCE_S)
        assert end["outcome"] == "spoken", end


def _tell(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
