"""A call with a human voice: English prompts of one speaker, heard by Whisper tiny.en, in Spanish by Apertium.

Left out, and said so, where the weights, the recordings or Apertium are not here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.demo.processes import FOLDER, code_in, peer, server
from bench.demo.verdict import tenths
from pipeline.text.word_errors import word_errors
from server.first_call.debian import NotInstalled, command, install, may_install
from server.first_call.facts import apertium_pairs
from testing.real_material import LANGUAGE, WEIGHTS, Prompt, missing, prompts
from testing.recordings import load, speech_end
from testing.words import share_heard, words

NAMES = ("conf-onlyperson", "conf-waitforleader", "cannot-complete-as-dialed")
TARGET = "es"
PACKAGES = ("apertium", "apertium-eng-spa")
BEGIN_S, PAUSE_S = 1.0, 3.0
SHORT_WINDOWS = {"margin": 100, "silent_tail": 3000, "context": True}
"""Options of the recogniser. These weights lose no words by them (tests/real/test_short_windows.py)."""
MOST_WRONG = 0.1
"""Share of the words that may be wrong. Whisper tiny.en gets 3 % of the words of all prompts wrong."""
NEAR_S = 1.0
"""Time between a message that a voice begins and its first sample in the ear, at most."""
LEAST_HEARD = 2 / 3
"""Share of the prompts that must be heard: a machine that others use may skip a voice to catch up."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of the two peers, and the subtitles that the listener read."""

    speaker: dict[str, Any]
    listener: dict[str, Any]
    read: Sequence[dict[str, Any]]


async def lacking() -> str:
    """Return what a human voice needs that can't be had, and how to get it; nothing if all is here."""
    if reason := missing():
        return reason
    if (LANGUAGE, TARGET) in apertium_pairs():
        return ""
    if not may_install():
        return f"Apertium is not here. As root: {command(PACKAGES)}"
    print(f"human    installing Debian's {', '.join(PACKAGES)}", flush=True)
    try:
        await install(PACKAGES)
    except NotInstalled as error:
        return str(error)
    return ""


async def human_call() -> dict[str, Any]:
    """Hold the call and judge it, or return the reason why there is none."""
    if reason := await lacking():
        print(f"human    LEFT OUT: {reason}", flush=True)
        return {"leftOut": reason}
    named = {one.name: one for one in prompts()}
    spoken = [named[name] for name in NAMES]
    starts, now = [], BEGIN_S
    for one in spoken:
        starts.append(now)
        now += one.seconds + PAUSE_S
    ear = json.dumps({"path": str(WEIGHTS), **SHORT_WINDOWS})
    settings = {"DRAGOMAN_STT": f"whisper:{ear}", "DRAGOMAN_MT": "apertium", "DRAGOMAN_TTS": "espeak"}
    print("human    one English speaker of real recordings; Whisper tiny.en, Apertium, espeak-ng", flush=True)
    code_file = FOLDER / "human-code"
    code_file.unlink(missing_ok=True)
    async with server("human-server", settings) as url, asyncio.TaskGroup() as group:
        said = [(one.file, start) for one, start in zip(spoken, starts, strict=True)]
        make = ["--server", url, "--create", "--code-file", str(code_file), "--wait", "30"]
        first = group.create_task(peer("human", LANGUAGE, "Caller", said, make, "none"))
        join = ["--server", url, "--code", await code_in(code_file), "--stay", "inf"]
        second = group.create_task(peer("human-ear", TARGET, "Listener", [], join, "subtitles"))
        statuses = await first, await second
    if any(statuses):
        raise SystemExit(f"the peers of the human voice ended with status {statuses}; see {FOLDER}")
    speaker, listener = (
        json.loads((FOLDER / f"{stem}-report.json").read_text("utf-8")) for stem in ("human", "human-ear")
    )
    lines = (FOLDER / "human-ear.jsonl").read_text("utf-8").splitlines()
    ends_s = [speech_end(load(one.file)) for one in spoken]
    return judged(spoken, ends_s, Reports(speaker, listener, [json.loads(line) for line in lines]))


def judged(spoken: Sequence[Prompt], ends_s: Sequence[float], reports: Reports) -> dict[str, Any]:
    """Return the figures of the call: words wrong in the subtitles, prompts whose translation came to the ear, delays.

    `ends_s`: the end of the voice in each recording, s from its beginning.
    """
    began = [one["startEpoch"] for one in reports.speaker["spoken"]]
    heard_at = _heard_at(spoken, reports)
    final = [one for one in reports.read if one.get("final")]
    text = " ".join(one["text"] for one in final if one["type"] == "transcription")
    reference = [word for one in spoken for word in words(one.text)]
    wrong = word_errors(reference, words(text))
    late = [(at - began[number] - ends_s[number]) * 1000 for number, at in sorted(heard_at.items())]
    return {
        "said": len(spoken),
        "words": len(reference),
        "wrong": wrong,
        "heard": len(heard_at),
        "endToEarMs": {"p50": tenths(late, 0.5), "p95": tenths(late, 0.95)},
        "sentences": [
            {"said": one["originalText"], "translation": one["translatedText"]}
            for one in final
            if one["type"] == "translation"
        ],
        "passed": wrong <= MOST_WRONG * len(reference) and len(heard_at) >= LEAST_HEARD * len(spoken),
    }


def _heard_at(spoken: Sequence[Prompt], reports: Reports) -> dict[int, float]:
    """Return the epoch second at which the voice of each prompt's translation began in the ear, by the prompt's number.

    The server's messages say which utterance begins, and the recording whether there is a voice then.
    """
    voiced = [(reports.listener["t0Epoch"] + start, reports.listener["t0Epoch"] + end)
              for start, end in reports.listener["lines"]["interpreter"]["voiced"]]  # fmt: skip
    of_utterance = {
        one["utteranceId"]: max(range(len(spoken)), key=lambda number: share_heard(spoken[number].text, one["text"]))
        for one in reports.read
        if one["type"] == "transcription" and one["final"] and one["text"]
    }
    found: dict[int, float] = {}
    for one in reports.read:
        if one["type"] != "speech_audio" or one["state"] != "start" or one["utteranceId"] not in of_utterance:
            continue
        told_at = one["receivedAt"] / 1000
        at = next((max(start, told_at - NEAR_S) for start, end in voiced if start - NEAR_S <= told_at <= end), None)
        if at is not None:
            found.setdefault(of_utterance[one["utteranceId"]], at)
    return found


def told_of_human(figures: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the report on the human voice."""
    if "leftOut" in figures:
        yield f"\nA human voice: left out. {figures['leftOut']}"
        return
    for sentence in figures["sentences"]:
        yield f"{'human':8}  en  {sentence['said'].strip()}"
        yield f"{'':8}  es  {sentence['translation'].strip()}"
    yield (
        f"A human voice, real weights: {figures['wrong']} of {figures['words']} words wrong, {figures['heard']} of "
        f"{figures['said']} sentences heard in Spanish, {figures['endToEarMs']['p50']} ms after their end (median)."
    )
