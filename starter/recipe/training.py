"""Common parts of both trainings: a schedule, checkpoints that are never half written, several processes.

The rate rises, stays, and falls to nothing over the last part. The last checkpoint before the fall is kept, so a
longer training can go on from there.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import distributed, nn

from starter.recipe.optimiser import Optimiser


@dataclass(frozen=True)
class Schedule:
    """Schedule of the learning rate, all in steps."""

    total: int
    fall: int
    rise: int = 200

    @property
    def falls_from(self) -> int:
        return max(0, self.total - self.fall)

    @property
    def late(self) -> int:
        """Step at which the rate has fallen to a fifth."""
        return self.total - self.fall // 5

    def factor(self, step: int) -> float:
        if step < self.rise:
            return (step + 1) / self.rise
        return min(1.0, max(0.0, (self.total - step) / max(1, self.fall)))


class Checkpoints:
    """`latest.pt`, `stable.pt` and `late.pt` in a folder. The second is of before the fall of the rate, the third of
    late in it."""

    def __init__(self, folder: Path, model: nn.Module, optimiser: Optimiser, *, every_s: float = 240) -> None:
        self.folder, self.model, self.optimiser, self.every = folder, model, optimiser, every_s
        self._saved = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self, schedule: Schedule) -> int:
        """Return the step to go on with.

        Where the saved fall began earlier than this schedule's, the stable checkpoint is loaded.
        """
        for name in ("latest.pt", "stable.pt"):
            file = self.folder / name
            if file.exists():
                saved = torch.load(file, weights_only=True)
                if saved["step"] <= schedule.falls_from or saved["total"] == schedule.total:
                    self.model.load_state_dict(saved["model"])
                    self.optimiser.load(saved["optimiser"])
                    return int(saved["step"])
        return 0

    def due(self) -> bool:
        return time.monotonic() - self._saved > self.every

    def save(self, step: int, schedule: Schedule) -> None:
        self._saved = time.monotonic()
        state = {"step": step, "total": schedule.total, "model": self.model.state_dict()}
        state |= {"shape": self.model.shape, "optimiser": self.optimiser.state()}
        names = {"latest.pt": True, "stable.pt": step <= schedule.falls_from, "late.pt": step == schedule.late}
        for name in (name for name, due in names.items() if due):
            part = self.folder / f"{name}.part"
            torch.save(state, part)
            part.replace(self.folder / name)


class Asked:
    """Request to end, by SIGTERM or SIGINT. The process saves then, and can be started again."""

    def __init__(self) -> None:
        self.to_end = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._take)

    def _take(self, _signal: int, _frame: FrameType | None) -> None:
        self.to_end = True


def join(rank: int, world: int, port: int) -> None:
    """Join the processes that train one model together; each uses one thread."""
    torch.set_num_threads(1)
    if world > 1:
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
        distributed.init_process_group("gloo", rank=rank, world_size=world, timeout=timedelta(days=3))


def agreed(flag: bool) -> bool:
    """Return True if `flag` is True in any of the processes."""
    if not distributed.is_initialized():
        return flag
    agreed = torch.tensor([float(flag)])
    distributed.all_reduce(agreed)
    return bool(agreed.item())


def write(file: Path, record: dict[str, Any]) -> None:
    """Append a line to a file of JSON lines."""
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(record) + "\n")
