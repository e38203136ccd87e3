"""Trains the recogniser: `python -m starter.recipe.train_stt FOLDER [--steps N --fall N]`.

`FOLDER/data` has the banks of `synth.py`. It can be stopped at any time and started again; with more steps it goes
on from the last checkpoint before the learning rate fell.
"""

from __future__ import annotations

import argparse
import itertools
import signal
import time
from pathlib import Path

import torch
from torch import Tensor, multiprocessing
from torch.nn import functional

from pipeline.text.word_errors import word_errors
from starter.recipe import training
from starter.recipe.banks import Bank
from starter.recipe.mixing import Batch, Mixer
from starter.recipe.models import Recogniser
from starter.recipe.optimiser import Optimiser
from starter.recipe.progress import Progress
from starter.recipe.vocabulary import Units, build, listed
from testing.words import words

SMOOTHING = 0.05
TURNS_FROM = 500
"""Steps without turns of several sentences: the beginning is for learning to listen."""

FIRST = {"single": 0.76, "cut": 0.14, "turn": 0.0, "broken": 0.04, "stranger": 0.04, "noise": 0.02}
MIX = {"single": 0.33, "cut": 0.13, "turn": 0.25, "broken": 0.18, "stranger": 0.07, "noise": 0.04}
"""Shares of the kinds of examples until then, and after."""

LONGEST_TEXT = 60  # tokens


