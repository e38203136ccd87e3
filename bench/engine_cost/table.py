"""The report of `bench.engine_cost` as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.engine_cost import capacity, targets
from bench.engine_cost.plan import PADDED_S, SHORT_S, SPEECH_S, TOKENS
from bench.report.markdown import table

Row = Mapping[str, Any]


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report: measurements, capacity and targets."""
    machine = report["machine"]
    parts = [
        "# What engines cost",
        f"`python -m bench.engine_cost{' --quick' if report['quick'] else ''}`, in {report['seconds']:.0f} s on "
        f"{machine['processor']}, {machine['cores']} cores, {machine['gpus'] or 'no'} GPU; CTranslate2 "
        f"{machine['ctranslate2']}, faster-whisper {machine['faster-whisper']}. {_quiet(report['others'])}",
        f"Weights are {_weights(report['models'])}. Times are medians in milliseconds; a gap is what would have taken "
        "too long. Each engine ran in a process of its own.",
        "## Recognition",
        f"Greedy, {TOKENS} tokens. *Encoder* and *decoder* are the model's parts alone; *engine* is our own class on "
        "3 s of sound, all of it: features, encoder, decoder. *Padded* is what every Whisper bears. *Short* has a "
        "margin of a second, and a silent tail for the decoder: for weights that are judged to bear it "
        "(docs/adr/0012). Random weights say nothing about that.",
        *_times(report["rows"], "stt"),
        "## Translation",
        "Our own class on a sentence of twelve words.",
        *_times(report["rows"], "mt"),
        "## Speech",
        "The same sentence. espeak-ng is a process for each line.",
        *_times(report["rows"], "tts"),
        "## Memory",
        "By how much a process grew: by loading the model, and in all, with the largest batch.",
        table(
            ("model", "device", "threads", "loaded, MB", "at most, MB"),
            ((f"{m['kind']} {m['name']}", f"{m['device']} {m['compute']}", m["threads"], m["modelMb"], m["peakMb"])
             for m in report["models"] if "modelMb" in m),
        ),
        "## Capacity",
        f"Calls for each core (a GPU, where there is one: in batches of eight). Assumed: somebody talks "
        f"{capacity.TALK:.0%} of the time, in utterances of twelve words ({SPEECH_S:.1f} s); each is heard "
        f"{capacity.PASSES_FREE} times with interims, {capacity.PASSES_BUSY} times under load, over a window padded to "
        f"{PADDED_S} s or a short one of {SHORT_S} s, and translated and spoken once (espeak-ng); an engine is busy "
        f"{capacity.FULL:.0%} of the time at most. By processor time. The media path needs its own share: "
        "[media.md](media.md).",
        table(
            (
                "recogniser", "windows", "translator", "device", "ms heard", "ms translated", "ms spoken", "calls",
                "under load",
            ),
            ((c["stt"], c["windows"], c["mt"], c["device"], c["msHeard"], c["msTranslated"], c["msSpoken"], c["calls"],
              c["callsUnderLoad"]) for c in report["capacity"]),
        ),
        "## A batch of eight beside one job",
        f"Wanted: translation at most {targets.MT_EIGHT:g} times one job; elsewhere no more than eight (within "
        f"{targets.SUM - 1:.0%}, the noise of the clock). Compared is the time of processors, which others on the "
        "machine disturb least.",
        table(
            ("", "wanted", "found", ""),
            ((t["what"], f"≤ {t['wanted']:g}", t["ratio"], "yes" if t["met"] else "**no**") for t in report["targets"]),
        ),
        f"Failures: {len(report['failures'])}." + "".join(f"\n- {failure}" for failure in report["failures"]),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _times(rows: Sequence[Row], kind: str) -> Iterable[str]:
    """Yield one table for each device and number of threads: work by batch."""
    mine = [row for row in rows if row["kind"] == kind]
    for device in dict.fromkeys((row["device"], row["compute"], row["threads"]) for row in mine):
        of = [row for row in mine if (row["device"], row["compute"], row["threads"]) == device]
        batches = sorted({row["batch"] for row in of})
        lines = []
        for name, what in dict.fromkeys((row["name"], row["what"]) for row in of):
            found = {row["batch"]: row for row in of if (row["name"], row["what"]) == (name, what)}
            one = found.get(1, {})
            lines.append(
                (
                    name,
                    what,
                    *(_ms(found.get(batch)) for batch in batches),
                    f"{one['cpuMs']:.0f}" if one else "–",
                    one.get("rtf", "–"),
                )
            )
        head = (
            "model",
            "what",
            *(f"batch {batch}" for batch in batches),
            "processor time of one",
            "real-time factor of one",
        )
        yield f"{device[0]} {device[1]}, {device[2]} thread{'s' if device[2] != 1 else ''}:"
        yield table(head, lines)


def _ms(row: Row | None) -> str:
    if row is None:
        return ""
    text = f"{row['ms']:.0f}" if row["ms"] >= 100 else f"{row['ms']:.1f}"
    return text if row["runs"] > 1 else f"{text} ¹"


def _weights(models: Sequence[Row]) -> str:
    real = sorted({f"{model['kind']} {model['name']}" for model in models if model["real"]})
    return (
        "random, of true size and architecture (espeak-ng is itself)" if not real
        else f"real for {', '.join(real)}, else random of true size and architecture"
    ) + ": time does not depend on them. ¹: the quicker of two runs, or the only one of a long one"  # fmt: skip


def _quiet(others: float) -> str:
    return f"Others took {others:.1%} of the machine meanwhile{'' if others < 0.05 else ', which disturbs'}."
