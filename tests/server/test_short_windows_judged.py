"""Short windows are on where a judgement stands that the weights bear them, and off in every other state."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import starter
from pipeline.engines.registry import EngineSpec, parse
from pipeline.speech import Transcript
from server.engine_choice.short_windows import decided
from server.settings import Settings
from server.short_windows.judge import judge
from server.short_windows.judgement import (
    LEAST_SURE_WORDS,
    Basis,
    Judgement,
    Outcome,
    Tally,
    fault,
    judged,
)
from server.short_windows.kept import FILE, Kept, OthersJudge, basis
from server.short_windows.material import Clip
from server.short_windows.padding import MARGIN, SILENT_TAIL

FACTS = Basis("abc", "1", MARGIN, SILENT_TAIL, "cpu usual")
SENTENCE = "one two three four five"


def tally(words: int = 136, padded: int = 5, short: int = 10, sure: int = 94, sure_wrong: int = 1) -> Tally:
    return Tally(24, words, padded, short, sure, sure_wrong)


def made(outcome: Outcome = Outcome.BORNE, facts: Basis = FACTS, asked: tuple[str, ...] = ("en", "es")) -> Judgement:
    return Judgement(facts, asked, outcome, "why", {"en": tally()})


@pytest.mark.parametrize(
    ("counts", "lacking", "whole", "outcome", "why"),
    [
        ({"en": tally()}, (), True, Outcome.BORNE, "10 of 136 words wrong, 5 with the padding; 1 of 94"),
        ({"en": tally(), "es": tally(sure_wrong=2)}, (), True, Outcome.REFUSED, "lost in es"),
        ({"en": tally(short=12)}, (), True, Outcome.REFUSED, "lost in en"),
        ({"en": tally(short=1427, sure_wrong=900)}, (), False, Outcome.REFUSED, "lost in en"),
        ({"en": tally(sure=LEAST_SURE_WORDS - 1)}, (), True, Outcome.NOT_SHOWN, "too few words"),
        ({"en": tally(sure=LEAST_SURE_WORDS - 1)}, (), False, Outcome.UNFINISHED, "too few words"),
        ({"en": tally()}, (), False, Outcome.BORNE, "10 of 136"),
        ({"en": tally()}, ("sv",), True, Outcome.NOT_SHOWN, "no sentences to judge by in sv"),
        ({}, (), True, Outcome.NOT_SHOWN, "knows none of en, es"),
    ],
)
def test_the_rules(counts: dict[str, Tally], lacking: Sequence[str], whole: bool, outcome: Outcome, why: str) -> None:
    found = judged(FACTS, ["es", "en"], counts, lacking, whole=whole)
    assert (found.outcome, found.asked) == (outcome, ("en", "es")) and why in found.why


@pytest.mark.parametrize(
    ("kept", "wanted", "why"),
    [
        (made(), ("en",), ""),
        (made(), ("en", "es"), ""),
        (made(Outcome.REFUSED), ("en",), ""),
        (None, ("en",), "not judged yet"),
        (made(), ("de", "en"), "judged without de"),
        (made(Outcome.UNFINISHED), ("en",), "not finished"),
        (made(facts=replace(FACTS, weights="abd")), ("en",), "other weights"),
        (made(facts=replace(FACTS, judge="2")), ("en",), "another version of the judge"),
        (made(facts=replace(FACTS, silent_tail=1000)), ("en",), "another margin or tail"),
        (made(facts=replace(FACTS, margin=30)), ("en",), "another margin or tail"),
        (made(facts=replace(FACTS, device="cuda float16")), ("en",), "another device"),
    ],
)
def test_which_judgement_stands(kept: Judgement | None, wanted: Sequence[str], why: str) -> None:
    found = fault(kept, FACTS, wanted)
    assert (found == "") is (why == "") and why in found


def test_what_is_kept_is_what_was_judged() -> None:
    assert Judgement.load(made().dump()) == made()
    for broken in ("", "[]", "{}", made().dump().replace('"borne"', '"perhaps"'), made().dump()[:-20]):
        with pytest.raises(ValueError, match=r"."):
            Judgement.load(broken)


class ScriptedEars:
    """`Ears` that hear what they are told, and take a second for each sentence."""

    languages = frozenset({"en", "es"})

    def __init__(self, short: str = SENTENCE, padded: str = SENTENCE, certain: bool = True) -> None:
        self.seconds = 0.0
        self.heard = 0
        self._texts = {True: short, False: padded}
        self._certain = certain

    def hear(self, clip: Clip, *, short: bool) -> Transcript:
        self.seconds += 0.5
        self.heard += 1
        return Transcript(self._texts[short], clip.language, certain=self._certain)


def clips(*languages: str, count: int = 24) -> dict[str, list[Clip]]:
    return {language: [Clip(f"{n}", language, SENTENCE, b"") for n in range(count)] for language in languages}


@pytest.mark.parametrize(
    ("ears", "seconds", "outcome", "heard"),
    [
        (ScriptedEars(), 180, Outcome.BORNE, 96),
        (ScriptedEars(), 30, Outcome.BORNE, 60),
        (ScriptedEars(), 10, Outcome.UNFINISHED, 20),
        (ScriptedEars(), 0, Outcome.UNFINISHED, 2),
        (ScriptedEars(short="two two " * 200), 180, Outcome.REFUSED, 2),
        (ScriptedEars(short="one two three four nine"), 180, Outcome.REFUSED, 10),
        (ScriptedEars(certain=False), 180, Outcome.NOT_SHOWN, 96),
        (ScriptedEars(padded="one two three four nine"), 180, Outcome.NOT_SHOWN, 96),
    ],
)
def test_sentences_are_heard_in_turn_until_it_is_clear_or_time_is_up(
    ears: ScriptedEars, seconds: float, outcome: Outcome, heard: int
) -> None:
    found = judge(ears, clips("en", "es"), ("en", "es", "de"), FACTS, left_s=lambda: seconds - ears.seconds)
    assert (found.outcome, ears.heard) == (outcome, heard)
    counts = [found.tallies[language].sentences for language in ("en", "es")]
    assert max(counts) - min(counts) <= 1, "each language in turn"


def test_a_language_without_sentences_is_not_judged() -> None:
    found = judge(ScriptedEars(), clips("en"), ("en", "es"), FACTS, left_s=lambda: 180.0)
    assert found.outcome is Outcome.NOT_SHOWN and "es" in found.why


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a Whisper's: nothing is loaded here."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(b"weights")
    return tmp_path / "model"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


def spec(folder: Path, **options: object) -> EngineSpec:
    return EngineSpec("stt", "whisper", {"path": str(folder), **options})


def test_they_are_on_where_the_judgement_stands(folder: Path, settings: Settings) -> None:
    Kept(folder, settings.data).write(made(facts=basis(folder, {})))
    found = decided(spec(folder), settings)
    assert found.spec.options == {"path": str(folder), "margin": MARGIN, "silent_tail": SILENT_TAIL}
    assert found.order is None and "on: why" in found.why


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NOT_SHOWN])
def test_they_are_off_and_not_judged_again_where_it_stands_otherwise(
    folder: Path, settings: Settings, outcome: Outcome
) -> None:
    Kept(folder, settings.data).write(made(outcome, basis(folder, {})))
    found = decided(spec(folder), settings)
    assert (found.spec, found.order) == (spec(folder), None) and f"off: {outcome}: why" in found.why


def test_they_are_off_and_to_be_judged_where_none_stands(folder: Path, settings: Settings) -> None:
    """None yet, another's weights, an unfinished one, broken bytes, another device."""
    kept = Kept(folder, settings.data)

    def pending(**options: object) -> str:
        found = decided(spec(folder, **options), settings)
        assert found.spec == spec(folder, **options) and found.order is not None
        assert (found.order.path, found.order.languages) == (str(folder), ("en", "es"))
        return found.why

    assert "not judged yet" in pending()
    kept.write(made(facts=basis(folder, {})))
    assert "another device" in pending(device="cuda")
    (folder / "model.bin").write_bytes(b"others!")
    assert "other weights" in pending()
    kept.write(made(Outcome.UNFINISHED, basis(folder, {})))
    assert "not finished: why" in pending()
    (folder / FILE).write_text("{", "utf-8")
    assert "not judged yet" in pending()


