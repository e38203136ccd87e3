"""Figures, targets and tables of eight talkers: subtitles that they got, and their cost to the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.report.markdown import table, verdicts
from bench.talk.dragoman_call import Side
from testing.words import words

NORMAL_WITHIN = 10.0
ALL_WORDS = 0.95
MOST_WAITING = 24  # jobs in all lanes together: 16 interims, and a final of each talker
GROWTH_MB = 40.0


@dataclass(frozen=True, slots=True)
class Look:
    """The server at one moment: `at` in s, memory of its process and of its engines' together, metrics."""

    at: float
    server_mb: float
    engines_mb: float
    waiting: float
    running: float
    tasks: float


@dataclass(slots=True)
class Phase:
    """A stretch of the run.

    It lasts `asked` s, and on until all talkers have ended. In it `talking` s of speech began.
    """

    name: str
    began: float = 0.0
    ended: float = 0.0
    asked: float = 0.0
    talking: float = 0.0
    silent: dict[str, float] = field(default_factory=dict)
    """End of each talker's last word."""
    spoken: list[tuple[str, str]] = field(default_factory=list)
    """(talker, text) of everything that is to be read."""


@dataclass(slots=True)
class Run:
    sides: list[Side]
    phases: list[Phase] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


def report_of(run: Run) -> dict[str, Any]:
    """Return the figures of the run and the verdict on each target."""
    before, load, _, after = run.phases
    rates = {phase.name: _interims(run, phase) for phase in (before, load, after)}
    finals = _finals(run)
    said = _said(run, load)
    states = _states(run, load.began)
    bad = [one for one in states if one["level"] != "ok"]
    last_ok = max((one["at"] for one in states if one["level"] == "ok"), default=float("inf"))
    clear = all(_last(side) == "ok" for side in run.sides)
    over = load_over(run, load)
    back = max(0.0, last_ok - over)
    failed = sum(count for name, count in finals["outcomes"].items() if name.split()[0] == "failed")
    looks = {phase.name: _looked(run, phase) for phase in run.phases}
    late = [one for one in run.looks if load.began + 15 <= one.at <= load.ended] or run.looks[-1:]
    growth = round(max(one.server_mb for one in run.looks if one.at > load.ended) - late[0].server_mb, 1)
    engine_growth = round(max(one.engines_mb for one in run.looks if one.at > load.ended) - late[0].engines_mb, 1)
    tasks = looks[after.name]["tasks"] - looks[before.name]["tasks"]
    targets = [
        ("interims go first, a second of each talker's speech", "less than half",
         f"{rates[before.name]} alone, {rates[load.name]} under load", rates[load.name] < rates[before.name] / 2),
        ("interims are back", "≥ 80 %", f"{rates[after.name]}", rates[after.name] >= 0.8 * rates[before.name]),
        ("utterances with one final text and one end", "all", f"{finals['complete']} of {finals['begun']}",
         finals["complete"] == finals["begun"] > 0),
        ("failed utterances", "none", str(failed), not failed),
        ("words said under load that are in finals", f"≥ {ALL_WORDS:.0%}", f"{said:.1%}", said >= ALL_WORDS),
        ("status tells", "busy or degraded, then ok", " → ".join(_levels(states)) or "nothing", bool(bad) and clear),
        ("last `ok` after the load was over", f"≤ {NORMAL_WITHIN:g} s", f"{back:.1f} s",
         clear and back <= NORMAL_WITHIN),
        ("most jobs in line", f"≤ {MOST_WAITING}", f"{looks[load.name]['waiting']:g}",
         looks[load.name]["waiting"] <= MOST_WAITING),
        ("jobs in line at the end", "none", f"{run.looks[-1].waiting:g}", not run.looks[-1].waiting),
        ("memory from the first quarter of the load on", f"≤ {GROWTH_MB:g} MB more",
         f"server {growth:+g} MB, engines {engine_growth:+g} MB", max(growth, engine_growth) <= GROWTH_MB),
        ("tasks afterwards", "as before", f"{tasks:+g}", tasks <= 2),
    ]  # fmt: skip
    return {
        "phases": [
            {"name": phase.name, "seconds": round(phase.ended - phase.began, 1), "talking": round(phase.talking, 1),
             "interims_a_second": rates.get(phase.name), **looks[phase.name]}
            for phase in run.phases
        ],
        "finals": finals,
        "states": [{**one, "at": round(one["at"] - load.began, 2)} for one in states],
        "load_over": round(over - load.began, 2),
        "load_ended": round(load.ended - load.began, 2),
        "targets": [dict(zip(("name", "wanted", "got", "passed"), one, strict=True)) for one in targets],
        "passed": all(one[3] for one in targets),
        "looks": [asdict(one) | {"at": round(one.at - load.began, 1)} for one in run.looks],
    }  # fmt: skip


