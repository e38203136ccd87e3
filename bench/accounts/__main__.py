"""`python -m bench.accounts`: sign-ins of known and unknown addresses take the same time, and a flood delays no call.

The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from bench.accounts.server import serving

TICK_S = 0.02


async def sign_in_times(url: str, pairs: int) -> tuple[list[float], list[float]]:
    """Return the seconds of wrong sign-ins, of known addresses and of unknown ones, taken in turns."""
    known: list[float] = []
    unknown: list[float] = []
    async with aiohttp.ClientSession() as http:

        async def take(email: str, into: list[float]) -> None:
            began = time.perf_counter()
            async with http.post(f"{url}/api/v1/auth/login", json={"email": email, "password": "wrong password"}) as it:
                await it.read()
                assert it.status == 401, it.status
            into.append(time.perf_counter() - began)

        for number in range(pairs):
            both = [(f"known{number}@example.com", known), (f"nobody{number}@example.com", unknown)]
            for email, into in both if number % 2 else reversed(both):
                await take(email, into)
    return known, unknown


async def lateness(seconds: float) -> list[float]:
    """Return by how many seconds each 20 ms tick on this event loop is late."""
    late: list[float] = []
    loop = asyncio.get_running_loop()
    due, until = loop.time() + TICK_S, loop.time() + seconds
    while due < until:
        await asyncio.sleep(max(0.0, due - loop.time()))
        late.append(loop.time() - due)
        due += TICK_S
    return late


def shown(late: list[float]) -> dict[str, float]:
    ordered = sorted(late)
    return {
        "p50Ms": round(statistics.median(ordered) * 1000, 2),
        "p99Ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "mostMs": round(ordered[-1] * 1000, 2),
        "overOneSlot": sum(one > TICK_S for one in ordered),
        "ticks": len(ordered),
    }


async def measured(pairs: int, seconds: float) -> dict[str, object]:
    """Return the figures of both benches."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as (url, accounts):
            for number in range(pairs):
                await accounts.registration.register(
                    f"known {number}", f"known{number}@example.com", "a tall blue giraffe", "en"
                )
            known, unknown = await sign_in_times(url, pairs)
            quiet = await lateness(seconds)
            arguments = [sys.executable, "-m", "bench.accounts.flood", url, str(seconds)]
            flood = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
            await asyncio.sleep(1)  # the other process is up
            flooded = await lateness(seconds - 1)
            answered, _ = await flood.communicate()
    medians = statistics.median(known), statistics.median(unknown)
    return {
        "bench": "accounts",
        "pairs": pairs,
        "knownMs": round(medians[0] * 1000, 2),
        "unknownMs": round(medians[1] * 1000, 2),
        "apartPercent": round(abs(medians[0] - medians[1]) / medians[1] * 100, 2),
        "quiet": shown(quiet),
        "flooded": shown(flooded) | {"signInsPerSecond": round(int(answered) / seconds, 1)},
    }


def main() -> int:
    """Print the figures. The status is 1 where medians are more than 5 % apart."""
    parser = argparse.ArgumentParser(prog="python -m bench.accounts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="twenty pairs and five seconds")
    quick = parser.parse_args().quick
    figures = asyncio.run(measured(20 if quick else 200, 5 if quick else 30))
    print(json.dumps(figures))
    apart = figures["apartPercent"]
    return 1 if isinstance(apart, float) and apart > 5 else 0


if __name__ == "__main__":
    sys.exit(main())
