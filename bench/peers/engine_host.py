"""Our engines for a bot in another Python environment: `python -m bench.peers.engine_host [SCRIPT]` in ours.

The bundled recogniser, translator and espeak-ng behind one socket, as cheap as in a process of the bot's own. With
a script's folder, recogniser and translator know that script, of any length, and take no time. Says
`ready ADDRESS` on standard output; then it answers `(what, arguments)` pickles until the bot closes the connection.
"""

from __future__ import annotations

import sys
import tempfile
from multiprocessing.connection import Listener
from pathlib import Path
from typing import cast

from bench.talk.scripted_engines import Phrasebook, ScriptedRecogniser
from pipeline.engines import EngineError, Synthesizer, Transcriber, Translator
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Synthesize, Transcribe, Translate


class Engines:
    """The three stages, each as a plain function of plain data."""

    def __init__(self, script: str | None) -> None:
        self._voice = cast(Synthesizer, make(EngineSpec("tts", "espeak")))
        bundled = EngineSpec("stt", "starter")
        self._recogniser = ScriptedRecogniser(script) if script else cast(Transcriber, make(bundled))
        self._translator = cast(Translator, make(EngineSpec("mt", "starter")))
        self._phrasebook = Phrasebook.of(script) if script else None
        for engine in (self._recogniser, self._translator, self._voice):
            warm_up = getattr(engine, "warm_up", None)
            if warm_up:
                warm_up()

    def hear(self, audio: bytes, language: str) -> str:
        """Return the words in mono s16 at 16 kHz; none where they weren't understood."""
        transcript = self._recogniser.transcribe([Transcribe(audio, language)])[0]
        return transcript.text if transcript.understood else ""

    def translate(self, text: str, source: str, target: str) -> str:
        if self._phrasebook:
            return self._phrasebook.translation(text)
        (told,) = self._translator.translate([Translate(text, source, target)])
        if isinstance(told, EngineError):
            raise told
        return told.text

    def speak(self, text: str, language: str) -> bytes:
        """Return a text's speech, mono s16 at 24 kHz."""
        return self._voice.synthesize([Synthesize(text, language)])[0].pcm


def main() -> None:
    engines = Engines(sys.argv[1] if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory() as folder, Listener(str(Path(folder) / "engines")) as listener:
        print("ready", listener.address, flush=True)
        with listener.accept() as bot:
            while True:
                try:
                    what, arguments = bot.recv()
                except EOFError:
                    return
                try:
                    bot.send(getattr(engines, what)(*arguments))
                except EngineError:
                    bot.send(b"" if what == "speak" else "")


if __name__ == "__main__":
    main()
