"""The table of the documents in docs/api: name → text, made anew from the tables of operations and messages. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from server.api_documents import asyncapi, dart, typescript
from signaling.http import openapi
from signaling.http.operations import OPERATIONS

FOLDER = "docs/api"
HEAD = "Written by: python -m server.api_documents --write"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "openapi.json": lambda: _json(openapi.document(OPERATIONS)),
    "asyncapi.json": lambda: _json(asyncapi.document()),
    "messages.schema.json": lambda: _json(asyncapi.message_schemas()),
    "dragoman.d.ts": lambda: typescript.declarations(HEAD),
    "dragoman.dart": lambda: dart.constants(HEAD),
}


def stale(texts: Mapping[str, str | None]) -> list[str]:
    """Return the names of those documents that are not as the tables are. None stands for a file that is missing."""
    return [name for name, made in DOCUMENTS.items() if texts.get(name) != made()]
