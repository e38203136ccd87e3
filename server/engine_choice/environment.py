"""The environment that a server hands to its engines' processes: no setting of ours, so no secret of ours."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.engines.registry import EngineSpec
from pipeline.lanes.child_environment import allowed
from server.settings import PREFIX, process_environment


def engine_environment(spec: EngineSpec, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of `environment` (this process's own) that the engine of `spec` may see.

    These are the allow-list of `pipeline.lanes.child_environment` and the keys that the engine's entry or its option
    `key_variable` names. A setting of ours is never among them, whoever names it.
    Raises EngineError for an engine that the registry doesn't know.
    """
    given = process_environment() if environment is None else environment
    return {name: value for name, value in allowed(given, spec).items() if not name.startswith(PREFIX)}
