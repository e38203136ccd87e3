"""The first utterance after a server says it is ready, beside the tenth: how long after its end it is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.load.heard_turns import Turn, late_s
from bench.talk.dialogue import spoken
from bench.talk.dragoman_call import Side
from testing.hotel_dialogue import GUEST, RECEPTIONIST

COUNT = 10
APART_S = 6.0
FIRST_S = 1.0
CONNECT_S = 60.0


async def first_and_tenth(server: str, wavs: Sequence[Path]) -> tuple[float | None, float | None]:
    """Say sentences in one call; return the lateness, s, of the first and of the tenth, which are the same sentence."""
    loop = asyncio.get_running_loop()
    speaker = Side(server, GUEST.language)
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(2 * CONNECT_S + (COUNT + 2) * APART_S):
        tasks.create_task(speaker.call.run())
        while speaker.call.entry is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        listener = Side(server, RECEPTIONIST.language, code=speaker.call.entry.session_code)
        tasks.create_task(listener.call.run())
        while not (speaker.connected and listener.connected):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        zero = speaker.microphone.zero
        assert zero is not None
        begin = loop.time() - zero + FIRST_S
        script = speaker.microphone.script
        script.clips[:] = [spoken(wavs[number % (COUNT - 1) % len(wavs)]) for number in range(COUNT)]
        script.place([begin + APART_S * number for number in range(COUNT)])
        await asyncio.sleep(FIRST_S + (COUNT + 1) * APART_S)
        speaker.call.stop()
        listener.call.stop()
    spans = [(zero + since, zero + until) for since, until in script.spans()]
    last = (spans[-1][0] + APART_S, 0.0)
    turns = [Turn(since, until, after) for (since, until), (after, _) in pairwise([*spans, last])]
    late = [late_s(turn, listener.ear.arrivals, listener.ear.levels) for turn in turns]
    return late[0], late[-1]
