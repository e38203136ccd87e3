"""Word error rate between what was said and what was recognised."""

from __future__ import annotations

from collections.abc import Sequence


def word_errors(reference: Sequence[object], hypothesis: Sequence[object]) -> int:
    """Substitutions, deletions and insertions (Levenshtein 1966)."""
    row = list(range(len(hypothesis) + 1))
    for i, mine in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, theirs in enumerate(hypothesis, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (mine != theirs))
    return row[-1]
