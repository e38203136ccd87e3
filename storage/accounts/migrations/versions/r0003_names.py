"""Names of users: what nobody sees, and the number of blanks, tell them apart no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.accounts.columns import Number, Words
from storage.accounts.spelling import name_key

revision = "0003"
down_revision: str | None = "0002"

TABLES = ()
"""Tables that the way down drops: none."""

_users = sa.table(
    "users",
    sa.column("id", Words),
    sa.column("username", Words),
    sa.column("username_key", Words),
    sa.column("created_at", Number),
)


def upgrade() -> None:
    """Compare all names anew. Among names that look the same the oldest account keeps the name for itself.

    The others keep theirs, too, until they take another one: each has a mark of its own behind the key.
    """
    connection = op.get_bind()
    chosen = sa.select(_users.c.id, _users.c.username, _users.c.username_key)
    taken: set[str] = set()
    changed: dict[str, str] = {}
    for user, username, before in connection.execute(chosen.order_by(_users.c.created_at, _users.c.id)).all():
        key = name_key(username)
        if key in taken:
            key = f"{key}\ufffd{user}"
        taken.add(key)
        if key != before:
            changed[user] = key
    for stand_in in (True, False):  # a key may still be another's who gets a new one
        for user, key in changed.items():
            value = f"\ufffd{user}" if stand_in else key
            connection.execute(sa.update(_users).where(_users.c.id == user).values(username_key=value))


def downgrade() -> None:
    """Leave the keys: an older version compares names by its own, and finds most of them the same."""