def load_over(run: Run, load: Phase) -> float:
    """Return the end (s) of the load of eight: its time is up, and a first call is silent on both sides.

    A speaker who talks when the time is up ends the turn, up to half a minute later. If the bound counted from the last
    of these ends, the server would have all that while, under less and less load. If it counted from the time alone,
    the server would have to be at ease while all eight talk on. Once a whole call is silent the load of eight is over:
    from there on the server has 10 s, although others may still talk.
    """
    calls = zip(run.sides[::2], run.sides[1::2], strict=True)
    silent = (max(load.silent[_participant(side)] for side in call) for call in calls)
    return max(load.began + load.asked, min(silent))


def _participant(side: Side) -> str:
    assert side.call.entry is not None
    return side.call.entry.participant_id


def _own(side: Side) -> list[dict[str, Any]]:
    """Return the messages about this side's speech that the partner received, each with its arrival."""
    me = _participant(side)
    return [one for one in side.messages.all if one.get("sourceUserId") == me]


def _interims(run: Run, phase: Phase) -> float:
    """Revisions of transcripts that aren't final, for each second of one talker's speech."""
    came: int = sum(
        one["type"] == "transcription" and not one["final"] and phase.began <= one["arrived"] < phase.ended
        for side in run.sides
        for one in _own(side)
    )
    return round(came / max(1e-9, phase.talking), 2)


def _finals(run: Run) -> dict[str, Any]:
    """Return the number of utterances with speech in them, and of those with one final text and one end.

    An utterance that was given up before any text has an end alone: it counts unless its end says `nothing_said`. An
    empty text, which takes words back, is no final text where something was said.
    """
    begun, complete = 0, 0
    outcomes: dict[str, int] = {}
    for side in run.sides:
        told: dict[str, list[dict[str, Any]]] = {}
        for one in _own(side):
            told.setdefault(one["utteranceId"], []).append(one)
        for messages in told.values():
            finals = [one["text"].strip() for one in messages if one["type"] == "transcription" and one["final"]]
            ends = [one for one in messages if one["type"] == "utterance_end"]
            noise = bool(ends) and all(one["outcome"] == "nothing_said" for one in ends)
            begun += not noise or any(one["type"] == "transcription" for one in messages)
            complete += len(finals) == len(ends) == 1 and (noise or bool(finals[0]))
            for end in ends:
                name = end["outcome"] + (f" ({end['reason']})" if end.get("reason") else "")
                outcomes[name] = outcomes.get(name, 0) + 1
    return {"begun": begun, "complete": complete, "outcomes": outcomes}


def _said(run: Run, phase: Phase) -> float:
    """The share of a phase's words that stand in final texts of who said them, in any order."""
    wanted = found = 0
    for side in run.sides:
        me = _participant(side)
        left = [word for one in _own(side) if one["type"] == "transcription" and one["final"] and
                one["arrived"] >= phase.began for word in words(one["text"])]  # fmt: skip
        for who, text in phase.spoken:
            for word in words(text) if who == me else ():
                wanted += 1
                if word in left:
                    left.remove(word)
                    found += 1
    return found / max(1, wanted)


def _states(run: Run, since: float) -> list[dict[str, Any]]:
    """Return the `status` messages of all calls, one of each call, in the order of their arrival."""
    found = [
        {"at": one["arrived"], "call": number, **{key: one.get(key) for key in ("level", "lagMs", "message")}}
        for number, side in enumerate(run.sides[::2])
        for one in side.messages.all
        if one["type"] == "status" and one["arrived"] >= since
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["at"])


def _last(side: Side) -> str:
    return next((one["level"] for one in reversed(side.messages.all) if one["type"] == "status"), "ok")


def _levels(states: Sequence[dict[str, Any]]) -> list[str]:
    counts: dict[str, int] = {}
    for one in states:
        counts[one["level"]] = counts.get(one["level"], 0) + 1
    return [f"{level} ({counts[level]})" for level in ("busy", "degraded", "ok") if level in counts]


def _looked(run: Run, phase: Phase) -> dict[str, float]:
    """Return the most that was seen of each figure in a phase; of tasks the last."""
    looks = [one for one in run.looks if phase.began <= one.at <= phase.ended] or run.looks[-1:]
    return {
        **{key: round(max(getattr(one, key) for one in looks), 1) for key in ("server_mb", "engines_mb", "waiting")},
        "tasks": looks[-1].tasks,
    }


def markdown(report: dict[str, Any]) -> str:
    keys = ("name", "seconds", "talking", "interims_a_second", "waiting", "server_mb", "engines_mb", "tasks")
    head = ("", "s", "s of speech", "interims a second", "most jobs in line", "server MB", "engines MB", "tasks")
    outcomes = ", ".join(f"{count} {name}" for name, count in report["finals"]["outcomes"].items())
    return "\n".join(
        [
            "# Eight talk at once",
            "",
            "`python -m bench.crowd`: four calls, both sides talk without pause, models of true size (Whisper base, "
            "OPUS-MT) on the machine's two cores together with the clients.",
            "",
            verdicts(report["targets"]),
            "",
            table(head, ([one[key] for key in keys] for one in report["phases"])),
            "",
            f"Utterances ended: {outcomes}. The load was over {report['load_over']} s after its beginning: its time "
            f"was up, and both sides of a first call had said their last word; the last of all came at "
            f"{report['load_ended']} s.",
        ]
    ) + "\n"  # fmt: skip
