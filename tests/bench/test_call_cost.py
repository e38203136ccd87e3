"""The cost of a call does not creep up: counted in calls of Python functions, which no machine is too slow for."""

from __future__ import annotations

import asyncio

import pytest

from bench.call_cost.__main__ import functions_called
from bench.rtp_load.stimulus import CYCLE
from testing.virtual_clock import VirtualLoop

MOST_CALLS = 94
"""Calls of functions of ours in 20 ms of one person (93.1), and one to spare. A function more for each packet is
noticed here: then it is worth its price, and the number is raised, or it is not."""


@pytest.mark.udp
def test_twenty_milliseconds_of_a_call_call_few_functions() -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        called = runner.run(functions_called())
    each = {name: round(count / CYCLE / 2, 2) for name, count in called.most_common()}
    assert each["parse"] == each["Receiver.receive"] == each["Interpreter.hear"] == each["Participant.tick"] == 1.0
    assert each["Encoder.encode"] > 0.2, "the interpreter spoke"
    assert called.total() / CYCLE / 2 < MOST_CALLS, each
