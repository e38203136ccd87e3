"""The call through the real rooms, with scripted engines: what is said for 3.5 s is answered by 1.5 s of speech.

Two offers with the same `call` make a session. The engines are in processes of their own, as always.
"""

from __future__ import annotations

import itertools
import time
from contextlib import AsyncExitStack
from typing import Any

import uvloop

from bench.peers.front import front
from media.room import MediaOptions, Room
from pipeline.engines.registry import EngineSpec
from pipeline.hearing.voice_activity import Loudness
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import open_stages
from pipeline.recognition.passes import RecognitionOptions

SPOKEN_S = 1.5
LANGUAGES = ("en", "es")
INTERPRETING = InterpreterOptions(
    passes=RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9), activity=Loudness
)
"""No interims and no neural voice detector: the other servers of this comparison have neither."""


async def main() -> None:
    """Pairs of offers become calls, until standard input ends."""
    stages = open_stages(
        {
            "stt": EngineSpec("stt", "scripted", {"texts": {"en": "word", "es": "palabra"}, "languages": LANGUAGES}),
            "mt": EngineSpec("mt", "scripted", {"pairs": [["en", "es"], ["es", "en"]]}),
            "tts": EngineSpec(
                "tts", "scripted", {"seconds": SPOKEN_S, "word_seconds": 0.0, "tone_hz": 600, "languages": LANGUAGES}
            ),
        }
    )
    numbers = itertools.count()
    rooms: dict[str, tuple[Room, list[str]]] = {}
    async with stages, AsyncExitStack() as stack:
        await stages.wait_ready()

        async def answer(posted: dict[str, Any]) -> str:
            call = str(posted["call"])
            if call not in rooms:
                room = Room(call, stages, options=MediaOptions(interpreting=INTERPRETING))
                rooms[call] = await stack.enter_async_context(room), []
            room, people = rooms[call]
            person = f"p{next(numbers)}"
            room.add(person, LANGUAGES[len(people)])
            people.append(person)
            if len(people) == 2:
                room.begin(round(time.time() * 1000))
            return (await room.offer(person, 1, posted["sdp"])).sdp

        await front(answer)


if __name__ == "__main__":
    uvloop.run(main())
