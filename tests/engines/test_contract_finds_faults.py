"""The contract is worth something: engines that break it in one way each are found out, by the check that is for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from pipeline.engine_contract import CONTRACTS, Contract, run
from pipeline.engine_contract.__main__ import main
from pipeline.engines import EngineError, registry
from pipeline.engines.registry import EngineSpec, Entry
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator, tone
from pipeline.speech import VOICE_RATE, Speech, Synthesize, Transcribe, Transcript, Translate, Translation, Word

METHODS = {"stt": "transcribe", "mt": "translate", "tts": "synthesize"}
GOOD: dict[str, Callable[[], Any]] = {
    "stt": ScriptedTranscriber,
    "mt": ScriptedTranslator,
    "tts": lambda: ScriptedSynthesizer(word_seconds=0.15, seconds=0.4),
}
Bad = Callable[[Any, Sequence[Any]], Sequence[Any]]


class Broken:
    """An engine that keeps the contract, but for what `bad` makes of it."""

    def __init__(self, kind: str, bad: Bad) -> None:
        good = GOOD[kind]()
        self.languages = getattr(good, "languages", frozenset())
        self.pairs = getattr(good, "pairs", frozenset())
        setattr(self, METHODS[kind], lambda jobs: bad(getattr(good, METHODS[kind]), jobs))


def broken_checks(kind: str, engine: Any, only: str = "test_", **more: Any) -> dict[str, str]:
    """Return the contract's findings on this engine, by check. No process is started: the engine has no name there."""

    class Suite(CONTRACTS[kind]):  # type: ignore[misc, name-defined]
        spec: ClassVar[EngineSpec] = EngineSpec(kind, "scripted")  # type: ignore[arg-type]
        test_it_serves_in_a_process_of_its_own = None

        @classmethod
        def engine(cls) -> Any:
            return engine

    suite: type[Contract] = type("Suite", (Suite,), more)
    return {verdict.check: verdict.reason for verdict in run(suite) if verdict.reason and only in verdict.check}


def each(change: Callable[[Any, Any], Any]) -> Bad:
    """Each result is changed, with a look at its job."""
    return lambda good, jobs: [change(job, result) for job, result in zip(jobs, good(jobs), strict=True)]


def of_batches(change: Callable[[list[Any]], list[Any]]) -> Bad:
    return lambda good, jobs: change(list(good(jobs))) if len(jobs) > 1 else good(jobs)


def unknown(answer: Callable[[Any], Any]) -> Bad:
    """A job that it can't do is answered, or fails, in a way of its own."""

    def bad(good: Any, jobs: Sequence[Any]) -> Sequence[Any]:
        try:
            return list(good(jobs))
        except EngineError:
            return [answer(job) for job in jobs]

    return bad


def fail(error: Exception) -> Any:
    raise error


def upset_by(bad_job: Callable[[Any], bool]) -> Bad:
    """A job of that sort is an error of the library's, with no more words."""
    return lambda good, jobs: fail(IndexError("oops")) if any(map(bad_job, jobs)) else good(jobs)


def growing(samples: int) -> Bad:
    """Each line is longer than the one before."""
    count = itertools.count(1)
    return speech(lambda pcm: np.append(pcm, np.zeros(next(count) * samples, np.int16)))


def speaking_by_number() -> Bad:
    """The pitch of a line depends on the number of lines before it; its length does not."""
    count = itertools.count(1)
    return speech(lambda pcm: np.frombuffer(tone(200 * next(count), len(pcm) / VOICE_RATE), np.int16))


def remembering() -> Bad:
    """An engine whose answer depends on the number of calls."""
    count = itertools.count()

    def bad(good: Any, jobs: Sequence[Any]) -> Sequence[Any]:
        results = good(jobs)
        return [replace(one, text=f"{one.text} {next(count)}") if one.text else one for one in results]

    return bad


def samples(job: Synthesize, speech: Speech, change: Callable[[Any], Any]) -> Speech:
    return Speech(change(np.frombuffer(speech.pcm, np.int16)).astype(np.int16).tobytes())


