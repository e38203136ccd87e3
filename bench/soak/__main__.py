"""`python -m bench.soak`: a long call, on a virtual clock (an hour in about a minute) or in real time.

    python -m bench.soak --virtual 60     minutes of virtual time
    python -m bench.soak --real 10        minutes of real time, over real UDP, with the bundled engines

Both end with one JSON object: drift of media time, growth of memory, tasks and queues, what was interpreted.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from bench.soak.real_call import run_real
from bench.soak.virtual_call import (
    run_virtual,
)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--virtual", type=float, metavar="MINUTES")
    options.add_argument("--real", type=float, metavar="MINUTES")
    given = options.parse_args()
    figures: dict[str, Any] = {}
    if given.virtual or not given.real:
        figures["virtual"] = run_virtual(given.virtual or 60)
    if given.real:
        figures["real"] = run_real(given.real)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
