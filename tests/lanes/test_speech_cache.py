"""Speech that is kept: what is said again, for the same voice and tempo only, within bounds, nothing readable."""

import gc
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lanes.speech_cache import SpeechCache
from pipeline.speech import Speech, Synthesize

HELLO = Synthesize("Hello.", "en")
SOUND = Speech(b"\1\0" * 100)


def kept(cache: SpeechCache, engine: str, line: Synthesize, speech: Speech = SOUND) -> None:
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
        ("a", Synthesize("hello.", "en")),
        ("a", Synthesize("Hello.", "en-GB")),
        ("a", Synthesize("Hello.", "en", "ana")),
        ("a", Synthesize("Hello.", "en", "", 1.25)),
        ("a", Synthesize("", "enHello.")),
        ("a", Synthesize("Hello.\0", "en")),
    ],
)
def test_another_engine_voice_language_tempo_or_text_is_another_speech(engine: str, line: Synthesize) -> None:
    cache = SpeechCache()
    kept(cache, "a", HELLO)
    assert cache.get(engine, line) is None


def test_a_tempo_that_nobody_can_tell_apart_is_the_same() -> None:
    cache = SpeechCache()
    kept(cache, "a", Synthesize("Hello.", "en", "", 1.2))
    assert cache.get("a", Synthesize("Hello.", "en", "", 1.21)) is SOUND


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = SpeechCache(most_bytes=2000)
    lines = [Synthesize(letter, "en") for letter in string.ascii_lowercase]
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
        (Synthesize("x" * 81, "en"), SOUND),
        (HELLO, Speech(b"")),
        (Synthesize("long", "en"), Speech(b"\0" * 1000)),
    ):
        kept(cache, "a", line, speech)
        assert cache.get("a", line) is None
    assert cache.held == 0


def test_nobody_can_read_from_it_what_was_said() -> None:
    cache = SpeechCache()
    kept(cache, "an engine", Synthesize("My name is Ana Lovelace.", "en", "a voice"))
    cache.put("an engine", Synthesize("I said this a single time.", "en"), SOUND)
    inside = pickle.dumps({name: getattr(cache, name) for name in vars(cache)})
    for word in (b"Lovelace", b"single", b"voice"):
        assert word not in inside
    assert SpeechCache()._key("a", HELLO) != cache._key("a", HELLO), "a digest of one process tells another nothing"
    assert not any(isinstance(one, Synthesize) for one in gc.get_referents(cache))


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 400)), max_size=60))
def test_it_never_holds_more_than_it_may(said: list[tuple[str, int]]) -> None:
    cache = SpeechCache(most_bytes=1000)
    for text, size in said:
        cache.put("a", Synthesize(text, "en"), Speech(b"\1" * size))
        assert cache.held <= 1000
        assert cache.held == sum(len(speech.pcm) for speech in cache._kept._kept.values())
