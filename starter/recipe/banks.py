"""The banks of spoken utterances that training draws from."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from starter.recipe.synth import Item


class Utterance(NamedTuple):
    """One of a bank. Of its frames, each second one is taken: 20 ms each."""

    item: Item
    mels: np.memmap

    @property
    def frames(self) -> int:
        return self.item.frames // 2

    @property
    def speaker(self) -> tuple[str, str]:
        """The language, and the variant without its accent."""
        return self.item.language, self.item.voice.partition("+")[2]

    def mel(self) -> Tensor:
        """[frames, 80]"""
        first = self.item.first + random.randrange(2)
        return torch.from_numpy(np.array(self.mels[first : self.item.first + self.item.frames : 2], np.float32))


class Bank:
    """The pieces of one bank, in memory-mapped files."""

    def __init__(self, folder: Path, name: str) -> None:
        self.all: list[Utterance] = []
        for file in sorted(folder.glob(f"{name}-[0-9]*.json")):
            mels = np.load(file.with_suffix(".npy"), mmap_mode="r")
            for record in json.loads(file.read_text("utf-8")):
                for key in ("starts", "breaks"):
                    record[key] = tuple(start // 2 for start in record.get(key, ()))  # -1 stays -1
                self.all.append(Utterance(Item(**record), mels))
        if not self.all:
            raise SystemExit(f"there is no bank {name!r} in {folder}: python -m starter.recipe.synth {folder}")
        self.speakers: dict[tuple[str, str], list[Utterance]] = defaultdict(list)
        for one in self.all:
            self.speakers[one.speaker].append(one)
