"""`bench.real_call` plays what it says, and its verdicts can go both ways."""

from __future__ import annotations

import json
import os
import re
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.peers.bot_work import Work
from bench.real_call import ways
from bench.real_call.__main__ import names
from bench.real_call.human_turns import pauses, sentence_times, turn
from bench.real_call.kinds import KINDS, Kind, chosen, sentences
from bench.real_call.measuring import of_kind, wrong
from bench.real_call.peers import PEERS, engines
from bench.real_call.table import markdown
from bench.real_call.targets import targets
from bench.talk import server_process
from pipeline.engines.registry import parse
from pipeline.speech import SAMPLE_RATE, Word
from testing.real_material import Prompt
from testing.spoken_turns import RATE


def prompt(folder: Path, name: str, text: str, *seconds: float) -> Prompt:
    """Half a second of silence, then tones of these lengths with a third of a second between two, and silence."""
    file = folder / f"{name}.wav"
    pieces = [np.zeros(SAMPLE_RATE // 2, np.int16)]
    for number, length in enumerate(seconds or (1.0,)):
        time = np.arange(round(length * SAMPLE_RATE)) / SAMPLE_RATE
        pieces += [np.zeros(SAMPLE_RATE // 3, np.int16)] if number else []
        pieces.append((np.sin(2 * np.pi * 300 * time) * 5000).astype(np.int16))
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(np.concatenate([*pieces, np.zeros(SAMPLE_RATE // 2, np.int16)]).tobytes())
    return Prompt(name, text, file)


def told(*words: tuple[str, float, float]) -> list[Word]:
    return [Word(f" {text}", round(start * 1000), round(end * 1000), 0.9) for text, start, end in words]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Please hold.", 1),
        ("Please hold", 1),
        ("Dial 3.5 now.", 1),
        ("Visit www.asterisk.org.", 1),
        ("You may end the test. Goodbye.", 2),
        ("Really?  Yes!", 2),
    ],
)
def test_sentences_of_a_recording(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_kinds_by_length_and_sentences(tmp_path: Path) -> None:
    short, long = prompt(tmp_path, "a", "Please hold the line."), prompt(tmp_path, "b", "One. Two.", 15.0)
    assert [name for name, kind in KINDS.items() if kind.holds(short)] == ["single"]
    assert [name for name, kind in KINDS.items() if kind.holds(long)] == ["long"]
    assert not any(kind.holds(prompt(tmp_path, "c", "Press one to listen to ...")) for kind in KINDS.values())


def test_recordings_are_spread_over_all_lengths(tmp_path: Path) -> None:
    kind = Kind((), 0.0, 8.0, range(1, 2), 3, 1)
    found = [prompt(tmp_path, f"a{n}", "Please hold the line.", 1.0 + n / 2) for n in range(7)]
    others = [prompt(tmp_path, "b", "One. Two."), prompt(tmp_path, "c", "Too long for a single one.", 9.0)]
    assert [one.name for one in chosen([*others, *found[::-1]], kind, 3)] == ["a0", "a3", "a6"]
    assert [one.name for one in chosen(found, kind, 1)] == ["a0"]
    assert len(chosen(found, kind, 99)) == 7


def test_a_turn_ends_with_its_last_sound(tmp_path: Path) -> None:
    made = turn(prompt(tmp_path, "a", "Please hold the line."), [])
    assert (made.said[0].start, made.end) == (pytest.approx(0.5, abs=0.01), pytest.approx(1.5, abs=0.01))
    assert made.seconds == pytest.approx(made.end + 0.2, abs=0.001), "what follows is the load's own silence"
    assert [one.text for one in made.words] == ["Please", "hold", "the", "line."]
    assert made.words[-1].end == pytest.approx(made.end)


def test_a_sentence_ends_at_the_pause_near_its_last_word(tmp_path: Path) -> None:
    of_two = prompt(tmp_path, "a", "Please hold. The leader is late.", 1.0, 2.0)
    heard = told(("Please", 0.5, 1.0), ("hold.", 1.0, 1.9), ("The", 1.9, 2.0), ("leader", 2.0, 2.6), ("is", 2.6, 3.0))
    first, second = turn(of_two, heard).said
    assert (first.start, first.end) == (pytest.approx(0.5, abs=0.02), pytest.approx(1.5, abs=0.02))
    assert (second.start, second.end) == (pytest.approx(1.83, abs=0.02), pytest.approx(3.83, abs=0.02))


def test_without_a_pause_the_times_of_words_hold() -> None:
    heard = told(("one", 0.0, 1.0), ("two", 1.0, 2.0), ("three", 2.0, 3.0))
    assert sentence_times(["One two.", "Three."], heard, [(7.0, 7.5)], 0.0, 3.0) == [(0.0, 2.0), (2.0, 3.0)]


def test_words_that_were_not_heard_lie_evenly_between_the_others() -> None:
    heard = told(("a", 0.0, 1.0), ("e", 4.0, 5.0))
    assert sentence_times(["A b.", "C d e."], heard, [], 0.0, 5.0) == [(0.0, 2.0), (2.0, 5.0)]


def test_two_sentences_do_not_end_at_one_pause() -> None:
    heard = told(("no", 0.0, 1.0), ("yes", 1.2, 1.5), ("then", 1.5, 3.0))
    times = sentence_times(["No.", "Yes.", "Then."], heard, [(1.0, 1.2)], 0.0, 3.0)
    assert times == [(0.0, 1.0), (1.2, 1.5), (1.5, 3.0)]


def test_pauses_are_inner_silences() -> None:
    tone = np.full(RATE, 5000, np.int16)
    sound = np.concatenate([tone, np.zeros(RATE // 5, np.int16), tone, np.zeros(RATE // 20, np.int16), tone])
    assert pauses(sound) == [(pytest.approx(1.0), pytest.approx(1.2))]


def test_a_choice_of_names() -> None:
    assert names("short, padded", ways.WAYS) == ["short", "padded"]
    assert names("none", PEERS) == [] and names("all", PEERS) == list(PEERS)
    with pytest.raises(ValueError, match="'tiny' is none of: padded, short, short-joe"):
        names("short,tiny", ways.WAYS)


def test_each_way_and_each_peer_names_engines_that_exist() -> None:
    assert ways.WINDOWS["short"]["silent_tail"] == 3000 and not ways.WINDOWS["padded"]
    assert parse("stt", ways.settings(ways.WAYS["short"], Path())["DRAGOMAN_STT"]).name == "by_language"
    assert {peer.windows for peer in PEERS.values()} == {"stock", "short"}
    for peer in PEERS.values():
        stt = json.loads(engines(peer.windows))["stt"]
        assert stt.startswith("stock:") if peer.windows == "stock" else parse("stt", stt).options["margin"] == 100


def test_joe_is_laid_out_as_a_voice_of_another_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joe = tmp_path / "joe"
    joe.mkdir()
    (joe / "en_US-joe-medium.onnx").write_bytes(b"model")
    config = {"espeak": {"voice": "en-us"}, "language": {"code": "en_US"}, "phoneme_id_map": {"a": [14]}}
    (joe / "en_US-joe-medium.onnx.json").write_text(json.dumps(config))
    monkeypatch.setattr(ways, "JOE", joe)
    for _ in range(2):  # it may be there from another run
        made = ways.joe_in("es", tmp_path / "made")
    (model,) = made.glob("*.onnx")
    assert model.read_bytes() == b"model"
    changed = json.loads(Path(f"{model}.json").read_text())
    assert changed == config | {"espeak": {"voice": "es"}, "language": {"code": "es"}}


def test_a_bot_gets_the_engines_that_are_named_and_its_own_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"stt": "scripted", "mt": 'scripted:{"pattern": "[{text}]"}'}
    host = [sys.executable, "-m", "bench.peers.engine_host", json.dumps(named)]
    with server_process.process(host, tmp_path / "log", os.environ) as line, ThreadPoolExecutor(4) as threads:
        monkeypatch.setattr(sys, "argv", ["bot", "en", "es", line.split()[1], str(tmp_path / "spoken"), "best"])
        work = Work()
        voices = [threads.submit(work.speak, "Hola.") for _ in range(4)]
        texts = [threads.submit(work.translate, f"Room {number}.") for number in range(50)]
        assert [one.result(20) for one in texts] == [f"[Room {number}.]" for number in range(50)]
        assert all(len(one.result(20)) > 10_000 for one in voices), "espeak-ng, as usual"


@pytest.mark.parametrize(
    ("said", "heard", "count"), [("Dial five now.", "Dial 5 now.", 0), ("Dial five now.", "Dial 6 now.", 1)]
)
def test_numbers_count_by_their_value(said: str, heard: str, count: int) -> None:
    assert wrong(said, heard) == count


def test_figures_that_rest_on_words_are_left_out_where_nobody_knows_the_voice(tmp_path: Path) -> None:
    found = of_kind([], [prompt(tmp_path, "a", "Please hold the line.")], understood=False)
    assert found["right"] is None and found["endToFirstMs"] is None
    assert found["endToFirstAnyMs"]["count"] == 0 and found["wrongInCall"] == found["words"] == 4


def kind(p50: float | None, p95: float | None, wrong: int, count: int, span: float | None) -> dict[str, Any]:
    times = {"p50": p50, "p95": p95, "count": count, "infinite": 0}
    spans = times | {"p50": span}
    return {
        "turns": count, "clauses": count, "right": count, "words": 200, "wrongInCall": wrong, "othersBusy": 0.3,
        "endToFirstMs": times, "endToFirstAnyMs": times, "earVoiceSpanMs": spans, "earVoiceSpanAnyMs": spans,
    }  # fmt: skip


def report(
    p50: float | None, p95: float | None, wrong: int, count: int = 24, span: float = 1000.0, **peers: float | None
) -> dict[str, Any]:
    ours = {"single": kind(p50, p95, wrong, count, span), "several": kind(p50, p95, 6, count, span)}
    made: dict[str, Any] = {
        "machine": {"cores": 2, "cpu": "c", "kernel": "k"},
        "ways": {"short": ours},
        "wholeFiles": {"single": 6, "several": 6},
        "peers": {
            name.replace("_", "-"): {"what": "a bot"} | {one: kind(late, late, 9, 24, late) for one in ours}
            for name, late in peers.items()
        },
    }
    return made | {"targets": [one.as_json() for one in targets(made)]}


@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (report(400, 900, 10), [True, True, True, True]),
        (report(451, 901, 11, span=1501.0), [False, False, False, False]),
        (report(400, None, 6), [True, False, True, True]),
        (report(None, None, 6, count=0), [None, None, None, True]),
        (report(400, 900, 6, fastrtc_short=2000.0), [True, True, True, True, True, True]),
        (report(400, 900, 6, fastrtc_short=799.0), [True, True, True, False, False, True]),
        (report(400, 900, 6, fastrtc_short=None), [True, True, True, True, True, True]),
        (report(400, 900, 6, fastrtc_stock=500.0), [True, True, True, True]),
    ],
)
def test_the_verdicts(made: dict[str, Any], passed: list[bool | None]) -> None:
    assert [one["passed"] for one in made["targets"]] == passed


def test_the_table_tells_each_and_how_far_it_is_from_us() -> None:
    text = re.sub(" +", " ", markdown(report(400, 901, 8, fastrtc_stock=2000.0)))
    assert "Disturbed: others took up to 30%" in text
    assert "| single | short | 24 | 24 | 24 | 400 | 901 | 400 | 1000 | 901 | 1000 | – | – | 8 | 6 | 200 |" in text
    assert "| single | fastrtc-stock | 24 | 24 | 24 | 2000 | 2000 | 2000 | 2000 | 2000 | 2000 | 0.2 |" in text
    assert "| several | fastrtc-stock | 24 | 24 | 24 | 2000 | 2000 | 2000 | 2000 | 2000 | 2000 | 0.5 |" in text
    assert "*fastrtc-stock*: a bot" in text and "**no**" in text
