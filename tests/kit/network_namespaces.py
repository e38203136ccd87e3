"""A small internet of network namespaces: hosts that reach one another, and NATs with private networks behind.

Every namespace is named `dg<pid>-<number>-<host>`, so that what a killed run left behind is found by the next.
Nothing is changed outside of them.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

_NAME = re.compile(r"dg(\d+)-\d+-\w+")
_numbers = itertools.count(1)

# A NAT as home routers are: the source port is kept where it is free, and only whoever was sent to may answer.
PORT_RESTRICTED = "masquerade"
# A NAT as of phone networks: each destination sees another port.
SYMMETRIC = "masquerade random,fully-random"
NO_UDP = 'meta l4proto udp drop comment "a firewall that lets nothing but TCP out"'
HTTPS_ONLY = "meta l4proto udp drop; meta l4proto tcp tcp dport != { 443, 8080 } drop"


def missing() -> str | None:
    """Return the reason against namespaces on this machine; None if they can be made."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    probe = f"dg{os.getpid()}-0-probe"
    try:
        _run("ip", "netns", "add", probe)
        _run("ip", "netns", "exec", probe, "nft", "list", "tables")
    except (OSError, RuntimeError) as error:
        return f"no network namespaces with nftables here: {error}"
    finally:
        subprocess.run(["ip", "netns", "del", probe], check=False, capture_output=True)
    return None


