"""Table of the documents of the protocol: path → text, written from the tables of operations and messages. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from server.api_documents import asyncapi, dart, dart_records, fixtures, typescript
from signaling.http import openapi
from signaling.http.operations import OPERATIONS

FOLDER = "docs/api"
DART = "clients/flutter/dragoman_client/lib/src"
HEAD = "Written by: python -m server.api_documents --write"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    f"{FOLDER}/openapi.json": lambda: _json(openapi.document(OPERATIONS)),
    f"{FOLDER}/asyncapi.json": lambda: _json(asyncapi.document()),
    f"{FOLDER}/messages.schema.json": lambda: _json(asyncapi.message_schemas()),
    f"{FOLDER}/dragoman.d.ts": lambda: typescript.declarations(HEAD),
    f"{DART}/constants.dart": lambda: dart.constants(HEAD),
    f"{DART}/messages.dart": lambda: dart_records.records(HEAD),
    "clients/fixtures/messages.json": fixtures.written,
}


def stale(texts: Mapping[str, str | None]) -> list[str]:
    """Return the paths of those documents that are not as the tables are. None stands for a file that is missing."""
    return [name for name, made in DOCUMENTS.items() if texts.get(name) != made()]
