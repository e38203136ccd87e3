"""The bench of the rules by which words are settled: it hears a turn, and its verdict can fail."""

import asyncio

from bench.settling import __main__ as settling
from bench.settling import rules
from testing.speech_material import singles
from testing.virtual_clock import VirtualLoop


def row(exact: int, late: int) -> dict[str, object]:
    return {"name": "a rule", "exact": exact, "clauses": 9, "never": 0, "lateP50Ms": late, "lateP95Ms": late,
            "erasure": 0.1, "passes": 5}  # fmt: skip


def test_the_verdict() -> None:
    assert rules.best([row(8, 500), row(8, 500), row(7, 100)])
    assert not rules.best([row(8, 500), row(9, 900)]), "another gets more of them right"
    assert not rules.best([row(8, 500), row(8, 300)]), "another gets as many, and sooner"


def test_a_turn_is_heard_and_told() -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        found = runner.run(rules.heard_by(rules.RULES[0], singles(2)[:1]))
    assert found.exact == [True] and 0 < found.late[0] < 1 and found.passes > 1
    told = settling.markdown({"seconds": 1.0, "rules": [{"name": "a rule", **found.as_json()}]})
    assert "1 of 1" in told
