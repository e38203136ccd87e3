"""Known results of queueing theory, against which the simulation is tested. Pure.

Waits are those of customers in the queue, service excluded. Source: Kleinrock, Queueing Systems, volumes 1 and 2.
"""

from __future__ import annotations


def erlang_c(servers: int, load: float) -> float:
    """Return the share of customers who wait in M/M/c. `load` is arrivals times service, in servers.

    Raises ValueError where the load is no less than the servers.
    """
    _stable(load / servers)
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def wait_mmc(arrivals: float, service_s: float, servers: int) -> float:
    """Return the mean wait in M/M/c, s. `arrivals` are those of a second."""
    load = arrivals * service_s
    return erlang_c(servers, load) * service_s / (servers - load)


def wait_md1(arrivals: float, service_s: float) -> float:
    """Return the mean wait in M/D/1, s, by Pollaczek and Khinchine."""
    busy = arrivals * service_s
    _stable(busy)
    return busy * service_s / (2 * (1 - busy))


def waits_mm1_by_priority(first: float, second: float, service_s: float) -> tuple[float, float]:
    """Return the mean waits, s, of two classes in M/M/1 of which the first goes before (Cobham 1954).

    A job that runs is not interrupted. `first` and `second` are the arrivals of a second.
    """
    urgent, busy = first * service_s, (first + second) * service_s
    _stable(busy)
    left_s = busy * service_s
    return left_s / (1 - urgent), left_s / ((1 - urgent) * (1 - busy))


def _stable(busy: float) -> None:
    if not 0 <= busy < 1:
        raise ValueError(f"servers that are {busy:.2f} busy never catch up")
