"""Decides whether a server takes new calls now, and what is away that only some requests need. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.events import EngineStage


class Degraded(StrEnum):
    """Parts that may be away while calls go on."""

    ACCOUNTS_DATABASE = "accounts_database"
    """Signing in, profiles, past calls and histories are refused; guests' calls are not."""
    WORKERS = "workers"
    """Workers, or the Redis by which they are reached. Engines here do their jobs where there are any."""
    DIRECTORY = "directory"
    """The Redis by which nodes share sessions, or this node's lease in it. Calls that run here go on."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """State of a server, as `GET /ready` and the metrics show it."""

    stages: Mapping[EngineStage, bool]
    """Each stage, and if it has an engine that works. Another voice than the usual one counts."""
    engines: bool
    """True while all of them have one."""
    ending: bool
    """True once the server was asked to stop."""
    away: frozenset[Degraded]
    admits: bool = True
    """False for one of several nodes that can let nobody in, since it does not know what the others do."""
    others_take: bool = False
    """True if another process at the same port takes new calls."""

    @property
    def ready(self) -> bool:
        """True if new calls are taken."""
        return self.others_take or (self.engines and not self.ending and self.admits)

    def as_json(self) -> dict[str, object]:
        """Return the body of `GET /ready`."""
        return {
            "ready": self.ready,
            "ending": self.ending,
            "stages": {stage.value: works for stage, works in self.stages.items()},
            "degraded": sorted(one.value for one in self.away),
        }
