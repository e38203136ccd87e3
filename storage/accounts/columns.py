"""Types of columns that read and write the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL refuses, and halves of surrogate pairs, which have no UTF-8."""


class Words(TypeDecorator[str]):
    """Text, ordered by code points. U+FFFD stands in for what can't be stored: a lookup of it finds nothing."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else _NOT_STORABLE.sub("\ufffd", value)


class Json(TypeDecorator[Mapping[str, object]]):
    """An object as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, object] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(dict(value), separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, object] | None:
        return None if value is None else json.loads(value)


Number = BigInteger
"""Whole numbers of 64 bits: milliseconds since the Unix epoch, durations, counts."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A row's number, which the database gives: SQLite numbers rows of type INTEGER only."""
