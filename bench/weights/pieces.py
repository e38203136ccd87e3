"""A SentencePiece model of the few sentences that are said to models with random weights."""

from __future__ import annotations

import io
from collections.abc import Collection
from functools import cache

import sentencepiece

from pipeline.engine_contract.texts import SENTENCES

_MOST = 1000
_LINES = (
    "one two three four five six seven eight nine ten eleven twelve.",
    "I would like to book a quiet table for two people this evening.",
    "Could you tell me, please, where the nearest bank is from here?",
    "Quisiera reservar una mesa tranquila para dos personas esta noche.",
    "0 1 2 3 4 5 6 7 8 9 , ; : ! ? - ( ) \" '",
)


@cache
def trained() -> bytes:
    """The model, as a file holds it."""
    lines = [*_LINES, *(line for pair in SENTENCES.values() for line in pair)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines * 3),  # words that are seen more than once become pieces of their own
        model_writer=model,
        model_type="bpe",
        vocab_size=_MOST,
        hard_vocab_limit=False,
        character_coverage=1.0,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def pieces(*, except_for: Collection[str]) -> list[str]:
    """Its pieces, in order, without those that are in a vocabulary already."""
    read = sentencepiece.SentencePieceProcessor(model_proto=trained())
    every = (read.id_to_piece(number) for number in range(read.get_piece_size()))
    return [piece for piece in every if piece not in except_for and piece not in {"<s>", "</s>", "<unk>"}]
