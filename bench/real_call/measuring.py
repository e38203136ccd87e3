"""Measures each way and each peer on the same recordings, one after another, and gathers the report."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bench.latency import judged_calls, peer_bots
from bench.latency.figures import figures
from bench.latency.judging import JudgedTurn
from bench.latency.subtitle_messages import pieces
from bench.real_call import peers
from bench.real_call.human_turns import turn
from bench.real_call.peers import PEERS
from bench.real_call.spelling import respelled
from bench.real_call.targets import targets
from bench.real_call.ways import WAYS, settings
from bench.report.machine import Watch, busy_share, described
from bench.talk import server_process
from bench.talk.server_process import FOLDER
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe
from pipeline.text.word_errors import word_errors
from server.short_windows.material import words
from testing.bundled_recogniser import BundledRecogniser
from testing.real_material import LANGUAGE, WEIGHTS, Prompt
from testing.spoken_turns import Turn

PATIENCE_S = 12.0
"""Seconds after a turn, and its own length more, until it is given up. Some bots begin behind its end."""
_KEPT = (
    "turns", "clauses", "right", "strays", "endToFirstMs", "endToFirstAnyMs", "earVoiceSpanMs", "earVoiceSpanAnyMs",
    "earVoiceSpanOfHeardMs", "onsetSpanMs", "startedBeforeTheEnd", "segmentsPerTurn",
)  # fmt: skip
_OF_WORDS = ("right", "endToFirstMs", "earVoiceSpanMs", "onsetSpanMs")
"""Figures that rest on the words that were understood at the ear."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Names of ways and peers, and the recordings by kind."""

    ways: Sequence[str]
    peers: Sequence[str]
    recordings: Mapping[str, Sequence[Prompt]]


@dataclass(slots=True)
class _Material:
    """`turns` by kind, and the number of words that are wrong in whole padded files."""

    turns: dict[str, list[Turn]]
    wrong_whole: dict[str, int]


def measure(asked: Measured) -> dict[str, Any]:
    """Return the report."""
    began = time.monotonic()
    report: dict[str, Any] = {
        "machine": described() | {"busyBefore": busy_share(2.0)},
        "versions": {name: version(name) for name in ("ctranslate2", "faster-whisper")},
        "ways": {},
        "peers": {},
    }
    if asked.peers:
        report["versions"] |= peer_bots.versions()
    material = _material(asked.recordings)
    ear = BundledRecogniser()
    for name in asked.ways:
        report["ways"][name] = _way(name, asked, material, ear)
    for name in asked.peers:
        print(f"{name}: {', '.join(material.turns)}", file=sys.stderr, flush=True)
        with Watch() as watch:
            judged = peers.converse(PEERS[name], material.turns, PATIENCE_S, ear)
        report["peers"][name] = {"what": peers.heading(name)} | {
            kind: of_kind(one, asked.recordings[kind]) | {"othersBusy": watch.others} for kind, one in judged.items()
        }
    report["wholeFiles"] = material.wrong_whole
    report["targets"] = [one.as_json() for one in targets(report)]
    report["passed"] = all(one["passed"] is not False for one in report["targets"])
    report["seconds"] = round(time.monotonic() - began)
    return report


def _material(recordings: Mapping[str, Sequence[Prompt]]) -> _Material:
    """Hear each whole recording, padded, for its words and their times."""
    whisper = Whisper.of(str(WEIGHTS), word_timestamps=True)
    whisper.warm_up()
    material = _Material({}, {})
    for kind, of in recordings.items():
        heard = [whisper.transcribe([Transcribe(prompt.audio, LANGUAGE)])[0] for prompt in of]
        material.turns[kind] = [turn(prompt, one.words) for prompt, one in zip(of, heard, strict=True)]
        material.wrong_whole[kind] = sum(wrong(prompt.text, one.text) for prompt, one in zip(of, heard, strict=True))
    return material


def _way(name: str, asked: Measured, material: _Material, ear: BundledRecogniser) -> dict[str, Any]:
    """Measure a server with the engines of a way, a call for each kind."""
    way, found = WAYS[name], dict[str, Any]()
    file = f"real-{name}"
    with server_process.dragoman(settings(way, FOLDER), file) as server:
        for kind, turns in material.turns.items():
            print(f"{name}: {len(turns)} × {kind}", file=sys.stderr, flush=True)
            with Watch() as watch:
                calls = server_process.talk(server, "dragoman", f"{file}-{kind}", [turns], PATIENCE_S, share=1.0)
            judged = judged_calls.of_dragoman(turns, calls, ear, own_words=True)
            found[kind] = of_kind(judged, asked.recordings[kind], understood=way.voice == "espeak")
            found[kind] |= {"pieces": sum(pieces(one.messages) for one in judged), "othersBusy": watch.others}
    return found


def of_kind(judged: Sequence[JudgedTurn], prompts: Sequence[Prompt], *, understood: bool = True) -> dict[str, Any]:
    """Return the figures of one kind of turns. `understood`: False where nobody can tell the words of the voice."""
    found = {name: value for name, value in figures(judged).items() if name in _KEPT}
    if not understood:
        found |= dict.fromkeys(_OF_WORDS)
    texts = {one.turn.name: one.text for one in judged}
    heard = [(prompt.text, texts.get(prompt.name, "")) for prompt in prompts]
    return found | {
        "words": sum(len(words(said, LANGUAGE)) for said, _ in heard),
        "wrongInCall": sum(wrong(said, text) for said, text in heard),
        "texts": [{"said": said, "heard": text} for said, text in heard],
    }


def wrong(said: str, heard: str) -> int:
    """Return the number of words that were heard wrong. Numbers count by their value."""
    return word_errors(words(said, LANGUAGE), words(respelled(heard, said, LANGUAGE), LANGUAGE))
