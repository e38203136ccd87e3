"""`bench.quality` on a small data set whose every grade is known: espeak-ng speaks it, the bundled models hear it."""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bench.quality import __main__ as quality
from bench.quality import scores, tracking
from bench.quality.data import BadData, Item, read
from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import VOICE_RATE, Synthesize

SAID = [
    ("Where is the train station?", "¿Dónde está la estación de tren?"),
    ("I would like a coffee, please.", "Quisiera un café, por favor."),
    ("I lost my passport.", "Perdí mi pasaporte."),
]


def speak(file: Path, text: str, language: str) -> None:
    """A recording as somebody else's tool would write it: 24 kHz."""
    with wave.open(str(file), "wb") as wav:
        wav.setparams((1, 2, VOICE_RATE, 0, "NONE", ""))
        wav.writeframes(Espeak().synthesize([Synthesize(text, language)])[0].pcm)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings and their translations, of which the last has other words than were said; and a text that was
    not recorded, whose translation is another."""
    data = tmp_path / "data"
    data.mkdir()
    for number, (english, spanish) in enumerate(SAID):
        speak(data / f"{number}.wav", english, "en")
        (data / f"{number}.txt").write_text(english, encoding="utf-8")
        (data / f"{number}.es.txt").write_text(spanish + "\n", encoding="utf-8")
    (data / "2.txt").write_text("I lost my big red passport.", encoding="utf-8")
    (data / "3.txt").write_text(SAID[2][0], encoding="utf-8")
    (data / "3.es.txt").write_text("Perdí mi maleta grande.", encoding="utf-8")
    return data


def report_of(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "quality.json").read_text(encoding="utf-8"))
    return report


def test_every_grade_is_what_it_must_be(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert quality.main([str(folder), "--out", str(out)], {}) == 0
    report = report_of(out)
    said = sum(len(text.split()) for text, _ in SAID) + 2
    assert report["recognition"] == {
        "en": {"texts": 3, "wer": pytest.approx(2 / said, abs=1e-4), "cer": pytest.approx(6 / 61, abs=0.02),
               "error": pytest.approx(2 / said, abs=1e-4)}
    }  # fmt: skip
    assert report["spoken_translation"]["en-es"]["bleu"] == 100, "what was recognised is translated word for word"
    assert report["spoken_translation"]["en-es"]["chrf"] == 100
    assert report["spoken_translation"]["en-es"]["ter"] == 0
    assert 50 < report["translation"]["en-es"]["bleu"] < 95
    assert 50 < report["translation"]["en-es"]["chrf"] < 95
    assert 5 < report["translation"]["en-es"]["ter"] < 50
    assert report["translation"]["en-es"]["texts"] == 4
    assert 0 < report["intelligibility"]["es"]["wer"] < 0.5, "the recogniser knows all but the suitcase"
    assert report["intelligibility"]["en"]["texts"] == 4
    assert {"what": "recognition", "wanted": "I lost my big red passport.", "found": SAID[2][0]} in report["examples"]
    assert (report["failures"], report["passed"], report["items"]) == ([], True, 4)
    printed, told = capsys.readouterr()
    assert json.loads(printed.splitlines()[-1])["recognition"] == report["recognition"]
    assert "| en-es | 3     | 100.0 | 100.0 | 0.0 |" in (out / "quality.md").read_text(encoding="utf-8")
    assert "recognition of en: 3 recordings" in told


def test_what_fails_is_counted_and_what_cannot_be_done_is_told(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stt = '{"languages": ["en"], "texts": {"en": "I lost my passport."}}'
    failing = '{"raise_on": "coffee", "pairs": [["en", "es"]]}'
    given = [str(folder), "--stt", f"scripted:{stt}", "--mt", f"scripted:{failing}", "--out", str(out)]
    assert quality.main(given, {}) == 1
    report = report_of(out)
    (failure,) = report["failures"]
    assert failure.startswith("RuntimeError at scripted.py:")
    assert report["left_out"] == ["intelligibility in es: the recogniser doesn't know it"]
    assert 0.5 < report["recognition"]["en"]["wer"] < 1
    assert not report["passed"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/nowhere"], "/nowhere is no folder"),
        ([".", "--mt", "nobody"], "nobody"),
        ([".", "--stt", "whisper:/nowhere"], "nowhere"),
    ],
)
def test_bad_input_is_named(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    assert quality.main(arguments, {}) == 2
    assert told in capsys.readouterr().err


# the layout of a data set


def test_files_of_one_name_are_one_item(tmp_path: Path) -> None:
    for name, text in (
        ("a.txt", "One\n two. "),
        ("a.es.txt", "Uno dos."),
        ("a.pt-BR.txt", "Um dois."),
        ("v1.2.txt", "x"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "a.FLAC").write_bytes(b"")
    assert read(tmp_path, "en") == [
        Item("a", "en", "One two.", tmp_path / "a.FLAC", {"es": "Uno dos.", "pt-BR": "Um dois."}),
        Item("v1.2", "en", "x"),
    ]


def test_a_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.ogg").write_bytes(b"")
    table = 'path\tsentence\tlanguage\tes\tzh\nx.ogg\tSay "one".\t\tDi «uno».\t\n\n\tZwei.\tde\t\t二。\n'
    (tmp_path / "data.tsv").write_text(table, encoding="utf-8-sig")
    assert read(tmp_path, "en") == [
        Item("2", "en", 'Say "one".', tmp_path / "x.ogg", {"es": "Di «uno»."}),
        Item("4", "de", "Zwei.", None, {"zh": "二。"}),
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "holds no data"),
        ({"a.wav": b""}, "there is no a.txt"),
        ({"a.es.txt": b"Uno."}, "a.txt is missing"),
        ({"a.txt": b"\xff\xfe"}, "a.txt is not UTF-8"),
        ({"data.tsv": b""}, "names no column `text`"),
        ({"data.tsv": b"text\tspeaker_id\n"}, "'speaker_id' is neither"),
        ({"data.tsv": b"text\tes\na\tb\tc\n"}, "line 2: 3 cells"),
        ({"data.tsv": b"text\tes\n\tb\n"}, "line 2: no text"),
        ({"data.tsv": b"text\taudio\na\tb.wav\n"}, "line 2: there is no file"),
    ],
)
def test_what_is_wrong_with_a_data_set_is_named(files: dict[str, bytes], told: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadData, match=told):
        read(tmp_path, "en")


# scores


def test_case_and_punctuation_are_no_errors_and_marks_are_letters() -> None:
    assert scores.recognition(["Don't, STOP!"], ["dont stop"], "en")["wer"] == 0
    assert scores.recognition(["कहाँ है"], ["कहा है"], "hi")["wer"] == 0.5
    assert scores.recognition(["one two three four"], ["one too three four five"], "en")["wer"] == 0.5
    assert scores.recognition(["?"], ["well"], "en") == {"texts": 0, "wer": None, "cer": None, "error": None}


def test_languages_without_spaces_are_scored_in_characters() -> None:
    assert scores.recognition(["火车站在哪里？"], ["火车站 在那里"], "zh")["error"] == pytest.approx(1 / 6, abs=1e-4)


@pytest.mark.parametrize(
    ("target", "wanted", "other"),
    [("es", "Perdí mi pasaporte rojo.", "Perdí mi pasaporte verde."), ("zh", "火车站在哪里？", "火车站在那里？"),
     ("ja", "駅はどこですか？", "駅はここですか？")],
)  # fmt: skip
def test_the_same_translation_is_perfect_and_another_is_not(target: str, wanted: str, other: str) -> None:
    same, worse = (scores.translation([wanted], [told], target) for told in (wanted, other))
    assert same["bleu"] == same["chrf"] == 100 and same["ter"] == 0
    assert 0 < worse["chrf"] < 100 and 0 <= worse["bleu"] < 100 and 0 < worse["ter"] <= 25
    assert ["version:" in one for one in same["signatures"]] == [True] * 3
    nothing = scores.translation([], [], target)
    assert (nothing["bleu"], nothing["chrf"], nothing["ter"]) == (None, None, None)


# MLflow

REPORT: dict[str, Any] = {
    "data": "d", "items": 2, "engines": {"stt": "starter"}, "failures": ["x"], "intelligibility": {},
    "recognition": {"en": {"texts": 2, "wer": 0.25, "cer": None}}, "spoken_translation": {},
    "translation": {"en-es": {"texts": 2, "bleu": 50.0, "signatures": ["s"]}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer who has it installed doesn't want these runs in it."""
    monkeypatch.setitem(sys.modules, "mlflow", None)


