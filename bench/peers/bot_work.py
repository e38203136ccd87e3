"""Work of every bot on a piece of speech, and its log. Runs in every environment; standard library alone.

A bot's command line: SOURCE TARGET ENGINES LOG SETTINGS, where ENGINES is the address of `engine_host.py`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Client
from pathlib import Path

STAGES = ("hear", "translate", "speak")


@dataclass
class Translated:
    """`speech` is mono s16 at 24 kHz."""

    text: str
    translation: str
    speech: bytes


class Work:
    """The engines at the other end, and a log of what was spoken when (CLOCK_MONOTONIC)."""

    def __init__(self) -> None:
        self.source, self.target, engines, log, self.settings = sys.argv[1:6]
        # A bot asks from several threads: one stage at a time each, and each stage by a connection of its own.
        self._engines = {what: (threading.Lock(), Client(engines)) for what in STAGES}
        self._log = Path(log)

    def _ask(self, what: str, *arguments: object) -> str | bytes:
        turn, engine = self._engines[what]
        with turn:
            engine.send((what, arguments))
            answer: str | bytes = engine.recv()
        return answer

    def hear(self, audio: bytes) -> str:
        return str(self._ask("hear", audio, self.source))

    def translate(self, text: str) -> str:
        return str(self._ask("translate", text, self.source, self.target))

    def speak(self, text: str) -> bytes:
        speech = self._ask("speak", text, self.target)
        return speech if isinstance(speech, bytes) else b""

    def note(self, text: str, translation: str, since: float, until: float) -> None:
        """Log a text that is handed out to be spoken now, with the times of its source (s)."""
        entry = {"spoke": time.monotonic(), "text": text, "translation": translation, "since": since, "until": until}
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
