"""Checks of documents against the code: pure functions over texts, each of which returns what is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote

SETTING = re.compile(r"\bDRAGOMAN_[A-Z]+(?:_[A-Z]+)*\b(?!_)")
COMMAND = re.compile(r"\bdragoman ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+(?:-[a-z]+)*))?")
MAKE = re.compile(r"(?:`|^|&& |; )make(?: -C \S+)? ([a-z]+(?:-[a-z]+)*)", re.MULTILINE)
MODULE = re.compile(r"\bpython3? (?:-B )?-m ([a-z_]+(?:\.[a-z_]+)*)")
METRIC = re.compile(r"\bdragoman_[a-z0-9_]+\b")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
CLAUSE = re.compile(
    r"(?:^|(?<=[.:;!?] )|(?<=\| )|(?<=^- ))(?:What|Who|Whoever|Whom|Whose|Which|Whether|How)\b"
    r"[^.:;?!|]*(?:[.;!|]|:(?= )|$)"
)
"""A sentence, or a cell of a table, that begins with a clause. Questions, and lines that announce a list, may stand."""
LATER_CLAUSE = re.compile(r"(?<=[:;] )(?:what|who|whoever|whom|whose|which|whether|how)\b[^.:;?!|]*(?:[.:;!]|$)")
"""The part of a sentence behind a colon or a semicolon, if it begins with a clause. In a table's cell that is mostly
one question of several, so tables may have it.
"""
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def code_of(text: str) -> str:
    """Return what stands as code in a Markdown text: fenced blocks and spans."""
    fenced = "\n".join(FENCE.findall(text))
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return "\n".join([fenced, *(f"`{span}`" for span in spans)])


def unknown_settings(texts: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Return the settings that documents name and nothing reads."""
    return sorted(
        f"{path}: {name}" for path, text in texts.items() for name in set(SETTING.findall(text)) if name not in known
    )


def clauses_as_subjects(texts: Mapping[str, str]) -> list[str]:
    """Return the sentences of documents that begin with a clause, as in "What is late is skipped.", and later parts."""
    return [
        f"{path}: {found[0][:80]}"
        for path, text in texts.items()
        for line in FENCE.sub("", text).splitlines()
        if not line.startswith("#")
        for rule in ((CLAUSE,) if line.lstrip().startswith("|") else (CLAUSE, LATER_CLAUSE))
        for found in rule.finditer(line.strip())
    ]


def uneven_rows(texts: Mapping[str, str]) -> list[str]:
    """Return the rows of tables that have more or fewer cells than the first row of their table.

    A pipe parts cells in a code span, too, unless a backslash stands before it: so says GitHub's Markdown.
    """
    wrong = []
    for path, text in texts.items():
        cells: int | None = None
        for line in FENCE.sub("", text).splitlines():
            row = line.strip()
            if not row.startswith("|"):
                cells = None
                continue
            found = len(re.findall(r"(?<!\\)\|", row.removesuffix("|")))
            cells = found if cells is None else cells
            if found != cells:
                wrong.append(f"{path}: {found} cells, not {cells}: {row[:80]}")
    return wrong


def undocumented(names: Iterable[str], text: str) -> list[str]:
    """Return those `names` that do not stand as code in `text`."""
    return sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def unknown_commands(texts: Mapping[str, str], commands: Mapping[str, Collection[str]]) -> list[str]:
    """Return the `dragoman …` commands that documents name and the command line has not.

    `commands` are the actions of each command; none for a command without any.
    """
    wrong = []
    for path, text in texts.items():
        for command, action in COMMAND.findall(code_of(text)):
            if command not in commands:
                wrong.append(f"{path}: dragoman {command}")
            elif action and commands[command] and action not in commands[command]:
                wrong.append(f"{path}: dragoman {command} {action}")
    return sorted(set(wrong))


