"""A program that speaks may crash, hang, talk nonsense: out comes audio or an error, and the next line works."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engines import EngineError
from pipeline.engines.voices.external_program import ExternalProgram
from pipeline.engines.voices.program_client import Chunk, ProgramClient
from pipeline.speech import Synthesize, Voice

HELLO = '{"protocol": 1, "program": "mock", "voices": [{"id": "ana", "language": "en", "name": "Ana", "licence": "-"}]}'
START = f"""
import json, os, sys, time
from pathlib import Path
def tell(line, pcm=b""):
    sys.stdout.buffer.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\\n" + pcm)
    sys.stdout.buffer.flush()
def times(name):  # how often this was reached, by all processes together
    with open(Path(sys.argv[1]) / name, "a") as file:
        file.write(".")
        return file.tell()
hello = {HELLO!r}
"""
SPEAK = """
tell(hello)
for line in sys.stdin:
    asked = json.loads(line)
    number, text = asked["id"], asked["text"]
    ODD
    tell({"id": number, "rate": 16000, "bytes": 4}, b"\\1\\0\\2\\0")
    tell({"id": number, "rate": 16000, "bytes": 2}, b"\\3\\0")
    tell({"id": number, "done": True})
"""
AUDIO = [Chunk(16_000, b"\1\0\2\0"), Chunk(16_000, b"\3\0")]

PATIENT = {"timeout": 60.0, "patience": 60.0}
"""Seconds for what is not to be late, however slow the machine is."""

Make = Callable[..., ProgramClient]


@pytest.fixture
def talker(tmp_path: Path) -> Iterator[Make]:
    """`talker(odd)` makes one whose program does `odd` with each text first; `talker(script=…)` is all its own."""
    made: list[ProgramClient] = []

    def make(odd: str = "pass", script: str | None = None, **seconds: float) -> ProgramClient:
        program = tmp_path / "program.py"
        program.write_text(START + (SPEAK.replace("ODD", odd) if script is None else script), "utf-8")
        made.append(ProgramClient([sys.executable, "-I", str(program), str(tmp_path)], **{**PATIENT, **seconds}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_voices_and_what_is_said(talker: Make) -> None:
    mock = talker()
    assert mock.voices() == (Voice("ana", "en", "Ana", "-"),)
    assert mock.program == "mock"
    for _ in range(3):
        assert mock.say("hello", "ana", 1.0) == AUDIO


def test_what_it_is_asked_is_a_line_of_json(talker: Make) -> None:
    mock = talker(odd='assert asked == {"id": 1, "text": "¿qué\\n\\"?", "voice": "ana", "tempo": 1.25}, asked')
    mock.voices()
    assert mock.say('¿qué\n"?', "ana", 1.25) == AUDIO


def test_one_that_dies_is_started_anew_and_asked_again(talker: Make) -> None:
    mock = talker(odd='if text == "die" and times("died") == 1: os._exit(3)')
    mock.voices()
    before = mock.pid
    assert mock.say("die", "ana", 1.0) == AUDIO
    assert mock.pid != before


def test_one_that_is_killed_from_outside_is_started_anew(talker: Make) -> None:
    mock = talker()
    mock.voices()
    assert mock.pid is not None
    os.kill(mock.pid, signal.SIGKILL)
    assert mock.say("hello", "ana", 1.0) == AUDIO


def test_a_text_that_it_always_dies_of_costs_itself_alone(talker: Make) -> None:
    mock = talker(odd='if text == "die": os.kill(os.getpid(), 11)')
    mock.voices()
    with pytest.raises(EngineError, match="mock: it was killed by signal 11"):
        mock.say("die", "ana", 1.0)
    assert mock.say("hello", "ana", 1.0) == AUDIO


def test_one_that_hangs_is_killed_and_the_next_line_works(talker: Make) -> None:
    mock = talker(odd='if text == "hang": time.sleep(600)', timeout=0.3)
    mock.voices()
    before = mock.pid
    with pytest.raises(EngineError, match=r"mock took more than 0\.3 s"):
        mock.say("hang", "ana", 1.0)
    assert before is not None and not Path(f"/proc/{before}").exists()
    mock._timeout = PATIENT["timeout"]
    assert mock.say("hello", "ana", 1.0) == AUDIO


def test_one_that_stops_in_the_middle_of_the_audio_is_late_too(talker: Make) -> None:
    mock = talker(odd='tell({"id": number, "rate": 16000, "bytes": 4}, b"\\1\\0"); time.sleep(600)', timeout=0.3)
    mock.voices()
    with pytest.raises(EngineError, match="took more than"):
        mock.say("hello", "ana", 1.0)


def test_an_error_that_it_tells_is_no_reason_to_kill_it(talker: Make) -> None:
    mock = talker(odd='if text == "bad": tell({"id": number, "error": "no such thing"}); continue')
    mock.voices()
    before = mock.pid
    with pytest.raises(EngineError, match="mock: no such thing"):
        mock.say("bad", "ana", 1.0)
    assert mock.say("hello", "ana", 1.0) == AUDIO
    assert mock.pid == before


@pytest.mark.parametrize(
    ("nonsense", "told"),
    [
        ("tell('a library prints')", "no message"),
        ("tell('[1]')", "no message"),
        ("tell('[' * 100000)", "no message"),
        ("sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush()", "no message"),
        ("sys.stdout.write('x' * 3000000); sys.stdout.flush()", "no end"),
        ("tell({'id': number + 1, 'done': True})", "answered"),
        ("tell({'id': number, 'rate': 16000, 'bytes': 3}, b'123')", "3 bytes"),
        ("tell({'id': number, 'rate': 16000, 'bytes': -2})", "bytes are -2"),
        ("tell({'id': number, 'rate': 'fast', 'bytes': 2})", "rate are 'fast'"),
        ("tell({'id': number, 'rate': 16000, 'bytes': 1 << 40})", "bytes of audio"),
        ("tell({'id': number})", "bytes are None"),
        ("sys.stdout.close(); os.close(1); time.sleep(600)", "closed its output"),
    ],
)
def test_nonsense_is_never_taken_for_audio(talker: Make, nonsense: str, told: str) -> None:
    mock = talker(odd=f'if text == "odd":\n        {nonsense}')
    mock.voices()
    with pytest.raises(EngineError, match=told):
        mock.say("odd", "ana", 1.0)
    assert mock.say("hello", "ana", 1.0) == AUDIO


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('tell({"error": "No module named piper"})', "No module named piper"),
        ("sys.exit(7)", "ended with status 7"),
        ("tell('hello?')", "no message"),
        ('tell({"protocol": 2, "voices": []})', "protocol 2"),
        ('tell({"protocol": 1, "program": "mock", "voices": [{"id": 1}]})', "voices can't be read"),
        ('tell({"protocol": 1, "program": "mock"})', "voices can't be read"),
        ('hello = json.loads(hello); hello["voices"][0]["language"] = "english!"; tell(hello)', "language 'english!'"),
        ('hello = json.loads(hello); hello["voices"][0]["id"] = "x" * 129; tell(hello)', "its id"),
        ('hello = json.loads(hello); hello["voices"][0]["id"] = 7; tell(hello)', "7: not all is text"),
        ('hello = json.loads(hello); hello["voices"] *= 2; tell(hello)', "two of its voices have one id"),
        ('hello = json.loads(hello); hello["voices"] = [1]; tell(hello)', "voices can't be read"),
        ("time.sleep(600)", r"said nothing in 0\.5 s"),
    ],
)
def test_one_that_does_not_start_says_why(talker: Make, script: str, told: str) -> None:
    with pytest.raises(EngineError, match=f"does not start: .*{told}"):
        talker(script=script, start_timeout=0.5 if "sleep" in script else 60).voices()


def test_a_program_that_there_is_not() -> None:
    with pytest.raises(EngineError, match="'/no/such' can't be started: No such file"):
        ProgramClient(["/no/such"]).voices()


def test_one_that_never_starts_again_is_not_started_for_every_line(talker: Make, tmp_path: Path) -> None:
    mock = talker(script='if times("started") > 1: sys.exit(1)\n' + SPEAK.replace("ODD", "os._exit(1)"))
    mock.voices()
    for _ in range(30):
        with pytest.raises(EngineError, match="does not start"):
            mock.say("hello", "ana", 1.0)
    assert (tmp_path / "started").stat().st_size <= 4


def test_one_that_takes_long_to_load_again_holds_up_no_line(talker: Make, tmp_path: Path) -> None:
    """The program goes on loading meanwhile. A kill would keep it from ever being there again."""
    wait = 'while times("started") > 1 and not Path(sys.argv[1], "go").exists(): time.sleep(0.01)\n'
    script = 'first = times("begun") == 1\n' + wait + SPEAK.replace("ODD", "if first: os._exit(1)")
    mock = talker(script=script, patience=0.1)
    mock.voices()
    for _ in range(3):
        with pytest.raises(EngineError, match="mock is loading"):
            mock.say("hello", "ana", 1.0)
    loading = mock.pid
    (tmp_path / "go").touch()
    began = time.monotonic()
    while time.monotonic() < began + 60:
        try:
            assert mock.say("hello", "ana", 1.0) == AUDIO
            break
        except EngineError:
            pass
    assert mock.pid == loading
    assert (tmp_path / "begun").stat().st_size == 2


def test_as_an_engine_it_takes_the_voice_of_the_language_only(tmp_path: Path) -> None:
    """The program answers with one sample for each character of the voice's id, as loud as the tempo says."""
    voices = [
        {"id": id, "language": language, "name": id, "licence": "CC0"}
        for id, language in (("a", "en-GB"), ("bb", "en-US"), ("ccc", "es"))
    ]
    program = tmp_path / "program.py"
    program.write_text(
        START
        + SPEAK.replace("tell(hello)", f"tell({{'protocol': 1, 'program': 'mock', 'voices': {voices!r}}})").replace(
            "ODD",
            """
    size = len(asked["voice"]) * 24000
    import array
    pcm = array.array("h", [5000, -5000] * (size // 2)).tobytes()
    tell({"id": number, "rate": 24000, "bytes": len(pcm)}, pcm); tell({"id": number, "done": True}); continue
""",
        )
    )
    engine = ExternalProgram([sys.executable, "-I", str(program), str(tmp_path)], voices={"en": "bb"})
    try:
        assert engine.languages == {"en", "es"}
        assert engine.voices[0].id == "bb"
        jobs = [
            Synthesize("one", "en"),
            Synthesize("one", "en", "a"),
            Synthesize("uno", "es-MX"),
            Synthesize("uno", "es", "a"),
            Synthesize("uno", "es", "nobody"),
            Synthesize("…", "es"),
        ]
        seconds = [round(speech.duration_ms / 1000) for speech in engine.synthesize(jobs)]
        assert seconds == [2, 1, 3, 3, 3, 0]
        with pytest.raises(EngineError, match="mock has no voice for 'fr'"):
            engine.synthesize([Synthesize("un", "fr")])
        with pytest.raises(EngineError, match="there is no voice 'zz' for en; there are a, bb, ccc"):
            ExternalProgram([sys.executable, "-I", str(program), str(tmp_path)], voices={"en": "zz"})
    finally:
        engine.close()
