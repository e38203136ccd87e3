"""`dragoman call` and the independent client of a commit before `moved`, unchanged: their node stops, and is back."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import pytest

from tests.kit import call_before_moved
from tests.kit.clients_before_moved import clients_before_moved
from tests.kit.extent import LONG
from tests.kit.headless_process import headless, wait_until
from tests.kit.page_over_tls import POLITE
from tests.kit.redis_server import RedisServer
from tests.kit.served_nodes import connected, reading, two_served

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(
        not LONG, reason="two servers, nginx, Redis and two old calls; the short form plays an old client's socket"
    ),
]


def test_old_clients_go_on_when_their_node_stops_and_when_it_is_back(redis: RedisServer, tmp_path: Path) -> None:
    tree = clients_before_moved(tmp_path)
    with two_served(redis, tmp_path / "nodes", **POLITE) as served, ExitStack() as running:
        a, b = served.nodes["a"], served.nodes["b"]
        old = ("-m", "clients.call")
        first = running.enter_context(
            headless(tmp_path / "en", a.url, "en", "--create", "--code-file", "code", program=old, tree=tree)
        )
        code = tmp_path / "en" / "code"
        wait_until(lambda: code.exists() and code.read_text() != "")
        joins = ("--code", code.read_text().strip())
        second = running.enter_context(headless(tmp_path / "es", served.url, "es", *joins, program=old, tree=tree))
        command = [sys.executable, "-c", Path(call_before_moved.__file__).read_text(), a.url, served.url]
        pair = running.enter_context(subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, bufsize=0))
        running.callback(pair.kill)
        assert told(pair.stdout) == {"met": served.websocket_of("a")}
        wait_until(lambda: connected(a) == 4)

        assert a.stop() == 0
        went = told(pair.stdout)
        print(f"the independent client, when its node stopped: {went}")
        assert went["closed"] == [1001, 1001]
        wait_until(lambda: connected(b) == 4)

        a.start()
        wait_until(lambda: reading(a, "dragoman_ready") == 1)
        served.drop_connections()
        back = told(pair.stdout)
        print(f"the independent client, when its node was there again: {back}")
        assert back["told"] == [["moved"], ["moved"]], "it is sent away once"
        assert told(pair.stdout) == {"ended": "partner_left"}
        assert pair.wait(60) == 0
        wait_until(lambda: (connected(b), reading(b, "dragoman_websockets")) == (2, 2))
        assert (connected(a), reading(a, "dragoman_websockets")) == (0, 0), "it only carries them"
        first.terminate()  # it hangs up, by way of the one node at the other
        assert [one.wait(60) for one in (first, second)] == [0, 0]
    for language in ("en", "es"):
        report = json.loads((tmp_path / language / "report").read_text())
        print(f"`dragoman call` {language}: {report['status']}, {report['errors']}")
        assert len([one for one in report["connections"] if "connected" in one]) >= 2


def told(output: IO[bytes] | None) -> dict[str, Any]:
    """Return the next line that the pair of independent clients says."""
    assert output is not None
    found: dict[str, Any] = json.loads(output.readline())
    return found
