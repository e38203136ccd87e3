"""Rules of the house as pure functions: sources in, breaches out (`tests/test_architecture.py`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

MAX_LINES = 300
LAYERS: Mapping[str, frozenset[str]] = {
    "wire": frozenset(),
    "pipeline": frozenset(),
    "models": frozenset(),
    "storage": frozenset(),
    "turn": frozenset(),
    "remote": frozenset({"pipeline"}),
    "media": frozenset({"wire", "pipeline"}),
    "accounts": frozenset({"wire", "storage"}),
    "signaling": frozenset({"wire", "pipeline", "media", "accounts", "storage"}),
    "nodes": frozenset({"signaling", "storage", "remote"}),
    "clients": frozenset(),
    "starter": frozenset({"pipeline"}),
    "voice_programs": frozenset(),
    "web": frozenset(),
    "testing": frozenset({"pipeline", "clients"}),
    "server": frozenset(
        {"wire", "pipeline", "media", "signaling", "accounts", "storage", "turn", "models", "clients", "remote", "web"}
        | {"nodes"}
    ),
}
"""Each package and the packages of ours that it may import."""
NO_NAME = ("manager", "helper", "helpers", "util", "utils", "misc", "common")
FIRST_WORD = re.compile(r"(What|Who|Whom|Whose|Whether|Which|Where|When|How|That|Why|It|They|So|If|As|Of)\b")
CLAUSE = re.compile(r"(?:^|(?<=[.:;!?] ))(?:What|Who|Whoever|Whom|Whose|Which|Whether|How)\b[^.:;?!]*(?:[.:;!]|$)")
"""A sentence whose subject is a clause. One that ends in a question mark is a question, and may stand."""


@dataclass(frozen=True)
class Source:
    """One tracked file: its path from the root of the repository, and its text."""

    path: str
    text: str

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the syntax tree: most rules look at them all."""
        return tuple(ast.walk(ast.parse(self.text)))

    @cached_property
    def calls(self) -> tuple[tuple[int, str, ast.Call], ...]:
        """(line, dotted name of what is called, call) of each call."""
        found = (node for node in self.nodes if isinstance(node, ast.Call))
        return tuple((node.lineno, ast.unparse(node.func), node) for node in found)

    @property
    def package(self) -> str:
        """Return the top folder; how the bundled models were made is apart from using them."""
        return "starter/recipe" if self.path.startswith("starter/recipe/") else self.path.split("/")[0]

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, imported module or name) of each import, those within functions too."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def backward_imports(sources: Iterable[Source], layers: Mapping[str, frozenset[str]] = LAYERS) -> list[str]:
    """Return the imports from a package that `layers` does not allow."""
    return sorted(
        {
            f"{source.path}:{line} imports {name.split('.')[0]}"
            for source in sources
            if source.package in layers
            for line, name in imports(source)
            if (other := name.split(".")[0]) in layers | {"bench": 0, "tests": 0}
            and other != source.package
            and other not in layers[source.package]
        }
    )


def signaling_of_media(sources: Iterable[Source]) -> list[str]:
    """Return what signaling imports of media besides the facts that a room tells."""
    allowed = ("media.events", "media.observers")
    return sorted(
        {
            f"{source.path}:{line} imports {name}"
            for source in sources
            if source.package == "signaling"
            for line, name in imports(source)
            if name.startswith("media.") and not name.startswith(allowed)
        }
    )


def circles(sources: Iterable[Source]) -> list[str]:
    """Return each circle of imports between the files and folders that lie side by side in one folder."""
    known = {source.module: source for source in sources}
    graphs: dict[str, dict[str, set[str]]] = {}
    for module, source in known.items():
        for _, name in imports(source):
            target = next((t for t in (name, name.rpartition(".")[0]) if t in known), None)
            if target is None or target == module:
                continue
            one, other = _children(module, target)
            if one and other:
                folder = ".".join(module.split(".")[: len(one.split(".")) - 1])
                graphs.setdefault(folder, {}).setdefault(one, set()).add(other)
    return sorted(" -> ".join(circle) for graph in graphs.values() for circle in _circle(graph))


def _children(module: str, target: str) -> tuple[str, str]:
    """Return the two neighbours in the deepest folder that holds both modules; ("", "") if one is that folder."""
    mine, theirs = module.split("."), target.split(".")
    depth = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), None)
    if depth is None:
        return "", ""
    return ".".join(mine[: depth + 1]), ".".join(theirs[: depth + 1])


