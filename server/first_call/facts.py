"""Facts of a machine that decide which engines it gets: what it can compute, what is here, what can be fetched."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models import ModelError
from models.catalogue import catalogue
from models.hub import Hub
from models.store import ModelStore
from pipeline.engines import EngineError
from pipeline.engines.translation.apertium_pairs import Pair, modes, ways
from pipeline.engines.voices.python_environment import interpreter
from server.first_call.debian import may_install
from server.settings import Settings

HUB_ANSWERS_S = 6.0
"""Time for the hub to answer one small question. A hub that is not there must not delay a first call."""
APERTIUM = Path("/usr/share/apertium/modes")
_ASKED_FOR = "whisper-tiny"


@dataclass(frozen=True, slots=True)
class Facts:
    """`apertium`: pairs that Apertium translates here now. `installed`: names of models. `failed`: names of models and
    of Debian packages that could not be had."""

    cores: int = 1
    memory_gb: float = 1.0
    gpu: bool = False
    hub: bool = False
    pypi: bool = True
    converts: bool = False
    """True if PyTorch weights can be converted here."""
    piper: bool = False
    debian: bool = False
    """True if Debian packages can be installed by whoever runs this."""
    apertium: frozenset[Pair] = frozenset()
    installed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()


def gathered(settings: Settings, store: ModelStore, *, hub: bool) -> Facts:
    """Return the facts of this machine. `hub`: True if the hub answers."""
    return Facts(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gb=_memory_gb(),
        gpu=Path("/dev/nvidia0").exists() and _has("nvidia.cublas"),
        hub=hub,
        converts=_has("torch") and _has("transformers"),
        piper=_speaks_by_piper(settings.piper),
        debian=may_install(),
        apertium=apertium_pairs(),
        installed=frozenset(name for name, model in catalogue().models.items() if store.installed(model)),
    )


async def hub_trouble(url: str, *, patience_s: float = HUB_ANSWERS_S) -> str:
    """Return the reason why the hub is of no use now, or nothing if it answers."""
    asked = catalogue().models[_ASKED_FOR]
    try:
        async with asyncio.timeout(patience_s), Hub(url, attempts=1, quiet=patience_s) as hub:
            await hub.snapshot(asked.repository, asked.revision)
    except TimeoutError:
        return f"{url} does not answer within {patience_s:.0f} s"
    except ModelError as error:
        return str(error).partition(";")[0]
    return ""


def apertium_pairs(folder: Path = APERTIUM) -> frozenset[Pair]:
    """Return the pairs that Debian's Apertium translates here, by a way-station or not; none without its programs."""
    if shutil.which("lt-proc") is None:
        return frozenset()
    direct = modes(mode.stem for mode in folder.glob("*.mode"))
    return frozenset(direct) | frozenset(ways(direct))


def _memory_gb() -> float:
    names: Mapping[str, int] = os.sysconf_names
    if not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= names.keys():
        return 1.0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _speaks_by_piper(python: str | None) -> bool:
    try:
        interpreter("piper", "piper-tts", python)
    except EngineError:
        return False
    return True
