"""One person of a soak's call, a program of its own that may be killed: `python -m bench.soak.person SERVER ...`.

It talks over a line with loss, each sentence in another voice and tempo. Each line of its output is a JSON object:
`entered` (the session's code), `connected`, `sentence` (media time), `end` (of an utterance), `over`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.soak.lossy_loop import LossyLoop
from bench.talk.dialogue import TURN_S
from bench.talk.dragoman_call import Side
from clients.sound.microphone import Clip
from clients.sound.wav import load
from testing.hotel_dialogue import GUEST, RECEPTIONIST

SENTENCES = {person.language: person for person in (GUEST, RECEPTIONIST)}
HEARD_S = 15.0
"""Time before the end of its stay from which on a person says nothing more."""
CONNECT_S = 40.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("server")
    options.add_argument("language", choices=SENTENCES)
    options.add_argument("--code")
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--loss", type=float, required=True, help="share of datagrams, 0..1")
    options.add_argument("--stay", type=float, required=True, help="seconds from the pairing on")
    given = options.parse_args()
    out = sys.stdout
    with (
        contextlib.redirect_stdout(io.StringIO()),  # the client's own lines are for people
        asyncio.Runner(loop_factory=lambda: LossyLoop(given.loss, given.seed)) as runner,
    ):
        runner.run(_call(given, out))
    return 0


async def _call(given: argparse.Namespace, out: Any) -> None:
    loop = asyncio.get_running_loop()

    def say(**facts: Any) -> None:
        print(json.dumps(facts | {"at": round(loop.time(), 3)}), file=out, flush=True)

    def told(message: dict[str, Any]) -> None:
        if message["type"] == "utterance_end":
            say(end=message["outcome"], utterance=message["utteranceId"], of=message["sourceUserId"])
        elif message["type"] == "transcription" and message["final"]:
            say(final=message["utteranceId"], of=message["sourceUserId"], startMs=message["startMs"])

    side = Side(given.server, given.language, code=given.code, told=told)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(side.call.run())
        talking = tasks.create_task(_talk(side, given, say))
        await running
        talking.cancel()
    assert isinstance(loop, LossyLoop)
    say(
        over=side.call.ending.reason if side.call.ending else None,
        lost=loop.lost_datagrams,
        connections=len(side.call.media.connections),
    )


async def _talk(side: Side, given: argparse.Namespace, say: Any) -> None:
    loop = asyncio.get_running_loop()
    while side.call.entry is None:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    say(entered=side.call.entry.session_code, person=side.call.entry.participant_id)
    deadline = loop.time() + CONNECT_S
    while not side.connected:
        if loop.time() > deadline:
            side.call.stop()
            return
        await asyncio.sleep(0.05)
    say(connected=True)
    zero, started = side.microphone.zero, side.started
    assert zero is not None and started is not None
    dice = random.Random(given.seed)
    until = zero + given.stay - HEARD_S
    due = zero + 4.0 + (TURN_S if given.code else 0.0)
    with tempfile.TemporaryDirectory() as folder:
        while due < until:
            await asyncio.sleep(max(0.0, due - loop.time() - 1.0))
            clip, name = await asyncio.to_thread(_sentence, Path(folder) / "sentence.wav", given.language, dice)
            begin = max(due, loop.time() + 0.1)
            side.microphone.script.clips[:] = [clip]
            side.microphone.script.place([begin - zero])
            await asyncio.sleep(begin - loop.time())
            since_ms = (begin - started) * 1000
            say(sentence=name, startMs=round(since_ms), endMs=round(since_ms + clip.duration * 1000))
            due += 2 * TURN_S
    await asyncio.sleep(max(0.0, zero + given.stay - loop.time()))
    side.call.stop()


def _sentence(file: Path, language: str, dice: random.Random) -> tuple[Clip, str]:
    """Record a sentence of the dialogue with another tempo, pitch and loudness than ever before."""
    person = SENTENCES[language]
    number = dice.randrange(len(person.sentences))
    pitch, tempo, loudness = dice.randint(46, 54), dice.randint(148, 162), dice.randint(70, 130)
    voice = ["-v", person.voice, "-s", str(tempo), "-p", str(pitch), "-a", str(loudness)]
    command = ["espeak-ng", *voice, "--stdin", "-w", str(file)]
    subprocess.run(command, input=person.sentences[number].text.encode(), check=True, timeout=30)
    return Clip(str(file), load(file)), f"{language}-{number + 1}"


if __name__ == "__main__":
    sys.exit(main())
