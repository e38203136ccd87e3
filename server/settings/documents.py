"""Documents that are written from the tables of settings: `.env.example`, the compose files, docs/operations.md.

Every function here is pure: texts in, texts out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from server.settings.compose import PRODUCTION, REDIS_PASSWORDS
from server.settings.row import Row
from server.settings.table import RELAY, ROWS, SECTIONS
from turn.settings import ROWS as RELAY_ROWS
from turn.settings import RelayRow

EXAMPLE_HEAD = """\
# Written from server/settings/table.py and turn/settings.py by: python -m server.settings --write
#
# Copy to .env (compose reads it from there) or to /etc/dragoman/dragoman.env (systemd), and fill in what is needed.
# An empty setting has its default. Make the secrets with: openssl rand -hex 32. Keep the copy readable by its owner
# only.
"""
_WIDTH = 114


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as documents show it, the server's or the relay's."""

    text: str
    default: str
    deployed: str
    required: str
    fixed: str = ""


def of_server(row: Row) -> Shown:
    """Return a setting of the server as documents show it."""
    return Shown(row.text, row.shown_default, row.deployed, row.required, row.fixed)


def of_relay(row: RelayRow) -> Shown:
    """Return a setting of the relay as documents show it."""
    default = row.unset or ("must be set" if row.default is None else row.default)
    return Shown(row.text, default, row.deployed, row.required)


def example() -> str:
    """Return the whole `.env.example`."""
    parts = [EXAMPLE_HEAD]
    for section in SECTIONS:
        parts.append(f"\n# --- {section[0].lower()}{section[1:]} ".ljust(_WIDTH, "-") + "\n")
        shown = {variable: of_server(row) for variable, row in ROWS.items() if row.section == section}
        if section == RELAY:
            shown |= {
                variable: of_relay(row)
                for variable, row in RELAY_ROWS.items()
                if row.in_compose and variable not in shown
            }
        parts.extend(_example_lines(shown))
    parts.append("\n# --- the compose files alone ".ljust(_WIDTH + 1, "-") + "\n")
    beside = {**REDIS_PASSWORDS, **PRODUCTION}
    parts.extend(_example_lines({variable: Shown(text, "", "", "") for variable, text in beside.items()}))
    return "".join(parts)


def _example_lines(settings: Mapping[str, Shown]) -> Iterable[str]:
    for variable, one in settings.items():
        if one.fixed:
            continue
        if one.required:
            hint = " Must be set."
        else:
            hint = "" if one.deployed or one.default in ("", "none") else f" Default: {one.default}."
        for line in textwrap.wrap(
            one.text.replace("`", "") + hint.replace("`", ""),
            _WIDTH - 2,
            break_long_words=False,
            break_on_hyphens=False,
        ):
            yield f"# {line}\n"
        yield f"{variable}={one.deployed}\n"


def compose_environment(settings: Mapping[str, Shown]) -> str:
    """Return the lines of a service's `environment` in docker-compose.yml."""
    return "".join(f"      {variable}: {_compose_value(variable, one)}\n" for variable, one in settings.items())


def _compose_value(variable: str, one: Shown) -> str:
    if one.fixed:
        return one.fixed
    if one.required:
        return f"${{{variable}:?{one.required}}}"
    return f"${{{variable}:-{one.deployed}}}"


def operations_table(settings: Mapping[str, Shown]) -> str:
    """Return the table of settings of docs/operations.md."""
    rows = [f"| `{variable}` | {one.default or 'none'} | {one.text} |\n" for variable, one in settings.items()]
    return "\n| variable | default | meaning |\n|---|---|---|\n" + "".join(rows) + "\n"


def server_rows() -> dict[str, Shown]:
    """Return all settings of the server, by variable, in the order of the sections."""
    return {
        variable: of_server(row)
        for section in SECTIONS
        for variable, row in ROWS.items()
        if row.section == section
    }  # fmt: skip


def relay_rows(only_compose: bool = False) -> dict[str, Shown]:
    """Return all settings of the relay, by variable. `only_compose`: those that docker-compose.yml passes on."""
    return {
        variable: of_relay(row) for variable, row in RELAY_ROWS.items() if row.in_compose or not only_compose
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A written part of a document, between a line that begins it and a line that ends it."""

    begin: str
    end: str
    make: Callable[[], str]


COMPOSE_BLOCKS = (
    Block(
        "      # Settings of the server, written by: python -m server.settings --write\n",
        "      # End of the server's settings.\n",
        lambda: compose_environment(server_rows()),
    ),
    Block(
        "      # Settings of the relay, written by: python -m server.settings --write\n",
        "      # End of the relay's settings.\n",
        lambda: compose_environment(relay_rows(only_compose=True)),
    ),
)
OPERATIONS_BLOCKS = (
    Block(
        "<!-- Settings of the server, written by: python -m server.settings --write -->\n",
        "<!-- End of the server's settings. -->\n",
        lambda: operations_table(server_rows()),
    ),
    Block(
        "<!-- Settings of the relay, written by: python -m server.settings --write -->\n",
        "<!-- End of the relay's settings. -->\n",
        lambda: operations_table(relay_rows()),
    ),
)


def replaced(text: str, blocks: Iterable[Block]) -> str:
    """Return a document with its written parts made anew. Raises ValueError where a block's mark is missing."""
    for block in blocks:
        before, begin, rest = text.partition(block.begin)
        _, end, after = rest.partition(block.end)
        if not begin or not end:
            raise ValueError(f"a mark is missing: {block.begin.strip() if not begin else block.end.strip()}")
        text = before + begin + block.make() + end + after
    return text


DOCUMENTS: Mapping[str, Callable[[str], str]] = {
    ".env.example": lambda _: example(),
    "docker-compose.yml": lambda text: replaced(text, COMPOSE_BLOCKS),
    "docker-compose.production.yml": lambda text: replaced(text, COMPOSE_BLOCKS),
    "docs/operations.md": lambda text: replaced(text, OPERATIONS_BLOCKS),
}
"""The new text of each document, from the text that it has."""


def stale(texts: Mapping[str, str]) -> list[str]:
    """Return the names of those documents whose written parts are not as the tables are."""
    return [name for name, text in texts.items() if DOCUMENTS[name](text) != text]
