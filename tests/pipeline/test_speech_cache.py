"""Speech that is kept: what is said again, for the same voice and tempo only, within bounds, nothing readable."""

import gc
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lanes.speech_cache import SpeechCache
from pipeline.speech import Line, Speech

HELLO = Line("Hello.", "en")
SOUND = Speech(b"\1\0" * 100)


def kept(cache: SpeechCache, engine: str, line: Line, speech: Speech = SOUND) -> None:
    for _ in range(2):
        cache.put(engine, line, speech)


def test_from_the_second_time_on_it_is_not_synthesized_again() -> None:
    cache = SpeechCache()
    assert cache.get("a", HELLO) is None
    cache.put("a", HELLO, SOUND)
    assert cache.get("a", HELLO) is None, "what was said once is not kept"
    cache.put("a", HELLO, SOUND)
    assert cache.get("a", HELLO) is SOUND
    assert (cache.hits, cache.misses, cache.held) == (1, 2, 200)


@pytest.mark.parametrize(
    ("engine", "line"),
    [
        ("b", HELLO),
        ("a", Line("hello.", "en")),
        ("a", Line("Hello.", "en-GB")),
        ("a", Line("Hello.", "en", "ana")),
        ("a", Line("Hello.", "en", "", 1.25)),
        ("a", Line("", "enHello.")),
        ("a", Line("Hello.\0", "en")),
    ],
)
def test_another_engine_voice_language_tempo_or_text_is_another_speech(engine: str, line: Line) -> None:
    cache = SpeechCache()
    kept(cache, "a", HELLO)
    assert cache.get(engine, line) is None


def test_a_tempo_that_nobody_can_tell_apart_is_the_same() -> None:
    cache = SpeechCache()
    kept(cache, "a", Line("Hello.", "en", "", 1.2))
    assert cache.get("a", Line("Hello.", "en", "", 1.21)) is SOUND


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = SpeechCache(most_bytes=2000)
    lines = [Line(letter, "en") for letter in string.ascii_lowercase]
    for line in lines[:10]:
        kept(cache, "a", line)
    assert cache.get("a", lines[0]) is SOUND
    kept(cache, "a", lines[10])
    assert cache.get("a", lines[0]) is SOUND
    assert cache.get("a", lines[1]) is None
    assert cache.held == 2000


def test_long_texts_silence_and_hours_of_sound_are_not_kept() -> None:
    cache = SpeechCache(most_bytes=2000)
    for line, speech in (
        (Line("x" * 81, "en"), SOUND),
        (HELLO, Speech(b"")),
        (Line("long", "en"), Speech(b"\0" * 1000)),
    ):
        kept(cache, "a", line, speech)
        assert cache.get("a", line) is None
    assert cache.held == 0


def test_nobody_can_read_from_it_what_was_said() -> None:
    cache = SpeechCache()
    kept(cache, "an engine", Line("My name is Ana Lovelace.", "en", "a voice"))
    cache.put("an engine", Line("I said this a single time.", "en"), SOUND)
    inside = pickle.dumps({name: getattr(cache, name) for name in vars(cache)})
    for word in (b"Lovelace", b"single", b"voice"):
        assert word not in inside
    assert SpeechCache()._key("a", HELLO) != cache._key("a", HELLO), "a digest of one process tells another nothing"
    assert not any(isinstance(one, Line) for one in gc.get_referents(cache))


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 400)), max_size=60))
def test_it_never_holds_more_than_it_may(said: list[tuple[str, int]]) -> None:
    cache = SpeechCache(most_bytes=1000)
    for text, size in said:
        cache.put("a", Line(text, "en"), Speech(b"\1" * size))
        assert cache.held <= 1000
        assert cache.held == sum(len(speech.pcm) for speech in cache._kept._kept.values())
