"""The report as Markdown. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bench.latency.targets import NONE, look
from bench.report.markdown import table

STAGES = ("capture", "network", "endpointing", "stt", "mt", "tts", "playout", "whole")
OTHERS = 0.1
JITTER_BUFFER_MS = 44
"""Chromium's own, on a calm network: what a listener in a browser waits beyond these figures."""


def markdown(report: Mapping[str, Any]) -> str:
    columns = {**report["profiles"], **report.get("peers", {})}
    machine = report["machine"]
    parts = [
        "# Interpreting: latency at the listener's ear",
        f"By `python -m bench.latency` in {report['seconds']:.0f} s, on {machine['cores']} cores of {machine['cpu']}, "
        f"Linux {machine['kernel']}, Python {machine['python']}; before the run they were {machine['busyBefore']:.0%} "
        f"busy with other things. {', '.join(f'{name} {version}' for name, version in report['versions'].items())}.",
        *_warning(report["profiles"]),
        "## Targets",
        table(
            ["", "what", "value", "limit", "", "beside it"],
            [
                [t["number"], t["what"], _value(t["value"], t["passed"]), t["limit"], _verdict(t), t["beside"]]
                for t in report["targets"]
            ],
        ),
        "## Single clauses, 2–4 s",
        _figures(columns, "single"),
        "## Long turns, 10–30 s, 4–8 clauses",
        _figures(columns, "long"),
    ]
    if any("cut" in column for column in columns.values()):
        parts += ["## Sentences with an inner pause of 150–900 ms, begun 0–300 ms after the microphone opened"]
        parts += [_cut({name: column for name, column in columns.items() if "cut" in column})]
    parts += ["## Where the time goes: single clauses, medians in ms", _waterfall(report["profiles"]), _notes()]
    return "\n\n".join(parts) + "\n"


def _warning(profiles: Mapping[str, Any]) -> list[str]:
    """Return a warning if other programs kept the machine busy."""
    shares = [look(kind, "othersBusy") or 0.0 for of in profiles.values() for kind in of.values()]
    most = max(shares, default=0.0)
    return [f"**Disturbed: others took up to {most:.0%} of the machine during a load.**"] if most > OTHERS else []


def _figures(columns: Mapping[str, Any], kind: str) -> str:
    columns = {name: column for name, column in columns.items() if kind in column}
    rows: list[list[object]] = []

    def times(title: str, key: str, *shares: str) -> None:
        for share in shares:
            cells = [_milliseconds(look(column, kind, key), share) for column in columns.values()]
            rows.append([f"{title}, {share}", *cells])

    def plain(title: str, *path: str) -> None:
        cells = [look(column, kind, *path) for column in columns.values()]
        rows.append([title, *("–" if cell is None else cell for cell in cells)])

    times("end of speech → first translated sound", "endToFirstMs", "p50", "p95", "p99")
    times("the same, whatever was said", "endToFirstAnyMs", "p50")
    times("ear-voice span", "earVoiceSpanMs", "p50", "p95")
    times("the same, whatever was said", "earVoiceSpanAnyMs", "p50")
    times("the same, without what never came", "earVoiceSpanOfHeardMs", "p50")
    times("onset to onset", "onsetSpanMs", "p50", "p95")
    times("StreamLAAL", "streamLaalMs", "p50")
    times("end of first word → first partial subtitle", "firstPartialMs", "p50", "p95")
    plain("turns", "turns")
    plain("clauses", "clauses")
    plain("heard right", "right")
    plain("translated word for word", "exact")
    plain("segments translated that nobody said", "strays")
    plain("translation began before the speaker's end", "startedBeforeTheEnd")
    plain("sentences cut into several pieces", "cut")
    plain("utterances for each turn", "utterancesPerTurn")
    plain("spoken segments for each turn", "segmentsPerTurn")
    plain("normalised erasure, source", "erasure", "transcription")
    plain("normalised erasure, translation", "erasure", "translation")
    plain("exact from whole files", "whole", "exactInWholeFile")
    plain("others' share of the machine meanwhile", "othersBusy")
    plain("the sender's latest frame", "senderLateMaxMs")
    shown = [row for row in rows if any(cell != "–" for cell in row[1:])]
    return table(["ms", *columns], shown)


