"""The report as tables: Markdown, which a terminal shows as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.media.fewer_peers import MOST_BUSY
from bench.report.markdown import table

Servers = Mapping[str, Mapping[str, Any]]
WIRES = ("clean", "loss 2 %", "jitter 30 ms")


def markdown(report: Mapping[str, Any]) -> str:
    """The whole report."""
    machine = report["machine"]
    parts = [
        "# The media path, measured",
        f"`python -m bench.media{' --quick' if report['quick'] else ''}`, {report['rounds']} interleaved rounds, "
        f"{report['seconds']:.0f} s; {machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}. "
        "The server has one core, the load generator another. Values are medians over rounds (least–greatest).",
        *_versions(report),
        "## Targets",
        table(
            ["", "what", "value", "limit", ""],
            [
                [t["number"], t["what"], _number(t["value"]), t["limit"], _verdict(t["passed"])]
                for t in report["targets"]
            ],
        ),
        f"## Echo: {report['peers']} peers, what comes in is decoded, encoded and sent back",
        _echo(report["echo"]),
        f"## Call: {report['peers']} peers in pairs, heard at 16 kHz, partner's voice and an interpreter for 30 %",
        _call(report["call"]),
        "## Processor time for each peer, of ours beside another's, with as many peers",
        _beside(report["beside"]),
        f"A server that takes {MOST_BUSY:.0f} % of its core and more is measured with fewer peers for this, and so is "
        "ours: what a peer costs on a core that is full says nothing.",
        f"A call in which nobody speaks costs {_silent(report['silent_call'])}.",
    ]
    if report.get("words"):
        parts += ["## Words that the bundled recogniser understands in the echo", _words(report["words"])]
    if report.get("capacity"):
        parts += ["## Capacity of one core: peers with lateness p99 under 20 ms", _capacity(report["capacity"])]
    if report.get("profile", {}).get("areas"):
        parts += [
            f"## Where our server's time goes ({report['profile']['peers']} peers in calls)",
            _profile(report["profile"]),
        ]
    parts += ["## The pacer beside a burning engine on the same core", _pacer(report["pacer"]), _notes()]
    return "\n\n".join(parts) + "\n"


def _versions(report: Mapping[str, Any]) -> list[str]:
    known = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    quiet = report["machine"]["busy_before"]
    return [f"Compared: {known}. Before the run the two cores were {quiet:.0%} busy with other things."]


def _echo(echo: Servers) -> str:
    rows = [_row(echo, "CPU, % of a core for each peer", _figure, "cpu_per_peer")]
    for wire in WIRES:
        rows += [
            _row(echo, f"{wire}: delay p50, ms", _short_figure, wire, "delay_p50_ms"),
            _row(echo, f"{wire}: delay p95, ms", _short_figure, wire, "delay_p95_ms"),
            _row(echo, f"{wire}: 20 ms slots filled", _percent, wire, "filled"),
            _row(echo, f"{wire}: longest stall, ms", _number, wire, "longest_stall_ms"),
        ]
    lossy = WIRES[1]
    rows += [
        _row(echo, f"{lossy}: slots not heard as sent / lost", _number, lossy, "unheard_per_lost"),
        _row(echo, f"{lossy}: isolated losses recovered", _percent, lossy, "recovered"),
        _row(echo, f"{lossy}: stalls over 60 ms", str, lossy, "stalls_over_60_ms"),
        _row(echo, f"{lossy}: losses after which the delay is back in 1 s", _percent, lossy, "returned"),
        _row(echo, f"{lossy}: packets lost on the wire", str, lossy, "lost"),
        _row(echo, "others on the server's core, %", _short_figure, "others_on_core"),
        _row(echo, "load generator's own lateness p99, ms", _short_figure, "generator_late_p99_ms"),
    ]
    return table(["", *echo], rows)


def _call(call: Servers) -> str:
    rows = [
        _row(call, "CPU, % of a core for each peer", _figure, "cpu_per_peer"),
        _row(call, "original voice: delay p50, ms", _short_figure, "clean", "delay_p50_ms"),
        _row(call, "original voice: delay p95, ms", _short_figure, "clean", "delay_p95_ms"),
        _row(call, "interpreter: lateness p99, ms", _short_figure, "clean", "interpreter_late_p99_ms"),
        _row(call, "interpreter: packets/s to each", _short_figure, "clean", "interpreter_packets_per_s"),
        _row(call, "others on the server's core (our engines too), %", _short_figure, "others_on_core"),
    ]
    return table(["", *call], rows)


def _beside(kinds: Mapping[str, Servers]) -> str:
    rows = [
        [kind, name, " or ".join(map(str, of["peers"])), _figure(of["ours"]), _figure(of["theirs"])]
        for kind, servers in kinds.items()
        for name, of in servers.items()
    ]
    return table(["", "server", "peers", "dragoman, % of a core", "theirs"], rows)


def _silent(calls: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {_number(cpu)}" for name, cpu in calls.items()) + " % of a core for each peer"


def _words(words: Servers) -> str:
    wires = list(next(iter(words.values())))
    return table(["", *words], [_row(words, wire, _percent, wire) for wire in wires])


def _capacity(capacity: Servers) -> str:
    rows = []
    for kind, servers in capacity.items():
        for name, found in servers.items():
            last = found["steps"][-1] if found["steps"] else {}
            good = [step for step in found["steps"] if step["peers"] == found["capacity"]]
            rows.append(
                [
                    kind,
                    name,
                    found["capacity"],
                    _number(good[-1]["cpu"] if good else None, 0),
                    _number(good[-1]["late_p99_ms"] if good else None),
                    last.get("peers", "–") if last.get("peers") != found["capacity"] else "–",
                    _number(last.get("late_p99_ms")),
                    found["bound"],
                ]
            )
    head = ["", "server", "peers", "CPU %", "late p99, ms", "next step", "late p99, ms", "ended by"]
    return table(head, rows)


def _profile(profile: Mapping[str, Any]) -> str:
    areas = table(["area", "of busy time"], [[name, _percent(share)] for name, share in profile["areas"].items()])
    functions = table(
        ["function (self)", "of busy time"],
        [[f"`{name}`", _percent(share)] for name, share in profile["functions"].items()],
    )
    return f"{areas}\n\n{functions}"


def _pacer(pacer: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [mode, *(_number(found[name], 2) for name in ("late_p50_ms", "late_p99_ms", "late_max_ms"))]
        for mode, found in pacer.items()
    ]
    return table(["engine", "late p50, ms", "p99, ms", "max, ms"], rows)


def _notes() -> str:
    return (
        "Delay is measured on audio: every 20 ms slot has its own tone; it counts from the encoder to the arrival of "
        "the same tone (kernel time of the socket), less the look-ahead of Opus itself (6.5 ms for each encoding). "
        "With jitter, what the packet waits on the wire is in the figure. A slot is filled when sound came for it, "
        "heard when its own tone carries a quarter of its power. A stall is the time in which nothing was left to "
        "play. Loss, jitter and reordering come from a seed, between the encoder and the sending socket."
    )


def _row(servers: Servers, name: str, show: Callable[[Any], str], *path: str) -> list[str]:
    """One figure of every server."""
    cells = [name]
    for figures in servers.values():
        found: Any = figures
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        cells.append("–" if found is None else show(found))
    return cells


def _figure(value: Sequence[float] | None, digits: int = 2) -> str:
    if value is None:
        return "–"
    middle, low, high = (f"{one:.{digits}f}" for one in value)
    return middle if low == high else f"{middle} ({low}–{high})"


def _short_figure(value: Sequence[float] | None) -> str:
    return _figure(value, 1)


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _verdict(passed: bool | None) -> str:
    return "not measured" if passed is None else "pass" if passed else "FAIL"
