"""Decides how long a request waits, so that no address takes the event loop from the people who talk.

Pages are dozens of files and probes are free of other limits. A request costs a tenth of a millisecond, and each pass
of the loop serves one of every connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from signaling.http.access_control import AccessControl
from signaling.http.address_limits import SITE_FACTOR, site_of
from signaling.http.middlewares.failures import answer_of
from signaling.rate_limits import Rate, retry_after
from signaling.refusal import Code, Refusal

log = logging.getLogger(__name__)

BURST_S = 1.0
"""Time whose requests may come at once."""
LONGEST_S = 5.0
"""Longest wait: a request that would have to wait longer is refused."""
LONGEST_OF_FILES_S = 30.0
"""Longest wait of a page's file: a page without one of them does not run, and a late one does."""
MOST_WAITING = 10_000
"""Requests of everybody that wait; while there are more, a file waits no longer than anything else."""
MOST_KEYS = 20_000
LOG_EVERY_S = 60.0
"""Time between two lines of the log about requests that are refused."""


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

    def take(self, key: str, now: float, longest: float) -> float:
        """Return the time that the next request of `key` has to wait, s. Beyond `longest` it is not counted."""
        due = max(now, self._due.get(key, now))
        wait = max(0.0, due + self._step_s - self._burst_s - now)
        if wait <= longest:
            self._due[key] = due + self._step_s
            self._due.move_to_end(key)
            while len(self._due) > MOST_KEYS:
                self._due.popitem(last=False)
        return wait


class AddressPace:
    """A pace for each address; an IPv6 /48 has `SITE_FACTOR` times as much."""

    __slots__ = ("_of_address", "_of_site")

    def __init__(self, rate: Rate) -> None:
        self._of_address, self._of_site = Pace(rate), Pace(Rate(rate.count * SITE_FACTOR, rate.seconds))

    def take(self, address: str, now: float, longest: float) -> float:
        """Return the time that the next request of an address has to wait, s, as `Pace.take` does."""
        wait, site = self._of_address.take(address, now, longest), site_of(address)
        if wait <= longest and site != address:
            wait = max(wait, self._of_site.take(site, now, longest))
        return wait


class Pacing:
    """Requests of one address, which wait for one another. A file waits for all of them, the others for no file."""

    def __init__(
        self, access_control: AccessControl, rate: Rate, steady: Callable[[], float], files: Collection[object]
    ) -> None:
        """`rate` is that of an address, `steady` a clock in seconds, `files` are the handlers of the page's files."""
        self._arrival = access_control.arrival
        self._steady = steady
        self._files = files
        self._of_files, self._of_others = AddressPace(rate), AddressPace(rate)
        self._waiting: set[asyncio.Future[bool]] = set()
        """True for those whose turn it is, False for those that the server's end came before."""
        self._refused = 0
        self._logged_at = float("-inf")

    def middleware(self) -> Middleware:
        """Return the middleware that lets requests wait."""

        @web.middleware
        async def paced(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self._arrival.forwarded_from(request):  # it has waited at the other node
                return await handler(request)
            is_file = request.match_info.handler in self._files
            longest = LONGEST_OF_FILES_S if is_file and len(self._waiting) < MOST_WAITING else LONGEST_S
            wait = self._take(self._arrival.address(request), is_file, longest)
            if wait > longest:
                return self._refuse(request, wait)
            if wait > 0:
                await self._turn(wait)
            return await handler(request)

        return paced

    async def end(self, app: web.Application) -> None:
        """Refuse all that wait: the server's end does not wait for them."""
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(False)

    def _take(self, address: str, is_file: bool, longest: float) -> float:
        now = self._steady()
        if is_file:
            return self._of_files.take(address, now, longest)
        wait = self._of_others.take(address, now, longest)
        if wait <= longest:
            self._of_files.take(address, now, float("inf"))
        return wait

    async def _turn(self, wait: float) -> None:
        """Return in `wait` seconds. Raises Refusal where the server ends before."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(wait, _come, turn)
        self._waiting.add(turn)
        try:
            if not await turn:
                raise Refusal(Code.AT_CAPACITY, "the server is about to stop", retry_after=1)
        finally:
            timer.cancel()
            self._waiting.discard(turn)

    def _refuse(self, request: web.Request, wait: float) -> web.Response:
        self._refused += 1
        if self._steady() - self._logged_at >= LOG_EVERY_S:
            log.warning("requests are refused: too many of one address", extra={"requests": self._refused})
            self._logged_at, self._refused = self._steady(), 0
        message = "too many requests from one address"
        problem = Refusal(Code.RATE_LIMITED, message, retry_after=retry_after(wait))
        answer = answer_of(problem, problem.status)
        if not self._arrival.from_proxy(request):  # a proxy's connections carry requests of others, too
            answer.force_close()
            request.protocol.close()  # what else came with it is not read
        return answer


def _come(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(True)
