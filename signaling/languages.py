"""What this server can interpret now, and what that means for a session's languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.text.language import is_tag, native_name, primary, same
from signaling.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class Languages:
    """Primary subtags: what is recognised, what is spoken, and which (source, target) pairs are translated;
    `pivoted` are those of them that go by way of a third language."""

    hear: frozenset[str]
    speak: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    pivoted: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(
        cls,
        hear: Iterable[str],
        speak: Iterable[str],
        pairs: Iterable[tuple[str, str]],
        pivoted: Iterable[tuple[str, str]] = (),
    ) -> Languages:
        """From any tags."""
        return cls(
            frozenset(primary(tag) for tag in hear),
            frozenset(primary(tag) for tag in speak),
            *(frozenset((primary(source), primary(target)) for source, target in given) for given in (pairs, pivoted)),
        )

    def hears(self, tag: str) -> bool:
        return primary(tag) in self.hear

    def interprets(self, one: str, other: str) -> bool:
        """Whether two people who speak these can be helped at all: the same language always can."""
        pair = primary(one), primary(other)
        return same(one, other) or pair in self.pairs or pair[::-1] in self.pairs

    def require(self, tag: str) -> None:
        """Raises Refusal `unsupported_language` for a tag that a participant cannot speak here."""
        if not (is_tag(tag) and self.hears(tag)):
            raise Refusal(
                Code.UNSUPPORTED_LANGUAGE,
                "this server does not understand that language",
                {"languages": sorted(self.hear)},
            )

    def require_pair(self, one: str, other: str) -> None:
        """Raises Refusal `unsupported_pair` where nothing can be interpreted either way."""
        if not self.interprets(one, other):
            raise Refusal(
                Code.UNSUPPORTED_PAIR,
                "this server cannot interpret between these two languages",
                {"pairs": self._pairs()},
            )

    def as_json(self) -> dict[str, object]:
        """The answer of GET /languages."""
        tags = sorted(self.hear | self.speak)
        told: dict[str, object] = {
            "languages": [
                {"tag": tag, "name": native_name(tag), "hear": tag in self.hear, "speak": tag in self.speak}
                for tag in tags
            ],
            "pairs": self._pairs(),
        }
        if self.pivoted:
            told["pivoted"] = sorted(map(list, self.pivoted))
        return told

    def _pairs(self) -> list[list[str]]:
        return sorted(map(list, self.pairs))
