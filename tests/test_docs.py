"""Documents and code say the same, both ways; each check is shown to fail where they differ."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from server.cli.commands import parser
from server.settings.compose import PRODUCTION, REDIS_PASSWORDS
from server.settings.documents import DOCUMENTS, stale
from server.settings.table import ROWS
from signaling.refusal import Code
from tests.kit import documents
from tests.kit.exposition import exposition, families
from turn.settings import ROWS as RELAY_ROWS

ROOT = Path(__file__).parents[1]
SETTINGS = ROWS.keys() | RELAY_ROWS.keys()
OTHER_CODES = {"gap", "engine_failed"}
"""Codes of the protocol that are no refusal: those of the data channel."""


@cache
def files() -> frozenset[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(path for path in listed.splitlines() if (ROOT / path).is_file())


@cache
def texts() -> Mapping[str, str]:
    """Return the documents by their paths; the history of changes names what is gone."""
    kept = (path for path in files() if path.endswith(".md") and path != "CHANGELOG.md" and "node_modules" not in path)
    return {path: (ROOT / path).read_text("utf-8") for path in sorted(kept)}


def together() -> str:
    return "\n".join(documents.code_of(text) for text in texts().values())


def source(*paths: str) -> str:
    return "\n".join((ROOT / path).read_text("utf-8") for path in paths)


def commands() -> dict[str, set[str]]:
    """Return the command line's commands, with the actions of each."""

    def below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
        groups = [one.choices for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        return {name: child for group in groups for name, child in group.items()}

    return {name: set(below(child)) for name, child in below(parser()).items()}


def test_every_setting_that_is_named_is_read() -> None:
    named = texts() | {path: source(path) for path in files() if path.startswith(("deploy/", "scripts/"))}
    assert not documents.unknown_settings(named, SETTINGS)
    assert documents.unknown_settings({"a.md": "set `DRAGOMAN_PATIENCE`"}, SETTINGS) == ["a.md: DRAGOMAN_PATIENCE"]


def test_every_setting_is_documented() -> None:
    operations = texts()["docs/operations.md"]
    assert not documents.undocumented(SETTINGS, operations)
    assert documents.undocumented(["DRAGOMAN_GRACE_S"], operations) == ["DRAGOMAN_GRACE_S"]


def test_every_setting_is_in_the_example_and_passes_through_compose() -> None:
    assert stale({name: source(name) for name in DOCUMENTS}) == []
    compose = yaml.safe_load(source("docker-compose.yml"))["services"]["dragoman"]["environment"]
    assert compose.keys() == ROWS.keys()
    fixed = {variable for variable, row in ROWS.items() if row.fixed}
    example = {line.partition("=")[0] for line in source(".env.example").splitlines() if not line.startswith("#")} - {
        ""
    }
    assert example >= ROWS.keys() - fixed
    assert example <= SETTINGS | REDIS_PASSWORDS.keys() | PRODUCTION.keys()


def test_every_command_that_is_named_exists() -> None:
    assert not documents.unknown_commands(texts(), commands())
    wrong = {"a.md": "`dragoman fly` and `dragoman models fold`"}
    assert documents.unknown_commands(wrong, commands()) == ["a.md: dragoman fly", "a.md: dragoman models fold"]


def test_every_command_is_documented() -> None:
    names = [f"dragoman {name}" for name in commands()]
    assert not documents.undocumented(names, together())
    assert not documents.undocumented(commands()["models"], texts()["docs/models.md"])
    assert documents.undocumented(["dragoman fly"], together()) == ["dragoman fly"]


def test_the_readme_names_every_command_and_every_folder() -> None:
    readme = texts()["README.md"]
    folders = {path.partition("/")[0] for path in files() if "/" in path} - {"docs"}
    assert not unnamed(readme, commands(), folders)
    assert unnamed("| `dragoman serve` | `media/`", {"serve": set(), "doctor": set()}, {"media", "wire"}) == [
        "`dragoman doctor",
        "`wire/`",
    ]


def unnamed(text: str, commands: Iterable[str], folders: Iterable[str]) -> list[str]:
    """Return the commands and the folders that a text does not name as code."""
    wanted = [f"`dragoman {name}" for name in commands] + [
        f"`{name}/`" for name in sorted(folders) if not name.startswith(".") or name == ".github"
    ]
    return [name for name in wanted if name not in text]


def test_every_make_target_that_is_named_exists() -> None:
    targets = documents.targets_of(source("Makefile"))
    assert not documents.unknown_targets(texts(), targets)
    assert documents.unknown_targets({"a.md": "`make tea`"}, targets) == ["a.md: make tea"]


def test_make_help_explains_every_target() -> None:
    assert not documents.unexplained_targets(source("Makefile"))
    assert documents.unexplained_targets("tea: setup ## brew\nmilk: tea\n") == ["milk"]


def test_every_module_that_is_run_exists() -> None:
    packages = {path.split("/")[0] for path in files() if path.endswith(".py")}
    assert not documents.missing_modules(texts(), files(), packages)
    wrong = {"a.md": "`python -m bench.patience`"}
    assert documents.missing_modules(wrong, files(), packages) == ["a.md: python -m bench.patience"]


async def test_metrics_are_documented_both_ways() -> None:
    shown = {name for name in families(await exposition()) if name.startswith("dragoman_")}
    assert not documents.undocumented(shown, texts()["docs/operations.md"])
    assert not documents.unknown_metrics({"docs/operations.md": texts()["docs/operations.md"]}, shown)
    assert documents.unknown_metrics({"a.md": "`dragoman_tea_total`"}, shown) == ["a.md: dragoman_tea_total"]


def test_messages_of_the_socket_are_documented_both_ways() -> None:
    text = documents.section(texts()["docs/protocol.md"], "## 2. WebSocket, GET /ws").partition("### Codes")[0]
    documented = documents.first_column(text)
    folder = "signaling/websocket"
    known = documents.message_types(source(f"{folder}/client_messages.py", f"{folder}/server_messages.py"))
    assert documented == known
    assert documents.message_types('{"type": "tea"}') - documented == {"tea"}


def test_messages_of_the_channel_are_documented_both_ways() -> None:
    documented = documents.first_column(
        documents.section(texts()["docs/protocol.md"], "## 4. Messages on the `subtitles` channel")
    )
    folder = "media/subtitles"
    known = documents.message_types(
        source(f"{folder}/client_messages.py", f"{folder}/server_messages.py", f"{folder}/outbox.py")
    )
    assert documented == known
    assert documents.message_types('case "tea" | "milk":') == {"tea", "milk"}


def test_codes_are_documented_both_ways() -> None:
    documented = documents.first_column(documents.section(texts()["docs/protocol.md"], "### Codes"))
    assert documented == {code.value for code in Code} | OTHER_CODES
    assert documents.first_column("| `tea` | 418 |") == {"tea"}


def test_links_lead_somewhere() -> None:
    assert not documents.broken_links(texts(), files())
    assert documents.broken_links({"docs/a.md": "[b](../b.md) [c](c.md)"}, ["b.md"]) == ["docs/a.md: c.md"]


def test_no_sentence_has_a_clause_for_its_subject() -> None:
    kept = {path: text for path, text in texts().items() if not path.startswith("docs/adr/")}
    assert not documents.clauses_as_subjects(kept)
    wrong = {"a.md": "A caption.\n- Words come. What is late is skipped.\n| Who is late | waits |"}
    assert documents.clauses_as_subjects(wrong) == ["a.md: What is late is skipped.", "a.md: Who is late |"]
    assert not documents.clauses_as_subjects({"a.md": "## What is late\n| Which is late? |\nWhat to do:"})
    before_colons = {"a.md": "How soon it comes: at once. It comes; what is late is skipped. Two: who is late waits"}
    assert documents.clauses_as_subjects(before_colons) == [
        "a.md: How soon it comes:", "a.md: what is late is skipped.", "a.md: who is late waits"
    ]  # fmt: skip
    assert not documents.clauses_as_subjects({"a.md": "| late: which words are skipped; what is said |\nIt is; why?"})


def test_rows_of_a_table_have_equally_many_cells() -> None:
    assert not documents.uneven_rows(texts())
    table = "| a | b |\n|---|---|\n| `c \\| d` | e |\n"
    assert not documents.uneven_rows({"a.md": f"{table}\n| a |\n|---|\n```\n| x | y |\n```\n"})
    assert documents.uneven_rows({"a.md": f"{table}| c | d | e | f |\n| `c | d` | e |\n| c |"}) == [
        "a.md: 4 cells, not 2: | c | d | e | f |",
        "a.md: 3 cells, not 2: | `c | d` | e |",
        "a.md: 1 cells, not 2: | c |",
    ]


def test_paths_that_are_named_exist() -> None:
    tops = {path.split("/")[0] for path in files() if "/" in path}
    assert not documents.missing_paths(texts(), files(), tops)
    assert documents.missing_paths({"a.md": "`docs/b.md` `docs/c/`"}, ["docs/c/d.md"], {"docs"}) == ["a.md: docs/b.md"]
