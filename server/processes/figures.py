"""Puts the figures of all processes on one page of metrics, each under the label `process`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from aiohttp import hdrs, web

from nodes.roster import Roster
from nodes.steps import Away
from server.observe.exposition import SCRAPE_SECONDS, Exposition

ALONE = "alone"
"""Query by which one process asks another for its own figures."""
_ASKED_S = 2.0
"""Longest wait for the figures of another process; without them the page says that it is not up."""
_START = "dragoman_process_starts_total"
_UP = "dragoman_process_up"


class FiguresOfAll:
    """Figures of the process `name` and of those in its roster. `starts` asks the parent how often each was started."""

    def __init__(self, name: str, roster: Roster, starts: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
        self._name = name
        self._roster = roster
        self._starts = starts
        self._text, self._read_at = "", -SCRAPE_SECONDS
        self._reading = asyncio.Lock()

    def of(self, exposition: Exposition) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return the page of `GET /metrics`; `exposition` answers for this process, and judges tokens for all."""

        async def page(request: web.Request) -> web.StreamResponse:
            own = await exposition.page(request)
            if ALONE in request.query:
                return own
            assert isinstance(own.body, bytes)
            async with self._reading:
                if time.monotonic() - self._read_at >= SCRAPE_SECONDS:
                    self._text = await self._of_all(own.body.decode(), request.headers.get(hdrs.AUTHORIZATION))
                    self._read_at = time.monotonic()
            own.body = self._text.encode()
            return own

        return page

    async def _of_all(self, own: str, token: str | None) -> str:
        pages = await self._others({} if token is None else {hdrs.AUTHORIZATION: token})
        pages[self._name] = own
        try:
            starts = await self._starts()
        except Away:
            starts = {}
        return together(pages, {**dict.fromkeys(pages, 1), **starts})

    async def _others(self, headers: Mapping[str, str]) -> dict[str, str]:
        asked = {name: facts.url for name, facts in self._roster.others.items()}
        timeout = aiohttp.ClientTimeout(total=_ASKED_S)
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as http, asyncio.TaskGroup() as tasks:
            pages = {name: tasks.create_task(_page(http, f"{url}/metrics?{ALONE}=1")) for name, url in asked.items()}
        return {name: text for name, page in pages.items() if (text := page.result())}


async def _page(http: aiohttp.ClientSession, url: str) -> str:
    """Return a process's own figures; nothing if it does not answer."""
    try:
        async with http.get(url) as answer:
            return await answer.text() if answer.status == 200 else ""
    except (aiohttp.ClientError, OSError):
        return ""


def together(pages: Mapping[str, str], starts: Mapping[str, int]) -> str:
    """Return one page (Prometheus text format 0.0.4) for several. `starts` are those of every process there should be.

    Lines of one metric must stand together.
    """
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for process, page in sorted(pages.items()):
        family, known = "", False
        for line in page.splitlines():
            if line.startswith("#"):
                _, _, family, _ = line.split(" ", 3)
                known = known if line.startswith("# TYPE") else family in heads
                if not known:
                    heads.setdefault(family, []).append(line)
            elif line:
                samples.setdefault(family, []).append(_labelled(line, process))
    up = {name: float(name in pages) for name in starts}
    return "\n".join(
        [
            *(line for family, head in heads.items() for line in (*head, *samples.get(family, ()))),
            *_family(_UP, "gauge", "1 while a process of the server answers", up),
            *_family(_START, "counter", "Starts of each process of the server", starts),
            "",
        ]
    )


def _labelled(sample: str, process: str) -> str:
    name, brace, rest = sample.partition("{")
    if brace:
        return f'{name}{{process="{process}",{rest}'
    name, _, value = sample.partition(" ")
    return f'{name}{{process="{process}"}} {value}'


def _family(name: str, kind: str, text: str, values: Mapping[str, float]) -> list[str]:
    heads = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    return [*heads, *(f'{name}{{process="{process}"}} {value}' for process, value in sorted(values.items()))]
