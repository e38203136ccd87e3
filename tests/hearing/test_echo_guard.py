"""The interpreter's voice that comes back through a microphone: refused; what a partner says themselves: not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.hearing.echo_guard import KEPT, EchoGuard

LINE = "Mañana nos vemos a las ocho en la estación del norte."


def played(text: str = LINE, began: float = 10.0, ended: float | None = 13.0) -> EchoGuard:
    guard = EchoGuard()
    guard.will_play(("u-1", 0), text)
    guard.began(("u-1", 0), began)
    if ended is not None:
        guard.ended(("u-1", 0), ended)
    return guard


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("early", [0.0, 0.3])
def test_what_comes_back_when_it_was_played_is_an_echo(delay: float, early: float) -> None:
    assert played().is_echo(LINE, 10.0 + delay - early, 13.0 + delay)


def test_its_end_alone_is_an_echo_where_it_was_played() -> None:
    assert played().is_echo("en la estación del norte", 12.2, 13.5)
    assert not played().is_echo("mañana nos vemos a las", 12.2, 13.5), "its beginning was over by then"


def test_an_answer_in_the_same_words_is_none() -> None:
    guard = played("Where is the pharmacy?", 10.0, 11.3)
    assert not guard.is_echo("Where is the hotel?", 12.2, 13.5)
    assert not guard.is_echo("Where is the pharmacy?", 12.2, 13.5)
    assert guard.is_echo("Where is the pharmacy?", 10.2, 11.5)


def test_a_word_in_common_makes_no_echo_of_a_short_sentence() -> None:
    assert not played("Four euros.", 10.0, 11.0).is_echo("Five euros.", 10.2, 11.2)
    assert played("Four euros.", 10.0, 11.0).is_echo("Four euros.", 10.2, 11.2)


def test_half_of_a_garbled_sentence_is_an_echo() -> None:
    guard = played("Estoy muy cansado y necesito un médico.", 10.0, 13.0)
    assert guard.is_echo("Estoy muy cansado desde el miércoles.", 10.2, 13.2)


def test_words_that_both_happen_to_say_are_none() -> None:
    """Both talk at once: the partner's line begins as one's own sentence ends."""
    guard = played("The meeting is on Sunday at ten in the evening.", 10.0, 13.0)
    assert not guard.is_echo("The bus arrives at eight in the evening.", 7.8, 10.3)
    assert not guard.is_echo("The bus arrives at eight in the evening.", 12.6, 15.0)


@pytest.mark.parametrize("since", [14.3, 16.0, 60.0])
def test_a_partner_who_repeats_the_sentence_later_is_interpreted(since: float) -> None:
    assert not played().is_echo(LINE, since, since + 3.0)


def test_what_is_still_being_played_comes_back_already() -> None:
    assert played(ended=None).is_echo("Mañana nos vemos a las ocho", 10.3, 12.0)


def test_nothing_is_an_echo_before_it_is_played() -> None:
    guard = EchoGuard()
    guard.will_play(("u-1", 0), LINE)
    assert not guard.is_echo(LINE, 10.0, 13.0)
    guard.began(("u-1", 0), 20.0)
    assert not guard.is_echo(LINE, 10.0, 13.0), "said before it was played"
    assert not guard.is_echo(LINE, 18.0, 21.0), "mostly said before it was played"


def test_what_was_skipped_was_never_heard() -> None:
    guard = EchoGuard()
    guard.will_play(("u-1", 0), LINE)
    guard.ended(("u-1", 0), 10.0)
    assert not guard.is_echo(LINE, 10.2, 13.0)


@pytest.mark.parametrize(
    "text",
    [
        "nos vemos a las ocho",  # the beginning was cut off
        "Mañana nos vemos",  # the end was
        "estación del norte",
        "mañana nos VEMOS, a las ocho!",
        "ocho en la estación",
    ],
)
def test_a_part_of_it_is_an_echo(text: str) -> None:
    assert played().is_echo(text, 10.4, 13.2)


@pytest.mark.parametrize(
    "text",
    [
        "mañana no vemos a las ocho en estación del norte",
        "mañana nos vemos a los ocho y la estación de norte",
        "maña nos vemos a las ocho en la estación el norte",
    ],
)
def test_a_garbled_echo_is_an_echo(text: str) -> None:
    assert played().is_echo(text, 10.4, 13.2)


@pytest.mark.parametrize(
    "text",
    [
        "No puedo mañana, tengo que trabajar.",
        "¿Podemos quedar el martes por la tarde?",
        "Sí, perfecto.",
        "Espera, espera, no te he entendido.",
        "Norte del estación la en ocho",  # its words, but not in its order
        "",
        "...",
    ],
)
def test_what_is_said_into_the_playing_is_interpreted(text: str) -> None:
    """Barge-in: both speak at once."""
    assert not played().is_echo(text, 10.4, 12.5)


def test_an_echo_may_span_two_segments() -> None:
    guard = played("Buenos días a todos.", 10.0, 11.0)
    guard.will_play(("u-1", 1), "Empezamos la reunión ahora.")
    guard.began(("u-1", 1), 11.1)
    guard.ended(("u-1", 1), 12.5)
    assert guard.is_echo("buenos días a todos empezamos la reunión ahora", 10.2, 12.8)
    assert guard.is_echo("empezamos la reunión", 11.3, 12.3)


def test_segments_of_one_utterance_played_one_after_the_other_are_all_guarded() -> None:
    """Also the last of a long speech, whose echo begins within the playing of the one before."""
    guard = EchoGuard()
    for n in range(5):
        guard.will_play(("u-1", n), f"frase número {'abcde'[n]} de todas")
    for n in range(5):
        guard.began(("u-1", n), 10.0 + n)
        guard.ended(("u-1", n), 11.0 + n)
    for n in range(5):
        assert guard.is_echo(f"frase número {'abcde'[n]} de todas", 10.25 + n, 11.25 + n)


@pytest.mark.parametrize(
    ("line", "echo", "other"),
    [
        ("我们明天早上八点在火车站见面", "明天早上八点在火车站", "对不起我听不清楚你说什么"),
        ("明日の朝八時に駅で会いましょう", "明日の朝八時に駅で", "すみません聞こえませんでした"),
        ("Встретимся завтра в восемь на вокзале", "завтра в восемь на вокзале", "извините я вас не слышу"),
        ("نلتقي غداً في الثامنة في المحطة", "غداً في الثامنة في المحطة", "عفواً لم أفهم ما قلت"),
        ("हम कल आठ बजे स्टेशन पर मिलेंगे", "कल आठ बजे स्टेशन पर", "माफ़ कीजिए मैंने नहीं सुना"),
    ],
)
def test_other_scripts(line: str, echo: str, other: str) -> None:
    guard = played(line)
    assert guard.is_echo(echo, 10.3, 12.5)
    assert not guard.is_echo(other, 10.3, 12.5)


def test_long_words_of_another_sentence_are_not_alike_letter_by_letter() -> None:
    guard = played("Правительство подготовило предложение относительно сотрудничества")
    assert not guard.is_echo("Представители отказались продолжать переговоры", 10.3, 12.5)


def test_a_lasting_memory_is_bounded() -> None:
    guard = EchoGuard()
    for n in range(10_000):
        guard.will_play(n, f"línea {n}")
        guard.began(n, float(n))
        guard.ended(n, n + 0.5)
    assert max(len(guard._lines), len(guard._played), len(guard._order)) <= 2 * KEPT
    assert guard.is_echo("línea 9999", 9999.1, 9999.5)


def test_a_line_that_is_told_anew_is_the_new_one() -> None:
    guard = EchoGuard()
    guard.will_play("k", "uno dos tres")
    guard.will_play("k", "cuatro cinco seis")
    guard.began("k", 10.0)
    assert guard.is_echo("cuatro cinco seis", 10.1, 11.0) and not guard.is_echo("uno dos tres", 10.1, 11.0)


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.floats(0, 100), st.floats(0, 5))
def test_any_text_has_an_answer(line: str, text: str, since: float, length: float) -> None:
    guard = played(line)
    answer = guard.is_echo(text, since, since + length)
    assert answer in (True, False)
    if since > 13.0 + 1.2 or since + length < 10.0:
        assert answer is False
