"""Two real servers as nodes of one Redis, behind a real nginx with the shipped file."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.free_port import free_port
from tests.kit.process_facts import children
from tests.kit.redis_server import RedisServer
from tests.kit.reverse_proxies import nginx_of_nodes, running_command
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import SHIFTED_TONES


@dataclass(frozen=True)
class ServedNodes:
    """Nodes `a` and `b`, and the address under which nginx shows them both."""

    url: str
    nodes: Mapping[str, Server]
    proxy: Path
    """Folder of nginx."""

    def websocket_of(self, name: str) -> str:
        """Return the WebSocket of a node as clients are given it."""
        return f"ws{self.url.removeprefix('http')}/ws/{name}"

    def drop_connections(self) -> None:
        """Kill nginx's worker process, and with it all connections of clients; the next one is there at once."""
        for pid in children(int((self.proxy / "nginx.pid").read_text())):
            os.kill(pid, signal.SIGKILL)


@contextmanager
def two_served(redis: RedisServer, folder: Path, **settings: str) -> Iterator[ServedNodes]:
    """Run both, and nginx before them."""
    ports = {name: free_port() for name in ("a", "b", "nginx")}
    url = f"http://127.0.0.1:{ports['nginx']}"
    shared = {
        **SHIFTED_TONES,
        "DRAGOMAN_REDIS_URL": redis.url,
        "DRAGOMAN_PUBLIC_URL": url,
        "DRAGOMAN_TRUSTED_PROXIES": "127.0.0.1",
        **settings,
    }
    nodes = {name: Server(folder / name, port=ports[name], DRAGOMAN_NODE=name, **shared) for name in ("a", "b")}
    proxy = folder / "nginx"
    proxy.mkdir(parents=True)
    command = nginx_of_nodes(proxy, ports["nginx"], {name: f"127.0.0.1:{ports[name]}" for name in nodes})
    with ExitStack() as stack:
        with ThreadPoolExecutor(2) as starting:
            for node in starting.map(Server.__enter__, nodes.values()):
                stack.push(node)
        stack.enter_context(running_command(command, proxy, ports["nginx"]))
        yield ServedNodes(url, nodes, proxy)


def connected(server: Server) -> int:
    """Return the number of a node's peer connections that are up."""
    return reading(server, "dragoman_peers_connected")


def reading(server: Server, name: str) -> int:
    """Return a figure of a node without labels."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:
        found = re.search(rf"^{name} (\d+)", answer.read().decode(), re.MULTILINE)
    assert found is not None
    return int(found[1])
