"""Real weights on a human voice: short windows with a silent tail lose no words, and without it they do.

`python -m bench.short_windows` measures all prompts.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bench.short_windows.ways import PADDED, Heard, Way, hear
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe, Transcript
from server.short_windows.judge import WhisperEars, judge
from server.short_windows.judgement import Basis, Outcome
from server.short_windows.kept import basis
from server.short_windows.material import Clip, words
from testing.real_material import LANGUAGE, WEIGHTS, Prompt, missing, prompts

SHORT = Way(100, 3000)
COUNT = 12
THREADS = 2

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing()}")


@pytest.fixture(scope="module")
def some() -> list[Prompt]:
    """The first of those by which something may be chosen, 2 to 6 s long."""
    fitting = (one for one in prompts() if not one.held_out and 2.0 <= one.seconds <= 6.0)
    return [one for one, _ in zip(fitting, range(COUNT), strict=False)]


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    """The real weights. No window is recognised twice in one way: the result would be the same."""
    made = Whisper.of(str(WEIGHTS), threads=THREADS)
    made.warm_up()
    hear_anew, known = made.transcribe, dict[object, Sequence[Transcript]]()

    def transcribe(jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        way = made.margin, made.silent_tail, *jobs
        if way not in known:
            known[way] = hear_anew(jobs)
        return known[way]

    made.transcribe = transcribe  # type: ignore[method-assign]
    return made


@pytest.fixture(scope="module")
def padded(whisper: Whisper, some: Sequence[Prompt]) -> Heard:
    return hear(whisper, PADDED, some)


@pytest.fixture(scope="module")
def short(whisper: Whisper, some: Sequence[Prompt], padded: Heard) -> Heard:
    return hear(whisper, SHORT, some)


@pytest.fixture(scope="module")
def judged_by() -> dict[str, list[Clip]]:
    """A judge's sentences, of human voices."""
    fitting = (one for one in prompts() if not one.held_out and 2.0 <= one.seconds <= 6.0)
    return {
        LANGUAGE: [Clip(one.name, LANGUAGE, one.text, one.audio) for one, _ in zip(fitting, range(16), strict=False)]
    }


class Ears(WhisperEars):
    """Ears of the judge over weights that are loaded."""

    def __init__(self, whisper: Whisper, facts: Basis) -> None:
        self._whisper, self._basis, self.languages = whisper, facts, whisper.languages


@contextmanager
def way(whisper: Whisper, one: Way) -> Iterator[Whisper]:
    whisper.margin, whisper.silent_tail = one.margin, one.tail
    yield whisper


def jobs(some: Sequence[Prompt]) -> list[Transcribe]:
    return [Transcribe(one.audio, LANGUAGE) for one in some]


def said(some: Sequence[Prompt]) -> int:
    return sum(len(words(one.text, LANGUAGE)) for one in some)


def test_no_more_words_are_wrong(some: Sequence[Prompt], padded: Heard, short: Heard) -> None:
    """Half a point of all words, which are some hundred here: none. Processor time is shown, and decides nothing."""
    assert len(some) == COUNT and said(some) > 60
    assert sum(padded.errors) <= 0.1 * said(some), "or nothing is shown on them"
    assert sum(short.errors) <= sum(padded.errors) + 0.005 * said(some)
    print(f"{sum(short.cpu_ms) / sum(padded.cpu_ms):.2f} of the padded passes' processor time")


def test_without_the_tail_these_weights_lose_words(
    whisper: Whisper, some: Sequence[Prompt], padded: Heard, short: Heard
) -> None:
    bare = hear(whisper, Way(30), some)
    assert sum(bare.errors) > max(sum(padded.errors), sum(short.errors)) + 10


def test_nothing_goes_round_in_circles(some: Sequence[Prompt], short: Heard) -> None:
    for prompt, text in zip(some, short.texts, strict=True):
        assert len(words(text, LANGUAGE)) <= 1.5 * len(words(prompt.text, LANGUAGE)) + 2


def test_several_at_once_are_heard_as_each_alone(whisper: Whisper, some: Sequence[Prompt], short: Heard) -> None:
    with way(whisper, SHORT):
        assert [one.text for one in whisper.transcribe(jobs(some[:6]))] == short.texts[:6]


def test_words_have_the_times_that_the_padded_encoder_gives_them(some: Sequence[Prompt]) -> None:
    whisper = Whisper.of(str(WEIGHTS), threads=THREADS, word_timestamps=True)
    heard: list[Sequence[Transcript]] = []
    for one in (PADDED, SHORT):
        with way(whisper, one):
            heard.append(whisper.transcribe(jobs(some[:3])))
    apart = []
    for prompt, usual, mine in zip(some, *heard, strict=False):
        assert "".join(word.text for word in mine.words).split() == mine.text.split()
        assert all(0 <= word.start_ms <= word.end_ms <= prompt.seconds * 1000 + 500 for word in mine.words)
        same = [(a, b) for a, b in zip(usual.words, mine.words, strict=False) if a.text == b.text]
        apart += [abs(a.start_ms - b.start_ms) for a, b in same]
    assert len(apart) > 10 and statistics.median(apart) <= 60


def test_the_judge_switches_them_on(judged_by: dict[str, list[Clip]], whisper: Whisper) -> None:
    facts = basis(WEIGHTS, {"threads": THREADS})
    found = judge(Ears(whisper, facts), judged_by, ("en", "es"), facts, left_s=lambda: 600.0)
    assert found.outcome is Outcome.BORNE, found.why
    assert found.tallies[LANGUAGE].sentences == 16 and "es" not in found.tallies, "these weights know English only"


def test_the_judge_refuses_a_way_in_which_these_weights_lose_words(
    judged_by: dict[str, list[Clip]], whisper: Whisper
) -> None:
    facts = replace(basis(WEIGHTS, {}), margin=30, silent_tail=0)
    found = judge(Ears(whisper, facts), judged_by, ("en",), facts, left_s=lambda: 600.0)
    assert found.outcome is Outcome.REFUSED and found.tallies[LANGUAGE].sentences < 16, found.why
