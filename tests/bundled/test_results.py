"""The numbers that the bundled models come with are of these very files, and they meet what was promised."""

import json
from pathlib import Path

import starter
from starter.recipe.evaluate import TARGETS, digests, megabytes

RESULTS = json.loads((Path(starter.__file__).parent / "results.json").read_text("utf-8"))


def test_they_are_of_the_models_that_are_here() -> None:
    assert RESULTS["models"] == digests()
    assert RESULTS["options"] == starter.STT_OPTIONS


def test_every_target_is_told_and_what_is_missed_is_named() -> None:
    missed = [target.name for target in TARGETS if not target.met(RESULTS["found"][target.name])]
    assert RESULTS["missed"] == missed


def test_they_are_small() -> None:
    assert megabytes() <= 8.0
    assert RESULTS["found"]["size, MB"] == round(megabytes(), 4)