@pytest.mark.parametrize("options", [{"margin": None}, {"margin": 30}, {"silent_tail": 0}])
def test_options_by_hand_are_left_alone(folder: Path, settings: Settings, options: dict[str, object]) -> None:
    Kept(folder, settings.data).write(made(facts=basis(folder, {})))
    found = decided(spec(folder, **options), settings)
    assert (found.spec, found.order) == (spec(folder, **options), None)


def test_each_of_several_recognisers_is_decided_about(folder: Path, settings: Settings) -> None:
    several = EngineSpec("stt", "by_language", {"engines": [f"whisper:{folder}", "starter"]})
    pending = decided(several, settings)
    assert pending.order is not None and pending.order.path == str(folder) and "not judged yet" in pending.why
    Kept(folder, settings.data).write(made(facts=basis(folder, {})))
    found = decided(several, settings)
    whisper, bundled = (parse("stt", one) for one in found.spec.options["engines"])
    assert (whisper.options["silent_tail"], bundled.name, found.order) == (SILENT_TAIL, "starter", None)


@pytest.mark.parametrize("other", [EngineSpec("stt", "starter"), EngineSpec("stt", "whisper", {"path": "tiny.en"})])
def test_nothing_is_decided_about_other_engines(settings: Settings, other: EngineSpec) -> None:
    assert decided(other, settings).spec == other and not decided(other, settings).why


