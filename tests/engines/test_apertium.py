"""Apertium in running pipelines: pairs, way-stations, what is said and what it can't steer, programs that die or hang.

With Debian's apertium-eng-spa where it is installed (scripts/setup test), and with small programs in its place.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engines import EngineError
from pipeline.engines.registry import find, parse
from pipeline.engines.translation.apertium import Apertium
from pipeline.engines.translation.apertium_pairs import PACKAGES, modes, packages, ways
from pipeline.engines.translation.apertium_pipe import commands
from pipeline.engines.translation.apertium_stream import escaped, plain, unescaped
from pipeline.speech import Translate, Translation
from pipeline.text.translation_checks.verdict import Doubt, Verdict, judged
from server.cli.doctor import untranslated

PATIENCE_S = 60.0
"""Time for a text whose programs first have to start, however slow the machine is."""

PROGRAM = '''#!{python}
"""Stands for a program of Apertium's: text up to a null character in, the same with its name behind it out."""
import os, sys, time

what, log = sys.argv[2], {log!r}
assert sys.argv[1] == "-z" and os.environ["LC_ALL"] == "C.UTF-8"
with open(log, "a") as lines:
    lines.write(what + "\\n")
text = bytearray()
while byte := os.read(0, 1):
    if byte != b"\\0":
        text += byte
        continue
    if what == "dies" or (b"poison" in text and what == "fragile"):
        sys.exit(3)
    if b"hang" in text:
        time.sleep(600)
    said = bytes(text) if what in ("same", "fragile") else bytes(text).replace(b".[]", b" " + what.encode() + b".[]")
    os.write(1, (said + b"\\0") * (2 if what == "twice" else 1))
    text = bytearray()
