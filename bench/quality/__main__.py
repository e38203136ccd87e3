"""Measures wrong words, translations and the voice on a data set of your own: `python -m bench.quality DATA`.

DATA is a folder of recordings, texts and translations, laid out as `bench/quality/data.py` says. The engines are those
of a server with the same settings (`DRAGOMAN_MODELS`, `DRAGOMAN_STT`, `DRAGOMAN_MT`, `DRAGOMAN_TTS`), or those named
here. Four grades, where the data and the engines allow it: recognition (word errors), translation of the text and of
what was recognised (BLEU, chrF, TER), and intelligibility (word errors when our recogniser hears our voice).

Writes `quality.json` and `quality.md` to `build/bench/quality`, and logs the run to MLflow if that is installed; the
last line of output is one JSON object. The exit status is 0 if no engine failed on anything, whatever the grades.
Needs the extra `bench` (jiwer, sacrebleu).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.quality import data, tracking
from bench.quality.stages import grade
from bench.report.markdown import table
from bench.report.publishing import publish
from pipeline.engines import EngineError, registry
from pipeline.text.language import is_tag
from server.engine_choice.from_settings import specs
from server.settings import BadSetting, read

OUT = Path("build/bench/quality")


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, help="the folder of the data set")
    options.add_argument("--language", default="en", help="what is spoken, where the data set doesn't say (en)")
    for kind in ("stt", "mt", "tts"):
        options.add_argument(
            f"--{kind}", help=f"an engine as in DRAGOMAN_{kind.upper()}: NAME, NAME:FOLDER, NAME:{{…}}"
        )
    options.add_argument("--out", type=Path, default=OUT, help="the folder of the results")
    given = options.parse_args(arguments)
    if not is_tag(given.language):
        options.error(f"{given.language!r} is no language tag, such as en or pt-BR")
    chosen = {f"DRAGOMAN_{kind.upper()}": getattr(given, kind) for kind in ("stt", "mt", "tts")}
    settings = {name: value for name, value in environment.items() if name.startswith("DRAGOMAN_")}
    try:
        items = data.read(given.data, given.language)
        named = specs(read(settings | {name: value for name, value in chosen.items() if value}))
        engines = {kind: registry.make(spec) for kind, spec in named.items()}
        found = grade(items, engines, lambda line: print(line, file=sys.stderr, flush=True))
    except (data.BadData, BadSetting, EngineError, ValueError) as error:
        print(f"bench.quality: {error}", file=sys.stderr)
        return 2
    except ImportError as error:
        print(f"bench.quality: {error}; pip install 'dragoman[bench]'", file=sys.stderr)
        return 2
    report: dict[str, Any] = {
        "passed": not found.failures,
        "data": str(given.data),
        "items": len(items),
        "engines": {kind: f"{spec.name} {dict(spec.options) or ''}".strip() for kind, spec in named.items()},
        **dataclasses.asdict(found),
    }
    status = publish("quality", report, markdown(report), given.out, unprinted=("examples",))
    told = tracking.track(report, [given.out / "quality.json", given.out / "quality.md"])
    print(told, file=sys.stderr)
    return status


def markdown(report: Mapping[str, Any]) -> str:
    """The grades as tables."""
    engines = ", ".join(f"{kind} {name}" for kind, name in report["engines"].items())
    parts = [f"# Quality on {report['data']}", f"{report['items']} items; {engines}."]
    for title, stage in (("Recognition", "recognition"), ("Intelligibility of our voice", "intelligibility")):
        if report[stage]:
            rows = ((tag, one["texts"], _share(one["wer"]), _share(one["cer"])) for tag, one in report[stage].items())
            parts += [f"## {title}", table(("language", "texts", "wrong words", "wrong characters"), rows)]
    for title, stage in (("Translation", "translation"), ("Translation of what was recognised", "spoken_translation")):
        if report[stage]:
            scored = ((pair, one["texts"], one["bleu"], one["chrf"], one["ter"]) for pair, one in report[stage].items())
            parts += [f"## {title}", table(("pair", "texts", "BLEU", "chrF", "TER"), scored)]
    if report["examples"]:
        shown = ((one["what"], one["wanted"], one["found"]) for one in report["examples"])
        parts += ["## Some that are not right", table(("", "wanted", "found"), shown)]
    parts += [f"Left out: {reason}." for reason in report["left_out"]]
    parts += [f"Failures: {len(report['failures'])}." + "".join(f"\n- {one}" for one in report["failures"])]
    return "\n\n".join(parts) + "\n"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


if __name__ == "__main__":
    sys.exit(main())
