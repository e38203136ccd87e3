"""The components of the whole protocol: every schema with a name, and the messages of each direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from media.subtitles import message_schemas as channel
from signaling.http.operations import OPERATIONS
from signaling.refusal import Code
from signaling.websocket import message_schemas as socket
from wire.json_schema import Schema, one_of, titled


@dataclass(frozen=True, slots=True)
class Direction:
    """The messages that go one way on the socket or the channel."""

    name: str
    """Name of the union of all of them."""
    channel: str
    """`socket` or `subtitles`."""
    to_server: bool
    text: str
    messages: Mapping[str, Schema]


DIRECTIONS = (
    Direction("SocketRequest", "socket", True, "From a client, on the WebSocket.", socket.FROM_CLIENT),
    Direction("SocketMessage", "socket", False, "To a client, on the WebSocket.", socket.FROM_SERVER),
    Direction("ChannelRequest", "subtitles", True, "From a client, on the `subtitles` channel.", channel.FROM_CLIENT),
    Direction("ChannelMessage", "subtitles", False, "To a client, on the `subtitles` channel.", channel.FROM_SERVER),
)


def components() -> dict[str, Schema]:
    """Return name → schema of every component, the inner ones first. Raises ValueError for two of one name."""
    parts = chain(
        [one_of(Code)],
        *(one.messages.values() for one in DIRECTIONS),
        *([row.body, *(one.schema for one in row.answers.values())] for row in OPERATIONS),
    )
    found: dict[str, Schema] = {}
    for name, schema in chain.from_iterable(titled(part) for part in parts if part is not None):
        if found.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are called {name}")
    return found
