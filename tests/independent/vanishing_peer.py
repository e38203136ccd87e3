"""A participant in a process of its own, so that a test can kill or freeze it as a failing device would.

Arguments: server URL, session code, language. Prints one JSON line once its media is up, then stays.
"""

from __future__ import annotations

import asyncio
import json
import sys

from .client import Client


async def main(url: str, code: str, language: str) -> None:
    async with Client(url) as client:
        await client.sign_in("Ben")
        await client.join(code, language)
        await client.connect()
        await client.offer()
        known = {
            "participantId": client.participant_id,
            "sessionId": client.session_id,
            "resumeToken": client.resume_token,
            "wsUrl": client.ws_url,
        }
        sys.stdout.write(json.dumps(known) + "\n")
        sys.stdout.flush()
        await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
