"""Fills the parts of a CTranslate2 specification with random numbers, quantised already, and saves it.

One block of random bytes is made and handed out piece by piece, round and round: a model of 1.5 billion weights is
copied rather than computed, in seconds, and never stands in memory as 6 GB of floats.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = (1 << 20) + 7  # a prime: no two arrays of a model are equal
_SPREAD = 32  # of the quantised numbers: one standard deviation
_LOUD = np.float32(30)  # what an end of text adds to each dimension, beside which all else is small


class Filling:
    """`spread` is the standard deviation of all weights."""

    def __init__(self, seed: int, spread: float) -> None:
        chance = np.random.default_rng(seed).standard_normal(_BLOCK, np.float32)
        self._block = np.clip(np.rint(chance * _SPREAD), -127, 127).astype(np.int8)
        self._at = 0
        self._scale = np.float32(_SPREAD / spread)

    def quantised(self, *shape: int) -> NDArray[np.int8]:
        count = int(np.prod(shape))
        array = np.empty(count, np.int8)
        done = 0
        while done < count:
            part = self._block[self._at : self._at + count - done]
            array[done : done + part.size] = part
            done += part.size
            self._at = (self._at + part.size) % _BLOCK
        return array.reshape(shape)

    def floats(self, *shape: int) -> NDArray[np.float32]:
        return self.quantised(*shape).astype(np.float32) / self._scale

    def weight(self, part: Any, rows: int, *columns: int) -> None:
        """The weight of a linear layer, a convolution or a table of embeddings; a scale for each row."""
        part.weight = self.quantised(rows, *columns)
        part.weight_scale = np.full(rows, self._scale, np.float32)

    def linear(self, part: Any, outputs: int, inputs: int) -> None:
        self.weight(part, outputs, inputs)
        part.bias = np.zeros(outputs, np.float32)

    def convolution(self, part: Any, outputs: int, inputs: int, width: int = 3) -> None:
        self.weight(part, outputs, inputs, width)
        part.bias = np.zeros(outputs, np.float32)

    def norm(self, part: Any, width: int) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def layer(self, part: Any, width: int, inner: int, *, cross: bool) -> None:
        """A layer of an encoder, or with attention `cross` to one, of a decoder."""
        self.norm(part.self_attention.layer_norm, width)
        self.linear(part.self_attention.linear[0], 3 * width, width)
        self.linear(part.self_attention.linear[1], width, width)
        if cross:
            self.norm(part.attention.layer_norm, width)
            self.linear(part.attention.linear[0], width, width)
            self.linear(part.attention.linear[1], 2 * width, width)
            self.linear(part.attention.linear[2], width, width)
        self.norm(part.ffn.layer_norm, width)
        self.linear(part.ffn.linear_0, inner, width)
        self.linear(part.ffn.linear_1, width, inner)


def quiet(embeddings: Any, tokens: Iterable[int]) -> None:
    """These tokens are rarely said: their embeddings are a fifth as long."""
    embeddings.weight_scale[list(tokens)] *= np.float32(5)


def end_after(decoder: Any, position: int, end: int) -> None:
    """From `position` on, the decoder's own position says that nothing follows: `end` is what comes out."""
    meant = decoder.embeddings.weight[end].astype(np.float32) / np.float32(_SPREAD)
    decoder.position_encodings.encodings[position:] += _LOUD * meant


def sinusoids(positions: int, width: int) -> NDArray[np.float32]:
    """Vaswani et al. 2017, section 3.5: sines in the first half of the dimensions, cosines in the second."""
    rates = np.exp(np.arange(width // 2) * -(np.log(10_000.0) / (width // 2 - 1)))
    angles = np.arange(positions)[:, None] * rates[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def save(spec: Any, folder: Path, shared: dict[str, str]) -> None:
    """Write the model. `shared` maps each weight that is another one to that one, as in "decoder/projection"; they must
    have been given the same array."""
    spec.validate()
    for name, other in shared.items():
        part = spec
        for key in name.split("/"):
            part = part[int(key)] if isinstance(part, list) else getattr(part, key)
        part.weight, part.weight_scale = f"{other}/weight", f"{other}/weight_scale"
    spec.save(str(folder))


@contextlib.contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder to write a model into; it becomes `folder` when all is in it, and is gone if something fails."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(folder)  # also onto a folder that is there and empty
    finally:
        shutil.rmtree(part, ignore_errors=True)


def tied(part: Any, other: Any) -> None:
    """`part` has the same weight as `other`."""
    part.weight, part.weight_scale = other.weight, other.weight_scale
