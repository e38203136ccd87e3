"""Muon for the layers' matrices, AdamW for the rest; both for several processes that share the work.

Muon: momentum whose singular values are made equal by a Newton-Schulz iteration (Jordan et al. 2024).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor, distributed, nn


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """[count, rows, columns], rows <= columns: the nearest matrices with equal singular values, about."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x


class Muon:
    """`matrices` are stacked by shape; what is several matrices in one (queries, keys, values) is taken apart."""

    def __init__(self, matrices: list[nn.Parameter], rate: float, momentum: float = 0.95) -> None:
        self.rate, self.momentum = rate, momentum
        self._matrices = matrices
        self.moments = [torch.zeros_like(one) for one in matrices]

    def step(self, factor: float) -> None:
        pieces: dict[tuple[int, int], list[Tensor]] = defaultdict(list)
        places: list[tuple[nn.Parameter, int, tuple[int, int], int, bool]] = []
        for parameter, moment in zip(self._matrices, self.moments, strict=True):
            assert parameter.grad is not None
            moment.lerp_(parameter.grad, 1 - self.momentum)
            ahead = parameter.grad.lerp(moment, self.momentum)
            rows, columns = parameter.shape
            parts = rows // columns if rows in (2 * columns, 3 * columns) else 1
            for number, part in enumerate(ahead.chunk(parts)):
                tall = part.shape[0] > part.shape[1]
                flat = part.T if tall else part
                key = (flat.shape[0], flat.shape[1])
                places.append((parameter, number, key, len(pieces[key]), tall))
                pieces[key].append(flat)
        done = {key: self._shared(torch.stack(stack)) for key, stack in pieces.items()}
        with torch.no_grad():
            for parameter, number, key, index, tall in places:
                update = done[key][index].T if tall else done[key][index]
                rows, columns = update.shape
                scale = max(1.0, rows / columns) ** 0.5
                parameter[number * rows : (number + 1) * rows].sub_(update, alpha=self.rate * factor * scale)

    def _shared(self, stack: Tensor) -> Tensor:
        """Each process does its share of the matrices."""
        if not distributed.is_initialized():
            return orthogonal(stack)
        rank, size = distributed.get_rank(), distributed.get_world_size()
        out = torch.zeros_like(stack)
        mine = slice(len(stack) * rank // size, len(stack) * (rank + 1) // size)
        out[mine] = orthogonal(stack[mine])
        distributed.all_reduce(out)
        return out


class Optimiser:
    """Both, for a model. `factor` scales the rates of a step."""

    def __init__(self, model: nn.Module, *, muon: float, adam: float) -> None:
        named = [(name, p) for name, p in model.named_parameters() if p.ndim == 2]
        layers = [p for name, p in named if name.startswith(("encoder.", "decoder."))]
        known = {id(p) for p in layers}
        self._rest = [p for p in model.parameters() if id(p) not in known]
        self.adam_rate = adam
        self.muon = Muon(layers, muon) if muon else None
        rest = self._rest if muon else list(model.parameters())
        self.adam = torch.optim.AdamW(rest, lr=adam, betas=(0.9, 0.98), weight_decay=0.01)
        self._all = list(model.parameters())

    def step(self, factor: float) -> None:
        """Gradients are averaged over the processes, clipped, applied and cleared."""
        for parameter in self._all:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        if distributed.is_initialized():
            flat = torch.cat([parameter.grad.flatten() for parameter in self._all])
            distributed.all_reduce(flat)
            flat /= distributed.get_world_size()
            at = 0
            for parameter in self._all:
                parameter.grad.copy_(flat[at : at + parameter.numel()].view_as(parameter))
                at += parameter.numel()
        nn.utils.clip_grad_norm_(self._all, 1.0)
        for group in self.adam.param_groups:
            group["lr"] = self.adam_rate * factor
        self.adam.step()
        if self.muon is not None:
            self.muon.step(factor)
        for parameter in self._all:
            parameter.grad = None

    def state(self) -> dict[str, Any]:
        return {"adam": self.adam.state_dict(), "muon": self.muon.moments if self.muon else []}

    def load(self, state: dict[str, Any]) -> None:
        self.adam.load_state_dict(state["adam"])
        for mine, saved in zip(self.muon.moments if self.muon else [], state["muon"], strict=True):
            mine.copy_(saved)
