"""The report of the simulation as tables, and as the page docs/scale.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.report.markdown import table

Report = Mapping[str, Any]
HEAD = (
    "calls", "nodes", "workers: STT", "MT", "TTS", "cores", "GPUs", "USD an hour", "cents a call and hour",
    "first sound p50, ms", "p95", "STT busy", "finals wait p95, ms: STT", "MT", "interims wait p95",
)  # fmt: skip
CHECK_HEAD = "", "jobs", "wait there, ms", "simulated", "differ", "busy there", "simulated", "differ"
MODELS = {
    "CPU": "recogniser Whisper {stt} in short windows, translator {mt}, voice espeak-ng, each worker on one core",
    "GPU": "recogniser Whisper {gpu_stt}, larger than that of the tables above, each worker on a GPU, by times that "
    "others measured; the rest as above",
}


def markdown(report: Report) -> str:
    """Return the tables with what they are: `bench/results/scale.md`."""
    return "\n\n".join(["# How many machines, simulated", *_needs(report), *_inputs(report)]) + "\n"


def page(report: Report, check: Report | None) -> str:
    """Return the page in docs/. `check` is the report of the comparison with a real run, if there is one."""
    parts = [
        "# How many machines",
        "The number of nodes and workers for a number of calls at once, the waits of jobs there, and the price. "
        "These are figures of a simulation that is fed with measured times, not of machines: nobody has run a "
        f"thousand calls of Dragoman. `{_command(report)}` writes this page; without `--calls` it goes on to 10,000. "
        "With your own prices, times and assumptions: `python -m bench.scale --inputs FILE`, a file such as "
        "[bench/scale/inputs.toml](../bench/scale/inputs.toml).",
        "![Cost and first sound by the number of calls](../bench/results/scale.png)",
        *_needs(report),
        "## What is simulated",
        _HOW,
        "## What is left out",
        _LEFT_OUT,
        *_inputs(report),
        "## Checked",
        "Against queueing theory: the mean waits of M/M/c and of M/D/1 within 5 %, of two priorities within 10 % "
        "(`tests/bench/test_scale.py`).",
    ]
    if check is None:
        parts.append("Against a real run: `python -m bench.scale --check`. Its figures are not here yet.")
    else:
        parts += [*_checked(check), *_other_ways(report, check)]
    return "\n\n".join(parts) + "\n"


def check_markdown(check: Report) -> str:
    """Return the comparison with a real run: `bench/results/scale_check.md`."""
    return "\n\n".join(["# The simulation beside a real run", *_checked(check)]) + "\n"


_NOT_COMPARED = (
    "**Costs on cores and on a GPU can't be compared**, neither in the tables nor in the picture: the GPU runs "
    "another, larger recogniser (Whisper {gpu_stt}) than the cores (Whisper {stt}), by times of others on other GPUs "
    "than the one that is paid for. Compare one job at a time with batches on the same device, and numbers of calls."
)
_HOW = (
    "Calls go on without end; in each, two people take turns. While somebody talks, an interim is asked for every "
    "second, unless the last one is still on its way. At the end of a sentence come two final passes, a translation "
    "and its speech, one after the other. Jobs go to workers by the rules of `dragoman worker`: finals first, interims "
    "refused from 16 for each worker on, and a worker reads while its engine is idle, as many as that runs at once. "
    "The product's own queue decides which jobs share a run (`pipeline/lanes/queue.py`). The event loop is SimPy's "
    "([ADR 30](adr/0030-planning-is-simulated.md)).\n\n"
    "The workers are the least with which all waits keep their bounds with more calls than planned, by the headroom, "
    "and no fewer than all wanted passes keep busy. A run is no wait: a job in a large batch takes as long as the "
    "whole of it, and the first sound comes later. "
    "The tables show the planned number. A node is one process on one core."
)
_LEFT_OUT = (
    "- The gain of batches for a recogniser on cores, where they were not measured: then its jobs take as long as one "
    "after the other.\n"
    "- The real speed of a GPU with these models: measure yours by `python -m bench.engine_cost` there.\n"
    "- The times of trained weights: the recogniser's and the translator's times are those of random weights of the "
    'true size, on a busy machine (`"real": false` in `bench/results/scale/engines.json`).\n'
    "- Second opinions: another pass, over a window padded to 30 s, for a text that is doubted.\n"
    "- The overload ladder of a speaker. It begins where the bounds here end.\n"
    "- Work ahead of time, which is refused or late where engines are busy, and translations into several languages.\n"
    "- The time until more workers are there when calls come. Calls that come and go: the number is that of the "
    "busiest minute.\n"
    "- Memory, traffic, disks, and the relay's share of media. One Redis serves all; "
    "[bench.remote](../bench/remote/__main__.py) tells how much it carries.\n"
    "- Differences of processors: the times are those of the machine that they were measured on."
)


def _command(report: Report) -> str:
    """Return the command that makes this report."""
    return " ".join(["python -m bench.scale --calls", *(str(need["calls"]) for need in report["cases"][0]["needs"])])


def _needs(report: Report) -> list[str]:
    parts = [
        f"`{_command(report)}`, {report['seconds']} s of simulating; each row is "
        f"{report['sentences'][0]} to {report['sentences'][1]} sentences.",
        _NOT_COMPARED.format(**report["models"]),
    ]
    for case in report["cases"]:
        parts += [f"### {case['name']}", MODELS[case["device"]].format(**report["models"]) + ".", _need(case["needs"])]
    return ["## What a number of calls needs", *parts]


def _need(needs: Sequence[Report]) -> str:
    rows = []
    for one in needs:
        stt, mt, tts = (one["stages"][kind] for kind in ("stt", "mt", "tts"))
        rows.append([
            one["calls"] if one["kept"] else f"{one['calls']} (bounds not kept)", one["nodes"], stt["workers"],
            mt["workers"], tts["workers"], one["cores"], one["gpus"], f"{one['dollarsAnHour']:.2f}",
            f"{one['centsACallHour']:.2f}", one["firstSoundP50Ms"], one["firstSoundP95Ms"], f"{stt['busy']:.0%}",
            stt["finalsP95Ms"], mt["finalsP95Ms"], stt["interimsP95Ms"],
        ])  # fmt: skip
    return table(HEAD, rows)


def _inputs(report: Report) -> list[str]:
    rows = [
        [one["what"], f"{one['value']:g} {one['unit']}".strip(), one["kind"], one["source"], one["date"] or None]
        for one in report["inputs"]
    ]
    return [
        "## What goes in",
        "*Measured*: by us, in the file that is named. *Elsewhere*: by others. *Setting*: of the product. "
        "Prices are of their date.",
        table(["", "value", "kind", "where it comes from", "date"], rows),
    ]


def _checked(check: Report) -> list[str]:
    rows = [
        [
            one["what"], one["jobs"], one["waitMs"], one["simulatedWaitMs"], _share(one["waitDiffers"]),
            _share(one["busy"]), _share(one["simulatedBusy"]), _share(one["busyDiffers"]),
        ]
        for one in check["stages"]
    ]  # fmt: skip
    return [
        f"Against a real run: `python -m bench.scale --check`, on {check['machine']['cores']} cores "
        f"({check['machine']['cpu']}), of which other programs took {check['othersShare']:.0%}. A real Redis; two "
        "nodes' lanes, each a process; two workers that recognise, one that translates and one that speaks, with "
        "scripted engines that sleep. The simulation was given the sentences' beginnings and lengths, and what a job "
        f"takes a worker that is never idle. {check['sentences']} sentences in {check['seconds']:g} s. Asked for: "
        f"within {check['most']:.0%}, waits where their mean is {check['leastWaitMs']} ms or more.",
        table(CHECK_HEAD, rows),
        "All of it was kept." if check["passed"] else "**Not all of it was kept in that run.**",
        "Media and sockets of the nodes were not part of that run. `make test-long` repeats it "
        "(`tests/scale/test_the_simulation_agrees.py`).",
    ]


def _other_ways(report: Report, check: Report) -> list[str]:
    """Say so if the tables were simulated with another time around a run than this comparison has found."""
    (used_s,) = (one["value"] for one in report["inputs"] if one["name"] == "around_s")
    found_s = check["measured"]["stt"]["aroundMs"] / 1000
    if abs(used_s - found_s) < 5e-5:
        return []
    return [
        f"In that run a recogniser's job took {found_s * 1000:.1f} ms beside its run. The tables above were simulated "
        f"before it, with the {used_s * 1000:.1f} ms of an earlier one."
    ]


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"