def test_without_mlflow_nothing_is_logged() -> None:
    assert tracking.track(REPORT, []) == "MLflow is not installed: nothing was logged there"


def test_a_store_that_is_away_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    away = ModuleType("mlflow")
    monkeypatch.setitem(sys.modules, "mlflow", away)
    assert "logged nothing: AttributeError" in tracking.track(REPORT, [])


def test_with_mlflow_engines_scores_and_files_are_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    logged: dict[str, Any] = {}

    class Run:
        info = SimpleNamespace(run_id="r1")

        def __enter__(self) -> Run:
            return self

        def __exit__(self, *_: object) -> None:
            logged["ended"] = True

    stand_in = ModuleType("mlflow")
    vars(stand_in).update(
        set_experiment=lambda name: logged.update(experiment=name),
        start_run=lambda run_name: Run(),
        log_params=lambda params: logged.update(params=params),
        log_metrics=lambda metrics: logged.update(metrics=metrics),
        log_artifact=lambda file: logged.setdefault("files", []).append(file),
    )
    monkeypatch.setitem(sys.modules, "mlflow", stand_in)
    assert tracking.track(REPORT, [tmp_path / "quality.json"]) == "MLflow run r1"
    assert logged["params"] == {"data": "d", "items": 2, "stt": "starter"}
    assert logged["metrics"] == {
        "failures": 1.0, "recognition.en.texts": 2.0, "recognition.en.wer": 0.25, "translation.en-es.texts": 2.0,
        "translation.en-es.bleu": 50.0,
    }  # fmt: skip
    assert logged["files"] == [str(tmp_path / "quality.json")] and logged["ended"]


@pytest.mark.parametrize(
    ("told", "target", "edits"),
    [
        ("Perdí mi pasaporte rojo.", "es", 0),
        ("Perdí mi pasaporte.", "es", 2),  # a word less, and the mark is a part of the word before it
        ("rojo. Perdí mi pasaporte", "es", 1),  # words that move together are one edit
        ("Perdí mi maleta grande y verde.", "es", 4),
    ],
)
def test_translation_edit_rate_counts_edits_for_each_word_wanted(told: str, target: str, edits: int) -> None:
    assert scores.translation(["Perdí mi pasaporte rojo."], [told], target)["ter"] == 100 * edits / 4
