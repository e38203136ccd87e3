"""A call of two headless clients that goes on by itself: each says its sentences in turn, over and over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.talk.dragoman_call import NotConnected, Side
from clients.sound.microphone import Clip
from clients.sound.wav import load
from testing.hotel_dialogue import GUEST, RECEPTIONIST, record
from testing.recordings import VOICED

TURN_S = 6.0
"""Time from one sentence of a call to the next one, which is the other person's."""
MEDIA_S = 30.0


@dataclass(slots=True)
class Dialogue:
    """A call that is under way."""

    guest: Side
    receptionist: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.guest, self.receptionist


def recorded(folder: Path) -> dict[str, list[Path]]:
    """Record both people's sentences; return them by language."""
    return {person.language: record(person, folder) for person in (GUEST, RECEPTIONIST)}


def spoken(file: Path) -> Clip:
    """Return a recording without the silence behind its last voice, so that the clip ends where the speech does."""
    sound = load(file)
    voiced = np.flatnonzero(np.abs(sound.astype(np.int32)) > VOICED * 32768)
    return Clip(str(file), sound[: int(voiced[-1]) + 1 if len(voiced) else 0])


async def begin(
    server: str, wavs: dict[str, list[Path]], seconds: float, offset: float, tasks: asyncio.TaskGroup
) -> Dialogue:
    """Make a call whose people talk for `seconds`, from `offset` after the pairing on. Raises NotConnected."""
    guest = Side(server, GUEST.language)
    tasks.create_task(guest.call.run())
    await _until(lambda: guest.call.entry is not None or guest.call.ending is not None)
    if guest.call.entry is None:
        raise NotConnected(f"the server refused a call: {guest.call.ending}")
    receptionist = Side(server, RECEPTIONIST.language, code=guest.call.entry.session_code)
    tasks.create_task(receptionist.call.run())
    await _until(lambda: guest.connected and receptionist.connected)
    for side, person, at in ((guest, GUEST, offset), (receptionist, RECEPTIONIST, offset + TURN_S)):
        clips = [spoken(path) for path in wavs[person.language]]
        turns = int((seconds - at) // (2 * TURN_S))
        side.microphone.script.clips[:] = [clips[turn % len(clips)] for turn in range(turns)]
        side.microphone.script.place([at + 2 * TURN_S * turn for turn in range(turns)])
    return Dialogue(guest, receptionist)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(MEDIA_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