'''


@pytest.fixture
def installed(tmp_path: Path) -> Callable[..., Path]:
    """A folder of modes, each a line of programs as `PROGRAM`: `installed(**{"eng-spa": "same | one"})`."""
    program, log = tmp_path / "stand-in", tmp_path / "started"
    program.write_text(PROGRAM.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)

    def folder(**lines: str) -> Path:
        (tmp_path / "modes").mkdir(exist_ok=True)
        for name, line in lines.items():
            text = " | ".join(f"'{program}' {what.strip()} $1 $2" for what in line.split("|"))
            (tmp_path / "modes" / f"{name}.mode").write_text(text + "\n")
        return tmp_path

    return folder


@pytest.fixture
def engine(installed: Callable[..., Path]) -> Iterator[Apertium]:
    made = Apertium(
        str(installed(**{"eng-spa": "same | one", "spa-eng": "back", "fr-es": "two", "es-fr": "zwei"})),
        timeout_s=PATIENCE_S,
    )
    yield made
    made.close()


def say(engine: Apertium, text: str, source: str = "en", target: str = "es") -> str:
    (result,) = engine.translate([Translate(text, source, target)])
    if isinstance(result, EngineError):
        raise result
    assert (result.source, result.target) == (source, target)
    return result.text


def started(engine_folder: Path) -> list[str]:
    return (engine_folder / "started").read_text().split()


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["eng-spa", "spa-eng"], {("en", "es"): "eng-spa", ("es", "en"): "spa-eng"}),
        (["fr-es", "es-pt_BR", "es-pt"], {("fr", "es"): "fr-es", ("es", "pt"): "es-pt"}),
        (["es-pt_BR"], {("es", "pt"): "es-pt_BR"}),
        (["oci@aran-spa"], {("oc", "es"): "oci@aran-spa"}),
        (["eng-morph", "spa-tagger", "eng", "spa-eng-debug", "xyz-eng", "es-es"], {}),
        (["nob-nno_e"], {("nb", "nn"): "nob-nno_e"}),
        (["es-en", "spa-eng"], {("es", "en"): "es-en"}),
        ([], {}),
    ],
)
def test_pairs_are_what_is_installed(names: list[str], pairs: dict[tuple[str, str], str]) -> None:
    assert modes(names) == pairs


def test_a_pair_without_a_mode_goes_by_a_way_station() -> None:
    direct = [("fr", "es"), ("es", "en"), ("en", "es"), ("es", "fr"), ("ca", "en"), ("en", "ca"), ("ca", "es")]
    assert ways(direct) == {
        ("fr", "en"): "es",
        ("en", "fr"): "es",
        ("ca", "fr"): "es",
        ("es", "ca"): "en",
    }
    assert ways([("en", "es"), ("es", "en")]) == {}
    assert ways([("nn", "nb"), ("nb", "da")]) == {("nn", "da"): "nb"}


@pytest.mark.parametrize(
    ("pair", "needed"),
    [
        (("en", "es"), ("apertium-eng-spa",)),
        (("es", "en"), ("apertium-eng-spa",)),
        (("fr", "es"), ("apertium-fr-es",)),
        (("fr", "en"), ("apertium-fr-es", "apertium-eng-spa")),
        (("it", "pt"), ("apertium-spa-ita", "apertium-es-pt")),
        (("ja", "en"), ()),
        (("en", "en"), ()),
    ],
)
def test_a_pair_has_its_debian_packages(pair: tuple[str, str], needed: tuple[str, ...]) -> None:
    assert packages(*pair) == needed
    assert all(list(pair) == sorted(pair) for pair in PACKAGES)


def test_a_mode_is_a_line_of_programs_that_flush_and_mark_nothing() -> None:
    mode = "lt-proc -w '/usr/a b.bin' | apertium-tagger -g $2 '/x.prob' | lt-proc $1 '/y.bin' | lt-proc -p z\n"
    assert commands(mode) == [
        ["lt-proc", "-z", "-w", "/usr/a b.bin"],
        ["apertium-tagger", "-z", "-g", "/x.prob"],
        ["lt-proc", "-z", "-n", "/y.bin"],
        ["lt-proc", "-z", "-p", "z"],
    ]
    assert commands("#!/bin/sh\nlt-proc ${OPTION} a |\nlt-proc b\n") == [["lt-proc", "-z", "a"], ["lt-proc", "-z", "b"]]
    assert commands("") == []


@pytest.mark.parametrize(
    "text", ["a", "[x] ^y$ {z} <q> @home / back\\slash", "a.[]", "\\[", "5 * 3 # 4 @ 2", "¿Qué?", "*a #b @c", "…"]
)
def test_what_is_said_comes_through_the_stream(text: str) -> None:
    stream = escaped(text)
    assert unescaped(stream, text) == text
    bare = stream.removesuffix(".[]").replace("[-]", "")
    for special in "[]{}^$/@<>":
        assert bare.count(special) == bare.count("\\" + special)


@pytest.mark.parametrize(
    ("text", "stream"),
    [
        ("No.", "No[-]..[]"),
        ("No", "No[-].[]"),
        ("No. I am Jan.", "No[-]. I am Jan[-]..[]"),
        ("No. 5", "No. 5.[]"),
        ("Mr. Smith lives in the U.S.", "Mr. Smith lives in the U.S..[]"),
        ("It is 5 p.m.", "It is 5 p.m..[]"),
        ("Is it?", "Is it?.[]"),
        ("3.5", "3.5.[]"),
    ],
)
def test_a_blank_divides_the_last_word_of_a_sentence_from_its_stop(text: str, stream: str) -> None:
    assert escaped(text, "en") == stream


@pytest.mark.parametrize(
    ("stream", "text", "shown"),
    [
        ("El *zorgblat habla..[]", "The zorgblat speaks.", "El zorgblat habla."),
        ("#hablar @word *x.[]", "talk word x", "hablar word x"),
        ("5 * 3.[]", "5 * 3", "5 * 3"),
        ("*a #b.[]", "*a b", "*a b"),
        ("a*b.[]", "ab", "a*b"),
        ("¿Dónde?[].", "Where?", "¿Dónde?"),
        ("EE.UU..[]", "USA", "EE.UU."),
        ("  a   b .[]", "a b", "a b"),
        ("a [<b>]c.[]", "a c", "a c"),
        ("\\[a\\] \\\\.[]", "[a] \\", "[a] \\"),
        ("", "x", ""),
    ],
)
def test_marks_and_blanks_are_not_said(stream: str, text: str, shown: str) -> None:
    assert unescaped(stream, text) == shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\tb\0c", "a b c"),
        ("co\u00adope\u200brate", "cooperate"),
        ("\ud800x", "x"),
        ("\u2028\ufeff ", ""),
        ("Ünï çödé ¿?", "Ünï çödé ¿?"),
    ],
)
def test_text_is_one_line(text: str, line: str) -> None:
    assert plain(text) == line


def test_a_text_goes_through_all_programs_of_its_mode(engine: Apertium) -> None:
    assert say(engine, "Hello.") == "Hello. one"
    assert say(engine, "Hallo", "es-MX", "en-GB") == "Hallo back"
    assert engine.pairs >= {("en", "es"), ("es", "en"), ("fr", "es"), ("es", "fr")}


def test_a_way_station_is_told_and_gone_by(engine: Apertium) -> None:
    assert engine.pivoted == {("en", "fr"), ("fr", "en")} == engine.pairs - {
        ("en", "es"), ("es", "en"), ("fr", "es"), ("es", "fr"),
    }  # fmt: skip
    assert engine.gist == engine.pairs, "whatever way it goes"
    assert say(engine, "a", "fr", "en") == "a two back"
    assert say(engine, "a", "en", "fr") == "a one zwei"


def test_programs_go_on_running(engine: Apertium, tmp_path: Path) -> None:
    jobs = [Translate(f"text {n}", "en", "es") for n in range(30)]
    results = engine.translate(jobs)
    assert [one.text for one in results if isinstance(one, Translation)] == [f"text {n} one" for n in range(30)]
    assert sorted(started(tmp_path)) == ["one", "same"]
    assert "eng-spa" in repr(engine)


def test_a_text_that_is_longer_than_a_pipe_holds(engine: Apertium) -> None:
    text = " ".join(["word"] * 30_000)
    assert say(engine, text) == text + " one"


def test_a_program_that_died_is_started_anew(engine: Apertium, tmp_path: Path) -> None:
    assert say(engine, "a") == "a one"
    for place in (0, 1):
        pids = engine._pipes["en", "es"].pids
        os.kill(pids[place], signal.SIGKILL)
        assert say(engine, "b") == "b one"
        assert not set(pids) & set(engine._pipes["en", "es"].pids)
    assert len(started(tmp_path)) == 6


def test_a_text_that_kills_it_costs_itself_alone(installed: Callable[..., Path]) -> None:
    engine = Apertium(str(installed(**{"eng-spa": "fragile"})), timeout_s=PATIENCE_S)
    first, poisoned, last = engine.translate([Translate(text, "en", "es") for text in ("a", "poison", "b")])
    assert isinstance(first, Translation) and isinstance(last, Translation)
    assert (first.text, last.text) == ("a", "b")
    assert isinstance(poisoned, EngineError) and "eng-spa: a program of it ended" in str(poisoned)
    assert "poison" not in str(poisoned)
    engine.close()


def test_one_that_hangs_is_ended_in_time(installed: Callable[..., Path]) -> None:
    engine = Apertium(str(installed(**{"eng-spa": "same"})), timeout_s=PATIENCE_S)
    assert say(engine, "a") == "a"
    pids = engine._pipes["en", "es"].pids
    engine._pipes["en", "es"]._timeout = 0.5
    with pytest.raises(EngineError, match=r"eng-spa took more than 0\.5 s"):
        say(engine, "hang")
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    engine._pipes["en", "es"]._timeout = PATIENCE_S
    assert say(engine, "b") == "b"
    engine.close()


@pytest.mark.parametrize(("line", "told"), [("dies", "a program of it ended"), ("twice", "out of step")])
def test_one_that_does_not_work_is_an_engine_error(installed: Callable[..., Path], line: str, told: str) -> None:
    engine = Apertium(str(installed(**{"eng-spa": line})), timeout_s=PATIENCE_S)
    with pytest.raises(EngineError, match=told):
        say(engine, "a")
    engine.close()


def test_no_more_pipelines_run_than_may(installed: Callable[..., Path]) -> None:
    engine = Apertium(
        str(installed(**{"eng-spa": "a", "spa-eng": "b", "fr-es": "c"})), pipelines=2, timeout_s=PATIENCE_S
    )
    engine.warm_up()
    assert len(engine._pipes) == 2
    pids = [pid for pipe in engine._pipes.values() for pid in pipe.pids]
    assert say(engine, "x", "fr", "es") == "x c"
    assert len(engine._pipes) == 2 and sum(Path(f"/proc/{pid}").exists() for pid in pids) == 1
    engine.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_what_is_not_installed_is_told_with_its_package(
    installed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine = Apertium(str(installed(**{"eng-spa": "same"})), timeout_s=PATIENCE_S)
    with pytest.raises(EngineError, match=r"fr → es here \(Debian: apt-get install apertium-fr-es\)"):
        say(engine, "a", "fr", "es")
    with pytest.raises(EngineError, match=r"ja → en here$"):
        say(engine, "a", "ja", "en")
    (tmp_path / "empty").mkdir()
    with pytest.raises(EngineError, match=r"hold no pair of languages .*apertium-eng-spa"):
        Apertium(str(tmp_path / "empty"))
    with pytest.raises(EngineError, match="pipelines: 0"):
        Apertium(str(tmp_path), pipelines=0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"'lt-proc' of Apertium is not installed .*apt-get install apertium"):
        Apertium()


def test_settings_name_it() -> None:
    spec = parse("mt", "apertium")
    assert dict(spec.options) == {} and "GPL" in find(spec).licence
    assert dict(parse("mt", "apertium:/opt/apertium").options) == {"path": "/opt/apertium"}


def test_the_doctor_names_the_packages_of_what_is_lacking() -> None:
    here = {("en", "es"), ("es", "en")}
    assert untranslated(here, ("en", "es")) == []
    found = {one.what: one.remedy for one in untranslated(here, ("en", "es", "fr", "ja"))}
    assert found["Apertium es → fr"] == "apt-get install apertium-fr-es"
    assert found["Apertium fr → en"] == "apt-get install apertium-fr-es apertium-eng-spa"
    assert found["Apertium ja → en"] == "no Debian package; set another DRAGOMAN_MT"
    assert len(found) == 10


# --- the real one -------------------------------------------------------------------------------------------

real = pytest.mark.skipif(
    shutil.which("lt-proc") is None or not Path("/usr/share/apertium/modes/eng-spa.mode").is_file(),
    reason="REAL APERTIUM NOT TESTED: apt-get install apertium apertium-eng-spa",
)


@pytest.fixture(scope="module")
def apertium() -> Iterator[Apertium]:
    made = Apertium(pipelines=4, timeout_s=PATIENCE_S)
    yield made
    made.close()


@real
@pytest.mark.parametrize(
    ("text", "pair", "wanted"),
    [
        ("Please check the number and try again.", ("en", "es"), "Complacer comprobar el número y probar otra vez."),
        ("The house is white.", ("en", "es"), "La casa es blanca."),
        ("La casa es blanca.", ("es", "en"), "The house is white."),
    ],
)
def test_a_sentence(apertium: Apertium, text: str, pair: tuple[str, str], wanted: str) -> None:
    assert say(apertium, text, *pair) == wanted


@real
def test_unknown_words_are_left_as_they_are_and_unmarked(apertium: Apertium) -> None:
    said = say(apertium, "The zorgblat of Dragoman sleeps.")
    assert "zorgblat" in said and "Dragoman" in said and not set(said) & set("*@#")


@real
def test_what_is_said_steers_nothing(apertium: Apertium) -> None:
    before = say(apertium, "The house is white.")
    for odd in ("[ ] { } ^a$ / \\ @x <y> #z *w", "^house<n>$", "a\0b", "[[t:b]]", "\\", "..[]", "~", "x" * 5000):
        said = say(apertium, odd)
        assert "\0" not in said
        assert say(apertium, "The house is white.") == before, odd
    assert say(apertium, "12345 € 3.50 10:30 user@example.org 5 * 3 #1").split()[0] == "12345"


UNCHANGED = """
    Maria Gonzalez|Microsoft Windows|WhatsApp|Netflix|Samsung Galaxy S24 Ultra|Real Madrid|Taxi|Hotel|Okay.|Wifi|
    Ibuprofen.|Tesla Model 3|Guggenheim|42|3.5|C++|7:30|Bluetooth|Krzysztof Wojciechowski|Szczebrzeszyn|LH 1234|
    McDonald's|blorf zick wumple|ana@example.com|Starbucks|ThinkPad X1|Jan.|Tequila.
"""


@real
def test_what_the_real_one_leaves_as_it_is_is_not_held_back(apertium: Apertium) -> None:
    """Names, brands, numbers and words that no dictionary has, alone and in a sentence."""
    sentences = ("My name is {}.", "Where is {}?", "I do not like {} very much.", "{} and {}, please.", "{} {} {} {}")
    alone = [one.strip() for one in UNCHANGED.split("|")]
    texts = [*alone, *(sentence.format(*[one.rstrip(".")] * 4) for sentence in sentences for one in alone)]
    jobs = [Translate(text, "en", "es") for text in texts]
    for job, answer in zip(jobs, apertium.translate(jobs), strict=True):
        assert isinstance(answer, Translation)
        found = judged(job, answer)
        assert found.held is None and Doubt.NUMBER not in found.unsure, (job.text, answer.text, found)


@real
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No.", "No."),
        ("No", "No"),
        ("I said no.", "Dije no."),
        ("Yes. No.", "Sí. No."),
        ("My name is Jan.", "Mi nombre es Jan."),
        ("Room no. 5", "Núm. de sala 5"),
        ("We live in the U.S.", "Vivimos en los EE.UU."),
        ("My name is Ana. I am Jan.", "Mi nombre es Ana. Soy Jan."),
    ],
)
def test_the_last_word_of_a_sentence_is_no_abbreviation_to_the_real_one(
    apertium: Apertium, text: str, shown: str
) -> None:
    job = Translate(text, "en", "es")
    (answer,) = apertium.translate([job])
    assert isinstance(answer, Translation) and judged(job, answer) == Verdict(shown)


@real
def test_the_real_programs_go_on_running(apertium: Apertium) -> None:
    say(apertium, "One.")
    pids = apertium._pipes["en", "es"].pids
    began = time.monotonic()
    for n in range(20):
        assert str(n) in say(apertium, f"The house number {n} is white.")
    print(f"{(time.monotonic() - began) / 20 * 1000:.1f} ms a sentence, {len(pids)} programs")
    assert apertium._pipes["en", "es"].pids == pids
    os.kill(pids[3], signal.SIGKILL)
    assert say(apertium, "The house is white.")
    assert apertium._pipes["en", "es"].pids != pids
