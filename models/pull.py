"""Pulls a model: fetches each file, verifies its checksum, converts and pins it, and installs it whole.

Whatever ends a pull (Ctrl-C, a dead line, a full disk), the model is not there, and what has come is kept for the next.
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from models import ModelError, Trouble
from models.catalogue import Model
from models.convert import convert, require
from models.lock import Pin
from models.names import flat
from models.snapshot import RemoteFile, Snapshot, Source
from models.store import ModelStore
from models.sums import Sum, git_hash, sums

_SNAPSHOT, _ASKED = "snapshot.json", "revision"
_SPARE = 64 << 20  # bytes that stay free on the disk
_MB = 1_000_000
_BESIDE_WEIGHTS = ("tokenizer.json", "preprocessor_config.json")
"""Files of a recogniser that its engine reads, and that a conversion leaves behind unless they are named."""


class Watch(Protocol):
    """Observer of a pull's progress."""

    def say(self, text: str) -> None:
        """Show `text` to people."""
        ...

    def file(self, model: str, name: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
        """Surround the fetching of one file of `size` bytes. The function is called with the bytes that came."""
        ...


class Silent:
    """A `Watch` that doesn't look."""

    def say(self, text: str) -> None: ...

    @contextmanager
    def file(self, model: str, name: str, size: int) -> Iterator[Callable[[int], None]]:
        yield lambda count: None


async def pull(
    model: Model, store: ModelStore, source: Source, *, revision: str | None = None, update: bool = False, watch: Watch
) -> bool:
    """Fetch `model`. Returns False if it was installed already, and nothing was fetched.

    `revision` replaces the catalogue's. `update` resolves the revision anew and replaces the entry of the lock.
    Without `update` the lock's commit is fetched, and every file must match the lock. Raises ModelError.
    """
    with _disk_troubles(store):
        return await _pull(model, store, source, revision, update, watch)


async def _pull(
    model: Model, store: ModelStore, source: Source, revision: str | None, update: bool, watch: Watch
) -> bool:
    async with store.claim(model, lambda: watch.say(f"{model.name}: another process is fetching it; waiting")):
        pin = None if update else store.pins().get(model.name)
        asked = revision or model.revision
        same = revision is None or (pin is not None and revision in (pin.revision, pin.commit))
        if store.installed(model) and not update and same:
            return False
        if model.convert:
            require(model.name)
        staging = store.staging(model)
        if pin is not None and not same:
            raise ModelError(
                Trouble.LOCK_MISMATCH,
                f"{model.name} is pinned to {pin.revision} ({pin.commit[:12] or 'from a folder'}); "
                f"to take {asked} instead, add --update",
            )
        snapshot = await _resolved(model, staging, source, asked, pin)
        chosen = [snapshot.files[name] for name in model.select(snapshot.files)]
        _require_pinned(model, chosen, pin)
        _forget_others(staging / "fetched", chosen)
        _require_room(model, store, staging / "fetched", chosen)
        fetched = {}
        for file in chosen:
            fetched[file.name] = await _fetched(model, staging, source, snapshot, file, pin, watch)
        built = await _built(model, staging, list(fetched), watch)
        commit = snapshot.commit or (pin.commit if pin is not None else "")  # what is held to the lock is that commit
        made = Pin(snapshot.repository, pin.revision if pin else asked, commit, model.licence, fetched, sums(built))
        await store.install(model, built, made)
        known = f"commit {commit[:12]}" if commit else "its commit is not known"
        watch.say(f"{model.name}: {_size_of(made.files)}, {known}")
        return True


async def adopt(model: Model, store: ModelStore, other: ModelStore, *, update: bool = False, watch: Watch) -> bool:
    """Install a finished model of another store, as on a machine without a hub; True if it was not here.

    Raises ModelError.
    """
    with _disk_troubles(store):
        return await _adopt(model, store, other, update, watch)


async def _adopt(model: Model, store: ModelStore, other: ModelStore, update: bool, watch: Watch) -> bool:
    async with store.claim(model, lambda: watch.say(f"{model.name}: another process is fetching it; waiting")):
        if store.installed(model) and not update:
            return False
        theirs, ours = other.pins().get(model.name), store.pins().get(model.name)
        if theirs is None:
            raise ModelError(Trouble.BAD_FOLDER, f"{other.folder} has {model.name}, but its models.lock does not")
        if ours is not None and not update and ours.fetched != theirs.fetched:
            raise ModelError(
                Trouble.LOCK_MISMATCH,
                f"{model.name} in {other.folder} is not what is pinned here; to take it, add --update",
            )
        built = store.staging(model) / "built"
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir(parents=True)
        size = sum(one.size for one in theirs.files.values())
        _require_bytes(model, store, size)
        for name, wanted in theirs.files.items():
            with watch.file(model.name, name, wanted.size) as came:
                try:
                    shutil.copyfile(other.path(model) / name, built / name)
                except FileNotFoundError as error:
                    raise ModelError(Trouble.BAD_FOLDER, f"{error.filename} is missing") from None
                came(wanted.size)
            if Sum.of(built / name) != wanted:
                raise ModelError(
                    Trouble.CORRUPTED, f"{model.name}/{name} in {other.folder} is not what its models.lock says"
                )
        await store.install(model, built, theirs)
        watch.say(f"{model.name}: {_size_of(theirs.files)} from {other.folder}")
        return True


@contextmanager
def _disk_troubles(store: ModelStore) -> Iterator[None]:
    """A disk that fills up meanwhile, or that we may not write to, raised as such."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = f"no space is left in {store.folder}; make some, and run the same command again: it goes on"
            raise ModelError(Trouble.NO_SPACE, text) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            text = f"{error.filename or store.folder} can't be written; set DRAGOMAN_DATA to a folder of yours"
            raise ModelError(Trouble.BAD_FOLDER, text) from None
        raise


async def _resolved(model: Model, staging: Path, source: Source, asked: str, pin: Pin | None) -> Snapshot:
    """The commit that an interrupted pull had begun on, the lock's, or the one that the revision names now."""
    kept, revision_file = staging / _SNAPSHOT, staging / _ASKED
    wanted = pin.commit if pin is not None and pin.commit else asked
    begun = f"{type(source).__name__} {model.repository}@{wanted}"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        before, snapshot = revision_file.read_text("utf-8"), Snapshot.load(kept.read_text("utf-8"))
        # By the same words, or pinned meanwhile: a crash between the pin and the last step.
        same = before == begun or (before.split(" ")[0] == type(source).__name__ and snapshot.commit == wanted)
        if same and snapshot.commit and snapshot.repository == model.repository:
            return snapshot
    snapshot = await source.snapshot(model.repository, wanted)
    if pin is not None and pin.commit and snapshot.commit and snapshot.commit != pin.commit:
        raise ModelError(
            Trouble.LOCK_MISMATCH,
            f"{model.name} is pinned to commit {pin.commit[:12]}, and this is {snapshot.commit[:12]}; "
            "to take it, add --update",
        )
    if staging.is_dir() and not (revision_file.is_file() and revision_file.read_text("utf-8") == begun):
        shutil.rmtree(staging)  # begun on something else
    staging.mkdir(parents=True, exist_ok=True)
    kept.write_text(snapshot.dump(), "utf-8")
    revision_file.write_text(begun, "utf-8")
    return snapshot


def _require_pinned(model: Model, chosen: list[RemoteFile], pin: Pin | None) -> None:
    """Raise ModelError if the chosen files are not the ones that the lock has: it could not check the others."""
    names = {file.name for file in chosen}
    if pin is not None and (others := names ^ set(pin.fetched)):
        raise ModelError(
            Trouble.LOCK_MISMATCH,
            f"{model.name} is pinned with other files: {', '.join(sorted(others))} only here or only in models.lock; "
            "if you mean that, add --update",
        )


def _forget_others(folder: Path, chosen: list[RemoteFile]) -> None:
    """Delete files of an earlier pull that are no part of the model now."""
    wanted = {flat(file.name) for file in chosen}
    for path in folder.glob("*"):
        if path.name.removesuffix(".part") not in wanted:
            path.unlink()


def _require_room(model: Model, store: ModelStore, folder: Path, files: list[RemoteFile]) -> None:
    """Raise ModelError if the disk has no room for the bytes to come and for the result of a conversion."""
    have = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    made = model.installed_mb * _MB if model.convert else 0
    _require_bytes(model, store, sum(file.size for file in files) - have + made)


def _require_bytes(model: Model, store: ModelStore, need: int) -> None:
    room = store.room()
    if need + _SPARE > room:
        raise ModelError(
            Trouble.NO_SPACE,
            f"{model.name} needs {(need + _SPARE) // _MB + 1} MB, and {store.folder} has {room // _MB} MB free; "
            "make room, or set DRAGOMAN_DATA to a folder on a larger disk",
        )


async def _fetched(
    model: Model, staging: Path, source: Source, snapshot: Snapshot, file: RemoteFile, pin: Pin | None, watch: Watch
) -> Sum:
    """Fetch one file into `fetched/`, whole and verified. A corrupted one is fetched once more from the start."""
    place = staging / "fetched" / flat(file.name)
    part = place.with_name(place.name + ".part")
    place.parent.mkdir(parents=True, exist_ok=True)
    locked = pin.fetched.get(file.name) if pin is not None else None
    if place.is_file() and not _wrong(place, file):
        return _held(model, file, Sum.of(place), locked)
    wrong = ""
    for _ in range(2):
        with watch.file(model.name, file.name, file.size) as came:
            await source.fetch(snapshot, file, part, came)
        wrong = _wrong(part, file)
        if not wrong:
            found = _held(model, file, Sum.of(part), locked)
            part.replace(place)
            return found
        part.unlink()
        watch.say(f"{model.name}: {file.name} {wrong}; fetching it again")
    raise ModelError(
        Trouble.CORRUPTED, f"{model.name}: {file.name} {wrong}, twice; try another mirror (DRAGOMAN_HUB), or later"
    )


def _wrong(path: Path, file: RemoteFile) -> str:
    """Return what is wrong with the file at `path` by the source's description `file`; empty if nothing is."""
    if (size := path.stat().st_size) != file.size:
        return f"has {size} bytes, not {file.size}"
    if file.sha256 is not None and Sum.of(path).sha256 != file.sha256:
        return "does not have the SHA-256 that the hub tells"
    if file.git is not None and git_hash(path) != file.git:
        return "does not have the hash that the hub tells"
    return ""


def _held(model: Model, file: RemoteFile, found: Sum, locked: Sum | None) -> Sum:
    if locked is not None and locked != found:
        raise ModelError(
            Trouble.LOCK_MISMATCH,
            f"{model.name}: {file.name} is not the file that models.lock has (SHA-256 {found.sha256[:12]}…, "
            f"not {locked.sha256[:12]}…); if you mean that, add --update",
        )
    return found


async def _built(model: Model, staging: Path, fetched: list[str], watch: Watch) -> Path:
    """The model's folder as its engine wants it, still in the staging area."""
    source = staging / "fetched"
    if not model.convert:
        built = source
    else:
        built = staging / "built"
        shutil.rmtree(built, ignore_errors=True)
        watch.say(f"{model.name}: converting it to CTranslate2's format")
        there = [flat(name) for name in fetched]
        kept = {str(model.translation.get(f"{side}_pieces", "")) for side in ("source", "target")}
        if model.kind == "stt":
            kept.update(_BESIDE_WEIGHTS)
        await convert(source, built, sorted(kept & set(there)))
    if model.translation:
        description = {**model.translation, "pairs": [list(pair) for pair in model.pairs]}
        (built / "translation.json").write_text(json.dumps(description, indent=1) + "\n", "utf-8")
    return built


def _size_of(files: Mapping[str, Sum]) -> str:
    return f"{sum(one.size for one in files.values()) / _MB:.0f} MB"
