"""Writes the AsyncAPI 3 document of the WebSocket and the `subtitles` channel, and their JSON Schemas. Pure."""

from __future__ import annotations

from typing import Any

from server.api_documents.components import DIRECTIONS, Direction
from signaling.http.openapi import VERSION
from wire.json_schema import Schema, referring

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CHANNELS = {
    "socket": (
        "/ws",
        "The WebSocket. The first message is `join_session`, within 5 s.",
        {"ws": {"method": "GET"}},
    ),
    "subtitles": (
        "subtitles",
        "The WebRTC data channel of this label, which the client creates in its offer: ordered and reliable.",
        None,
    ),
}


def document() -> dict[str, Any]:
    """Return the AsyncAPI document. It speaks for the server, which receives what clients send."""
    schemas: dict[str, Schema] = {}
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    for name, (address, text, bindings) in _CHANNELS.items():
        names = [schema["title"] for one in DIRECTIONS if one.channel == name for schema in one.messages.values()]
        channels[name] = {
            "address": address,
            "description": text,
            "messages": {title: {"$ref": f"#/components/messages/{title}"} for title in names},
        } | ({"bindings": bindings} if bindings else {})
    for direction in DIRECTIONS:
        for kind, schema in direction.messages.items():
            payload = {"schemaFormat": f"application/schema+json;version={_DRAFT}", "schema": _payload(schema, schemas)}
            messages[schema["title"]] = {"name": kind, "contentType": "application/json", "payload": payload}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dragoman",
            "version": VERSION,
            "description": "Messages of a call. Unknown members are ignored, and an unknown type is answered by "
            "`error` `unknown_type`. docs/protocol.md says what each means.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {_operation_name(one): _operation(one) for one in DIRECTIONS},
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


_DRAFT = "2020-12"


def _payload(schema: Schema, schemas: dict[str, Schema]) -> Any:
    return referring(schema, schemas, "#/components/schemas/")


def _operation_name(direction: Direction) -> str:
    return f"{'receive' if direction.to_server else 'send'}{direction.name}"


def _operation(direction: Direction) -> dict[str, Any]:
    place = f"#/channels/{direction.channel}"
    return {
        "action": "receive" if direction.to_server else "send",
        "channel": {"$ref": place},
        "summary": direction.text,
        "messages": [{"$ref": f"{place}/messages/{one['title']}"} for one in direction.messages.values()],
    }


def message_schemas() -> dict[str, Any]:
    """Return one JSON Schema document: a definition for each message, and one for all of each direction."""
    definitions: dict[str, Schema] = {}
    unions = {
        direction.name: {
            "description": direction.text,
            "oneOf": [referring(one, definitions, "#/$defs/") for one in direction.messages.values()],
        }
        for direction in DIRECTIONS
    }
    return {
        "$schema": DIALECT,
        "$comment": "Validate a message against #/$defs/SocketRequest, SocketMessage, ChannelRequest or ChannelMessage",
        "$defs": unions | dict(sorted(definitions.items())),
    }
