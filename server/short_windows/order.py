"""Order to judge a model folder, and its process: at low priority, and never longer than the one that ordered it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from server.short_windows.judgement import Outcome

SECONDS = 180.0
"""Longest time for all languages of a model together."""
_LEAVE_S = 30.0
"""Time beyond it for loading the model and making the voices."""
_IDLE_LONGER = 40
"""Times as long as that a process may take whose `seconds` are processor time, which it gets when nobody else does."""
_ROOT = str(Path(__file__).resolve().parents[2])
_NICE = 10

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """Plain data. `options` are the engine's; `recordings` is a folder, which need not be there.

    With `idle` the judge takes only the time that nobody else wants, and `seconds` are its processor time.
    """

    path: str
    options: Mapping[str, Any]
    languages: tuple[str, ...]
    data: str
    recordings: str
    seconds: float = SECONDS
    idle: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def dump(self) -> str:
        """Return it as JSON, without the environment."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "environment"})

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what `dump` wrote."""
        plain = json.loads(text)
        return cls(**{**plain, "languages": tuple(plain["languages"])})


def in_words(found: Mapping[str, str]) -> str:
    """Return what `carried_out` found, for people."""
    if "failed" in found:
        return f"off, not judged: {found['failed']}"
    state = "on" if found["outcome"] == Outcome.BORNE else f"off, {found['outcome']}"
    return f"{state}: {found['why']}"


async def carried_out(order: Order, say: Say = lambda _: None) -> dict[str, str]:
    """Judge in a process of its own, and return its last line: `outcome` and `why`, or `failed`.

    Whatever ends this call ends the process.
    """
    try:
        return await _last_line(order, say)
    except TimeoutError:
        return {"failed": f"it took longer than {order.seconds:.0f} s"}
    except (OSError, ValueError) as error:
        return {"failed": f"the judge's process could not be run: {error}"}


async def _last_line(order: Order, say: Say) -> dict[str, str]:
    paths = os.pathsep.join(filter(None, (_ROOT, order.environment.get("PYTHONPATH"))))
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", str(_NICE), sys.executable, "-P", "-m", "server.short_windows", order.dump()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**order.environment, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": paths},
    )
    last: dict[str, str] = {}
    try:
        async with asyncio.timeout(order.seconds * (_IDLE_LONGER if order.idle else 1) + _LEAVE_S):
            assert process.stdout is not None
            async for line in process.stdout:
                last = json.loads(line)
                if "progress" in last:
                    say(last["progress"])
            await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return last if last.keys() & {"outcome", "failed"} else {"failed": "the judge's process ended too early"}
