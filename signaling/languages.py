"""Languages that this server can interpret now, and the checks of a session's languages against them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.text.language import is_tag, native_name, primary, same
from signaling.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Parts of interpretation that there are from one language to another."""

    speech: bool
    """True if speech is recognised and translated."""
    typed: bool
    """True if typed text is translated."""
    spoken: bool
    """True if there is a voice for the translation; else it is read."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The server's languages as primary subtags (BCP 47)."""

    hear: frozenset[str]
    """Languages that are recognised."""
    speak: frozenset[str]
    """Languages that there is a voice for."""
    pairs: frozenset[tuple[str, str]]
    """(source, target) that are translated. A source that is not in `hear` has to be typed."""
    pivoted: frozenset[tuple[str, str]] = frozenset()
    """Those of `pairs` that are translated by way of a third language."""
    gist: frozenset[tuple[str, str]] = frozenset()
    """Those of `pairs` of which only the gist is right."""

    @classmethod
    def of(
        cls,
        hear: Iterable[str],
        speak: Iterable[str],
        pairs: Iterable[tuple[str, str]],
        pivoted: Iterable[tuple[str, str]] = (),
        gist: Iterable[tuple[str, str]] = (),
    ) -> Languages:
        """Make Languages from any tags (BCP 47)."""
        return cls(
            frozenset(primary(tag) for tag in hear),
            frozenset(primary(tag) for tag in speak),
            *(
                frozenset((primary(source), primary(target)) for source, target in given)
                for given in (pairs, pivoted, gist)
            ),
        )

    @property
    def usable(self) -> frozenset[str]:
        """Languages of possible participants: recognised, or the target of a pair."""
        return self.hear | {target for _, target in self.pairs}

    def interprets(self, one: str, other: str) -> bool:
        """True if speech is translated in one direction at least, or both languages are the same."""
        pair = primary(one), primary(other)
        return same(one, other) or pair in self.pairs or pair[::-1] in self.pairs

    def interpretation(self, source: str, target: str) -> Interpretation:
        """Return what there is from `source` to `target` (tags of BCP 47): nothing where both are the same."""
        typed = not same(source, target) and (primary(source), primary(target)) in self.pairs
        return Interpretation(
            speech=typed and primary(source) in self.hear, typed=typed, spoken=typed and primary(target) in self.speak
        )

    def require(self, tag: str) -> None:
        """Raise Refusal `unsupported_language` for a tag that is neither recognised nor translated into here."""
        usable = self.usable
        if not (is_tag(tag) and primary(tag) in usable):
            raise Refusal(
                Code.UNSUPPORTED_LANGUAGE,
                "this server neither understands that language nor translates into it",
                {"languages": sorted(usable)},
            )

    def require_pair(self, one: str, other: str) -> None:
        """Raise Refusal `unsupported_pair` where nothing can be interpreted either way."""
        if not self.interprets(one, other):
            raise Refusal(
                Code.UNSUPPORTED_PAIR,
                "this server cannot interpret between these two languages",
                {"pairs": self.pairs_as_json()},
            )

    def as_json(self) -> dict[str, object]:
        """Return the answer of GET /languages."""
        tags = sorted(self.hear | self.speak)
        answer: dict[str, object] = {
            "languages": [
                {"tag": tag, "name": native_name(tag), "hear": tag in self.hear, "speak": tag in self.speak}
                for tag in tags
            ],
            "pairs": self.pairs_as_json(),
        }
        for name, pairs in (("pivoted", self.pivoted), ("gist", self.gist)):
            if pairs:
                answer[name] = sorted(map(list, pairs))
        return answer

    def pairs_as_json(self) -> list[list[str]]:
        """Return the pairs as GET /languages and refusals show them."""
        return sorted(map(list, self.pairs))
