"""The load, a process of its own on a core of its own: a job in on standard input, what it saw out.

A job is JSON: the server's `url` and `pid`, and the times of a plan. Calls are added until the server refuses;
then it is asked on; then half of the calls leave, and it is asked until it lets somebody in again.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.overload.calls import Caller, Seat
from bench.overload.packet_delays import Heard, Milliseconds, SeatReceiver, together
from bench.report.machine import cpu_seconds
from bench.rtp_load import stimulus
from bench.rtp_load.generated_peer import NotConnected
from bench.rtp_load.sending import LONGEST, Sender, Steady, talk
from clients.signaling.api import Api
from clients.signaling.connection import Refused, SocketLost, Unreachable

LEAVING_S = 15.0
"""All goodbyes together."""


class Microphone(Steady):
    """A microphone that sends until it is off, or the connection is lost."""

    def __init__(self, seat: Seat, sound: stimulus.Stimulus) -> None:
        super().__init__(seat, sound)
        self.seat = seat
        self.off = False

    @property
    def due(self) -> int | None:
        return None if self.off or self.seat.lost else super().due


@dataclass(slots=True)
class Attempt:
    """One try to make a call: when (s since the start), how long it took, and the refusal, if it was one."""

    at: float
    took: float
    calls: int
    status: int | None = None
    code: str | None = None

    @property
    def admitted(self) -> bool:
        return self.code is None

    @property
    def refused(self) -> bool:
        return (self.status, self.code) == (503, "at_capacity")


@dataclass(slots=True)
class Second:
    """Delays and load between two looks, about a second apart."""

    at: float
    calls: int
    cpu: float
    generator_late_ms: float
    heard: Heard
    due: int

    def as_json(self) -> dict[str, Any]:
        return {
            "at": round(self.at, 1),
            "generator_late_p99_ms": round(self.generator_late_ms, 2),
            **figures([self]),
        }


def figures(seconds: Sequence[Second]) -> dict[str, Any]:
    """Return percentiles over every packet of some seconds; CPU is the mean of the last 5 s."""
    heard = together([second.heard for second in seconds])
    due = sum(second.due for second in seconds)
    worst = [_percentile(second.heard.all, 99) or 0.0 for second in seconds]
    return {
        "calls": seconds[-1].calls if seconds else 0,
        "cpu": round(float(np.mean([second.cpu for second in seconds[-5:]])), 1) if seconds else None,
        "late_p50_ms": _percentile(heard.all, 50),
        "late_p99_ms": _percentile(heard.all, 99),
        "original_p99_ms": _percentile(heard.original, 99),
        "interpreter_p99_ms": _percentile(heard.interpreter, 99),
        "worst_second_ms": max(worst, default=None),
        "packets": len(heard.all),
        "original_came": round(len(heard.original) / due, 4) if due else None,
    }


def _percentile(values: Milliseconds, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 3) if len(values) else None


@dataclass(slots=True)
class Load:
    """The calls so far, and what was seen of them."""

    caller: Caller
    pid: int
    sender: Sender
    began: float = field(default_factory=time.monotonic)
    calls: list[tuple[Seat, Seat]] = field(default_factory=list)
    receivers: list[SeatReceiver] = field(default_factory=list)
    microphones: dict[Seat, Microphone] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    seconds: list[Second] = field(default_factory=list)

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    async def attempt(self) -> Attempt:
        """Try to make one more call; its people speak as soon as both are connected."""
        found = Attempt(self.now, 0.0, len(self.calls))
        try:
            seats = await self.caller.call()
        except Refused as refused:
            found.status, found.code = refused.status, refused.code
        except (Unreachable, SocketLost, NotConnected, TimeoutError) as problem:
            found.code = f"{type(problem).__name__}: {problem}"
        else:
            for number, seat in enumerate(seats):
                self.microphones[seat] = Microphone(seat, talk(2 * len(self.calls) + number))
                self.sender.add(self.microphones[seat])
                self.receivers.append(SeatReceiver(seat, seats[1 - number]))
            self.calls.append(seats)
        found.took = self.now - found.at
        self.attempts.append(found)
        return found

    async def watch(self) -> None:
        """Take the figures of every second, until cancelled."""
        burned, began, wall = cpu_seconds(self.pid), self.now, time.time_ns()
        while True:
            await asyncio.sleep(1)
            late = self.sender.lateness[:]
            self.sender.lateness.clear()
            burned, before = cpu_seconds(self.pid), burned
            began, then = self.now, began
            wall, since = time.time_ns(), wall
            receivers, calls = self.receivers[:], len(self.calls)
            heard, due = [], 0
            for receiver in receivers:
                heard.append(receiver.take())
                due += receiver.due(since, wall)
                await asyncio.sleep(0)  # the sender goes on
            cpu = (burned - before) / (began - then) * 100
            late_ms = float(np.percentile(late, 99)) if late else 0.0
            self.seconds.append(Second(began, calls, cpu, late_ms, together(heard), due))

    async def leave(self, count: int) -> None:
        """Let the first `count` calls hang up, all at once."""
        leaving, self.calls = self.calls[:count], self.calls[count:]
        seats = [seat for call in leaving for seat in call]
        self.receivers = [receiver for receiver in self.receivers if receiver.seat not in seats]
        for seat in seats:
            self.microphones[seat].off = True
            await seat.leave()
        async with asyncio.timeout(LEAVING_S):
            await asyncio.gather(*(seat.close() for seat in seats))


async def overload(load: Load, plan: dict[str, Any]) -> dict[str, Any]:
    """Play the whole run. Returns figures of the seconds before and after the first refusal, and of the return."""

    async def attempts(every: float, until: float) -> None:
        while load.now < until:
            found = await load.attempt()
            await asyncio.sleep(max(0.0, every - found.took))

    async def until(wanted: str, every: float, give_up: float) -> Attempt | None:
        while load.now < give_up:
            found = await load.attempt()
            if getattr(found, wanted):
                return found
            await asyncio.sleep(max(0.0, every - found.took))
        return None

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(load.watch())
        first = await until("refused", plan["every_s"], plan["climb_s"])
        if first is not None:
            await asyncio.sleep(plan["every_s"])
            await attempts(plan["every_s"], first.at + plan["on_s"])
        knee = len(load.calls)
        asked_until = load.now
        back = None
        if first is not None:
            await load.leave(knee // 2)
            back = await until("admitted", plan["ask_s"], asked_until + plan["back_s"])
            await asyncio.sleep(plan["after_s"])
        watching.cancel()
    return _report(load, first, asked_until, back)


def _report(load: Load, first: Attempt | None, asked_until: float, back: Attempt | None) -> dict[str, Any]:
    knee = first.at if first else load.now
    tried = [attempt for attempt in load.attempts if attempt.at < asked_until]
    return {
        "admitted": sum(one.admitted for one in tried),
        "admitted_after_first_refusal": sum(one.admitted for one in tried if one.at > knee),
        "refused": sum(one.refused for one in tried),
        "refused_otherwise": [str(one.code) for one in load.attempts if not one.admitted and not one.refused],
        "lost": sum(seat.lost for seat in load.microphones),
        "first_refusal_s": round(knee, 1),
        "first_refusal_calls": first.calls if first else len(load.calls),
        "asked_on_s": round(asked_until - knee, 1),
        "before": figures([second for second in load.seconds if second.at <= knee]),
        "after": figures([second for second in load.seconds if knee < second.at <= asked_until]),
        "back": figures([second for second in load.seconds if second.at > asked_until]),
        "back_s": None if back is None else round(back.at + back.took - asked_until, 2),
        "join_p50_s": _percentile(np.array([one.took for one in tried if one.admitted]), 50),
        "seconds": [second.as_json() for second in load.seconds],
        "attempts": [[round(one.at, 2), round(one.took, 3), one.calls, one.code] for one in load.attempts],
    }


async def carry_out(plan: Callable[[Load, dict[str, Any]], Awaitable[dict[str, Any]]]) -> None:
    """Read a job from the standard input, let `plan` load the server, print the result, and end the process."""
    job = json.load(sys.stdin)
    stimulus.code(LONGEST, pauses=True)
    sender = Sender()
    gc.disable()
    async with Api(job["url"]) as api, asyncio.TaskGroup() as group:
        group.create_task(sender.run())
        json.dump(await plan(Load(Caller(api, group), job["pid"], sender), job["plan"]), sys.stdout)
        sys.stdout.flush()
        os._exit(0)  # the server is stopped next: nobody waits for dozens of goodbyes


if __name__ == "__main__":
    asyncio.run(carry_out(overload))