@contextmanager
def somebody_else() -> Iterator[Path]:
    """Be a user to whom permissions mean something, and have a folder that they may read."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o777)
    before = os.geteuid()
    basis(place, {})  # looks at the libraries, which others may be unable to read
    try:
        if before == 0:
            os.seteuid(65534)
        yield place
    finally:
        os.seteuid(before)
        (place / "model").chmod(0o755)
        shutil.rmtree(place)


def test_a_read_only_folder_has_its_judgement_in_the_data_folder() -> None:
    with somebody_else() as place:
        folder, data = place / "model", place / "data"
        folder.mkdir()
        (folder / "model.bin").write_bytes(b"weights")
        folder.chmod(0o555)
        written = Kept(folder, data).write(made(facts=basis(folder, {})))
        assert written.is_relative_to(data) and not (folder / FILE).exists()
        assert "margin" in decided(spec(folder), Settings(data=data)).spec.options
        folder.chmod(0o755)
        assert Kept(folder, data).write(made(facts=basis(folder, {}))) == folder / FILE
        assert not written.exists(), "one of them is enough, and they can't disagree"


def test_one_process_at_a_time_judges_the_same_weights(folder: Path, settings: Settings) -> None:
    kept = Kept(folder, settings.data)
    with kept.claim("abc"):
        with pytest.raises(OthersJudge), kept.claim("abc"):
            pass
        with kept.claim("abd"):
            pass
    with kept.claim("abc"):
        pass


def test_a_file_is_whole_or_not_there(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between writing and renaming, a judge leaves what was there before."""
    kept = Kept(folder, settings.data)
    kept.write(made())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.write(made(Outcome.REFUSED))
    assert kept.read("abc") == made() and sorted(one.name for one in folder.iterdir()) == ["model.bin", FILE]


def test_the_bundled_folder_is_never_written_to(settings: Settings) -> None:
    assert decided(EngineSpec("stt", "starter", dict(starter.STT_OPTIONS)), settings).order is None
