"""Settings: every one is documented, a bad one stops the start and is named, secrets are never shown."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.interpreter import InterpreterOptions
from server.engine_choice.from_settings import specs
from server.settings import PREFIX, BadSetting, Settings, filled, read
from server.settings.documents import DOCUMENTS, stale
from server.settings.row import Options, Target
from server.settings.table import ROWS
from signaling.config import SignalingLimits, SignalingOptions
from signaling.rate_limits import Rate
from turn.settings import ROWS as RELAY_ROWS

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Settings)])
def test_every_setting_is_documented_and_can_be_read(field: str) -> None:
    [name] = [variable for variable, row in ROWS.items() if row.name == field]
    assert f"`{name}`" in OPERATIONS.read_text(encoding="utf-8")
    with pytest.raises(BadSetting) as refused:
        read({name: "\x00", "DRAGOMAN_NO_SUCH": "1"})
    assert "DRAGOMAN_NO_SUCH" in str(refused.value)


def test_every_documented_setting_is_accepted() -> None:
    documented = re.findall(r"DRAGOMAN_[A-Z]+(?:_[A-Z]+)*", OPERATIONS.read_text(encoding="utf-8"))
    assert set(documented) <= ROWS.keys() | RELAY_ROWS.keys()


@pytest.mark.parametrize("name", ["piper", "coqui"])
def test_the_python_of_a_voice_reaches_its_engine(name: str) -> None:
    settings = read({f"DRAGOMAN_{name.upper()}": "/opt/voice/bin/python", "DRAGOMAN_TTS": f"{name}:/voices"})
    assert specs(settings)["tts"].options == {"path": "/voices", "python": "/opt/voice/bin/python"}
    nearer = replace(settings, tts=name + ':{"path": "/voices", "python": "python3"}')
    assert specs(nearer)["tts"].options["python"] == "python3"
    assert "python" not in specs(replace(settings, tts="espeak"))["tts"].options


def test_written_documents_are_as_the_table_is() -> None:
    assert stale({name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS}) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_lags_behind_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    lagging = text.replace("DRAGOMAN_GRACE", "DRAGOMAN_PATIENCE")
    assert lagging != text
    assert stale({name: lagging}) == [name]
    assert DOCUMENTS[name](lagging) == text


@pytest.mark.parametrize(
    "options", sorted({target.options for row in ROWS.values() for target in row.targets}, key=str)
)
def test_a_default_is_that_of_the_option_it_fills(options: type[Options]) -> None:
    assert filled(Settings(), options) == options()


def test_the_interpreter_has_the_default_that_is_written_twice() -> None:
    assert Settings().barge_in is InterpreterOptions().barge_in


def test_a_setting_reaches_every_option_that_it_fills() -> None:
    limits = filled(Settings(wrong_codes_per_minute=3, session_hours=0.5), SignalingLimits)
    assert limits.wrong_codes_of_address == Rate(3, 60)
    assert limits.wrong_codes_of_site == Rate(30, 60)
    assert limits.session_length_s == 1800


def test_a_target_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="patience"):
        Target(SignalingOptions, "patience")


def test_a_name_that_is_nearly_right_is_told() -> None:
    with pytest.raises(BadSetting, match="did you mean DRAGOMAN_LANGUAGES"):
        read({"DRAGOMAN_LANGUAGE": "en"})


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
    assert "canary" not in repr(Settings(turn_secret="canary", hub_token="canary"))


def test_production_makes_no_secret_up() -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_SECRET"):
        read({"DRAGOMAN_MODE": "production"})
    assert read({"DRAGOMAN_MODE": "production", "DRAGOMAN_SECRET": "x" * 32}).mode == "production"


def test_the_relay_needs_its_secret() -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_TURN_SECRET"):
        read({"DRAGOMAN_TURN_URLS": "turn:example.org"})


def test_a_node_needs_what_all_nodes_share() -> None:
    whole = {
        "DRAGOMAN_NODE": "call-1",
        "DRAGOMAN_REDIS_URL": "redis://127.0.0.1",
        "DRAGOMAN_SECRET": "x" * 32,
        "DRAGOMAN_PUBLIC_URL": "https://call.example.org",
        "DRAGOMAN_ACCOUNTS": "false",
    }
    assert read(whole).node == "call-1"
    for missing in ("REDIS_URL", "SECRET", "PUBLIC_URL"):
        with pytest.raises(BadSetting, match=f"DRAGOMAN_NODE needs DRAGOMAN_{missing},"):
            read({**whole, f"DRAGOMAN_{missing}": ""})
    with pytest.raises(BadSetting, match="PostgreSQL"):
        read({**whole, "DRAGOMAN_ACCOUNTS": "true"})
    assert read({**whole, "DRAGOMAN_ACCOUNTS": "true", "DRAGOMAN_DATABASE_URL": "postgresql://db/d"}).accounts
    with pytest.raises(BadSetting, match="DRAGOMAN_NODE_URL"):
        read({**whole, "DRAGOMAN_HOST": "0.0.0.0"})
    assert read({**whole, "DRAGOMAN_HOST": "0.0.0.0", "DRAGOMAN_NODE_URL": "http://10.0.0.5:8080/"}).node_url
    for name in ("A", "a b", "-a", "a-", "a/b", "a" * 33):
        with pytest.raises(BadSetting, match="DRAGOMAN_NODE: "):
            read({**whole, "DRAGOMAN_NODE": name})


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
