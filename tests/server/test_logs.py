"""Lines of the log: JSON, with the call that they are about."""

from __future__ import annotations

import json
import logging
from typing import Any

from pipeline.context import bound
from server.observe.logs import JsonLines


def line(**extra: object) -> dict[str, Any]:
    record = logging.makeLogRecord({"name": "media.room", "levelname": "INFO", "msg": "engine failed", **extra})
    formatted: dict[str, Any] = json.loads(JsonLines().format(record))
    return formatted


def test_a_line_names_the_call_that_it_is_about() -> None:
    with bound("s1", participant="p1", utterance="u1", segment=0):
        shown = line(detail="late")
    assert shown["message"] == "engine failed"
    assert (shown["session"], shown["participant"], shown["utterance"], shown["segment"]) == ("s1", "p1", "u1", 0)
    assert shown["detail"] == "late"


def test_a_line_about_no_call_names_none() -> None:
    assert line().keys() == {"time", "level", "logger", "message"}


def test_an_exception_is_shown_without_what_it_says() -> None:
    said = " ".join(["the", "heron"])

    def fail() -> None:
        try:
            raise KeyError(said)
        except KeyError:
            with open("/nowhere/at/all"):
                pass

    try:
        try:
            fail()
        except OSError as problem:
            raise ExceptionGroup(said, [ValueError(said), problem]) from None
    except ExceptionGroup as error:
        shown = line(exc_info=(type(error), error, error.__traceback__))["exception"]
    assert said not in shown
    for part in ("KeyError", "ValueError", "FileNotFoundError (No such file or directory)", "test_logs.py"):
        assert part in shown


def test_a_field_of_the_line_itself_counts_first() -> None:
    with bound("s1", utterance="u1"):
        assert line(utterance="u2")["utterance"] == "u2"
