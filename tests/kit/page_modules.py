"""Rules of the page's modules as pure functions: sources in, breaches out (`tests/web/test_page_structure.py`)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

LAYERS: Mapping[str, frozenset[str]] = {
    "pure": frozenset(),
    "words": frozenset(),
    "protocol": frozenset({"pure"}),
    "browser": frozenset({"pure", "protocol"}),
    "words/accounts": frozenset(),
    "words/captions": frozenset(),
    "screens": frozenset({"pure", "words", "words/accounts", "protocol", "browser", "screens/accounts"}),
    "screens/accounts": frozenset({"pure", "protocol", "browser", "screens"}),  # loaded when asked for
    "": frozenset({"pure", "protocol", "browser", "screens", "words/captions"}),  # app.js, boot.js and captions.js
}
"""Each folder of web/ and the other folders that its modules may import."""
PORTABLE = ("pure", "protocol")
"""Folders whose modules run without a page: protocol/ where WebRTC and WebSocket are, pure/ everywhere."""
OF_A_PAGE = re.compile(r"\b(document|window|localStorage|sessionStorage|location|history\.\w+State)\b")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
STATIC_IMPORT = re.compile(r'^(?:import|export)\s+(?:[\w*{][\w\s,$*{}]*\s+from\s+)?"([^"]+)"', re.MULTILINE)
DYNAMIC_IMPORT = re.compile(r'\bimport\(\s*["`]([^"`]+)["`]')


def imports(path: str, text: str) -> list[str]:
    """Return the paths in web/ of all modules that the module at `path` imports, `${…}` as it stands."""
    names = [*STATIC_IMPORT.findall(text), *DYNAMIC_IMPORT.findall(COMMENT.sub("", text))]
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in names]


def backward_imports(modules: Mapping[str, str], layers: Mapping[str, frozenset[str]] = LAYERS) -> list[str]:
    """Return the imports between folders that `layers` does not allow. `modules`: path in web/ → text."""
    return [
        f"{path} imports {other}"
        for path, text in modules.items()
        for other in imports(path, text)
        if (here := posixpath.dirname(path)) != (there := posixpath.dirname(other)) and there not in layers[here]
    ]


def missing_modules(modules: Mapping[str, str]) -> list[str]:
    """Return the imports of files that are not there."""
    return [
        f"{path} imports {other}"
        for path, text in modules.items()
        for other in imports(path, text)
        if other not in modules and "${" not in other
    ]


def circles(modules: Mapping[str, str]) -> list[str]:
    """Return one circle of imports for each module that is first in one, by depth-first search."""
    found: list[str] = []
    done: set[str] = set()

    def visit(path: str, trail: tuple[str, ...]) -> None:
        if path in trail:
            found.append(" -> ".join((*trail[trail.index(path) :], path)))
        elif path not in done:
            for other in imports(path, modules.get(path, "")):
                visit(other, (*trail, path))
            done.add(path)

    for path in sorted(modules):
        visit(path, ())
    return found


def eager(modules: Mapping[str, str], lazy: str = "accounts") -> list[str]:
    """Return the static imports of modules in a folder named `lazy`, from outside of it."""
    return [
        f"{path} imports {other}"
        for path, text in modules.items()
        if lazy not in path.split("/")
        for name in STATIC_IMPORT.findall(text)
        if lazy in (other := posixpath.normpath(posixpath.join(posixpath.dirname(path), name))).split("/")
    ]


def unportable(modules: Mapping[str, str], folders: Iterable[str] = PORTABLE) -> list[str]:
    """Return the modules of `folders` that touch the document, its address or its storage."""
    portable = {path: text for path, text in modules.items() if posixpath.dirname(path) in folders}
    return [path for path, text in portable.items() if OF_A_PAGE.search(COMMENT.sub("", text))]


def long_files(files: Mapping[str, str], limit: int = 300) -> list[str]:
    """Return the files of more than `limit` lines."""
    return [path for path, text in files.items() if len(text.splitlines()) > limit]
