"""Hands the place of a process among several on to it: settings, listening sockets, and a socket to the parent."""

from __future__ import annotations

import os
import pickle
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from server.settings import Settings

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """Place of this process among those of one server."""

    name: str
    """Name in the path of its WebSocket, in the log and in the figures."""
    parent: socket.socket
    listening: Sequence[socket.socket]
    """Sockets of the one port, on which all processes accept."""
    late: bool
    """True if it takes the place of one that has ended."""
    first: bool
    """True for one of all."""


def names_of(processes: int) -> list[str]:
    """Return the names of that many processes."""
    return [f"p{number}" for number in range(1, processes + 1)]


def share_of(settings: Settings) -> Settings:
    """Return the settings of one process: sessions and processes of engines are for all of them together."""
    shared = ("sessions", "stt_processes", "mt_processes", "tts_processes")
    return replace(settings, **{name: ceil(getattr(settings, name) / settings.processes) for name in shared})


def hand_over(ours: socket.socket, settings: Settings) -> None:
    """Send a new process its settings: in its environment or its command, others could read the secrets."""
    text = pickle.dumps(settings)
    ours.sendall(_LENGTH.pack(len(text)) + text)


def received(parent: socket.socket) -> Settings:
    """Return what `hand_over` sent. Raises EOFError where the parent is gone."""
    (length,) = _LENGTH.unpack(_read(parent, _LENGTH.size))
    settings = pickle.loads(_read(parent, length))  # from our own parent, by a socket that nobody else has
    assert isinstance(settings, Settings)
    return settings


def inherited(descriptor: str) -> socket.socket:
    """Return a socket that the parent has passed on, and that no process of ours gets in turn."""
    found = socket.socket(fileno=int(descriptor))
    os.set_inheritable(found.fileno(), False)
    return found


def _read(parent: socket.socket, length: int) -> bytes:
    text = b""
    while len(text) < length:
        part = parent.recv(length - len(text))
        if not part:
            raise EOFError
        text += part
    return text
