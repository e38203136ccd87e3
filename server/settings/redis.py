"""The part of the table of settings that is about several processes, and about the Redis that machines share."""

from __future__ import annotations

from dataclasses import dataclass

from server.settings import casts
from server.settings.row import setting

MOST_PROCESSES = 64
MACHINES = "Several processes and machines"


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Settings of several processes and machines; `Settings` holds them, too."""

    processes: int = setting(
        casts.whole(1, MOST_PROCESSES), 1,
        "Processes of the server at one port, each with its own engines; for machines with many cores "
        "(docs/operations.md).", MACHINES,
    )  # fmt: skip
    redis_url: str | None = setting(
        casts.redis_url, None,
        "The Redis by which servers reach workers and one another: rediss://user:password@redis.example.org:6379, with "
        "`?ssl_ca_certs=/path` for a private authority; needs the extra `redis` (docs/operations.md).",
        MACHINES, secret=True, unset="none",
    )  # fmt: skip
    node: str | None = setting(
        casts.node_name, None,
        "The name of this server among others that share its calls, such as `a`; all have one `DRAGOMAN_REDIS_URL`, "
        "`DRAGOMAN_SECRET` and `DRAGOMAN_PUBLIC_URL` (docs/operations.md).",
        MACHINES, unset="a server alone",
    )  # fmt: skip
    node_url: str | None = setting(
        casts.url, None, "The address at which the other nodes reach this one, such as http://10.0.0.5:8080.",
        MACHINES, unset="where it listens",
    )  # fmt: skip
