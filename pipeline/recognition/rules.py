"""Finds the rule of a table that decides: the first one whose conditions all hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Outcome]):
    """One row of a table: conditions by name, the outcome where all of them hold, and the reason in plain words."""

    conditions: Mapping[str, bool]
    outcome: Outcome
    reason: str


def deciding(rules: Sequence[Rule[Outcome]], facts: Mapping[str, bool]) -> Rule[Outcome] | None:
    """Return the first rule whose conditions all hold, or None. Raises KeyError if `facts` lacks a condition."""
    return next((rule for rule in rules if all(facts[name] == holds for name, holds in rule.conditions.items())), None)


def outcome(rules: Sequence[Rule[Outcome]], facts: Mapping[str, bool]) -> Outcome:
    """Return the outcome of the deciding rule of a table that ends in a rule without conditions."""
    rule = deciding(rules, facts)
    assert rule is not None, "the table has no last resort"
    return rule.outcome
