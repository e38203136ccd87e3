"""Decides which program captures which sound: it writes s16le, 48 kHz, mono to its standard output."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from clients.desktop.modes import Sound

_PAREC = "parec --format=s16le --rate=48000 --channels=1 --latency-msec=20 --client-name=Dragoman"
PROGRAMS: Mapping[str, Mapping[Sound, str]] = {
    "linux": {
        Sound.MICROPHONE: f"{_PAREC} --device=@DEFAULT_SOURCE@",
        Sound.SYSTEM: f"{_PAREC} --device=@DEFAULT_MONITOR@",
    },
}
"""By the platform's name (`sys.platform`). PulseAudio and PipeWire both know these."""


class NoProgram(Exception):
    """No program for this sound on this platform was given."""


def program(sound: Sound, platform: str, given: Mapping[Sound, str]) -> list[str]:
    """Return the command for `sound`: the one of `given`, else the platform's. Raises NoProgram."""
    command = given.get(sound) or PROGRAMS.get(platform, {}).get(sound)
    if not command:
        raise NoProgram(f"name a program by --{sound.value}-program: docs/desktop.md shows one for your system")
    return shlex.split(command)
