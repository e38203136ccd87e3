"""`dragoman audit`: the audit log as JSON lines, the newest first, by filters."""

from __future__ import annotations

import argparse
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from server.settings import BadSetting, Settings

if TYPE_CHECKING:
    from storage.accounts.ports import AccountStore, AuditLog
    from storage.accounts.records import AuditEntry

PAGE = 500
"""Entries that are read at a time."""
SHOWN = 100


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "audit", help="show who signed in, was refused, was deleted, and the like, as JSON lines"
    )
    parser.add_argument("--user", metavar="ID", help="only of this user (u_…)")
    parser.add_argument("--event", metavar="EVENT", help="only this event, such as sign_in (docs/operations.md)")
    parser.add_argument("--outcome", metavar="OUTCOME", help="only this outcome: ok, or a code such as unauthorized")
    parser.add_argument("--refused", action="store_true", help="only what was refused")
    parser.add_argument("--client", metavar="ADDRESS", help="only of this client's address; of IPv6 the /64")
    parser.add_argument("--since", type=_moment, metavar="TIME", help="from this time on, such as 2026-03-01T14:00Z")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="before this time")
    parser.add_argument("--limit", type=int, default=SHOWN, help=f"most entries; 0 shows all (default: {SHOWN})")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from accounts.audit_events import AuditEvent
    from server.cli.accounts_at_hand import with_store

    if options.event is not None and options.event not in set(AuditEvent):
        raise BadSetting(f"there is no event {options.event}; there are {', '.join(AuditEvent)}")

    async def job(store: AccountStore) -> int:
        shown = 0
        async for entry in _entries(store.audit, options):
            if not _fits(entry, options):
                continue
            print(_as_json(entry))
            shown += 1
            if shown == options.limit:
                break
        return 0

    return with_store(settings, job)


async def _entries(audit: AuditLog, options: argparse.Namespace) -> AsyncIterator[AuditEntry]:
    """Yield entries from the newest to those of `--since`.

    Several may have the same time. So each page begins at the time of the last entry of the page before, and leaves
    out those of that time that were there.
    """
    before, there = options.until, 0
    while True:
        page = (await audit.page(PAGE + there, user=options.user, event=options.event, before=before))[there:]
        for entry in page:
            if options.since is not None and entry.at < options.since:
                return
            yield entry
        if len(page) < PAGE:
            return
        last = page[-1].at
        same = sum(entry.at == last for entry in page)
        there = same + (there if before == last + 1 else 0)
        before = last + 1


def _fits(entry: AuditEntry, options: argparse.Namespace) -> bool:
    if options.refused and entry.outcome == "ok":
        return False
    if options.outcome is not None and entry.outcome != options.outcome:
        return False
    return options.client is None or entry.client == options.client


def _as_json(entry: AuditEntry) -> str:
    at = datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    shown = {
        "at": at,
        "event": entry.event,
        "outcome": entry.outcome,
        "user": entry.user,
        "session": entry.session,
        "client": entry.client or None,
        "details": dict(entry.details) or None,
    }
    # In ASCII: nothing that a client wrote can steer the terminal.
    return json.dumps({key: value for key, value in shown.items() if value is not None})


def _moment(text: str) -> int:
    """Return Unix epoch milliseconds of a time of ISO 8601; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("it must be like 2026-03-01 or 2026-03-01T14:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
