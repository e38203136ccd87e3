"""`python -m bench.soak`: a long call on a virtual clock (an hour in about a minute), or an hour in real time.

    python -m bench.soak --virtual 60     minutes of virtual time: drift of media time, growth of tasks and queues
    python -m bench.soak --real 60        minutes of real time, over real UDP, with the bundled engines

In real time calls come and go over a line with loss, clients and, once a minute, engines are killed. From twenty
minutes on it writes `bench/results/soak.json` and `.md`, else into build/. The last line of output is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys

from bench.report.publishing import RESULTS, publish
from bench.soak.real_time import FOLDER, QUICK_MINUTES, run_real
from bench.soak.verdict import markdown
from bench.soak.virtual_call import run_virtual


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--virtual", type=float, metavar="MINUTES")
    options.add_argument("--real", type=float, metavar="MINUTES")
    given = options.parse_args()
    if given.virtual or not given.real:
        print(json.dumps({"virtual": run_virtual(given.virtual or 60)}), flush=True)
    if not given.real:
        return 0
    report = run_real(given.real)
    folder = RESULTS if given.real >= QUICK_MINUTES else FOLDER
    return publish("soak", report, markdown(report), folder, unprinted=("samples",))


if __name__ == "__main__":
    sys.exit(main())