def _cut(columns: Mapping[str, Any]) -> str:
    def row(title: str, *path: str) -> list[object]:
        return [title, *(look(column, "cut", *path) for column in columns.values())]

    rows: list[list[object]] = [
        row("sentences", "turns"),
        row("cut into several utterances", "severalUtterances"),
        row("cut into several pieces: utterances or translated segments", "cut"),
        row("recognised word for word", "whole", "recognisedInCall"),
        row("the same from whole files", "whole", "recognisedInWholeFile"),
        row("translated word for word", "whole", "exactInCall"),
        row("the same from whole files", "whole", "exactInWholeFile"),
        row("first or last words lost", "whole", "firstOrLastWordsLost"),
        row("the same, misheard", "whole", "firstOrLastWordsMisheard"),
        row("first or last words wrong, for whatever reason", "whole", "firstOrLastWordsWrongInCall"),
        row("the same from whole files", "whole", "firstOrLastWordsWrongInWholeFile"),
        row("segments translated that nobody said", "strays"),
        ["clocks: matched less told, ms, calls' least to most", *map(_clocks, columns.values())],
        row("heard right", "right"),
    ]
    return table(["", *columns], rows)


def _clocks(column: Mapping[str, Any]) -> str:
    shifts = look(column, "cut", "whole", "clockShiftsMs")
    return f"{min(shifts):+.0f} to {max(shifts):+.0f}" if shifts else "–"


def _waterfall(columns: Mapping[str, Any]) -> str:
    found = {name: look(column, "single", "waterfall") or {} for name, column in columns.items()}
    rows = [[stage, *(_number(one.get(stage)) for one in found.values())] for stage in (*STAGES, "overhead")]
    overheads = [one.get("overheadMs") for one in found.values()]
    rows.append(["overhead of all, p95", *(_milliseconds(one, "p95") for one in overheads)])
    rows.append(["cut or not heard right", *(look(one, "infinite") for one in overheads)])
    rows.append(["speculation", *(_speculation(column.get("speculation")) for column in columns.values())])
    return table(["", *found], rows)


def _speculation(counters: Mapping[str, float] | None) -> str:
    return ", ".join(f"{_label(name)} {value:g}" for name, value in sorted(counters.items())) if counters else "–"


def _label(name: str) -> str:
    """Return the label's value, such as `miss` of `dragoman_speculations_total{result="miss"}`.

    A metric without a label has its own name.
    """
    found = re.findall(r'="([^"]*)"', name)
    return " ".join(found) if found else name


def _notes() -> str:
    return (
        "Mouth and ear are read from one clock (CLOCK_MONOTONIC): when a sample of the source is captured, and when "
        "the first voiced packet of the translation reaches the listener's socket. A browser's own jitter buffer adds "
        f"{JITTER_BUFFER_MS} ms (Chromium, calm network). *Heard right*: the bundled recogniser understands four "
        "fifths of the expected words in the listener's recording; a clause that isn't is infinitely late (∞). "
        "*Cut into several pieces*: more than one utterance or translated segment of a sentence of one clause. "
        "*Overhead* is all but the server's endpointing; of all turns, one that was cut or not heard right has an "
        "infinite one. *Clocks*: the words that the recogniser was given are known by the server's media time, matched "
        "with the mouth's clock at the ends of last words; that is so much later than by the server's `startedAt`: "
        "some tens of ms, which the sound is under way, more where a call's first packet was late, less where every "
        "last word is cut. Peers have our engines inside; in long turns they have a recogniser and a translator that "
        "know the script and take no time, since the bundled ones know single sentences only. True-size models have "
        "random weights: their time is real, their texts come from the script."
    )


def _milliseconds(found: Any, share: str) -> str:
    if not isinstance(found, Mapping) or not found.get("count") or share not in found:
        return "–"
    return "∞" if found[share] is None else f"{found[share]:.0f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _value(value: float | None, passed: bool | None) -> str:
    """Return a target's value as text.

    A target is passed without a value where a peer's time is infinite and ours isn't.
    """
    if value is not None:
        return f"{value:g}"
    return "–" if passed is None else "∞ theirs" if passed else "∞"


def _verdict(target: Mapping[str, Any]) -> str:
    if target["limit"] == NONE:
        return ""
    return "not measured" if target["passed"] is None else "pass" if target["passed"] else "FAIL"