def speech(change: Callable[[Any], Any]) -> Bad:
    return each(lambda job, result: samples(job, result, change) if result.pcm else result)


MANY = {kind: {"no jobs": lambda good, jobs: good(jobs) if jobs else fail(IndexError("no jobs")),
               "one too few": of_batches(lambda results: results[1:]),
               "backwards": of_batches(lambda results: results[::-1]),
               "unknown is a KeyError": unknown(lambda job: fail(KeyError("qaa"))),
               "unknown is not named": unknown(lambda job: fail(EngineError("no"))),
               "another after a failure": lambda good, jobs: _after_failure(good, jobs),
               "no plain data": each(lambda job, result: _Unpicklable(result))}
        for kind in METHODS}  # fmt: skip

STT: dict[str, Bad] = {
    "unknown is heard all the same": unknown(lambda job: Transcript("hello", job.language)),
    "another language comes back": each(lambda job, heard: replace(heard, language="fr")),
    "a region is forgotten": each(lambda job, heard: replace(heard, language=job.language[:2])),
    "words from silence": each(lambda job, heard: replace(heard, text=heard.text or "Thank you.", understood=True)),
    "half a sample is too much": upset_by(lambda job: len(job.audio) % 2 == 1),
    "more certain than certain": each(lambda job, heard: replace(heard, confidence=1.2)),
    "no number": each(lambda job, heard: replace(heard, confidence=float("nan"))),
    "space around": each(lambda job, heard: replace(heard, text=f" {heard.text}")),
    "words of another text": each(lambda job, heard: replace(heard, words=(Word(" other", 0, 10, 0.5),))),
    "a window of 30 s": upset_by(lambda job: len(job.audio) > 32_000 * 32),
    "keeps what it heard": remembering(),
    "a lone surrogate": each(lambda job, heard: replace(heard, text="\ud800")),
    "confused by voice": upset_by(lambda job: bool(job.voice)),
}
MT: dict[str, Bad] = {
    "unknown is kept as it is": unknown(lambda job: Translation(job.text, job.source, job.target)),
    "source and target swapped": each(lambda job, told: replace(told, source=told.target, target=told.source)),
    "blank text is translated": each(lambda job, told: replace(told, text=told.text or "Nothing.")),
    "blank text is left out": lambda good, jobs: [one for one in good(jobs) if one.text],
    "endless": each(lambda job, told: replace(told, text=told.text * 20_000)),
    "nothing at all": each(lambda job, told: replace(told, text="")),
    "keeps what it told": remembering(),
    "a lone surrogate": each(lambda job, told: replace(told, text=job.text.strip())),
    "odd text is an error": upset_by(lambda job: len(job.text) >= 5000),
    "confused by what was begun": upset_by(lambda job: job.begun is not None),
    "begun, and not said so": each(lambda job, told: replace(told, text=f"{told.text} on") if job.begun else told),
    "always carried on": each(lambda job, told: replace(told, carried_on=True)),
}
TTS: dict[str, Bad] = {
    "unknown is spoken in English": unknown(lambda job: Speech(tone(300, 1.0))),
    "clipped": speech(lambda pcm: np.clip(pcm.astype(int) * 30, -32768, 32767)),
    "an edge that clicks": speech(lambda pcm: pcm[len(pcm) // 3 :][np.argmax(np.abs(pcm[len(pcm) // 3 :])) :]),
    "half a sample": each(lambda job, said: Speech(said.pcm + b"\0" if said.pcm else b"")),
    "too quiet": speech(lambda pcm: pcm // 20),
    "too loud": speech(lambda pcm: np.clip(pcm.astype(int) * 7, -32766, 32766)),
    "an offset": speech(lambda pcm: pcm + 1000 * np.hanning(len(pcm))),
    "rate is ignored": lambda good, jobs: good([replace(job, rate=1.0) for job in jobs]),
    "always as long": each(lambda job, said: Speech(said.pcm and tone(300, 1.0 / job.rate))),
    "half as fast: another rate of samples": speech(lambda pcm: np.repeat(pcm, 6)),
    "blank text is a tone": each(lambda job, said: said if said.pcm else Speech(tone(300, 0.1))),
    "a voice must exist": upset_by(lambda job: bool(job.voice)),
    "longer each time": growing(VOICE_RATE // 2),
    "other words each time": speaking_by_number(),
}
FOR = {
    "no jobs": "no_jobs",
    "one too few": "batch",
    "backwards": "batch",
    "unknown is a KeyError": "unknown_language",
    "unknown is not named": "unknown_language",
    "another after a failure": "fails_leaves_no_trace",
    "no plain data": "another_process",
    "unknown is heard all the same": "unknown_language",
    "another language comes back": "region",
    "a region is forgotten": "region",
    "words from silence": "silence",
    "half a sample is too much": "cut_anywhere",
    "more certain than certain": "extreme_audio",
    "no number": "extreme_audio",
    "space around": "interims",
    "words of another text": "interims",
    "a window of 30 s": "window",
    "keeps what it heard": "kept_between_jobs",
    "confused by voice": "spans_of_voice",
    "unknown is kept as it is": "unknown_source",
    "source and target swapped": "regions",
    "blank text is translated": "blank_text_is_blank",
    "blank text is left out": "blank_text",
    "endless": "long_text",
    "nothing at all": "every_pair",
    "keeps what it told": "kept_between_jobs",
    "a lone surrogate": "",
    "odd text is an error": "odd_texts",
    "confused by what was begun": "may_have_begun",
    "begun, and not said so": "may_have_begun",
    "always carried on": "may_have_begun",
    "unknown is spoken in English": "unknown_language",
    "clipped": "sentence_in_each_language",
    "an edge that clicks": "sentence_in_each_language",
    "half a sample": "sentence_in_each_language",
    "too quiet": "sentence_in_each_language",
    "too loud": "sentence_in_each_language",
    "an offset": "sentence_in_each_language",
    "rate is ignored": "rate_is_a_factor",
    "always as long": "more_words",
    "half as fast: another rate of samples": "sentence_in_each_language",
    "blank text is a tone": "nothing_to_say_is",
    "a voice must exist": "a_voice_that_is_none",
    "longer each time": "batch",
    "other words each time": "kept_between_jobs",
}
"""Part of the name of the check that must find it."""


class _Unpicklable:
    """A result that nobody else can read."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)

    def __reduce__(self) -> Any:
        return (_Unpicklable, (None,))


def _after_failure(good: Any, jobs: Sequence[Any]) -> Sequence[Any]:
    """Once it has failed, it is deaf and dumb."""
    if any("qaa" in (getattr(job, "language", ""), getattr(job, "target", "")) for job in jobs):
        good.__self__.failed = True
    results = good(jobs)
    if not hasattr(good.__self__, "failed"):
        return list(results)
    return [replace(one, **({"pcm": b""} if isinstance(one, Speech) else {"text": "?"})) for one in results]


def cases() -> Iterator[Any]:
    for kind, more in (("stt", STT), ("mt", MT), ("tts", TTS)):
        for name, bad in {**MANY[kind], **more}.items():
            yield pytest.param(kind, bad, FOR[name], id=f"{kind}: {name}")


@pytest.mark.parametrize("kind", sorted(METHODS))
def test_an_engine_that_keeps_it_has_no_verdict_against_it(kind: str) -> None:
    assert broken_checks(kind, Broken(kind, lambda good, jobs: good(jobs))) == {}


@pytest.mark.parametrize(("kind", "bad", "check"), list(cases()))
def test_an_engine_that_breaks_it_is_found_out(kind: str, bad: Bad, check: str) -> None:
    found = broken_checks(kind, Broken(kind, bad))
    assert any(check in name for name in found), found


@pytest.mark.parametrize(("tolerance", "found"), [(0.0, True), (0.3, False), (None, False)])
def test_a_line_that_is_a_sample_longer_is_another_to_the_sample_alone(tolerance: float | None, found: bool) -> None:
    broken = broken_checks("tts", Broken("tts", growing(1)), tolerance=tolerance)
    assert ("test_nothing_is_kept_between_jobs" in broken) is found


@pytest.mark.parametrize(
    ("kind", "told"), [("stt", {"languages": ["en"]}), ("tts", {"languages": frozenset({"en-GB"})}),
                       ("mt", {"pairs": frozenset({("en", "en")})}), ("mt", {"pairs": frozenset()})]
)  # fmt: skip
def test_what_an_engine_tells_of_itself_is_looked_at(kind: str, told: dict[str, Any]) -> None:
    engine = Broken(kind, lambda good, jobs: good(jobs))
    vars(engine).update(told)
    assert "test_it_tells_its_" + ("pairs" if kind == "mt" else "languages") in broken_checks(kind, engine)


def test_what_must_be_understood_and_told_is_looked_at() -> None:
    hears: type[Contract] = CONTRACTS["stt"]
    tells: type[Contract] = CONTRACTS["mt"]
    pcm = tone(300, 1.0, 16_000)
    options = {"texts": {"en": "Goodbye."}}
    wrong = {"spec": EngineSpec("stt", "scripted", options), "recordings": [(pcm, "Hello!")]}
    right = {"spec": EngineSpec("stt", "scripted", options), "recordings": [(pcm, "goodbye")]}
    for given, broken in ((wrong, True), (right, False)):
        suite = type("Suite", (hears,), {**given, "test_it_serves_in_a_process_of_its_own": None})
        found = {verdict.check for verdict in run(suite) if verdict.reason}
        assert ("test_what_is_said_is_understood" in found) is broken
    known = {("en", "es", "One."): "Uno."}
    spec = EngineSpec("mt", "scripted")
    suite = type("Suite", (tells,), {"spec": spec, "known": known, "test_it_serves_in_a_process_of_its_own": None})
    assert [verdict.check for verdict in run(suite) if verdict.reason] == ["test_known_translations"]


def test_it_is_run_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mt", "scripted"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert all(line.startswith("ok      ") for line in lines)
    assert "ok      it serves in a process of its own" in lines
    assert last == f"{len(lines)} of {len(lines)} checks hold"
    assert main(["tts", "scripted", '{"silent": true}']) == 1
    assert "BROKEN  more words take longer" in capsys.readouterr().out
    assert main(["stt", "whisper", '{"path": "/nowhere"}']) == 2
    assert main(["stt", "nobody"]) == 2
    assert "known: " in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["stt", "scripted", "[]"])


class ThirdParty:
    """A translator as somebody else would write it."""

    pairs = frozenset({("en", "es")})

    def __init__(self, shout: bool = False) -> None:
        self._shout = shout

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        return [Translation(job.text.upper() if self._shout else job.text, job.source, job.target) for job in jobs]


def test_an_engine_that_crashes_while_it_starts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that loads here and not in a process of its own: it is no entry point, so nobody finds it there."""
    entry = Entry("mt", "third-party", ThirdParty, "somebody else's", "MIT")
    monkeypatch.setattr(registry, "entries", lambda: {("mt", "third-party"): entry})
    suite = type("Suite", (CONTRACTS["mt"],), {"spec": EngineSpec("mt", "third-party", {"shout": True})})
    found = {verdict.check: verdict.reason for verdict in run(suite) if verdict.reason}
    assert "no mt engine is called 'third-party'" in found.pop("test_it_serves_in_a_process_of_its_own")
    assert set(found) == {
        "test_an_unknown_language_is_an_engine_error_that_names_it",
        "test_an_unknown_source_is_an_engine_error_that_names_it",
        "test_a_language_to_itself_is_an_engine_error",
        "test_blank_text_is_blank",
        "test_odd_texts_do_no_harm",
    }


def test_hearings_of_the_contract_are_heard_as_voice() -> None:
    """The stand-in for speech is no silence to a gate of loudness or pitch."""
    contract = type("Suite", (CONTRACTS["stt"],), {"spec": EngineSpec("stt", "scripted")})()
    for job in contract.jobs():
        assert isinstance(job, Transcribe)
        assert np.sqrt(np.mean(np.frombuffer(job.audio, np.int16).astype(float) ** 2)) > 1000
