"""`dragoman worker`: serves engines of this machine to servers elsewhere."""

from __future__ import annotations

import argparse
import socket
from dataclasses import replace
from typing import Any

from server.cli.event_loop import run_job
from server.engine_choice.from_settings import KINDS
from server.engine_choice.places import OURS, WORKERS
from server.settings import BadSetting, Settings

_WHAT = {"stt": "the recogniser", "mt": "the translator", "tts": "the engine of voices"}


def add_parser(commands: Any) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("worker", help="serve engines of this machine to servers, by the Redis of all")
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}",
            nargs="?",
            const=OURS,
            metavar="ENGINE",
            help=f"serve {_WHAT[kind]}: ENGINE as in DRAGOMAN_{kind.upper()}, else that of DRAGOMAN_MODELS",
        )
    parser.add_argument(
        "--name", default=socket.gethostname(), help="the worker's name in metrics (default: the host's)"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    named = {kind: engine for kind in KINDS if (engine := getattr(options, kind)) is not None}
    if not named:
        raise BadSetting("worker needs at least one of --stt, --mt and --tts")
    if settings.redis_url is None:
        raise BadSetting("worker needs DRAGOMAN_REDIS_URL, the Redis of all servers and workers")
    if any(WORKERS in (engine, *engine.split("+")) for engine in named.values()):
        raise BadSetting(f"a worker's engines are here: none of them is called {WORKERS}")
    from server.observe import logs
    from server.worker import serve_workers

    logs.configure(settings.log_level)
    return run_job(serve_workers(replace(settings, **named), tuple(named), options.name))
