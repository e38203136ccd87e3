"""The speaking program's end of the line protocol (docs/voices.md): JSON lines in; JSON lines and PCM out.

The standard library only, and nothing of Dragoman: this runs under the Python that has the voice's own library.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

PROTOCOL = 1


@dataclass(frozen=True)
class Voice:
    id: str
    language: str
    name: str
    licence: str


@dataclass(frozen=True)
class Asked:
    """`tempo` is a factor on the voice's own: 1.25 is a quarter faster."""

    text: str
    voice: str
    tempo: float


@dataclass(frozen=True)
class Speaker:
    """Program that speaks. `say` gives (rate, mono s16 PCM) chunk by chunk."""

    program: str
    voices: list[Voice]
    say: Callable[[Asked], Iterable[tuple[int, bytes]]]


def serve(load: Callable[[], Speaker]) -> None:
    """Tells the voices, then speaks what it is asked, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other end decides when we end
    inward, outward = _take_standard_streams()
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(inward, inbox), daemon=True).start()

    def tell(message: dict[str, Any], pcm: bytes = b"") -> None:
        outward.write(json.dumps(message, ensure_ascii=False).encode() + b"\n" + pcm)
        outward.flush()

    try:
        speaker = load()
    except Exception as error:  # noqa: BLE001 - libraries raise what they like while they load
        tell({"error": describe(error)})
        return
    tell({"protocol": PROTOCOL, "program": speaker.program, "voices": [asdict(voice) for voice in speaker.voices]})
    while True:
        asked = json.loads(inbox.get())
        number = asked["id"]
        try:
            for rate, pcm in speaker.say(Asked(asked["text"], asked["voice"], asked["tempo"])):
                if pcm:
                    tell({"id": number, "rate": rate, "bytes": len(pcm)}, pcm)
        except Exception as error:  # noqa: BLE001 - a text that fails costs itself
            tell({"id": number, "error": describe(error)})
        else:
            tell({"id": number, "done": True})


def describe(error: BaseException) -> str:
    """Return an error as one line of text."""
    text = " ".join(str(error).split())
    return text if type(error) is RuntimeError else f"{type(error).__name__}: {text}"


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keeps the pipes for ourselves: a library that prints, or reads, can't touch them now."""
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return inward, outward


def _listen(pipe: BinaryIO, inbox: queue.SimpleQueue[bytes]) -> None:
    """In a thread, so that the other end's closing is noticed even while the voice hangs."""
    for line in pipe:
        inbox.put(line)
    os._exit(0)
