"""The report of a real call as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.real_call.kinds import KINDS
from bench.real_call.targets import WAY, ratio
from bench.report.markdown import table

OTHERS = 0.1
_SPAN = {"single": "endToFirstMs"}
"""The figure of a kind that is compared with peers, where it is not the ear-voice span."""
_HEAD = (
    "prompts", "engines", "turns", "sentences", "heard right", "end → first sound p50, ms", "p95",
    "whatever was said, p50", "ear-voice span p50, ms", "p95", "whatever was said, p50", "our short / it",
    "pieces", "words wrong", "in whole files", "said",
)  # fmt: skip


def markdown(report: Mapping[str, Any]) -> str:
    """Return the figures as tables."""
    machine = report["machine"]
    everybody = {**report["ways"], **report.get("peers", {})}
    shares = (one["othersBusy"] for of in everybody.values() for one in _kinds(of).values())
    others = max(shares, default=0.0)
    warning = (
        [f"**Disturbed: others took up to {others:.0%} of the machine during a load.**"] if others > OTHERS else []
    )
    versions = ", ".join(f"{name} {version}" for name, version in report.get("versions", {}).items())
    parts = [
        "# A call with real weights and a human voice",
        f"`python -m bench.real_call`, on {machine['cores']} cores of {machine['cpu']}, Linux {machine['kernel']}; "
        f"{versions}. Whisper tiny.en, Apertium en→es; espeak-ng where no other voice is named.",
        *warning,
        table(
            ("target", "wanted", "found", ""),
            [(one["what"], one["limit"], _value(one), _verdict(one["passed"])) for one in report["targets"]],
        ),
        table(_HEAD, list(_rows(report, everybody))),
        _notes(report),
    ]
    return "\n\n".join(parts) + "\n"


def _kinds(of: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: of[kind] for kind in KINDS if kind in of}


def _rows(report: Mapping[str, Any], everybody: Mapping[str, Any]) -> Iterator[list[object]]:
    """Yield a row for each kind and each contender, kind by kind."""
    for kind in KINDS:
        for name, of in everybody.items():
            if kind not in of:
                continue
            one, key = of[kind], _SPAN.get(kind, "earVoiceSpanMs")
            ours = report["ways"].get(WAY, {}).get(kind, {}).get(key)
            beside = ratio(ours, one.get(key)) if name != WAY else None
            yield [
                kind, name, one["turns"], one["clauses"], _told(one["right"]),
                _ms(one, "endToFirstMs", "p50"), _ms(one, "endToFirstMs", "p95"), _ms(one, "endToFirstAnyMs", "p50"),
                _ms(one, "earVoiceSpanMs", "p50"), _ms(one, "earVoiceSpanMs", "p95"),
                _ms(one, "earVoiceSpanAnyMs", "p50"), _told(beside), _told(one.get("pieces")), one["wrongInCall"],
                _told(report.get("wholeFiles", {}).get(kind)), one["words"],
            ]  # fmt: skip


def _notes(report: Mapping[str, Any]) -> str:
    told = [
        "*End → first sound*: from the last sound of a turn to the first of its last sentence's translation at the "
        "listener's ear. *Ear-voice span*: the same for each sentence, from its own end, which Whisper's word times "
        "and the pauses of the voice tell. Below zero: the interpreter began before. *Heard right*: four fifths of the "
        "announced translation are in the listener's recording; what is not is infinitely late (∞). *Words wrong*: of "
        "the subtitles, or of what a bot translated, against the recordings' texts; numbers count by their value.",
    ]
    if "short-joe" in report["ways"]:
        told.append(
            "joe is an English voice that was given the sounds of Spanish: it tells how late a neural voice is, and "
            "its words are not judged (`--voice` judges those of its own language)."
        )
    if peers := report.get("peers"):
        of_each = "; ".join(f"*{name}*: {one['what']}" for name, one in peers.items())
        told.append(f"Peers have the same translator and voice, in a process of their own. {of_each}.")
    return "\n\n".join(told)


def _ms(one: Mapping[str, Any], key: str, share: str) -> str:
    found = one.get(key)
    if not found or not found.get("count"):
        return "–"
    return "∞" if found[share] is None else f"{found[share]:.0f}"


def _told(value: object) -> object:
    return "–" if value is None else value


def _value(target: Mapping[str, Any]) -> object:
    """Return a value as text. A ratio that passed without one stands beside a peer that never comes."""
    if target["value"] is not None:
        return target["value"]
    return "–" if target["passed"] is None else "∞ theirs" if target["passed"] else "∞"


def _verdict(passed: bool | None) -> str:
    return "not measured" if passed is None else "yes" if passed else "**no**"
