"""`dragoman token`: prints an access token of a guest, for scripts; it is signed by the server's own key."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import time

from server.settings import Settings

LONGEST_S = 24 * 3600


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "token", help="print a guest's access token for scripts, as POST /auth/guest gives one"
    )
    parser.add_argument("--name", default="Guest", help="the name that the other person sees (default: Guest)")
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=15 * 60,
        help=f"time for which it is good, at most {LONGEST_S} (default: 900)",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.accounts_at_hand import failure
    from server.signing_keys import keys_at_hand
    from signaling.tokens import AccessClaims, Tokens
    from storage.sqlite import StoreError

    try:
        keys = asyncio.run(keys_at_hand(settings))
    except (StoreError, PermissionError) as error:
        return failure(str(error))
    access = AccessClaims(f"u_{secrets.token_hex(16)}", options.name)
    print(Tokens(keys).issue_access(access, time.time(), options.seconds))
    return 0


def _seconds(text: str) -> int:
    seconds = int(text)
    if not 1 <= seconds <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"it must be between 1 and {LONGEST_S}")
    return seconds
