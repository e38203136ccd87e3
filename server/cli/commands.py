"""Commands and their options: all of `dragoman` but `call` and `desktop`, which have programs of their own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import ModelError
from server.cli import audit_command, db_command, models_command, token_command, user_command, worker_command
from server.cli.event_loop import run_job
from server.engine_choice.from_settings import AUTO
from server.settings import BadSetting, Settings, casts, check, read
from server.settings.redis import MOST_PROCESSES

USAGE = 2


def run(arguments: Sequence[str]) -> int:
    """Run a command but `call` and `desktop`, which have programs of their own; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        settings = read()
        return int(options.run(options, settings))
    except BadSetting as error:
        print(f"dragoman: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    whole = argparse.ArgumentParser(
        prog="dragoman",
        description="A server on which two people call each other; each speaks and hears their own language.",
        epilog="Settings are environment variables, DRAGOMAN_*: see docs/operations.md or .env.example.",
    )
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the server")
    serve.add_argument("--host", help="address to listen on (setting DRAGOMAN_HOST)")
    serve.add_argument("--port", type=int, help="port to listen on; 0 takes a free one (setting DRAGOMAN_PORT)")
    serve.add_argument("--processes", metavar="N", help="processes at the port (setting DRAGOMAN_PROCESSES)")
    serve.add_argument(
        "--fetch", action="store_true", help="first fetch the best engines that this machine can have, and say which"
    )
    serve.add_argument(
        "--languages", metavar="LIST", help="what people here speak, such as en,es (setting DRAGOMAN_LANGUAGES)"
    )
    _add_models(serve)
    serve.set_defaults(run=_serve)
    commands.add_parser(
        "call",
        help="join a call without a browser: play a WAV file, record what is heard and its subtitles",
        add_help=False,
    )
    commands.add_parser(
        "desktop",
        help="captions over all windows, and voice typing; needs the extra desktop",
        add_help=False,
    )
    interpret = commands.add_parser("interpret", help="interpret a recording into a WAV file, without any network")
    interpret.add_argument("file", type=Path, help="a recording of one speaker (WAV)")
    interpret.add_argument(
        "--from", dest="source", default="en", metavar="LANGUAGE", help="the language that is spoken (default: en)"
    )
    interpret.add_argument(
        "--to", dest="target", default="es", metavar="LANGUAGE", help="the language to translate into (default: es)"
    )
    interpret.add_argument("--out", type=Path, help="the WAV file to write (default: FILE.LANGUAGE.wav)")
    interpret.add_argument(
        "--events", type=Path, help="file for all events, one JSON object a line (default: FILE.LANGUAGE.jsonl)"
    )
    _add_models(interpret)
    interpret.set_defaults(run=_interpret)
    doctor = commands.add_parser("doctor", help="check that this machine has what a call needs")
    _add_models(doctor)
    doctor.set_defaults(run=_doctor)
    models_command.add_parser(commands)
    db_command.add_parser(commands)
    user_command.add_parser(commands)
    audit_command.add_parser(commands)
    token_command.add_parser(commands)
    worker_command.add_parser(commands)
    return whole


def _add_models(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the engines."""
    parser.add_argument(
        "--models",
        metavar="SET",
        help="starter, standard, quality, auto, or a folder of models (setting DRAGOMAN_MODELS)",
    )
    parser.add_argument("--profile", choices=[AUTO], help="the same as --models auto")


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from server.observe import logs

    changes: dict[str, Any] = {
        name: value for name in ("host", "port") if (value := getattr(options, name)) is not None
    }
    for name, cast in (("languages", casts.languages), ("processes", casts.whole(1, MOST_PROCESSES))):
        if (text := getattr(options, name)) is not None:
            changes[name] = _cast(f"--{name}", cast, text)
    settings = replace(settings, **changes)
    check(settings)
    if options.fetch:
        settings = _fetched(options, settings)
    settings = _with_engines(options, settings)
    if settings.processes > 1:
        from server.processes.parent import serve_processes

        logs.configure(settings.log_level, "parent")
        return asyncio.run(serve_processes(settings))
    from server.serve import serve

    logs.configure(settings.log_level)
    return run_job(serve(settings))


def _cast(option: str, cast: Callable[[str], Any], text: str) -> Any:
    try:
        return cast(text)
    except ValueError as error:
        raise BadSetting(f"{option}: {error}") from None


def _fetched(options: argparse.Namespace, settings: Settings) -> Settings:
    """Return the settings with engines that were fetched for this machine, after saying which."""
    if options.models or options.profile:
        raise BadSetting("--fetch chooses the models: leave --models and --profile out")
    from server.cli.progress_bars import ProgressBars
    from server.first_call.fetching import first_call

    try:
        return asyncio.run(first_call(settings, ProgressBars()))
    except ModelError as error:
        raise BadSetting(str(error)) from None


def _interpret(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.interpret import interpret_file

    stem = options.file.with_suffix("")
    out = options.out or Path(f"{stem}.{options.target}.wav")
    events = options.events or Path(f"{stem}.{options.target}.jsonl")
    chosen = _with_engines(options, settings)
    return run_job(interpret_file(chosen, options.file, options.source, options.target, out, events))


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.doctor import examine

    return run_job(examine(_with_engines(options, settings)))


def _with_engines(options: argparse.Namespace, settings: Settings) -> Settings:
    """Return the settings with the engines that the command line asks for; `auto` measures and chooses them."""
    name = options.profile or options.models
    if name is not None:
        settings = replace(settings, models=name)
    if settings.models != AUTO:
        return settings
    from server.cli.model_selection.automatic import choose_by_speed

    try:
        return asyncio.run(choose_by_speed(settings))
    except ModelError as error:
        raise BadSetting(f"DRAGOMAN_MODELS is {AUTO}: {error}") from None
