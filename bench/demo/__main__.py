"""`make demo`: a server, two headless peers in processes of their own, a real call between them, a verdict.

The peers know the server's address and the code, nothing else. Their recordings are recognised after the
call. A second call has a human voice: one English speaker of real recordings, on real weights, where
they can be had. The last line of output is one JSON object of the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.demo.direct_call import call_directly
from bench.demo.human_call import human_call, told_of_human
from bench.demo.processes import FOLDER, code_in, peer, server
from bench.demo.verdict import Side, judge, lag_ms, quiet_while_speaking
from testing.bundled_recogniser import BundledRecogniser
from testing.hotel_dialogue import GUEST, RECEPTIONIST, record, schedule, seconds

PAUSE = 0.8  # s between an interpreted sentence and the next
NEEDED = 0.9


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keep", action="store_true", help="leave the server running, for a browser")
    given = options.parse_args()
    began = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    report = asyncio.run(_demo(given.keep))
    report["seconds"] = round(time.monotonic() - began, 1)
    (FOLDER / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _show(report)
    short = {
        key: {k: v for k, v in value.items() if k != "sentences"} if isinstance(value, dict) else value
        for key, value in report.items()
    }
    print(json.dumps(short, ensure_ascii=False))
    return 0 if report["passed"] else 1


async def _demo(keep: bool) -> dict[str, Any]:
    files = {person.language: record(person, FOLDER) for person in (GUEST, RECEPTIONIST)}
    starts = schedule(
        *([seconds(file) for file in files[person.language]] for person in (GUEST, RECEPTIONIST)),
        begin=1.0,
        pause=PAUSE,
    )
    async with server("server", {"DRAGOMAN_MODELS": "starter"}, keep=keep) as url:
        print(f"server   {url}")
        _say("call", "two headless peers, each a process that knows the address and the code alone")
        await _call(url, files, starts)
        print()
    sides = {person.language: Side.read(person, files[person.language], FOLDER) for person in (GUEST, RECEPTIONIST)}
    _say("listen", "recognising what each ear received")
    recogniser = BundledRecogniser()
    en, es = sides["en"], sides["es"]
    report: dict[str, Any] = {
        "en-es": judge(en, es, recogniser),
        "es-en": judge(es, en, recogniser),
        "soundOnOwnLinesMs": quiet_while_speaking(en) + quiet_while_speaking(es),
    }
    said = files["en"][0]
    said_at = await call_directly(said, FOLDER / "direct.wav")
    report["directMs"] = lag_ms(said, FOLDER / "direct.wav", said_at)
    delays = [report[way]["originalMs"]["p95"] for way in ("en-es", "es-en")]
    report["originalOverDirectMs"] = round(max(delays) - report["directMs"], 1) if None not in delays else None
    report["human"] = await human_call()
    report["passed"] = _passed(report)
    report["page"] = url
    report["serverRuns"] = keep
    return report


def _passed(report: dict[str, Any]) -> bool:
    ways = [report["en-es"], report["es-en"]]
    over = report["originalOverDirectMs"]
    return (
        all(way[what] >= NEEDED * way["said"] for way in ways for what in ("translated", "heard"))
        and all(way["ownVoiceHeard"] == 0 for way in ways)
        and report["soundOnOwnLinesMs"] == 0
        and over is not None
        and over <= 60
        and report["human"].get("passed", True)
    )


async def _call(url: str, files: dict[str, list[Path]], starts: tuple[list[float], list[float]]) -> None:
    code_file = FOLDER / "code"
    said = {person.language: list(zip(files[person.language], starts[who], strict=True))
            for who, person in enumerate((GUEST, RECEPTIONIST))}  # fmt: skip
    async with asyncio.TaskGroup() as group:
        make = ["--server", url, "--create", "--code-file", str(code_file)]
        guest = group.create_task(peer("en", "en", GUEST.name, said["en"], make))
        code = await code_in(code_file)
        print(f"code     {code[:3]} {code[3:]}\n")
        other = group.create_task(peer("es", "es", RECEPTIONIST.name, said["es"], ["--server", url, "--code", code]))
        showing = group.create_task(_show_subtitles(FOLDER / "es.jsonl"))
        for person, status in ((GUEST, await guest), (RECEPTIONIST, await other)):
            if status != 0:
                raise SystemExit(f"the {person.name.lower()}'s peer ended with status {status}; see {FOLDER}")
        await asyncio.sleep(0.2)
        showing.cancel()


async def _show_subtitles(file: Path) -> None:
    """Show final subtitles of both directions as they reach the Spanish speaker's peer."""
    seen = 0
    while True:
        seen += _show_new(file, seen)
        await asyncio.sleep(0.1)


def _show_new(file: Path, seen: int) -> int:
    """Print the final translations after the first `seen` lines; returns how many lines are new."""
    lines = file.read_text(encoding="utf-8").splitlines()[seen:] if file.exists() else []
    for message in map(json.loads, lines):
        if message["type"] == "translation" and message["final"]:
            source, target = message["sourceLanguage"], message["targetLanguage"]
            print(f"{message['at']:6.1f} s  {source}  {message['originalText'].strip()}")
            print(f"{'':10}{target}  {message['translatedText']}   ({message['latency']} ms)", flush=True)
    return len(lines)


def _say(what: str, text: str) -> None:
    print(f"{what:9}{text}", flush=True)


def _show(report: dict[str, Any]) -> None:
    rows: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
        ("sentences said", lambda way: way["said"]),
        ("recognised word for word", lambda way: way["recognised"]),
        ("translated word for word", lambda way: way["translated"]),
        ("heard (80 % of the words)", lambda way: way["heard"]),
        ("word error rate", lambda way: f"{way['wordErrorRate']:.1%}"),
        ("endpointing, median ms", lambda way: way["stagesMs"]["endpointMs"]),
        ("recognition", lambda way: way["stagesMs"]["sttMs"]),
        ("translation", lambda way: way["stagesMs"]["translationMs"]),
        ("synthesis", lambda way: way["stagesMs"]["ttsMs"]),
        ("first audio leaves, p50 ms", lambda way: way["firstAudioMs"]["p50"]),
        ("first audio leaves, p95", lambda way: way["firstAudioMs"]["p95"]),
        ("speech end to ear, p50 ms", lambda way: way["endToEarMs"]["p50"]),
        ("speech end to ear, p95", lambda way: way["endToEarMs"]["p95"]),
        ("original voice, p95 ms", lambda way: way["originalMs"]["p95"]),
        ("heard by its own speaker", lambda way: way["ownVoiceHeard"]),
    ]
    print(f"\n{'':28}{'en → es':>10}{'es → en':>10}")
    for name, value in rows:
        print(f"{name:28}{value(report['en-es'])!s:>10}{value(report['es-en'])!s:>10}")
    for line in told_of_human(report["human"]):
        print(line)
    print(f"\nThe original voice is {report['originalOverDirectMs']} ms later than over a direct call.")
    for way in ("en-es", "es-en"):
        for sentence in report[way]["sentences"]:
            if sentence["failures"]:
                print(f"failed ({', '.join(sentence['failures'])}): {sentence['said']}")
    print(f"What both ears received: {FOLDER}/en-heard.wav, {FOLDER}/es-heard.wav; all figures: {FOLDER}/report.json")
    if report["serverRuns"]:
        print(
            f"The server runs on: open {report['page']}/ in two browser windows. It says starter models: a phrasebook."
        )
    else:
        print(f"Try it in a browser: make demo KEEP=1, then open {report['page']}/ in two windows.")


if __name__ == "__main__":
    sys.exit(main())
