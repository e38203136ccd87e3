"""The check for trimming: run on the bundled model, judged by its cost, and never guessed."""

import json
import wave
from pathlib import Path
from typing import Any

import jiwer
import pytest

import starter
from pipeline.speech import SAMPLE_RATE
from pipeline.text.language import NATIVE_NAMES
from pipeline.text.word_errors import word_errors
from server.short_windows.check import MAY, MAY_NOT, UNUSABLE, Row, judge, run
from server.short_windows.material import synthesized, words
from server.short_windows.sentences import SENTENCES

BUNDLED = str(starter.STT)


def said(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], dict[str, Any]]:
    """Return the printed text before the last line, and the last line's object."""
    *lines, last = capsys.readouterr().out.splitlines()
    return lines, json.loads(last)


def write(path: Path, pcm: bytes, rate: int = SAMPLE_RATE, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


def row(margin: int | None, wrong: int, ms: float = 100.0, tail: int = 0) -> Row:
    return Row(margin, wrong, wrong / 1000, 0, ms, tail)


def test_the_bundled_model_may_be_trimmed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(BUNDLED, margins=(30,), limit=3, least_words=20) == MAY
    lines, told = said(capsys)
    assert (told["may_trim"], told["margin"], told["languages"]) == (True, 30, ["en", "es"])
    padded, trimmed = told["rows"]
    assert (padded["margin"], trimmed["margin"], told["sentences"]) == (None, 30, 6)
    assert padded["wer"] < 0.2 and trimmed["errors"] == padded["errors"]
    assert trimmed["ms"] < padded["ms"] / 2
    table = [line for line in lines if line.startswith("| ")]
    assert [line.split("|")[1].strip() for line in table] == ["margin, frames", "padded to 30 s", "30"]
    assert lines[-2] == told["why"] and "Synthetic voices" in lines[-1]


def test_a_folder_of_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Recordings have any rate and channels; one without a text, or in a language unknown to the model, is left out."""
    english, spanish = synthesized({"en", "es"}, 1)
    write(tmp_path / "en" / "one.wav", english.audio)
    twice = b"".join(english.audio[at : at + 2] * 2 for at in range(0, len(english.audio), 2))
    write(tmp_path / "en" / "stereo.wav", twice, channels=2)
    write(tmp_path / "es-MX" / "uno.wav", spanish.audio)
    write(tmp_path / "de" / "eins.wav", spanish.audio)
    for name, clip in (("en/one", english), ("en/stereo", english), ("es-MX/uno", spanish), ("de/eins", spanish)):
        (tmp_path / name).with_suffix(".txt").write_text(clip.text + "\n", encoding="utf-8")
    write(tmp_path / "en" / "untold.wav", english.audio)
    assert run(BUNDLED, tmp_path, margins=(30,), least_words=10) == MAY
    lines, told = said(capsys)
    assert (told["material"], told["sentences"], told["languages"]) == ("recorded", 3, ["en", "es-MX"])
    assert told["words"] == 2 * len(english.text.split()) + len(spanish.text.split())
    assert told["rows"][0]["errors"] == 0
    assert not any("Synthetic" in line for line in lines)


@pytest.mark.parametrize(
    ("rows", "count", "margin", "why"),
    [
        ([row(None, 50), row(30, 50, 10)], 1000, 30, "50 of 1000 words are wrong, 50 with the padding; 10.0 times"),
        ([row(None, 50), row(100, 55), row(30, 56)], 1000, 100, "margin of 100"),
        ([row(None, 50), row(100, 40), row(30, 55)], 1000, 30, "margin of 30"),
        ([row(None, 50), row(30, 56), row(200, 60)], 1000, None, "leave it off"),
        ([row(None, 0), row(30, 0)], 149, None, "149 words are too few"),
        ([row(None, 501), row(30, 501)], 1000, None, "50% of the words are wrong already"),
        ([row(None, 50)], 1000, None, "leave it off"),
    ],
)
def test_the_verdict(rows: list[Row], count: int, margin: int | None, why: str) -> None:
    verdict = judge(rows, count)
    assert (verdict.may_trim, verdict.margin) == (margin is not None, margin)
    assert why in verdict.why


@pytest.mark.parametrize(
    ("rows", "chosen", "why"),
    [
        ([row(None, 14), row(30, 800), row(30, 16, 25, 3000)], (30, 3000), "30 frames and a silent_tail of 3000: 16"),
        ([row(None, 14), row(30, 14, 9), row(30, 14, 25, 3000)], (30, 0), "30 frames: 14"),
        ([row(None, 14), row(200, 14, 9), row(30, 14, 25, 3000)], (200, 0), "200 frames: 14"),
        ([row(None, 14), row(30, 800), row(100, 15, 25, 3000), row(30, 50, 25, 3000)], (100, 3000), "100 frames and"),
        ([row(None, 14), row(30, 800), row(30, 20, 25, 3000)], (None, 0), "leave it off"),
    ],
)
def test_a_silent_tail_is_the_way_of_weights_that_bear_no_bare_margin(
    rows: list[Row], chosen: tuple[int | None, int], why: str
) -> None:
    verdict = judge(rows, 1000)
    assert (verdict.margin, verdict.silent_tail) == chosen
    assert verdict.may_trim is (chosen[0] is not None) and why in verdict.why


def test_a_tail_is_tried_where_no_margin_is_borne(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(BUNDLED, margins=(30,), tails=(0, 3000), tolerance=-1, limit=1, least_words=10) == MAY_NOT
    lines, told = said(capsys)
    assert [(one["margin"], one["silent_tail"]) for one in told["rows"]] == [(None, 0), (30, 0), (30, 3000)]
    assert (told["silent_tail"], told["may_trim"]) == (0, False)
    assert [line.split("|")[2].strip() for line in lines if line.startswith("| 30")] == ["0", "3000"]


def test_too_little_is_no_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(BUNDLED, margins=(30,), limit=1) == MAY_NOT
    _, told = said(capsys)
    assert not told["may_trim"] and told["margin"] is None and "too few" in told["why"]


@pytest.mark.parametrize(
    ("files", "options", "told"),
    [
        (None, {}, "there is no folder"),
        ({}, {}, "no WAV file with a text file"),
        ({"one.wav": b""}, {}, "no WAV file with a text file"),
        ({"what is it/one.wav": b"RIFF", "what is it/one.txt": b"one"}, {}, "the language is neither given"),
        ({"en/one.wav": b"no audio", "en/one.txt": b"one"}, {}, "can't be read as audio"),
        ({"one.wav": b"no audio", "one.txt": b"\xff"}, {"language": "en"}, "one.txt can't be read as UTF-8"),
    ],
)
def test_a_folder_that_can_not_be_used_is_told(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, bytes] | None,
    options: dict[str, str],
    told: str,
) -> None:
    folder = tmp_path / "data"
    if files is not None:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    assert run(BUNDLED, folder, **options) == UNUSABLE  # type: ignore[arg-type]
    seen = capsys.readouterr()
    assert told in seen.err and not seen.out


def test_a_model_or_a_language_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(str(tmp_path / "model")) == UNUSABLE
    assert "no model folder" in capsys.readouterr().err
    assert run(BUNDLED, language="tlh") == UNUSABLE
    assert "no sentences to synthesize in tlh" in capsys.readouterr().err
    assert run(BUNDLED, language="de") == UNUSABLE
    assert "the model knows none of de" in capsys.readouterr().err
    assert run(BUNDLED, limit=0) == UNUSABLE
    assert "0 sentences" in capsys.readouterr().err
    assert run(BUNDLED, language="en", limit=1, margins=(-5,)) == UNUSABLE
    assert "margin: -5" in capsys.readouterr().err
    assert run(BUNDLED, language="en", limit=1, tails=(-5,)) == UNUSABLE
    assert "silent_tail: -5" in capsys.readouterr().err
    assert run(BUNDLED, device="tpu") == UNUSABLE
    assert "'tpu'" in capsys.readouterr().err


def test_there_are_sentences_in_every_promised_language() -> None:
    assert SENTENCES.keys() == NATIVE_NAMES.keys()
    assert {len(set(texts)) for texts in SENTENCES.values()} == {6}


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("¿Dónde está — el Tren?", "es", ["dónde", "está", "el", "tren"]),
        ("Wait... what's 3.5?", "en", ["wait", "what", "s", "3", "5"]),
        ("रेलवे स्टेशन कहाँ है?", "hi", ["रेलवे", "स्टेशन", "कहाँ", "है"]),
        ("駅は、どこ。", "ja", ["駅", "は", "ど", "こ"]),
        ("", "en", []),
    ],
)
def test_words(text: str, language: str, parts: list[str]) -> None:
    assert words(text, language) == parts


@pytest.mark.parametrize(
    "heard", ["a b c d", "a c d", "a x c d", "x a b c d y", "", "d c b a", "a b c d a b c d", "b b b"]
)
def test_errors_are_those_that_jiwer_counts(heard: str) -> None:
    theirs = jiwer.process_words("a b c d", heard)
    wanted = theirs.substitutions + theirs.deletions + theirs.insertions
    assert word_errors(["a", "b", "c", "d"], heard.split()) == wanted
