"""Language detection: final speech only, several utterances in a row, and never to and fro."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.recognition.language_detection import DetectionOptions, LanguageDetector

ALLOWED = {"en", "es", "fr"}
EN, ES, FR = ([("en", 0.97), ("es", 0.02)], [("es", 0.96), ("en", 0.03)], [("fr", 0.9), ("es", 0.05)])
UNSURE = [("es", 0.6), ("en", 0.4)]


def changes(detector: LanguageDetector, *said: list[tuple[str, float]], voice_ms: float = 2500) -> list[str | None]:
    return [detector.judge(one, voice_ms, ALLOWED) for one in said]


def test_two_clear_utterances_in_a_row_are_a_change_and_one_is_none() -> None:
    assert changes(LanguageDetector("en"), ES, EN, ES, EN, ES, ES, ES) == [None] * 5 + ["es", None]


def test_what_is_too_short_or_unclear_neither_counts_nor_breaks_a_row() -> None:
    detector = LanguageDetector("en")
    assert changes(detector, ES) == [None]
    assert detector.judge(EN, 600, ALLOWED) is None
    assert changes(detector, UNSURE, [], UNSURE) == [None] * 3
    assert changes(detector, ES) == ["es"]
    assert changes(LanguageDetector("en"), *[ES] * 20, voice_ms=1199) == [None] * 20
    assert changes(LanguageDetector("en"), *[UNSURE] * 20) == [None] * 20


def test_short_utterances_are_gathered_until_there_is_voice_enough() -> None:
    assert changes(LanguageDetector("en"), ES, ES, ES, ES, voice_ms=1300) == [None, None, None, "es"]


def test_two_other_languages_are_not_counted_together() -> None:
    assert changes(LanguageDetector("en"), ES, FR, ES, FR, FR) == [None] * 4 + ["fr"]


def test_a_language_that_is_not_allowed_is_never_believed() -> None:
    detector = LanguageDetector("en")
    assert [detector.judge(FR, 3000, {"en", "es"}) for _ in range(10)] == [None] * 10
    assert changes(detector, ES) == [None]
    assert detector.judge(FR, 3000, {"en", "es"}) is None, "and what is between breaks the row"
    assert changes(detector, ES, ES) == [None, "es"]


def test_a_region_is_kept_while_its_language_is_spoken() -> None:
    detector = LanguageDetector("es-MX")
    assert changes(detector, *[ES] * 5) == [None] * 5
    assert detector.language == "es-MX"
    assert changes(detector, EN, EN)[-1] == "en"
    assert changes(detector, *[ES] * 4)[-1] == "es"


def test_each_change_makes_the_next_one_harder_and_a_long_stay_makes_it_easy_again() -> None:
    detector = LanguageDetector("en")
    assert changes(detector, *[ES] * 2)[-1] == "es"
    assert changes(detector, *[EN] * 4) == [None] * 3 + ["en"]
    assert changes(detector, *[ES] * 6) == [None] * 5 + ["es"]
    assert changes(detector, *[EN] * 8) == [None] * 7 + ["en"]
    assert changes(detector, *[ES] * 8) == [None] * 7 + ["es"], "it is never more than eight"
    assert changes(detector, *[ES] * 10) == [None] * 10
    assert changes(detector, *[EN] * 2)[-1] == "en"


def test_what_the_speaker_sets_holds_and_forgets_the_rest() -> None:
    detector = LanguageDetector("en")
    changes(detector, ES, ES, EN, EN, EN)
    detector.set("fr")
    assert (detector.language, detector.changes) == ("fr", 0)
    assert changes(detector, EN, EN)[-1] == "en"


@pytest.mark.parametrize("run", [1, 2, 3, 5, 8])
def test_who_mixes_two_languages_is_soon_heard_in_one(run: int) -> None:
    """Ten times `run` utterances in each language, in turn."""
    detector = LanguageDetector("en")
    changed = [one for one in changes(detector, *([*[ES] * run, *[EN] * run] * 10)) if one]
    assert len(changed) <= {1: 0, 2: 1, 3: 1, 5: 2}.get(run, 20)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["en", "es", "fr", "de"]),
            st.floats(0, 1),
            st.integers(0, 10_000),
        ),
        max_size=120,
    )
)
def test_laws(said: list[tuple[str, float, int]]) -> None:
    settings, detector, row = DetectionOptions(), LanguageDetector("en"), []
    for language, probability, voice_ms in said:
        before = detector.language
        changed = detector.judge([(language, probability)], voice_ms, ALLOWED)
        counts = voice_ms >= settings.least_voice_ms and probability >= settings.least_probability
        if counts:
            row.append((language, voice_ms))
        assert detector.language in ALLOWED
        assert (changed is not None) == (detector.language != before)
        if changed is not None:
            assert counts, "nothing but clear, settled speech changes it"
            last = row[-settings.utterances :]
            assert [one for one, _ in last] == [changed] * settings.utterances
            assert changed == detector.language
            row.clear()
    assert detector.changes <= len(said) // settings.utterances
