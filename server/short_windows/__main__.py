"""`python -m server.short_windows ORDER`: judges one model folder in a process of its own, and keeps the judgement.

ORDER is the JSON of `order.Order`. Output is lines of JSON: `progress` while it hears, and `outcome` with `why` at
last, or `failed`. The process ends with its standard input: nobody judges for a program that is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from pathlib import Path

from pipeline.engines import EngineError
from server.short_windows.judge import WhisperEars, judge, material
from server.short_windows.kept import Kept, OthersJudge, basis
from server.short_windows.material import NoMaterial
from server.short_windows.order import Order


def main() -> int:
    order = Order.load(sys.argv[1])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if order.idle:
        step_back()
    try:
        _say(**_judged(order))
    except OthersJudge:
        _say(failed="another process is judging it")
    except (EngineError, NoMaterial, OSError, ValueError) as error:
        _say(failed=str(error))
    return 0


def _judged(order: Order) -> dict[str, str]:
    # Spare time comes when it comes: then only processor time is counted.
    clock = time.process_time if order.idle else time.monotonic
    began = clock()
    folder, kept = Path(order.path), Kept(Path(order.path), Path(order.data))
    facts = basis(folder, order.options)
    with kept.claim(facts.weights):
        ears = WhisperEars(order.path, order.options, facts)
        clips = material(set(order.languages) & ears.languages, Path(order.recordings))
        made = judge(
            ears,
            clips,
            order.languages,
            facts,
            left_s=lambda: order.seconds - (clock() - began),
            say=lambda text: _say(progress=text),
        )
        kept.write(made)
    return {"outcome": made.outcome, "why": made.why}


def _say(**what: str) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def step_back() -> None:
    """Take only the time and the memory that nothing else on the machine wants (sched(7), proc(5))."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


if __name__ == "__main__":
    sys.exit(main())
