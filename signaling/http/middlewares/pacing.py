"""Decides how long a request waits, so that no address takes the event loop from the people who talk.

Pages are dozens of files and probes are free of other limits. A request costs a tenth of a millisecond, and each pass
of the loop serves one of every connection.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from signaling.http.access_control import AccessControl
from signaling.http.address_limits import SITE_FACTOR, site_of
from signaling.rate_limits import Rate, retry_after
from signaling.refusal import Code, Refusal

BURST_S = 1.0
"""Time whose requests may come at once."""
LONGEST_S = 5.0
"""Longest wait: a request that would have to wait longer is refused."""
MOST_KEYS = 20_000


class Pace:
    """A steady rate for each key, as the generic cell rate algorithm has it (ITU-T I.371). No clock inside."""

    __slots__ = ("_burst_s", "_due", "_step_s")

    def __init__(self, rate: Rate) -> None:
        self._step_s = rate.seconds / rate.count
        self._burst_s = max(BURST_S, self._step_s)
        self._due: OrderedDict[str, float] = OrderedDict()
        """Time at which all that has come is done, at the rate."""

    def __len__(self) -> int:
        return len(self._due)

    def take(self, key: str, now: float) -> float:
        """Return the time that the next request of `key` has to wait, s. Beyond `LONGEST_S` it is not counted."""
        due = max(now, self._due.get(key, now))
        wait = max(0.0, due + self._step_s - self._burst_s - now)
        if wait <= LONGEST_S:
            self._due[key] = due + self._step_s
            self._due.move_to_end(key)
            while len(self._due) > MOST_KEYS:
                self._due.popitem(last=False)
        return wait


def paced(access_control: AccessControl, rate: Rate, steady: Callable[[], float]) -> Middleware:
    """Return the middleware that lets requests of one address wait for one another.

    `rate` is that of an address; an IPv6 /48 has `SITE_FACTOR` times as much. `steady` is a clock in seconds.
    """
    of_address, of_site = Pace(rate), Pace(Rate(rate.count * SITE_FACTOR, rate.seconds))

    @web.middleware
    async def wait(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not access_control.arrival.forwarded_from(request):  # else it has waited at the other node
            address, now = access_control.arrival.address(request), steady()
            wait_s = of_address.take(address, now)
            site = site_of(address)
            if wait_s <= LONGEST_S and site != address:
                wait_s = max(wait_s, of_site.take(site, now))
            if wait_s > LONGEST_S:
                request.protocol.close()  # behind the answer: what else came with it is not read
                message = "too many requests from one address"
                raise Refusal(Code.RATE_LIMITED, message, retry_after=retry_after(wait_s))
            if wait_s > 0:
                await asyncio.sleep(wait_s)
        return await handler(request)

    return wait
