"""Shows the progress of downloads: bars on a terminal, and a line for each file elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


class ProgressBars:
    """A `Watch` of downloads (`models.pull`)."""

    def say(self, text: str) -> None:
        tqdm.write(text)
        sys.stdout.flush()

    @contextmanager
    def file(self, model: str, name: str, size: int) -> Iterator[Callable[[int], None]]:
        short = name.rpartition("/")[2]
        with tqdm(
            total=size, desc=f"{model} {short}"[:48], unit="B", unit_scale=True, disable=None, leave=False
        ) as bar:
            yield bar.update
            if bar.disable:
                self.say(f"{model}: {short}, {size / 1e6:.1f} MB")
