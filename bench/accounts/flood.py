"""Signs in again and again with wrong passwords: `python -m bench.accounts.flood URL SECONDS`."""

from __future__ import annotations

import asyncio
import sys
import time

import aiohttp

AT_ONCE = 24


async def flood(url: str, seconds: float) -> int:
    """Return the number of answers within `seconds`."""
    until, answered = time.monotonic() + seconds, 0

    async def one(http: aiohttp.ClientSession, number: int) -> None:
        nonlocal answered
        while time.monotonic() < until:
            body = {"email": f"{number}-{answered}@example.com", "password": "wrong password"}
            async with http.post(f"{url}/api/v1/auth/login", json=body) as answer:
                await answer.read()
            answered += 1

    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(one(http, number) for number in range(AT_ONCE)))
    return answered


if __name__ == "__main__":
    print(asyncio.run(flood(sys.argv[1], float(sys.argv[2]))))