@dataclass(eq=False)
class Host:
    """A machine: `run` and `start` are commands on it. `address` is its first one."""

    namespace: str
    address: str
    gateway: str
    address6: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, *command: str, text: str = "") -> str:
        """Raises RuntimeError with what it said if it fails."""
        return _run("ip", "netns", "exec", self.namespace, *command, text=text)

    def start(
        self, *command: str, output: IO[Any] | int = subprocess.DEVNULL, **options: Any
    ) -> subprocess.Popen[bytes]:
        full = ["ip", "netns", "exec", self.namespace, *command]
        process = subprocess.Popen(full, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
        self.processes.append(process)
        return process

    def prefix(self) -> list[str]:
        """The words before a command that make it run here."""
        return ["ip", "netns", "exec", self.namespace]

    def nft(self, rules: str) -> None:
        self.run("nft", "-f", "-", text=rules)

    def ip(self, *arguments: str) -> str:
        return _run("ip", "-n", self.namespace, *arguments)

    def drop(self, percent: int) -> None:
        """Lose this share of the packets each way; 100 is a cable pulled out, 0 mends it."""
        self.nft("table inet loss\ndelete table inet loss")
        if percent:
            rule = "drop" if percent == 100 else f"numgen random mod 100 < {percent} drop"
            self.nft(
                "table inet loss {\n"
                f'chain incoming {{ type filter hook prerouting priority raw; iifname "eth0" {rule}; }}\n'
                f'chain outgoing {{ type filter hook postrouting priority raw; oifname "eth0" {rule}; }}\n}}'
            )

    def move(self, address: str) -> float:
        """The interface goes down and comes up with another address of its network; the epoch time of it."""
        self.ip("link", "set", "eth0", "down")
        self.ip("addr", "flush", "dev", "eth0")
        at = time.time()
        self.ip("addr", "add", f"{address}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        self.ip("route", "add", "default", "via", self.gateway)
        self.address = address
        return at


# A process that stands for another machine must not wait for others of this one: it goes first. Processes that it
# starts, such as engines, don't.
_FIRST = ["chrt", "--reset-on-fork", "--rr", "1"]
UNHURRIED = _FIRST if subprocess.run([*_FIRST, "true"], check=False, capture_output=True).returncode == 0 else []


class Lab:
    """`with Lab() as lab:` an internet whose hosts are `lab.host(name)`, and those behind NATs `lab.behind(nat)`."""

    def __init__(self) -> None:
        self._prefix = f"dg{os.getpid()}-{next(_numbers)}"
        self._hosts: list[Host] = []
        self._names: list[str] = []
        self._networks = itertools.count(1)
        self._backbone = ""

    def __enter__(self) -> Self:
        try:
            self._backbone = self._namespace("net")
            _run("ip", "netns", "exec", self._backbone, "sysctl", "-qw", "net.ipv4.ip_forward=1")
            _run("ip", "netns", "exec", self._backbone, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def host(self, name: str) -> Host:
        """A machine with an address in the internet, IPv4 and IPv6."""
        number = next(self._networks)
        host = self._join(name, self._backbone, f"10.77.{number}", f"fd77:{number:x}::")
        _wait_for_ipv6(host)
        return host

    def nat(self, name: str, kind: str = PORT_RESTRICTED, policy: str = "") -> Host:
        """A router with one address outside, which keeps strangers out. `policy`: rules for what goes out."""
        router = self.host(name)
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        policy = "".join(f'oifname "eth0" {rule.strip()};\n' for rule in policy.split(";") if rule.strip())
        router.nft(
            "table ip nat { chain post { type nat hook postrouting priority srcnat;\n"
            f'oifname "eth0" {kind};\n}}\n}}\n'
            "table inet guard {\n"
            'chain incoming { type filter hook input priority filter; iifname "eth0" ct state new drop; }\n'
            "chain through { type filter hook forward priority filter;\n"
            f'iifname "eth0" ct state new drop;\n{policy}}}\n}}'
        )
        return router

    def behind(self, router: Host, name: str) -> Host:
        """A machine in a private network of its own behind a router."""
        return self._join(name, router.namespace, f"192.168.{next(self._networks)}", "")

    def behind_bad_line(
        self, router: Host, name: str, *, loss: float, jitter: float, reordering: float, seed: int
    ) -> Host:
        """A machine whose UDP goes over a line that loses `loss` %, reorders `reordering` % and holds packets up to
        `jitter` ms (wire.py)."""
        line = self.behind(router, f"line-{name}"[:12])
        inside = self._join(name, line.namespace, f"192.168.{next(self._networks)}", "")
        network = inside.address.rpartition(".")[0] + ".0/24"
        router.ip("route", "add", network, "via", line.address)
        line.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0")
        figures = [str(figure) for figure in (seed, loss, jitter, reordering)]
        process = line.start(
            *UNHURRIED, sys.executable, str(Path(__file__).with_name("lossy_tunnel.py")), "wire", *figures
        )
        deadline = time.monotonic() + 10
        while "wire" not in line.ip("link", "show"):
            assert time.monotonic() < deadline and process.poll() is None, "the line did not come up"
            time.sleep(0.05)
        line.ip("link", "set", "wire", "up")
        line.ip("route", "add", "default", "dev", "wire", "table", "100")
        for device in ("eth0", f"to-{name}"[:15]):
            line.ip("rule", "add", "iif", device, "ipproto", "udp", "lookup", "100")
        return inside

    def _join(self, name: str, router: str, network: str, network6: str) -> Host:
        """A namespace with `eth0` at .2 of a network whose .1 is on `router`."""
        namespace = self._namespace(name)
        there = f"to-{name}"[:15]
        _run("ip", "link", "add", "eth0", "netns", namespace, "type", "veth", "peer", "name", there, "netns", router)
        host = Host(namespace, f"{network}.2", f"{network}.1", f"{network6}2" if network6 else "")
        for where, device, last in ((router, there, 1), (namespace, "eth0", 2)):
            _run("ip", "-n", where, "addr", "add", f"{network}.{last}/24", "dev", device)
            if network6:
                _run("ip", "-n", where, "addr", "add", f"{network6}{last}/64", "dev", device, "nodad")
            _run("ip", "-n", where, "link", "set", device, "up")
        _run("ip", "-n", namespace, "route", "add", "default", "via", f"{network}.1")
        if network6:
            _run("ip", "-n", namespace, "-6", "route", "add", "default", "via", f"{network6}1")
        self._hosts.append(host)
        return host

    def _namespace(self, name: str) -> str:
        full = f"{self._prefix}-{name}"
        _run("ip", "netns", "add", full)
        self._names.append(full)
        _run("ip", "-n", full, "link", "set", "lo", "up")
        return full

    def close(self) -> None:
        """End what runs in the namespaces, and remove them."""
        for host in self._hosts:
            for process in host.processes:
                if process.poll() is None:
                    process.kill()
                process.wait()
        for name in self._names:
            _remove(name)
        self._names.clear()


def remove_stale() -> None:
    """Remove the namespaces of runs whose process is gone."""
    for line in _run("ip", "netns", "list").splitlines():
        match = _NAME.match(line)
        if match and not Path(f"/proc/{match[1]}").exists():
            _remove(match[0])


def _remove(name: str) -> None:
    for pid in subprocess.run(["ip", "netns", "pids", name], check=False, capture_output=True).stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue
    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _wait_for_ipv6(host: Host) -> None:
    """Until the address is no longer tentative."""
    for _ in range(50):
        if "tentative" not in host.ip("-6", "addr", "show", "dev", "eth0", "scope", "global"):
            return
        time.sleep(0.02)


def _run(*command: str, text: str = "") -> str:
    arguments: Sequence[str] = command
    done = subprocess.run(arguments, input=text.encode(), capture_output=True, check=False, timeout=30)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.decode().strip() or done.returncode}")
    return done.stdout.decode()
