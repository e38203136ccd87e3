"""`dragoman interpret FILE`: interprets a recording without any network, and writes the translated WAV.

The recording is heard in real order but as fast as the engines go; the interpreter's speech is laid into the
output at the moment when it would have been heard: not before the speaker's words, nor over its own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.delivery.listener import PlaybackObserver
from pipeline.engines import EngineError
from pipeline.events import Event, Outcome, PlaybackState, Translated, UtteranceEnded
from pipeline.interpreter import Interpreter, InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import FRAME_BYTES, FRAME_MS, VOICE_RATE, Frame, Speech
from pipeline.text.language import primary, same
from server.engine_choice.from_settings import engine_set
from server.interpreting import interpreter_options
from server.recordings import read_recording
from server.settings import Settings

SPEAKER, LISTENER = "speaker", "listener"


def write_wav(path: Path, pcm: bytes, rate: int) -> None:
    """Write samples, mono s16."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


@dataclass(slots=True)
class RecordingListener:
    """A `Listener` that lays speech on a timeline instead of playing it."""

    language: str
    clock: Callable[[], float]
    participant: str = LISTENER
    voice: str = ""
    interruptions: int = 0
    pcm: bytearray = field(default_factory=bytearray)

    @property
    def backlog_ms(self) -> float:
        return 0.0

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        observer(PlaybackState.START)
        at = round(self.clock() * VOICE_RATE) * 2
        self.pcm += bytes(max(0, at - len(self.pcm))) + speech.pcm
        observer(PlaybackState.END)

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Do nothing: no speech is queued."""


async def interpret(
    stages: EngineSet,
    recording: bytes,
    source: str,
    target: str,
    tell: Callable[[Event], None],
    options: InterpreterOptions | None = None,
) -> bytes:
    """The interpreter's speech for a whole recording: mono s16 at `VOICE_RATE`, on the recording's timeline.

    Time stands still while an engine works, so the result does not depend on the machine's speed.
    """
    now = 0.0

    def clock() -> float:
        return now

    ear = RecordingListener(target, clock)
    interpreter = Interpreter(
        SPEAKER, source, stages=stages, audience=lambda: [ear], emit=tell, now=clock, settings=options
    )
    silence = bytes(FRAME_BYTES * 60)
    padded = recording + bytes(-len(recording) % FRAME_BYTES) + silence
    async with asyncio.TaskGroup() as group:
        running = group.create_task(interpreter.run())
        for offset in range(0, len(padded), FRAME_BYTES):
            now += FRAME_MS / 1000
            interpreter.hear(Frame(offset // FRAME_BYTES * FRAME_MS, padded[offset : offset + FRAME_BYTES]))
            await interpreter.caught_up()
        await interpreter.finish()
        running.cancel()
    return bytes(ear.pcm)


async def interpret_file(settings: Settings, file: Path, source: str, target: str, out: Path, events: Path) -> int:
    """The command: 0 when something was interpreted, 1 when nothing was, 2 when it could not be tried."""
    try:
        recording = read_recording(file)
    except ValueError as error:
        print(f"dragoman: {error}", file=sys.stderr)
        return 2
    async with engine_set(settings) as stages:
        try:
            await stages.wait_ready()
        except EngineError as error:
            print(f"dragoman: {error}", file=sys.stderr)
            return 2
        pairs = {(one, other) for one, other in stages.pairs() if stages.hears(one)}
        if not same(source, target) and (primary(source), primary(target)) not in pairs:
            possible = ", ".join(f"{one}→{other}" for one, other in sorted(pairs))
            print(f"dragoman: {source}→{target} is not possible here; possible: {possible}", file=sys.stderr)
            return 2
        if (primary(source), primary(target)) in stages.pivoted():
            print(f"{source}→{target} is translated by way of English")
        if (primary(source), primary(target)) in stages.gist():
            print(f"{source}→{target} is translated roughly: the gist is right, and words may be wrong")
        outcomes: list[Outcome] = []
        with events.open("w", encoding="utf-8") as lines:

            def tell(event: Event) -> None:
                lines.write(event_line(event) + "\n")
                if isinstance(event, UtteranceEnded):
                    outcomes.append(event.outcome)
                if isinstance(event, Translated):
                    print(f"{event.segment.text.strip()}  →  {event.text}")

            pcm = await interpret(stages, recording, source, target, tell, interpreter_options(settings))
    write_wav(out, pcm, VOICE_RATE)
    print(f"{out}: {len(pcm) / 2 / VOICE_RATE:.1f} s; {events}: {len(outcomes)} utterances")
    return 0 if Outcome.SPOKEN in outcomes else 1


def event_line(event: Event) -> str:
    """An event as one line of JSON, for `--events`."""
    fields: dict[str, Any] = {"event": type(event).__name__, **dataclasses.asdict(event)}
    return json.dumps(fields, ensure_ascii=False)