def losses(model: Recogniser, batch: Batch) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the tokens, and CTC of the spelling."""
    memory, bias = model.encode(batch.mel, batch.padding)
    scores = model.decode(batch.given, memory, bias)
    tokens = functional.cross_entropy(
        scores.flatten(0, 1), batch.wanted.flatten(), ignore_index=-100, label_smoothing=SMOOTHING
    )
    sounding = [
        number
        for number, spelled in enumerate(batch.spelled)
        if spelled and len(spelled) + 3 < int(batch.lengths[number])
    ]
    if not sounding:
        return tokens, torch.zeros(())
    spelled = model.spell(memory[sounding, : batch.mel.shape[2] // 2]).log_softmax(-1).transpose(0, 1)
    wanted = [batch.spelled[number] for number in sounding]
    ctc = functional.ctc_loss(
        spelled,
        torch.tensor([letter for one in wanted for letter in one]),
        batch.lengths[sounding],
        torch.tensor([len(one) for one in wanted]),
        zero_infinity=True,
    )
    return tokens, ctc


@torch.no_grad()
def read(model: Recogniser, mixer: Mixer, mel: Tensor, languages: list[int], padding: int = 0) -> list[list[int]]:
    """The tokens of the first sentences that are heard, greedy; `mel` as in `Batch`, `languages` are their tokens."""
    end = mixer.token["endoftext"]
    memory, bias = model.encode(mel, padding)
    rows = [[one, mixer.token["transcribe"]] for one in languages]
    tokens = torch.tensor([[mixer.token["startoftranscript"], *row, mixer.first_time] for row in rows])
    for _ in range(LONGEST_TEXT):
        following = model.decode(tokens, memory, bias)[:, -1].argmax(-1)
        following[(tokens[:, 4:] == end).any(1)] = end
        tokens = torch.cat([tokens, following[:, None]], 1)
        if bool((following == end).all()):
            break
    return [[token for token in row if token < end] for row in tokens[:, 4:].tolist()]


def watch(model: Recogniser, mixer: Mixer, bank: Bank, count: int) -> float:
    """Word error rate of a validation bank."""
    said, heard = [], []
    for start in range(0, count, 20):
        numbers = range(start, min(count, start + 20))
        mels = [bank.all[number].mel() for number in numbers]
        longest = max(map(len, mels)) + 30
        mel = torch.zeros(len(mels), 80, longest + longest % 2)
        for number, one in enumerate(mels):
            mel[number, :, : len(one)] = one.T
        languages = [mixer.token[bank.all[number].item.language] for number in numbers]
        heard += [mixer.tokenizer.decode(row) for row in read(model, mixer, mel, languages)]
        said += [bank.all[number].item.text for number in numbers]
    wrong = sum(word_errors(words(one), words(other)) for one, other in zip(said, heard, strict=True))
    return wrong / sum(len(words(text)) for text in said)


def watch_turns(model: Recogniser, mixer: Mixer, count: int) -> float:
    """Token error rate of the first sentences of turns as the training has them, disturbed and all."""
    wrong = asked = 0
    for _ in range(0, count, 10):
        plans = [mixer.plans.draw("turn") for _ in range(10)]
        batch = mixer.batch(plans)
        heard = read(model, mixer, batch.mel, batch.wanted[:, 0].tolist(), batch.padding)
        for plan, row in zip(plans, heard, strict=True):
            said = mixer.tokenizer.encode(f" {plan.first}", add_special_tokens=False).ids
            wrong, asked = wrong + word_errors(said, row), asked + len(said)
    return wrong / asked


def run(rank: int, chosen: argparse.Namespace) -> None:
    training.join(rank, chosen.processes, chosen.port)
    torch.manual_seed(5)
    tokenizer, units = build(), Units()
    model = Recogniser(len(listed(tokenizer)), len(units), chosen.width, 4, chosen.encoder, 2)
    optimiser = Optimiser(model, muon=chosen.muon, adam=chosen.adam)
    schedule = training.Schedule(chosen.steps, chosen.fall)
    checkpoints = training.Checkpoints(chosen.folder / "stt", model, optimiser)
    first = checkpoints.resume(schedule)
    asked = training.Asked()
    mixer = Mixer(chosen.folder / "data", tokenizer, seed=1000 * rank + first, budget=chosen.budget)
    watched = {name: Bank(chosen.folder / "data", name) for name in ("valid-same", "valid-voices")}
    bar = Progress("recogniser", chosen.steps, first)
    began = looked = time.monotonic()
    sums = [0.0, 0.0, 0.0, 0.0]
    batches = mixer.batches()
    for step in itertools.count(first):
        mixer.plans.shares = FIRST if step < TURNS_FROM else MIX
        if step >= schedule.falls_from:
            mixer.misread, mixer.masked = 0.0, False  # at the end as it will be
        ending = training.agreed(asked.to_end) if step % 5 == 0 else False
        marks = schedule.falls_from, schedule.late, chosen.steps
        if rank == 0 and (ending or step in marks or checkpoints.due()):
            checkpoints.save(step, schedule)
        if ending or step >= chosen.steps:
            break
        batch = next(batches)
        tokens, ctc = losses(model, batch)
        (tokens + (0.5 if step < schedule.falls_from else 0.3) * ctc).backward()
        optimiser.step(schedule.factor(step))
        sums = [sums[0] + tokens.item(), sums[1] + ctc.item(), sums[2] + len(batch.lengths), sums[3] + 1]
        if rank == 0 and (step + 1) % 50 == 0:
            rate = sums[2] * chosen.processes / (time.monotonic() - began)
            figures = {"tokens": sums[0] / sums[3], "spelling": sums[1] / sums[3], "rate": rate}
            bar.show(step + 1, ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
            training.write(chosen.folder / "stt" / "log.jsonl", {"step": step + 1, **figures, "at": time.time()})
            began, sums = time.monotonic(), [0.0, 0.0, 0.0, 0.0]
        if rank == 0 and chosen.watch and time.monotonic() - looked > chosen.watch:
            found = {name: round(watch(model, mixer, bank, 60), 4) for name, bank in watched.items()}
            found["turns, disturbed"] = round(watch_turns(model, mixer, 60), 4)
            training.write(chosen.folder / "stt" / "log.jsonl", {"step": step + 1, "word errors": found})
            print(f"step {step + 1}: word errors in validation: {found}", flush=True)
            looked = time.monotonic()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=34_800)
    parser.add_argument("--fall", type=int, default=6_500, help="over how many of them the rate falls")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--budget", type=int, default=3600, help="frames of a batch of one process")
    parser.add_argument("--width", type=int, default=144)
    parser.add_argument("--encoder", type=int, default=3)
    parser.add_argument("--muon", type=float, default=0.02, help="rate of the matrices; 0: AdamW for all")
    parser.add_argument("--adam", type=float, default=2e-3)
    parser.add_argument("--watch", type=float, default=900, help="seconds between looks at validation")
    parser.add_argument("--port", type=int, default=29_512)
    chosen = parser.parse_args()
    if chosen.processes > 1:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_IGN)  # the children take it, and save
        multiprocessing.spawn(run, (chosen,), chosen.processes)
    else:
        run(0, chosen)


if __name__ == "__main__":
    main()
