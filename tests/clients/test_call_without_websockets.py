"""`dragoman call` where a proxy breaks WebSockets: two of it talk over event streams and requests, and come back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from clients.call import call
from clients.exit_status import Exit
from clients.options import Options
from tests.clients.test_call import lines, tone
from tests.kit.certificates import Certificates
from tests.kit.free_port import free_port
from tests.kit.reverse_proxies import Site, running_proxy
from tests.kit.served_nodes import connected
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

HOST = "127.0.0.1"
PATIENCE_S = 60.0


@dataclass
class Blocked:
    """A server, and the nginx in front of it that knows no `Upgrade`."""

    server: Server
    site: Site
    proxy: ExitStack

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.site.port}"

    def begin(self) -> None:
        self.proxy.enter_context(running_proxy("nginx without upgrades", self.site))

    def restart(self) -> None:
        """Cut every connection, and listen again."""
        self.proxy.close()
        self.begin()


@pytest.fixture
def blocked(tmp_path: Path) -> Iterator[Blocked]:
    port = free_port()
    certificates = Certificates.make(tmp_path, HOST)
    settings = FOR_TONES | {"DRAGOMAN_PUBLIC_URL": f"https://{HOST}:{port}", "DRAGOMAN_TRUSTED_PROXIES": HOST}
    with Server(tmp_path / "server", **settings) as server, ExitStack() as proxy:
        site = Site(tmp_path / "nginx", port, free_port(), server.url.removeprefix("http://"), certificates)
        one = Blocked(server, site, proxy)
        one.begin()
        yield one


def options(blocked: Blocked, folder: Path, language: str, **changes: Any) -> Options:
    given: dict[str, Any] = {
        "server": blocked.url,
        "language": language,
        "insecure": True,
        "subtitles": folder / f"{language}.jsonl",
        "report": folder / f"{language}.json",
        "linger": 12.0,
    }
    return Options(**(given | changes))


def written(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


async def test_two_talk_and_come_back_over_streams(blocked: Blocked, tmp_path: Path) -> None:
    code_file = tmp_path / "code"

    async def break_off() -> None:
        """Cut what both signal over, once their media is up and before anybody speaks."""
        await asyncio.to_thread(wait_for, lambda: connected(blocked.server) == 2)
        await asyncio.to_thread(blocked.restart)

    async with asyncio.TaskGroup() as tasks:
        ana = tasks.create_task(
            call(
                options(blocked, tmp_path, "en", code_file=code_file, wavs=(Path("tone"),), at=(2.5,)),
                [tone(1.0)],
            )
        )
        await asyncio.to_thread(wait_for, lambda: written(code_file))
        ben = tasks.create_task(call(options(blocked, tmp_path, "es", code=written(code_file)), []))
        tasks.create_task(break_off())
    assert (ana.result(), ben.result()) == (Exit.OK, Exit.OK)

    for language in ("en", "es"):
        report = json.loads((tmp_path / f"{language}.json").read_text())
        noted = [one["event"] for one in report["events"]]
        assert noted.count("joined") == 2, noted
        assert noted.count("without_websocket") >= 2, "each time a WebSocket was tried first"
        assert {one["code"] for one in report["errors"]} <= {"unreachable", "socket_lost"}
        assert report["reason"] in ("left", "partner_left")
        assert len(report["connections"]) == 2, "media was offered anew over the second stream"
    heard = json.loads((tmp_path / "es.json").read_text())
    assert heard["lines"]["interpreter"]["heard"]
    read = [one for one in lines(tmp_path / "es.jsonl") if one["type"] == "translation" and one["final"]]
    assert [one["translatedText"] for one in read] == ["tone 440"]
