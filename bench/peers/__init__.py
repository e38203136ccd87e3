"""Programs that benches compare: echo servers, call servers and translation bots, on our parts and on others'.

Each takes an offer by HTTP POST, prints `ready PORT` or `ready URL`, and runs until its standard input ends. Others'
run by path in environments of their own (`bench/environments.py`), so they import nothing but what lies beside them.
"""

from __future__ import annotations

from pathlib import Path

PROGRAMS = Path(__file__).parent
