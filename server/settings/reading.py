"""Reader of the environment: resolves every setting, and refuses unknown names and bad values.

A bad value stops the start. The message names the variable, the value and what would be right. Secrets are in no
message.
"""

from __future__ import annotations

import difflib
import importlib.util
import os
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pipeline.hearing.noise_suppression import LIBRARY
from pipeline.hearing.voice_activity_options import VoiceActivityOptions
from server.settings.hearing import ORDERED
from server.settings.row import PREFIX, Row
from server.settings.table import ROWS, Settings
from turn.settings import ROWS as RELAY_ROWS


class BadSetting(ValueError):
    """A variable has a value that can't be used, or there is no such setting."""


def process_environment() -> Mapping[str, str]:
    """Return the environment of this process: this module is its only reader."""
    return os.environ


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environment`, else of this process's. An empty variable counts as unset.

    Raises BadSetting.
    """
    environment = process_environment() if environment is None else environment
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and text and variable not in ROWS and variable not in RELAY_ROWS:
            raise BadSetting(_unknown(variable))
    values: dict[str, Any] = {}
    for variable, row in ROWS.items():
        for name in (variable, *row.also):
            if text := environment.get(name, ""):
                values[row.name] = _value(name, row, text)
                break
    settings = Settings(**values)
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Raise BadSetting where one setting lacks another that it demands, or contradicts it."""
    if settings.mode == "production" and not settings.secret:
        raise BadSetting("DRAGOMAN_MODE is production, so DRAGOMAN_SECRET must be set (openssl rand -hex 32)")
    if bool(settings.tls_certificate) != bool(settings.tls_private_key):
        raise BadSetting("DRAGOMAN_TLS_CERTIFICATE and DRAGOMAN_TLS_PRIVATE_KEY need each other: set both or neither")
    if settings.tls_certificate and (settings.public_url or "").startswith("http:"):
        raise BadSetting("DRAGOMAN_PUBLIC_URL must begin with https: where there is a DRAGOMAN_TLS_CERTIFICATE")
    if settings.smtp_url and not (settings.mail_from and settings.public_url):
        raise BadSetting(
            "DRAGOMAN_SMTP_URL needs DRAGOMAN_MAIL_FROM, the sender, and DRAGOMAN_PUBLIC_URL, where links lead to"
        )
    if bool(settings.turn_urls) != bool(settings.turn_secret):
        raise BadSetting("DRAGOMAN_TURN_URLS and DRAGOMAN_TURN_SECRET need each other: set both or neither")
    if settings.oidc and not settings.public_url:
        raise BadSetting("DRAGOMAN_OIDC needs DRAGOMAN_PUBLIC_URL: identity providers send browsers back there")
    if settings.vad == "loudness" and settings.vad_aggressiveness != VoiceActivityOptions().aggressiveness:
        raise BadSetting("DRAGOMAN_VAD_AGGRESSIVENESS has no effect with DRAGOMAN_VAD=loudness: leave one of them out")
    if settings.noise_suppression and importlib.util.find_spec(LIBRARY) is None:
        raise BadSetting("DRAGOMAN_NOISE_SUPPRESSION needs the extra `denoise`: pip install 'dragoman[denoise]'")
    if settings.node is not None:
        _check_node(settings)
    if settings.node is not None and settings.processes > 1:
        raise BadSetting(
            "DRAGOMAN_PROCESSES and DRAGOMAN_NODE exclude each other: of several nodes, run one more on this machine "
            "for each process, or unset DRAGOMAN_NODE"
        )
    for earlier, later in (pair for names in ORDERED for pair in pairwise(names)):
        if getattr(settings, earlier) > getattr(settings, later):
            first, second = (f"{PREFIX}{name.upper()} ({getattr(settings, name)})" for name in (earlier, later))
            raise BadSetting(f"{first} is longer than {second}: make it shorter, or equal")


def _check_node(settings: Settings) -> None:
    needed = {"REDIS_URL": settings.redis_url, "SECRET": settings.secret, "PUBLIC_URL": settings.public_url}
    missing = [PREFIX + name for name, value in needed.items() if not value]
    if missing:
        raise BadSetting(f"DRAGOMAN_NODE needs {' and '.join(missing)}, the same for all nodes")
    if settings.accounts and not (settings.database_url or "").startswith("postgres"):
        raise BadSetting("DRAGOMAN_NODE needs a PostgreSQL in DRAGOMAN_DATABASE_URL, or DRAGOMAN_ACCOUNTS=false")
    if settings.node_url is None and settings.host in ("0.0.0.0", "::"):
        raise BadSetting("DRAGOMAN_NODE needs DRAGOMAN_NODE_URL, since DRAGOMAN_HOST is no address of one machine")


def _value(variable: str, row: Row, text: str) -> Any:
    try:
        return row.cast(text.strip())
    except ValueError as error:
        shown = "its value" if row.secret else repr(text)
        raise BadSetting(f"{variable}: {shown} is not right: {error}") from None


def _unknown(variable: str) -> str:
    ours = sorted(name for name in ROWS if name.startswith(PREFIX))
    near = difflib.get_close_matches(variable, ours, n=1)
    hint = f"did you mean {near[0]}? There are " if near else "there are "
    return f"there is no setting {variable}; {hint}{', '.join(ours)}"
