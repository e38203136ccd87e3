"""Old names of docs/engines.md: each is the new thing, and warns."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

OLD = [
    ("pipeline.registry", "Entry", "pipeline.engines.registry", "Entry"),
    ("pipeline.registry", "EngineSpec", "pipeline.engines.registry", "EngineSpec"),
    ("pipeline.registry", "Gathering", "pipeline.engines.registry", "Batching"),
    ("pipeline.contract", "TranslatorContract", "pipeline.engine_contract", "TranslatorContract"),
    ("pipeline.contract", "run", "pipeline.engine_contract", "run"),
    ("pipeline.language", "primary", "pipeline.text.language", "primary"),
    ("pipeline.speech", "Hearing", "pipeline.speech", "Transcribe"),
    ("pipeline.speech", "Phrase", "pipeline.speech", "Translate"),
    ("pipeline.speech", "Line", "pipeline.speech", "Synthesize"),
]


@pytest.mark.parametrize(("module", "name", "new_module", "new_name"), OLD)
def test_an_old_name_is_the_new_thing_and_warns(module: str, name: str, new_module: str, new_name: str) -> None:
    old, new = importlib.import_module(module), importlib.import_module(new_module)
    with pytest.warns(DeprecationWarning, match=rf"{module}\.{name} is now {new_module}\.{new_name}"):
        assert getattr(old, name) is getattr(new, new_name)


@pytest.mark.parametrize("module", sorted({module for module, *_ in OLD}))
def test_a_name_that_never_was_is_no_attribute(module: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = importlib.import_module(module).Nothing


def test_the_old_command_runs_the_contract() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "pipeline.contract", "mt", "nothing"], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 2
    assert (
        "no mt engine is called 'nothing'" in said.stderr and "is now python -m pipeline.engine_contract" in said.stderr
    )
