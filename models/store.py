"""Folder of installed models: a model gets there whole or not at all.

models.lock          the pins (models.lock)
whisper-base/        an installed model: renamed into place when everything of it was there and right
.pulling/<model>/    what a pull has so far, kept after an interruption
.pulling/<model>.claim   held by the one process that pulls it
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from models import ModelError, Trouble, lock
from models.catalogue import Model
from models.lock import Pin
from models.names import flat
from models.sums import Sum

_PULLING = ".pulling"
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class ModelStore:
    """A folder of models, which need not exist yet."""

    folder: Path

    @classmethod
    def at(cls, path: Path) -> ModelStore:
        """Return the store of a models folder, or of a data folder that has one in it."""
        inner = path / "models"
        return cls(inner if inner.is_dir() and not (path / lock.FILE).is_file() else path)

    def path(self, model: Model) -> Path:
        """Return the folder of the model once it is installed."""
        return self.folder / model.name

    def pins(self) -> dict[str, Pin]:
        """Return the pins of models.lock by their models' names. Raises ModelError `bad_lock`."""
        return lock.read(self.folder)

    def installed(self, model: Model) -> bool:
        """Return True if the model's folder has all its files, by name. `amiss` reads them."""
        folder = self.path(model)
        if not folder.is_dir():
            return False
        there = {path.name for path in folder.iterdir()}
        if model.convert:
            return "model.bin" in there and (not model.translation or "translation.json" in there)
        return all(wanted.optional or there & {flat(name) for name in wanted.names} for wanted in model.files)

    def among(self, models: Iterable[Model]) -> list[Model]:
        """Those that are installed."""
        return [model for model in models if self.installed(model)]

    def amiss(self, model: Model) -> list[str]:
        """Return the complaints about an installed model that differs from the lock; none if all is well.

        Reads every byte.
        """
        pin = self.pins().get(model.name)
        if pin is None:
            return [f"{lock.FILE} does not know it: fetched by other means"]
        wrong = []
        folder = self.path(model)
        for name, wanted in pin.files.items():
            path = folder / name
            if not path.is_file():
                wrong.append(f"{name} is missing")
            elif (found := Sum.of(path)) != wanted:
                wrong.append(f"{name} has {found.size} bytes, SHA-256 {found.sha256[:12]}…, not {wanted.sha256[:12]}…")
        return wrong

    def staging(self, model: Model) -> Path:
        """Return the folder in which a pull keeps its files until the model is whole."""
        return self.folder / _PULLING / model.name

    @contextlib.asynccontextmanager
    async def claim(self, model: Model, waiting: Callable[[], None]) -> AsyncIterator[None]:
        """Held by one process at a time; `waiting` is called once if another has it. If we die, it is free."""
        async with self._held(self.folder / _PULLING / f"{model.name}.claim", waiting):
            yield

    @contextlib.asynccontextmanager
    async def _held(self, path: Path, waiting: Callable[[], None]) -> AsyncIterator[None]:
        path.parent.mkdir(parents=True, exist_ok=True)
        held, announced = FileLock(path), False
        while True:
            try:
                held.acquire(timeout=0)
                break
            except Timeout:
                if not announced:
                    waiting()
                announced = True
                await asyncio.sleep(_POLL_S)
        try:
            yield
        finally:
            held.release()

    async def install(self, model: Model, built: Path, pin: Pin) -> None:
        """Pins the model and moves `built` into its place. Whenever this is cut short, the model that is there is the
        one that is pinned, or there is none."""
        place, old = self.path(model), self.folder / _PULLING / f"{model.name}.old"
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.rename(place, old)
        async with self._held(self.folder / _PULLING / "lock.claim", lambda: None):
            lock.write(self.folder, {**self.pins(), model.name: pin})
        os.rename(built, place)
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(self.staging(model), ignore_errors=True)

    def room(self) -> int:
        """Free bytes on the folder's file system."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    def need(self, model: Model) -> Path:
        """The folder of an installed model. Raises ModelError `not_installed` with the command that fetches it."""
        if not self.installed(model):
            raise ModelError(
                Trouble.NOT_INSTALLED, f"{model.name} is not in {self.folder}: dragoman models pull {model.name}"
            )
        return self.path(model)