def _circle(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield one circle of each knot of the graph."""
    done: set[str] = set()

    def visit(node: str, path: list[str]) -> list[str] | None:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return None
        done.add(node)
        for other in sorted(graph.get(node, ())):
            if found := visit(other, [*path, node]):
                return found
        return None

    for start in sorted(graph):
        if start not in done and (found := visit(start, [])):
            yield found


def long_files(sources: Iterable[Source], most: int = MAX_LINES) -> list[str]:
    """Return the files with more lines than `most`."""
    return [f"{one.path}: {n} lines" for one in sources if (n := one.text.count("\n")) > most]


def broken_first_lines(sources: Iterable[Source]) -> list[str]:
    """Return the files whose first line does not say in one sentence what they do. Programs begin with `#!`."""
    whole = re.compile(r'("""|// |/\* )\S.*(\.|\."""|\. \*/)$|#!')
    lines = ((one.path, one.text.partition("\n")[0]) for one in sources)
    return [f"{path}: {line[:100]}" for path, line in lines if not whole.match(line)]


def bad_file_names(paths: Iterable[str]) -> list[str]:
    """Return the files whose names say nothing: managers, helpers, utils."""
    return [path for path in paths if set(re.split(r"[^a-z]+", path.lower())) & set(NO_NAME)]


def docstrings(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each docstring of a module, class, function or field."""
    for node in source.nodes:
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for statement in node.body:
            match statement:
                case ast.Expr(ast.Constant(str(text))):
                    yield statement.lineno, text.strip()


def riddles(sources: Iterable[Source]) -> list[str]:
    """Return the docstrings that begin with a clause in place of a verb or a noun."""
    return [
        f"{source.path}:{line}: {text.splitlines()[0][:80]}"
        for source in sources
        for line, text in docstrings(source)
        if FIRST_WORD.match(text)
    ]


def clauses_as_subjects(sources: Iterable[Source]) -> list[str]:
    """Return the sentences of docstrings and comments that begin with a clause: "What is late is …"."""
    return [
        f"{source.path}:{line}: {found[0][:80]}"
        for source in sources
        for line, text in (*docstrings(source), *comments(source))
        for found in CLAUSE.finditer(" ".join(text.split()))
    ]


def comments(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each block of comments that stand on lines of their own, one under the other."""
    block: list[str] = []
    for number, line in enumerate((*source.text.splitlines(), ""), 1):
        if line.lstrip().startswith("#"):
            block.append(line.strip().lstrip("# "))
        elif block:
            yield number - len(block), " ".join(block)
            block = []


def identifiers(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of each name that the file defines: modules, classes, functions, arguments, variables."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr


def forbidden_words(sources: Iterable[Source], words: Iterable[str]) -> list[str]:
    """Return the definitions whose snake_case or CamelCase name contains one of `words`."""
    banned = set(words)
    return sorted(
        {
            f"{source.path}:{line}: {name}"
            for source in sources
            for line, name in identifiers(source)
            if banned & {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}
        }
    )


def free_tasks(sources: Iterable[Source]) -> list[str]:
    """Return the tasks that no group owns."""
    return [
        f"{source.path}: {name}"
        for source in sources
        for _, name, _ in source.calls
        if name.endswith("ensure_future") or name == "asyncio.create_task" or re.search(r"loop\b.*\.create_task$", name)
    ]


def default_executor(sources: Iterable[Source]) -> list[str]:
    """Return the work that is put into the event loop's default executor."""
    return [
        f"{source.path}: {name}"
        for source in sources
        for _, name, call in source.calls
        if name.endswith("to_thread")
        or (name.endswith("run_in_executor") and call.args and ast.unparse(call.args[0]) == "None")
    ]


def unsized_queues(sources: Iterable[Source]) -> list[str]:
    """Return the queues without a bound."""
    queues = ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")
    return [
        f"{source.path}: {name}"
        for source in sources
        for _, name, call in source.calls
        if name.split(".")[-1] in queues and name[0].isalpha() and not call.args and not call.keywords
    ]


def environment_readers(sources: Iterable[Source]) -> list[str]:
    """Return the files that read the process environment."""
    return sorted(
        {
            source.path
            for source in sources
            for node in source.nodes
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
        }
    )


def awaits_of(sources: Iterable[Source], method: str) -> list[str]:
    """Return the coroutines that await a call of `method`, each once."""
    found = []
    for source in sources:
        for node in source.nodes:
            if isinstance(node, ast.AsyncFunctionDef):
                awaited = (one.value for one in ast.walk(node) if isinstance(one, ast.Await))
                if any(isinstance(call, ast.Call) and _is_method(call.func, method) for call in awaited):
                    found.append(f"{source.path}: {node.name}")
    return found


def _is_method(function: ast.expr, method: str) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == method


def fields_of(source: Source, name: str) -> list[str]:
    """Return the annotated fields of class `name`."""
    return [
        statement.target.id
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and node.name == name
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]


def assigners(sources: Iterable[Source], owner: str, fields: Iterable[str]) -> list[str]:
    """Return the files that assign one of `fields` of something called `owner`, or within the class `Owner`."""
    wanted = set(fields)
    found = set()
    for source in sources:
        classes = {
            id(target)
            for node in source.nodes
            if isinstance(node, ast.ClassDef) and node.name == owner.title()
            for target in ast.walk(node)
        }
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in wanted:
                holder = ast.unparse(node.value)
                if holder.split(".")[-1] in (owner, "current") or (holder == "self" and id(node) in classes):
                    found.add(source.path)
    return sorted(found)
