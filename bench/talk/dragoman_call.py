"""A call through Dragoman: two headless clients in this process, the one that speaks and the one that listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.talk.timed_receiver import TimedReceiver
from bench.talk.turns import Messages, silent_script, speak
from clients.devices import Devices
from clients.exit_status import Expectation
from clients.options import Options
from clients.report import Journal
from clients.session import Call
from clients.sound.microphone import Microphone
from clients.subtitles import Subtitles

LONG = 1e6  # s
MEDIA = 20.0  # s until both are connected
LEAST = 1.2  # s: an endpoint may take 0.9 s, and shows in no message before


class NotConnected(Exception):
    """The call never came to be."""


class Side:
    """One participant."""

    def __init__(
        self,
        server: str,
        language: str,
        *,
        code: str | None = None,
        dtx: bool = False,
        told: Callable[[dict[str, Any]], None] = lambda message: None,
    ) -> None:
        """Make a participant who is not in the call yet. `told` gets each message of the subtitles, too."""
        loop = asyncio.get_running_loop()
        self.microphone = Microphone(silent_script(), loop.time, dtx=dtx)
        self.ear, self.original = TimedReceiver(), TimedReceiver()
        self.messages = Messages(loop.time)
        options = Options(
            server=server,
            language=language,
            code=code,
            at=(0.0,),
            stay=LONG,
            wait=60.0,
            expect=Expectation.NONE,
        )

        def keep(message: dict[str, Any]) -> None:
            self.messages.keep(message)
            told(message)

        self.subtitles = Subtitles(keep)
        ears: Any = {"interpreter": self.ear, "original": self.original}
        self.journal = Journal(loop.time)
        self.call = Call(options, Devices(self.microphone, ears, self.subtitles, self.journal))

    @property
    def connected(self) -> bool:
        """True once sentences may be placed: the client has placed those that it began with, which are none."""
        return self.call.media.connected and bool(self.microphone.script.starts)

    @property
    def started(self) -> float | None:
        """The loop time of the session's `startedAt`, from which the server counts media time; None before."""
        told = next((one["startedAt"] for one in self.journal.events if one["event"] == "paired"), None)
        return None if told is None else round(told / 1000 - self.journal.epoch(0.0), 4)


@dataclass(slots=True)
class _Line:
    speaker: Side
    listener: Side

    @property
    def microphone(self) -> Microphone:
        return self.speaker.microphone

    @property
    def ear(self) -> TimedReceiver:
        return self.listener.ear

    @property
    def settled(self) -> bool:
        return self.listener.messages.settled

    @property
    def least(self) -> float:
        return LEAST


async def converse(server: str, call: dict[str, Any]) -> dict[str, Any]:
    """Hold one call, and return all that the listener received; the recording is still an object.

    Raises NotConnected.
    """
    speaker = Side(server, call["language"], dtx=call.get("dtx", False))
    async with asyncio.TaskGroup() as group:
        group.create_task(speaker.call.run())
        await _until(lambda: speaker.call.entry is not None or speaker.call.ending is not None)
        entry = speaker.call.entry
        if entry is None:
            raise NotConnected(f"the server refused a call: {speaker.call.ending}")
        listener = Side(server, call["target"], code=entry.session_code)
        group.create_task(listener.call.run())
        await _until(lambda: speaker.connected and listener.connected)
        await asyncio.sleep(1.0)
        said = await speak(_Line(speaker, listener), call["turns"])
        speaker.call.stop()
        listener.call.stop()
    assert speaker.call.entry is not None
    return {
        "language": call["language"],
        "target": call["target"],
        "speaker": speaker.call.entry.participant_id,
        "startedAt": speaker.started,
        "said": said,
        "heard": listener.ear,
        "original": {"packets": len(listener.original.arrivals)},
        "messages": listener.messages.all,
        "microphone": speaker.microphone.summary(),
    }


async def _until(condition: Any) -> None:
    async with asyncio.timeout(MEDIA):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
