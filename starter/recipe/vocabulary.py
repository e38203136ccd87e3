"""The recogniser's tokens: every word of the phrasebook is one, in Whisper's order of ids.

Text, "" (by which CTranslate2 tells a multilingual model), the special tokens, and 1501 times to the end. Words
that are not of the phrasebook are spelled in bytes, so that any text can be given as a hint.
"""

from __future__ import annotations

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from starter.recipe.domain import LANGUAGES, examples, words

SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]
TIMES = [f"<|{number * 0.02:.2f}|>" for number in range(1501)]


def _pieces() -> list[str]:
    """The words of the phrasebook as they are written, each with the space before it, and its marks."""
    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False)
    spelled = {word for pair in examples() for text in pair for word in text.split()}
    found = {piece for word in spelled for piece, _place in splitter.pre_tokenize_str(f" {word}")}
    return sorted(found)


def build() -> Tokenizer:
    """A byte-level BPE without merges: whole words, or bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    text = [*alphabet, *(piece for piece in _pieces() if piece not in alphabet), ""]
    tokenizer = Tokenizer(
        models.BPE(vocab={piece: number for number, piece in enumerate(text)}, merges=[], ignore_merges=True)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    form = json.loads(tokenizer.to_str())
    form["added_tokens"] = [
        {
            "id": len(text) + number,
            "content": name,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": number < len(SPECIAL),
        }
        for number, name in enumerate([*SPECIAL, *TIMES])
    ]
    return Tokenizer.from_str(json.dumps(form))


def listed(tokenizer: Tokenizer) -> list[str]:
    """Return all tokens by their ids."""
    known: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
    return sorted(known, key=lambda token: known[token])


class Units:
    """Classes of the encoder's second task: words in pairs of letters, numbered from 1. CTC's blank is 0."""

    def __init__(self) -> None:
        texts = [text for pair in examples() for text in pair]
        known = sorted({unit for text in texts for unit in self._cut(text)})
        self._numbers = {unit: number + 1 for number, unit in enumerate(known)}

    def __len__(self) -> int:
        return len(self._numbers) + 1

    def __call__(self, text: str) -> list[int]:
        return [self._numbers[unit] for unit in self._cut(text) if unit in self._numbers]

    @staticmethod
    def _cut(text: str) -> list[str]:
        return [word[at : at + 2] for word in words(text) for at in range(0, len(word), 2)]
