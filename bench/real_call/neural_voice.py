"""A neural voice at the listener's ear: which of its words real Whisper weights understand.

The call is simulated: recognition, translation, voice, playout and Opus are real, but time is virtual. So a machine
that is busy with other things changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.real_call.spelling import respelled
from bench.report.markdown import table
from bench.report.target import Target
from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.call import Call, in_call
from bench.simulated_call.loudspeaker import Loudspeaker
from bench.simulated_call.person import sound_of
from media.playout import VOICE_FRAME_BYTES
from media.rtp.opus import Decoder, Encoder
from pipeline.engines.voices.piper import Piper
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.events import Translated
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Transcribe
from pipeline.text.word_errors import word_errors
from server.short_windows.material import words
from testing.real_material import JOE, LANGUAGE, WEIGHTS
from testing.speech_material import singles
from testing.virtual_clock import VirtualLoop

SPEAKER = "es"
"""Language of who speaks: the bundled recogniser and translator know these sentences, so the voice alone is judged."""
COUNT = 48
LEAST_UNDERSTOOD = 0.95
SEED = 6


@dataclass(frozen=True, slots=True)
class Line:
    """Words that the interpreter said in one turn, by its subtitles, and the words that were heard."""

    said: str
    heard: str
    words: int
    wrong: int


@dataclass(slots=True)
class Ear(Loudspeaker):
    """Keeps what is played to a listener as it comes out of Opus, mono s16 at `SAMPLE_RATE`."""

    heard: bytearray = field(default_factory=bytearray)
    _encoder: Encoder = field(default_factory=lambda: Encoder(VOICE_RATE))
    _decoder: Decoder = field(default_factory=lambda: Decoder(SAMPLE_RATE))

    def play(self, pcm: bytes) -> None:
        """Take the next 20 ms at `VOICE_RATE`; empty is silence."""
        self.heard += self._decoder.decode(self._encoder.encode(pcm or bytes(VOICE_FRAME_BYTES)))


def measure(count: int = COUNT) -> dict[str, Any]:
    """Let joe interpret Spanish sentences, and return which of his words are understood."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        lines = runner.run(_lines(count))
    found = [target(lines)]
    return {
        "turns": count,
        "lines": [asdict(line) for line in lines],
        "targets": [one.as_json() for one in found],
        "passed": all(one.passed for one in found),
    }


async def _lines(count: int) -> list[Line]:
    joe = Piper(str(JOE), timeout_s=60.0)
    whisper = Whisper.of(str(WEIGHTS))
    try:
        async with bundled(joe) as (stages, _):
            return await interpreted(stages, whisper, count)
    finally:
        joe.close()


async def interpreted(stages: EngineSet, whisper: Whisper, count: int) -> list[Line]:
    """Say `count` Spanish sentences in a call, and return a line for each that was interpreted."""

    async def scene(call: Call) -> list[Line]:
        listener, speaker = call.people
        listener.loudspeaker = ear = Ear()
        lines = []
        for turn in singles(count, [SPEAKER]):
            began = call.now
            ear.heard.clear()
            await call.until_said(speaker, sound_of(turn))
            said = " ".join(one.text for one in call.events(Translated, speaker, began, call.now) if one.final)
            (heard,) = whisper.transcribe([Transcribe(bytes(ear.heard), LANGUAGE)])
            lines.append(line(said, heard.text))
        return lines

    return await in_call(stages, SEED, scene)


def line(said: str, heard: str) -> Line:
    """Return a line with its errors. A number counts by its value: Whisper writes "95" for "ninety five"."""
    expected, found = words(said, LANGUAGE), words(respelled(heard, said, LANGUAGE), LANGUAGE)
    return Line(said, heard, len(expected), word_errors(expected, found))


def target(lines: Sequence[Line]) -> Target:
    """Return the verdict on the words of all lines."""
    said = sum(line.words for line in lines)
    share = round(1 - sum(line.wrong for line in lines) / said, 4) if said else None
    verdict = None if share is None else share >= LEAST_UNDERSTOOD
    return Target("6", f"joe's words understood at the ear, of {said}", f"≥ {LEAST_UNDERSTOOD:g}", share, verdict)


def markdown(report: Mapping[str, Any]) -> str:
    """Return the figures, and the lines in which a word was wrong."""
    wrong = [(one["said"], one["heard"]) for one in report["lines"] if one["wrong"]]
    parts = [
        "# A neural voice at the ear",
        f"`python -m bench.real_call --voice`: {report['turns']} sentences said in Spanish, interpreted by the bundled "
        "models, spoken by Piper's en_US-joe-medium through playout and Opus, and recognised by Whisper tiny.en, "
        "padded, in a call without a network. Numbers count by their value.",
        table(
            ("target", "wanted", "found", ""),
            [
                (one["what"], one["limit"], one["value"], "yes" if one["passed"] else "**no**")
                for one in report["targets"]
            ],
        ),
        *([table(("said", "heard"), wrong)] if wrong else []),
    ]
    return "\n\n".join(parts) + "\n"
