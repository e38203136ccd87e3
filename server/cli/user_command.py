"""`dragoman user add | list | lock | unlock | delete`: the operator's hand on accounts."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from accounts.people.user_fields import user_fields
from server.settings import BadSetting, Settings

if TYPE_CHECKING:
    from accounts.accounts import Accounts
    from storage.accounts.ports import AccountStore, Users
    from storage.accounts.records import User

PAGE = 200
"""Users that are read at a time."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser("user", help="add, list, lock, unlock and delete people with an account")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    add = actions.add_parser("add", help="add a person; the password comes from a prompt or the standard input")
    add.add_argument("email", metavar="ADDRESS", help="address of e-mail")
    add.add_argument("--name", required=True, help="the name that others see")
    add.add_argument("--language", default="en", metavar="TAG", help="preferred language (default: en)")
    add.add_argument(
        "--verified", action="store_true", help="take the address for verified: you know that it is theirs"
    )
    add.set_defaults(run=_add)
    listing = actions.add_parser("list", help="list people in the order in which they came")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    listing.set_defaults(run=_list)
    for name, action, text in (
        ("lock", _lock, "end every sign-in of a person, and let none begin"),
        ("unlock", _unlock, "let a person sign in again, also after too many wrong passwords"),
        ("delete", _delete, "delete a person with all that is kept of them"),
    ):
        one = actions.add_parser(name, help=text)
        one.add_argument("user", metavar="USER", help="address of e-mail, or the id that `user list` shows (u_…)")
        one.set_defaults(run=action)
        if name == "delete":
            one.add_argument("--yes", action="store_true", help="do not ask")


def _add(options: argparse.Namespace, settings: Settings) -> int:
    from accounts.audit_events import AuditEvent
    from server.cli.accounts_at_hand import with_accounts

    password = _password()

    async def job(accounts: Accounts) -> int:
        user = await accounts.registration.register(
            options.name, options.email, password, _tag(options.language), email_verified=options.verified
        )
        accounts.audit.note(AuditEvent.REGISTER, user=user.id, by="operator")
        print(user.id)
        return 0

    return with_accounts(settings, job)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    from server.cli.accounts_at_hand import with_store

    shown = _as_json if options.json else _as_line

    async def job(store: AccountStore) -> int:
        async for user in _everybody(store.users):
            print(shown(user))
        return 0

    return with_store(settings, job)


def _lock(options: argparse.Namespace, settings: Settings) -> int:
    from accounts.audit_events import AuditEvent
    from server.cli.accounts_at_hand import with_accounts

    async def job(accounts: Accounts) -> int:
        user = await _found(accounts, options.user)
        await accounts.profile.lock(user.id)
        accounts.audit.note(AuditEvent.USER_LOCK, user=user.id, by="operator")
        return 0

    return with_accounts(settings, job)


def _unlock(options: argparse.Namespace, settings: Settings) -> int:
    from accounts.audit_events import AuditEvent
    from server.cli.accounts_at_hand import with_accounts

    async def job(accounts: Accounts) -> int:
        user = await _found(accounts, options.user)
        await accounts.profile.unlock(user.id)
        await accounts.sign_in.forgive(user)
        accounts.audit.note(AuditEvent.USER_UNLOCK, user=user.id, by="operator")
        return 0

    return with_accounts(settings, job)


def _delete(options: argparse.Namespace, settings: Settings) -> int:
    from accounts.audit_events import AuditEvent
    from server.cli.accounts_at_hand import failure, with_accounts

    if not options.yes and not sys.stdin.isatty():
        raise BadSetting("deleting asks first; where nobody can answer, say --yes")

    async def job(accounts: Accounts) -> int:
        user = await _found(accounts, options.user)
        if not options.yes and not _agreed(user):
            return failure("nothing was deleted")
        await accounts.profile.remove(user.id)
        accounts.audit.note(AuditEvent.USER_DELETE, user=user.id, by="operator")
        return 0

    return with_accounts(settings, job)


async def _everybody(everybody: Users) -> AsyncIterator[User]:
    offset = 0
    while True:
        users, _ = await everybody.page(PAGE, offset)
        for user in users:
            yield user
        if len(users) < PAGE:
            return
        offset += PAGE


async def _found(accounts: Accounts, named: str) -> User:
    """Return the person of an address or an id. Raises NoSuchUser."""
    from accounts.people.addresses import known_as
    from accounts.refusals import NoSuchUser

    users = accounts.store.users
    user = await (users.by_email(known_as(named)) if "@" in named else users.get(named))
    if user is None:
        raise NoSuchUser
    return user


def _password() -> str:
    """Return a password from a prompt, or the first line of the standard input where that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise BadSetting("the two passwords differ")
    return password


def _agreed(user: User) -> bool:
    print(f"This deletes {user.username} ({user.email or user.id}) with their histories.", file=sys.stderr)
    return input("Type yes: ").strip() == "yes"


def _tag(text: str) -> str:
    from pipeline.text.language import is_tag

    if not is_tag(text):
        raise BadSetting("--language must be a tag such as en or pt-BR")
    return text


def _as_line(user: User) -> str:
    marks = [
        "locked" if user.locked else "",
        "" if user.email is None or user.email_verified else "unverified",
        "" if user.password_hash is not None else "no password",
    ]
    state = ", ".join(filter(None, marks)) or "-"
    return f"{user.id}  {_time(user.created_at)}  {user.email or '-':40}  {state:24}  {user.username}"


def _as_json(user: User) -> str:
    shown = {**user_fields(user), "locked": user.locked, "hasPassword": user.password_hash is not None}
    return json.dumps(shown, ensure_ascii=False)


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
