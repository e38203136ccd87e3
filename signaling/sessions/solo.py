"""Decides in which language, and by which voice, a person alone in a session may hear themselves."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.text.language import primary, same
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal


@dataclass(frozen=True, slots=True)
class Solo:
    """Wish of a session for one."""

    language: str
    """BCP 47 tag of the language in which the person's words come back."""
    voice: str = ""
    """Voice that they hear; empty for the server's choice."""

    def require(self, spoken: str, dependencies: Dependencies) -> None:
        """Raise Refusal unless speech in `spoken` can come back so.

        `unsupported_language` or `unsupported_pair`: a language that is understood nowhere here, or not translated into
        `language`. The same language is no pair, and captions without a translation. `not_found`: no such voice.
        """
        languages = dependencies.languages()
        languages.require(self.language)
        if not same(spoken, self.language) and (primary(spoken), primary(self.language)) not in languages.pairs:
            raise Refusal(
                Code.UNSUPPORTED_PAIR,
                "this server does not translate from your language to that of `solo`",
                {"pairs": languages.pairs_as_json()},
            )
        dependencies.require_voice(self.voice)
