"""Engines for a bot in another Python environment: `python -m bench.peers.engine_host [SCRIPT | ENGINES]` in ours.

The bundled recogniser, translator and espeak-ng behind one socket, as cheap as in a process of the bot's own. With
a script's folder, recogniser and translator know that script, of any length, and take no time. ENGINES is a JSON object
of other engines, each as a setting names it: `{"stt", "mt", "tts"}`; `stt` may be `stock:PATH`, too. Says
`ready ADDRESS` on standard output; then it answers `(what, arguments)` pickles of a connection for each stage, which
work side by side, until the bot closes them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import cast

from bench.peers.bot_work import STAGES
from bench.peers.stock_whisper import StockWhisper
from bench.talk.scripted_engines import Phrasebook, ScriptedRecogniser
from pipeline.engines import EngineError, Synthesizer, Transcriber, Translator
from pipeline.engines.registry import make, parse
from pipeline.speech import Synthesize, Transcribe, Translate

BUNDLED = {"stt": "starter", "mt": "starter", "tts": "espeak"}


class Engines:
    """The three stages, each as a plain function of plain data."""

    def __init__(
        self, recogniser: Transcriber, translator: Translator, voice: Synthesizer, phrasebook: Phrasebook | None = None
    ) -> None:
        self._recogniser, self._translator, self._voice = recogniser, translator, voice
        self._phrasebook = phrasebook
        for engine in (recogniser, translator, voice):
            warm_up = getattr(engine, "warm_up", None)
            if warm_up:
                warm_up()

    @classmethod
    def of(cls, given: str | None) -> Engines:
        """Return the engines of a command line's argument."""
        named = {**BUNDLED, **(json.loads(given) if given and given.startswith("{") else {})}
        script = given if given and not given.startswith("{") else None
        voice = cast(Synthesizer, make(parse("tts", named["tts"])))
        translator = cast(Translator, make(parse("mt", named["mt"])))
        if script:
            return cls(ScriptedRecogniser(script), translator, voice, Phrasebook.of(script))
        stock, _, path = named["stt"].partition(":")
        if stock == "stock":
            return cls(StockWhisper(path), translator, voice)
        return cls(cast(Transcriber, make(parse("stt", named["stt"]))), translator, voice)

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
    engines = Engines.of(sys.argv[1] if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory() as folder, Listener(str(Path(folder) / "engines")) as listener:
        print("ready", listener.address, flush=True)
        serving = [threading.Thread(target=_serve, args=(engines, listener.accept())) for _ in STAGES]
        for one in serving:
            one.start()
        for one in serving:
            one.join()


def _serve(engines: Engines, stage: Connection) -> None:
    """Answer what one stage of the bot asks, one question after another."""
    with stage:
        while True:
            try:
                what, arguments = stage.recv()
            except EOFError:
                return
            try:
                stage.send(getattr(engines, what)(*arguments))
            except EngineError:
                stage.send(b"" if what == "speak" else "")


if __name__ == "__main__":
    main()