def unknown_targets(texts: Mapping[str, str], targets: Collection[str]) -> list[str]:
    """Return the `make …` targets that documents name and the Makefile has not."""
    return sorted(
        {f"{path}: make {one}" for path, text in texts.items() for one in MAKE.findall(code_of(text))}
        - {f"{path}: make {one}" for path in texts for one in targets}
    )


def missing_modules(texts: Mapping[str, str], files: Collection[str], packages: Collection[str]) -> list[str]:
    """Return the modules of ours that documents run by `python -m` and that can't be run."""
    wrong = []
    for path, text in texts.items():
        for module in MODULE.findall(code_of(text)):
            place = module.replace(".", "/")
            if module.split(".")[0] in packages and not {f"{place}.py", f"{place}/__main__.py"} & set(files):
                wrong.append(f"{path}: python -m {module}")
    return sorted(set(wrong))


def targets_of(makefile: str) -> list[str]:
    """Return the targets that a Makefile explains by `##`."""
    return re.findall(r"^([a-z-]+):[^#\n]*##", makefile, re.MULTILINE)


def unexplained_targets(makefile: str) -> list[str]:
    """Return the targets that `make help` does not show."""
    named = re.findall(r"^([a-z-]+):(?!=)", makefile, re.MULTILINE)
    return sorted(set(named) - set(targets_of(makefile)))


def unknown_metrics(texts: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Return the metrics that documents name and `/metrics` has not."""
    return sorted(
        {f"{path}: {name}" for path, text in texts.items() for name in METRIC.findall(text) if name not in known}
    )


def section(text: str, heading: str) -> str:
    """Return the part of a document below a heading, down to the next one of its level or above."""
    level = heading.partition(" ")[0]
    rest = text[text.index(heading) + len(heading) :]
    end = re.search(rf"^#{{1,{len(level)}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def first_column(table: str) -> set[str]:
    """Return the names in the first column of a Markdown table: `a` / `b` are two."""
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}


def message_types(source: str) -> set[str]:
    """Return the types of messages that a module sends or understands: `"type": …`, `type=…`, `case …`, `_READERS`."""
    sent = re.findall(r"""["']?type["']?\s*[:=]\s*["']([a-z_]+)["']""", source)
    understood = [
        name
        for case in re.findall(r"^\s*case (\"[^:]*):", source, re.MULTILINE)
        for name in re.findall(r'"([a-z_]+)"', case)
    ]
    readers = re.findall(r"^_READERS\b.*?^}", source, re.MULTILINE | re.DOTALL)
    return {
        *sent,
        *understood,
        *(name for one in readers for name in re.findall(r'^\s*"([a-z_]+)":', one, re.MULTILINE)),
    }


def broken_links(texts: Mapping[str, str], files: Collection[str]) -> list[str]:
    """Return the relative links that lead to no file or folder, seen from the document's own folder."""
    wrong = []
    for path, text in texts.items():
        folder = path.rpartition("/")[0]
        for link in LINK.findall(FENCE.sub("", text)):
            target = unquote(link.partition("#")[0])
            if (
                target
                and "://" not in target
                and not target.startswith("mailto:")
                and not _exists(folder, target, files)
            ):
                wrong.append(f"{path}: {link}")
    return sorted(wrong)


def missing_paths(texts: Mapping[str, str], files: Collection[str], tops: Collection[str]) -> list[str]:
    """Return the paths in code spans that begin with a folder of ours, in `tops`, and lead nowhere."""
    return sorted(
        {
            f"{path}: {named}"
            for path, text in texts.items()
            for named in PATH.findall(FENCE.sub("", text))
            if named.split("/")[0] in tops and not _exists("", named, files)
        }
    )


def _exists(folder: str, target: str, files: Collection[str]) -> bool:
    parts: list[str] = folder.split("/") if folder else []
    for part in target.strip("/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    place = "/".join(parts)
    return not place or any(file == place or file.startswith(f"{place}/") for file in files)
