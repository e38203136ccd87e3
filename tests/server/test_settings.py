"""Settings: every one is documented, a bad one stops the start and is named, secrets are never shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from server.engine_choice.from_settings import specs
from server.settings import PREFIX, BadSetting, Settings, read

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Settings)])
def test_every_setting_is_documented_and_can_be_read(field: str) -> None:
    name = PREFIX + field.upper()
    assert f"`{name}`" in OPERATIONS.read_text(encoding="utf-8")
    with pytest.raises(BadSetting) as refused:
        read({name: "\x00", "DRAGOMAN_NO_SUCH": "1"})
    assert "DRAGOMAN_NO_SUCH" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("MODE", "test"),
        ("PUBLIC_URL", "call.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.300"),
        ("MEDIA_ADDRESSES", "localhost"),
        ("GRACE", "soon"),
        ("SESSIONS", "0"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{PREFIX}{name}") as refused:
        read({PREFIX + name: value})
    assert value in str(refused.value)


def test_a_secret_is_never_shown() -> None:
    with pytest.raises(BadSetting) as refused:
        read({"DRAGOMAN_SECRET": "too-short-canary"})
    assert "canary" not in str(refused.value)
    assert "canary" not in repr(Settings(secret="a-long-canary-secret-of-32-bytes-or-more"))


def test_production_makes_no_secret_up() -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_SECRET"):
        read({"DRAGOMAN_MODE": "production"})
    assert read({"DRAGOMAN_MODE": "production", "DRAGOMAN_SECRET": "x" * 32}).mode == "production"


def test_the_relay_needs_its_secret() -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_TURN_SECRET"):
        read({"DRAGOMAN_TURN_URLS": "turn:example.org"})


def test_an_empty_variable_is_the_default() -> None:
    assert read({"DRAGOMAN_PORT": ""}) == Settings()


def test_one_stage_can_be_chosen_with_options() -> None:
    chosen = specs(Settings(tts='scripted:{"delay": 0.5}'))
    assert (chosen["stt"].name, chosen["tts"].name) == ("starter", "scripted")
    assert chosen["tts"].options == {"delay": 0.5}
    assert specs(Settings(stt="whisper:/models/base"))["stt"].options == {"path": "/models/base"}


@pytest.mark.parametrize("settings", [Settings(models="huge"), Settings(stt="ear"), Settings(mt="scripted:{oops")])
def test_an_engine_that_does_not_exist_is_a_setting_error(settings: Settings) -> None:
    with pytest.raises(BadSetting):
        specs(settings)
