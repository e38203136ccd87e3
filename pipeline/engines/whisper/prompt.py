"""Whisper's prompt: words to expect, and a text whose spelling and tone are taken up.

Whisper takes both for what was said just before (Radford et al. 2022, 4.5), and spells what it hears like that. They
stand in a job's own prompt and nowhere else: nothing is left of them for the next job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.engines import EngineError
from pipeline.text.characters import cleaned
from pipeline.text.language import primary

MOST_TOKENS = 180
"""Tokens of a prompt, of the decoder's 448 places: with as many, its text may be as long as without a prompt."""
LONGEST_WORD = 64
MOST_WORDS = 100
MOST_BEFORE = 32
"""Tokens of what was said just before. Their number is a power of two: windows share a pass if prompts are as long."""
SEPARATOR = ", "

Words: TypeAlias = Sequence[str] | Mapping[str, Sequence[str]]
"""For all languages, or by language."""

_SPECIAL = re.compile(r"<\|[^|<>]*\|>|<\||\|>")


@dataclass(frozen=True, slots=True)
class Hints:
    """Return them as faster-whisper's `transcribe` takes them: None for none."""

    hotwords: str | None = None
    initial_prompt: str | None = None
    before: tuple[int, ...] = ()
    """Tokens of what was said just before, behind both."""


NO_HINTS = Hints()


def plain(text: str) -> str:
    """One line of printable text that the tokenizer can't take for control tokens."""
    return cleaned(_SPECIAL.sub(" ", cleaned(_SPECIAL.sub(" ", text))))


class PromptOptions:
    """The hints of an engine, and those of a job with them. `tokenizer` has `encode(text) -> Encoding`, as the library
    `tokenizers` has. Raises `EngineError` where the engine's own don't fit."""

    def __init__(self, tokenizer: Any, hotwords: Words = (), prompt: str | Mapping[str, str] = "") -> None:
        self._tokenizer = tokenizer
        self._hotwords = _by_primary(hotwords)
        self._prompt = _by_primary(prompt)
        self.possible = tokenizer.token_to_id("<|startofprev|>") is not None
        lists = list(hotwords.values()) if isinstance(hotwords, Mapping) else [hotwords]
        texts = list(prompt.values()) if isinstance(prompt, Mapping) else [prompt]
        if any(isinstance(words, str) for words in lists):
            raise EngineError("hotwords: a list of words is wanted, or one for each language, not a text")
        if (any(lists) or any(texts)) and not self.possible:
            raise EngineError("hotwords, prompt: this model's vocabulary has no <|startofprev|>: it takes no hints")
        for words in lists:
            if len(self._fitting(words, MOST_TOKENS)) < len(_cleaned(words)):
                raise EngineError(
                    f"hotwords: at most {MOST_WORDS} of {LONGEST_WORD} characters, and {MOST_TOKENS} tokens in all"
                )
        longest = max((self._length(plain(text)) for text in texts), default=0)
        if longest > MOST_TOKENS:
            raise EngineError(f"prompt: {longest} tokens are more than {MOST_TOKENS}")

    def hints(self, language: str, hotwords: Sequence[str] = (), before: str = "") -> Hints:
        """For a job in `language` with `hotwords` of its own, which come first; what finds no room is left out: whole
        words from the end, then the prompt, then the beginning of what was said `before`."""
        if not self.possible:
            return NO_HINTS
        words = self._fitting([*hotwords, *_of(self._hotwords, language, ())], MOST_TOKENS)
        known = SEPARATOR.join(words)
        prompt = plain(_of(self._prompt, language, ""))
        if prompt and self._length(known) + self._length(prompt) > MOST_TOKENS:
            prompt = ""
        room = MOST_TOKENS - self._length(known) - self._length(prompt)
        return Hints(known or None, prompt or None, self._last(plain(before), room))

    def _last(self, text: str, room: int) -> tuple[int, ...]:
        tokens = self._tokens(text)
        count = min(len(tokens), room, MOST_BEFORE)
        return tokens[-(1 << count.bit_length() - 1) :] if count > 0 else ()

    def _fitting(self, words: Sequence[str], room: int) -> list[str]:
        kept: list[str] = []
        for word in _cleaned(words)[:MOST_WORDS]:
            room -= self._length(word) + bool(kept)  # the comma between them
            if len(word) > LONGEST_WORD or room < 0:
                break
            kept.append(word)
        return kept

    def _length(self, text: str) -> int:
        """Return the length in tokens, with the space that faster-whisper puts before."""
        return len(self._tokens(text))

    def _tokens(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(" " + text, add_special_tokens=False).ids) if text else ()


def _cleaned(words: Sequence[str]) -> list[str]:
    """Without the blank ones and those that were there before."""
    return [word for word in dict.fromkeys(plain(word) for word in words) if word]


def _by_primary(given: Any) -> Any:
    return {primary(tag): value for tag, value in given.items()} if isinstance(given, Mapping) else given


def _of(given: Any, language: str, otherwise: Any) -> Any:
    return given.get(primary(language), otherwise) if isinstance(given, Mapping) else given
