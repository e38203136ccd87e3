"""Trains the translator: `python -m starter.recipe.train_mt FOLDER [--steps N]`.

One network for both directions; the first piece of the source names the language that is wanted. It can be stopped
and started again like the recogniser's training.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional

from starter.recipe import training
from starter.recipe.domain import LANGUAGES, Pair, answer, crossed, draw
from starter.recipe.models import Translator
from starter.recipe.optimiser import Optimiser
from starter.recipe.progress import Progress

WANTED = {language: f">>{language}<<" for language in LANGUAGES}
SENTENCES = 128
DIGITS = 0.15
"""Share of sentences with a number of several digits: each must be copied, and they are the last to be right."""
ANSWERS = 0.08
"""Share of words without their sentence: else the network makes one up around them."""
MISREAD = 0.15
"""Share of the pieces before the next one that the decoder is told wrong, in half of the sentences: it is to go by the
source, not by what usually follows."""
CROSSED = 0.25
"""Share of sentences with the wrong kind of thing in their blanks: what is there is to be translated, not guessed."""
UNKNOWN, BEGIN, END = 0, 1, 2


def spoiled(text: str, chance: random.Random) -> str:
    """Return a text with a recogniser's faults: a quarter without marks and capitals, some with a letter lost."""
    kind = chance.random()
    if kind < 0.25:
        text = plain(text)
    elif kind < 0.35:
        text = text.lower()
    elif kind < 0.45:
        text = text.rstrip(".?!") + chance.choice(("", ",", "."))
    if chance.random() < 0.06 and len(text) > 8:
        at = chance.randrange(1, len(text) - 1)
        text = text[:at] + text[at + 1 :]
    return text


def plain(text: str) -> str:
    """Return a text in lower case, without marks."""
    return re.sub(r"[^\w' ]+", "", text.lower())


def pieces(folder: Path) -> sentencepiece.SentencePieceProcessor:
    """Return the SentencePiece model of the phrasebook, made where it isn't there."""
    file = folder / "source.model"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        chance = random.Random("pieces")
        lines = [line for _ in range(40_000) for text in draw(chance) for line in (text, text.lower())]
        (folder / "pieces.txt").write_text("\n".join(lines), "utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(folder / "pieces.txt"),
            model_prefix=str(folder / "source"),
            vocab_size=1700,
            model_type="unigram",
            character_coverage=1.0,
            user_defined_symbols=list(WANTED.values()),
            unk_id=UNKNOWN,
            bos_id=BEGIN,
            eos_id=END,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    return sentencepiece.SentencePieceProcessor(model_file=str(file))


def two(first: Pair, second: Pair, side: int, chance: random.Random) -> tuple[str, str]:
    """Return two sentences at once; the end of the first is perhaps not marked."""
    texts = [pair[side] for pair in (first, second)]
    source = " ".join(texts) if chance.random() < 0.4 else plain(" ".join(texts))
    return source, f"{first[1 - side]} {second[1 - side]}"


def batch(
    known: sentencepiece.SentencePieceProcessor, chance: random.Random, misread: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return sources, their places that are no padding, targets as given and as wanted."""
    sources, targets = [], []
    for _ in range(SENTENCES // 2):
        pair = _pair(chance)
        for side in (0, 1):
            if chance.random() < 0.12:
                source, target = two(pair, draw(chance), side, chance)
            else:
                source, target = spoiled(pair[side], chance), pair[1 - side]
            name = known.piece_to_id(WANTED[LANGUAGES[1 - side]])
            sources.append([name, *known.encode(source), END])
            targets.append([BEGIN, *known.encode(target), END])
    source, there = _padded(sources)
    target, said = _padded(targets)
    given = _misread(target[:, :-1], known.vocab_size(), misread)
    return source, there, given, target[:, 1:].masked_fill(~said[:, 1:], -100)


def _misread(given: Tensor, vocabulary: int, misread: float) -> Tensor:
    rate = misread * (torch.rand(len(given), 1) < 0.5)
    wrong = (torch.rand(given.shape) < rate) & (given > END)
    return torch.where(wrong, torch.randint(END + 1, vocabulary, given.shape), given)


def _pair(chance: random.Random) -> Pair:
    kind = chance.random()
    if kind < ANSWERS:
        return answer(chance)
    if kind < ANSWERS + CROSSED:
        return crossed(chance)
    return draw(chance, blank="DIGS" if kind < ANSWERS + CROSSED + DIGITS else None)


def _padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    longest = max(map(len, rows))
    return (
        torch.tensor([row + [END] * (longest - len(row)) for row in rows]),
        torch.tensor([[True] * len(row) + [False] * (longest - len(row)) for row in rows]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=4900)
    parser.add_argument("--fall", type=int, default=850)
    parser.add_argument("--muon", type=float, default=0.02)
    parser.add_argument("--adam", type=float, default=3e-3)
    chosen = parser.parse_args()
    training.join(0, 1, 0)
    torch.manual_seed(5)
    known = pieces(chosen.folder / "mt")
    model = Translator(known.vocab_size())
    optimiser = Optimiser(model, muon=chosen.muon, adam=chosen.adam)
    schedule = training.Schedule(chosen.steps, chosen.fall)
    checkpoints = training.Checkpoints(chosen.folder / "mt", model, optimiser, every_s=60)
    first = checkpoints.resume(schedule)
    asked = training.Asked()
    chance = random.Random(f"translator {first}")
    bar = Progress("translator", chosen.steps, first)
    losses: list[float] = []
    for step in itertools.count(first):
        if asked.to_end or step in (schedule.falls_from, chosen.steps) or checkpoints.due():
            checkpoints.save(step, schedule)
        if asked.to_end or step >= chosen.steps:
            break
        misread = MISREAD if step < schedule.falls_from else 0.0  # at the end as it will be
        source, there, given, wanted = batch(known, chance, misread)
        scores = model(source, there, given)
        loss = functional.cross_entropy(scores.flatten(0, 1), wanted.flatten(), ignore_index=-100, label_smoothing=0.05)
        loss.backward()
        optimiser.step(schedule.factor(step))
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            mean = sum(losses) / len(losses)
            bar.show(step + 1, f"loss {mean:.3f}")
            training.write(chosen.folder / "mt" / "log.jsonl", {"step": step + 1, "loss": mean})
            losses.clear()


if __name__ == "__main__":
    main()
