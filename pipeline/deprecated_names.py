"""Old names that third parties' engines import: they work for one version, and warn."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def moved(old: str, new: str, renamed: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """Return the `__getattr__` of the module `old`, whose names are those of the module `new`.

    `renamed` maps an old name to the new one where it is another.
    """

    def getattr_(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {old!r} has no attribute {name!r}")
        current = (renamed or {}).get(name, name)
        try:
            value = getattr(importlib.import_module(new), current)
        except AttributeError:
            raise AttributeError(f"module {old!r} has no attribute {name!r}") from None
        warnings.warn(f"{old}.{name} is now {new}.{current}", DeprecationWarning, stacklevel=2)
        return value

    return getattr_


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module some of whose names have changed."""
    current = moved(module, module, names)

    def getattr_(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return current(name)

    return getattr_
