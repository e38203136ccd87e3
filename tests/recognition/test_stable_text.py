"""The text of an utterance while it grows: what is settled never changes, and by which rules it is settled."""

from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.recognition.stable_text import StabilityOptions, StableText, words_of
from pipeline.speech import Segment, Transcript, Word
from pipeline.text.segmenter import unspaced
from tests.kit.extent import extent
from tests.kit.word_audio import plain_word

EACH_MS = 300
AGREE = StabilityOptions(age_ms=None)
AGE = StabilityOptions(agreement=False, age_ms=1000)


def heard(text: str, language: str = "en", *, each_ms: int = EACH_MS, gaps: dict[int, int] | None = None) -> Transcript:
    """A transcript whose words follow each other, each `each_ms` long; `gaps` is ms of silence before a word."""
    texts = list(text) if unspaced(language) else [" " + word for word in text.split()]
    words, now = [], 0
    for n, word in enumerate(texts):
        now += (gaps or {}).get(n, 0)
        words.append(Word(word, now, now + each_ms, 0.9))
        now += each_ms
    return Transcript("".join(texts).strip(), language, 0.9, words=tuple(words))


def edge(transcript: Transcript) -> int:
    return transcript.words[-1].end_ms if transcript.words else 0


class Grown:
    """A draft that hears one pass after another, and what it gave away after each."""

    def __init__(self, rules: StabilityOptions = AGREE, language: str = "en") -> None:
        self.draft = StableText(language, rules)

    def hear(self, text: str, window_ms: int | None = None, **timing: object) -> list[str]:
        transcript = heard(text, self.draft.language, **timing)  # type: ignore[arg-type]
        self.draft.revise(transcript, edge(transcript) if window_ms is None else window_ms)
        return [part.text for part in self.draft.finalize_clauses()]


# agreement of two passes


def test_a_sentence_is_settled_when_two_passes_agree_on_it_and_on_what_follows() -> None:
    grown = Grown()
    assert grown.hear("One two three.") == []
    assert grown.hear("One two three. Four") == []
    assert grown.hear("One two three. Four five") == ["One two three."]
    assert grown.draft.text == "One two three. Four five" and grown.draft.final == "One two three."


def test_two_passes_that_differ_settle_what_stands_before_the_difference() -> None:
    grown = Grown()
    grown.hear("One. Two three four. Five six")
    assert grown.hear("One. Two tree four. Five six") == ["One."]
    assert grown.hear("One. Two tree four. Five six seven") == [" Two tree four."]


def test_case_is_no_difference_and_marks_are() -> None:
    grown = Grown()
    grown.hear("One two, three four five")
    assert grown.hear("One two. Three four five") == [], "a comma is not a full stop"
    assert grown.hear("one two! three four five six") == ["one two!"]


def test_agreement_must_be_of_two_passes_in_a_row() -> None:
    grown = Grown()
    grown.hear("One two. Three four")
    grown.hear("Won too, three four")
    assert grown.hear("One two. Three four") == []
    assert grown.hear("One two. Three four") == ["One two."]


def test_several_sentences_are_settled_at_once() -> None:
    grown = Grown()
    grown.hear("One. Two? Three! Four")
    assert grown.hear("One. Two? Three! Four") == ["One.", " Two?", " Three!"]
    assert [part.index for part in grown.draft.segments] == [0, 1, 2]


def test_nothing_settles_where_no_rule_is() -> None:
    grown = Grown(StabilityOptions(agreement=False, age_ms=None))
    for _ in range(3):
        assert grown.hear("One two. Three four. Five six. " + "more " * 30) == []


# age


def test_a_sentence_is_settled_by_the_age_of_its_last_word() -> None:
    assert Grown(AGE).hear("One two. Three", 600 + 999) == []
    assert Grown(AGE).hear("One two. Three", 600 + 1000) == ["One two."]


def test_age_settles_no_sentence_that_nothing_follows() -> None:
    """Text may still go on after an inner gap; the rules of a pause decide there."""
    assert Grown(AGE).hear("One two.", 9000) == []


def test_words_without_times_have_no_age() -> None:
    draft = StableText("en", AGE)
    draft.revise(Transcript("One two. Three four", "en"), 9000)
    assert draft.finalize_clauses() == [] and draft.text == "One two. Three four"


# clauses

CLAUSE = "When it rains a lot,"


def test_a_comma_settles_a_clause_when_enough_follows_it() -> None:
    for follow, given_away in (("we", []), ("we stay", []), ("we stay home", [CLAUSE])):
        grown = Grown()
        grown.hear(f"{CLAUSE} {follow}")
        assert grown.hear(f"{CLAUSE} {follow}") == given_away, follow


def test_a_short_clause_waits_for_more() -> None:
    grown = Grown()
    grown.hear("Yes, well, if you say so, then let us go")
    assert grown.hear("Yes, well, if you say so, then let us go") == ["Yes, well, if you say so,"]


def test_lookahead_counts_words_that_two_passes_agree_on() -> None:
    grown = Grown()
    grown.hear(f"{CLAUSE} we stay home")
    assert grown.hear(f"{CLAUSE} we stay hope and") == []


def test_a_sentence_ripe_takes_the_clauses_before_it_along() -> None:
    grown = Grown()
    grown.hear(f"{CLAUSE} we stay. Then")
    assert grown.hear(f"{CLAUSE} we stay. Then") == [f"{CLAUSE} we stay."]


@pytest.mark.parametrize(
    ("language", "text", "given_away"),
    [
        ("zh", "如果明天下雨，我们就留下", ["如果明天下雨，"]),
        ("zh", "下雨，我们就留下", []),  # a third of the characters that a spaced script needs
        ("zh", "你好。我们", ["你好。"]),
        ("ja", "明日雨が降ったら、家にいます", ["明日雨が降ったら、"]),
        ("ja", "はい。そう", ["はい。"]),
    ],
)
def test_scripts_without_spaces(language: str, text: str, given_away: list[str]) -> None:
    grown = Grown(language=language)
    grown.hear(text)
    assert grown.hear(text) == given_away
    assert grown.draft.text == text


def test_scripts_without_spaces_get_none_between_windows() -> None:
    draft = StableText("zh", AGREE)
    draft.revise(heard("你好。", "zh"), 900)
    draft.finalize()
    draft.revise(heard("再见。", "zh"), 900)
    draft.finalize()
    assert draft.final == "你好。再见。"
    assert [(part.start, part.end) for part in draft.segments] == [(0, 3), (3, 6)]


# a window that is heard differently after words of it were settled


@pytest.mark.parametrize(
    "again",
    [
        "One two three. Four five six",
        "Won two three. Four five six",
        "One two tree, four five six",
        "One or two three. Four five six",
        "Two three. Four five six",
        "One three. Four five six",
        "Onetwo three. Four five six",
    ],
)
def test_settled_words_that_come_out_differently_stay_settled(again: str) -> None:
    grown = Grown()
    grown.hear("One two three. Four five")
    assert grown.hear("One two three. Four five") == ["One two three."]
    grown.hear(again)
    assert grown.draft.final == "One two three."
    assert grown.draft.text.casefold() == "one two three. four five six"
    assert grown.hear(again) == []


@pytest.mark.parametrize("words", [[(" I", 0), (" paid", 300), (" 21.", 600)], [(" I", 0), (" paid", 300)]])
def test_where_words_are_joined_or_lost_their_times_tell_what_is_settled(words: list[tuple[str, int]]) -> None:
    """By the letters alone, “21. Then” is as near to “twenty one.” as “21.” is; “Then” must not be lost."""
    grown = Grown()
    grown.hear("I paid twenty one. Then we")
    assert grown.hear("I paid twenty one. Then we") == ["I paid twenty one."]
    again = [Word(text, ms, ms + 300, 0.9) for text, ms in [*words, (" Then", 1200), (" we", 1500), (" left", 1800)]]
    grown.draft.revise(Transcript("".join(word.text for word in again).strip(), "en", words=tuple(again)), 2100)
    assert grown.draft.text == "I paid twenty one. Then we left"


def test_a_word_said_twice_is_not_taken_for_one() -> None:
    grown = Grown()
    grown.hear("Yes. Yes. Yes")
    assert grown.hear("Yes. Yes. Yes") == ["Yes.", " Yes."]
    assert grown.hear("Yes. Yes. Yes. No") == []
    assert grown.draft.text == "Yes. Yes. Yes. No"


def test_a_pass_that_hears_less_than_is_settled_takes_nothing_back() -> None:
    grown = Grown()
    grown.hear("One two three. Four five")
    grown.hear("One two three. Four five")
    grown.hear("One two")
    assert grown.draft.text == grown.draft.final == "One two three." and not grown.draft.complete
    grown.hear("One two three. Four five")
    assert grown.draft.text == "One two three. Four five"


def test_where_the_window_may_be_cut() -> None:
    """In the middle of the silence between what is settled and what is not."""
    grown = Grown()
    assert grown.draft.cut_ms is None
    grown.hear("One two. Three four", gaps={2: 200})
    assert grown.draft.cut_ms is None
    grown.hear("One two. Three four", gaps={2: 200})
    assert grown.draft.final_end_ms == 600
    grown.hear("One two. Three four", gaps={2: 200})
    assert grown.draft.cut_ms == 700


def test_a_window_without_times_is_not_cut() -> None:
    draft = StableText("en", AGREE)
    for _ in range(3):
        draft.revise(Transcript("One two. Three four", "en"), 2000)
        draft.finalize_clauses()
    assert draft.final == "One two." and draft.cut_ms is None


# speech without a mark


def test_speech_without_a_mark_is_cut_at_the_longest_breath_of_its_later_half() -> None:
    text = " ".join(f"w{n}" for n in range(24))
    grown = Grown(StabilityOptions(age_ms=None, longest_ms=5000))
    grown.hear(text, gaps={3: 400, 14: 150, 16: 250, 20: 100})
    (part,) = grown.hear(text, gaps={3: 400, 14: 150, 16: 250, 20: 100})
    assert part.split()[-1] == "w15"


def test_speech_without_a_mark_or_a_breath_is_cut_late() -> None:
    text = " ".join(f"w{n}" for n in range(24))
    grown = Grown()
    grown.hear(text)
    (part,) = grown.hear(text)
    assert part.split()[-1] == "w22"


def test_five_seconds_must_be_stable_before_a_cut() -> None:
    text = " ".join(f"w{n}" for n in range(16))
    grown = Grown()
    grown.hear(text)
    assert grown.hear(text) == []
    grown = Grown(AGE)
    assert grown.hear(" ".join(f"w{n}" for n in range(17)), 17 * 300 + 900) == []
    assert len(grown.hear(" ".join(f"w{n}" for n in range(17)), 17 * 300 + 1000)) == 1


# pauses and ends


def test_settle_gives_the_whole_tail_away_and_a_new_window_begins() -> None:
    grown = Grown()
    grown.hear("One two. And three")
    assert [part.text for part in grown.draft.finalize()] == ["One two.", " And three"]
    assert grown.draft.tail == [] and grown.draft.final == grown.draft.text == "One two. And three"
    assert grown.draft.finalize() == []
    grown.hear("One two. And three")
    assert grown.draft.text == "One two. And three One two. And three", "another window: said again"
    assert [part.index for part in grown.draft.finalize()] == [2, 3]


def test_after_renewal_nothing_of_the_old_window_is_looked_for() -> None:
    grown = Grown()
    grown.hear("One two three. Four five")
    grown.hear("One two three. Four five")
    grown.draft.renew()
    assert grown.hear("Four five six. Seven eight") == []
    assert grown.draft.text == "One two three. Four five six. Seven eight"
    assert grown.hear("Four five six. Seven eight") == [" Four five six."]


def test_renewal_keeps_no_agreement() -> None:
    grown = Grown()
    grown.hear("One two. Three")
    grown.draft.renew()
    assert not grown.draft.repeated and grown.draft.finalize_clauses() == []


def test_what_is_dropped_was_no_text() -> None:
    grown = Grown()
    grown.hear("One two. Three four")
    grown.hear("One two. Three four")
    grown.draft.discard_tail()
    assert grown.draft.text == "One two." and grown.draft.finalize() == []


@pytest.mark.parametrize(
    ("before", "after", "doubted"),
    [
        ("One two", "One two.", True),
        ("One two...", "one two.", True),
        ("One two,", "One two.", True),
        ("One. Two", "One. Two.", True),
        ("One 95", "One ninety five.", True),
        ("One two.", "One two.", False),
        ("One two!", "One two.", False),
        ("One", "One two.", False),
        ("One too", "One two.", False),
        ("One two", "One two", False),
        ("One two.", "One two", False),
        ("", "One two.", False),
    ],
)
def test_a_mark_is_doubted_where_the_pass_before_gave_the_same_words_without_it(
    before: str, after: str, doubted: bool
) -> None:
    grown = Grown()
    grown.hear(before)
    assert not grown.draft.mark_doubted
    grown.hear(after)
    assert grown.draft.mark_doubted is doubted
    grown.hear(after)
    assert not grown.draft.mark_doubted, "given twice, it is agreed on"


def test_repeated_says_that_a_pass_came_out_the_same_to_the_mark() -> None:
    grown = Grown()
    grown.hear("One two.")
    assert not grown.draft.repeated
    grown.hear("one two.")
    assert grown.draft.repeated
    grown.hear("One two,")
    assert not grown.draft.repeated
    grown.hear("")
    grown.hear("")
    assert not grown.draft.repeated, "nothing twice is nothing"


@pytest.mark.parametrize(
    ("text", "complete", "opening", "whole"),
    [
        ("One two.", True, "One two.", "One two."),
        ("One two. Three four", False, "One two.", "One two."),
        ("One two. Three four.", True, "One two.", "One two."),
        ("One two", False, None, "One two"),
        ("One, two", False, None, "One, two"),
        ("One two...", False, None, "One two..."),
        ("", False, None, None),
    ],
)
def test_what_is_worth_translating_ahead(text: str, complete: bool, opening: str | None, whole: str | None) -> None:
    grown = Grown()
    grown.hear(text)
    draft = grown.draft
    assert (draft.complete, draft.opening(), draft.opening(over=True)) == (complete, opening, whole)


def test_spaces_of_any_kind_are_no_text() -> None:
    draft = StableText("en")
    draft.revise(Transcript("  \n ", "en"), 500)
    assert draft.text == "" and draft.finalize() == [] and not draft.complete and draft.opening(over=True) is None


def test_a_pass_that_was_not_understood_shows_only_what_the_one_before_had_too() -> None:
    grown = Grown()
    grown.hear("One two three")
    doubtful = heard("One two tree and four")
    grown.draft.revise(replace(doubtful, understood=False), edge(doubtful))
    assert grown.draft.text == "One two"
    grown.hear("One two three four")
    assert grown.draft.text == "One two three four"


def test_a_window_that_begins_with_settled_words_again() -> None:
    """A sentence was settled at a soft end, and more came that was not understood alone: both are heard together."""
    draft = StableText("en", AGREE)
    first = heard("One two three.")
    draft.revise(first, 900)
    draft.finalize()
    draft.reopen(first.words)
    draft.revise(heard("One two three and four."), 1500)
    assert draft.text == "One two three. and four." and draft.final == "One two three."
    assert [part.text for part in draft.finalize()] == [" and four."]


# words


def test_words_of_an_engine_that_times_them() -> None:
    transcript = heard("One two. Three")
    assert words_of(transcript, 5000) == list(transcript.words)


def test_words_that_are_not_the_text_are_not_used() -> None:
    transcript = replace(heard("One two"), text="One two three")
    assert [word.text for word in words_of(transcript, 5000)] == ["One", " two", " three"]


def test_words_of_an_engine_that_does_not_end_at_the_edge() -> None:
    words = words_of(Transcript(" One  two.\nThree ", "en", 0.7), 5000)
    assert [word.text for word in words] == [" One", "  two.", "\nThree"]
    assert {(word.start_ms, word.end_ms, word.probability) for word in words} == {(5000, 5000, 0.7)}
    assert [word.text for word in words_of(Transcript("你好。", "zh"), 0)] == ["你", "好", "。"]


# thousands of histories


@dataclass
class History:
    """A speaker with a hidden text, and a recogniser that errs in its last words, pass after pass, each time
    otherwise; windows are cut as the interpreter cuts them."""

    seed: int
    language: str = "en"
    rules: StabilityOptions = field(default_factory=StabilityOptions)
    vocabulary: int | None = None
    """Number of different words; None: each word once, so that a lost or doubled one shows."""
    times: bool = True
    old_errors: float = 0.2
    passes: int = 0
    heard_passes: int = 0
    unheard: dict[int, int] = field(default_factory=dict)
    """The pass in which a word, by its start, was left out."""
    window_ms: int = 0
    given: list[Segment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.draft = StableText(self.language, self.rules)
        self.truth = self._truth()

    def _truth(self) -> list[Word]:
        words, now = [], 0
        for n in range(self.random.randint(1, 60)):
            number = n if self.vocabulary is None else self.random.randrange(self.vocabulary)
            mark = self.random.choices(["", ",", ".", "?", "..."], [12, 2, 3, 1, 0.3])[0]
            now += self.random.choice([0, 20, 60, 300])
            length = self.random.randint(80, 600)
            spaced = "" if unspaced(self.language) else " "
            name = plain_word(number) if spaced and self.seed % 4 else f"w{number}"  # a quarter with values in them
            words.append(Word(f"{spaced}{name}{mark}", now, now + length, 0.9))
            now += length
        return words

    @property
    def said(self) -> str:
        return self._plain("".join(word.text for word in self.truth))

    def _plain(self, text: str) -> str:
        return "".join(char for char in text if char.isalnum())

    def hear(self, until_ms: int, *, clean: bool = False) -> None:
        """One pass over the window up to `until_ms`."""
        self.passes += 1
        self.heard_passes += 1
        inside = [word for word in self.truth if self.window_ms <= word.start_ms and word.end_ms <= until_ms]
        known = (
            sum(word.end_ms <= self.window_ms + self.draft.final_end_ms for word in inside) if self.given_here else 0
        )
        spoilt = self.random.randrange(max(1, known)) if self.random.random() < self.old_errors else -1
        words: list[Word] = []
        for n, word in enumerate(inside):
            young = word.end_ms > until_ms - 900
            if not clean and ((young and self.random.random() < 0.3) or (n == spoilt and n < known - 1)):
                words += self._misheard(word)
            else:
                words.append(word)
        if not clean and self.random.random() < 0.3:
            words.append(Word(f" e{self.passes}z.", until_ms, until_ms, 0.2))
        shift = [replace(w, start_ms=w.start_ms - self.window_ms, end_ms=w.end_ms - self.window_ms) for w in words]
        text = "".join(word.text for word in shift).strip()
        self.draft.revise(
            Transcript(text, self.language, words=tuple(shift) if self.times else ()), until_ms - self.window_ms
        )

    def _misheard(self, word: Word) -> list[Word]:
        """Another word, or two, or none, or another mark: never the same error twice."""
        middle = (word.start_ms + word.end_ms) // 2
        spaced = "" if unspaced(self.language) else " "
        self.passes += 1
        match self.random.randrange(4):
            case 0:
                return [replace(word, text=f"{spaced}e{self.passes}.")]
            case 1:
                return [
                    replace(word, text=f"{spaced}e{self.passes}", end_ms=middle),
                    replace(word, start_ms=middle),
                ]
            case 2 if self.unheard.get(word.start_ms, 0) < self.heard_passes - 1:
                self.unheard[word.start_ms] = self.heard_passes
                return []
            case _:
                return [replace(word, text=f"{spaced}e{self.passes}{word.text.strip()}")]

    @property
    def given_here(self) -> bool:
        """Return True if words of the present window are final."""
        return bool(self.draft._final_words)

    def take(self, parts: list[Segment]) -> None:
        self.given += parts

    def renew(self, until_ms: int) -> None:
        self.window_ms = until_ms
        self.draft.renew()
        self.draft.final_end_ms = 0

    def obey(self, before: str) -> None:
        draft = self.draft
        assert draft.final.startswith(before), "what is settled only grows"
        assert draft.text.startswith(draft.final)
        assert draft.segments == self.given, "each is given away once, and stays as it was"
        assert [part.index for part in self.given] == list(range(len(self.given)))
        assert "".join(part.text for part in self.given) == draft.final, "they tile what is settled"
        place = 0
        for part in self.given:
            assert part.start == place and part.text.strip() and draft.final[part.start : part.end] == part.text
            place = part.end

    def live(self) -> None:
        """From the first word to the end."""
        end = self.truth[-1].end_ms
        now = 0
        while now < end:
            now = min(end, now + self.random.choice([100, 300, 300, 700, 2000]))
            before = self.draft.final
            self.hear(now)
            self.obey(before)
            self.take(self.draft.finalize_clauses())
            self.obey(before)
            cut = self.draft.cut_ms
            if cut is not None and self.random.random() < 0.3:
                self.renew(self.window_ms + cut)
            elif self.random.random() < 0.05:
                self._pause(now)
        self.hear(end, clean=True)
        before = self.draft.final
        self.take(self.draft.finalize())
        self.obey(before)

    def _pause(self, now: int) -> None:
        """Everything up to the last whole word is settled, as at a soft end."""
        self.hear(now, clean=True)
        before = self.draft.final
        self.take(self.draft.finalize())
        self.obey(before)
        done = [word.end_ms for word in self.truth if word.end_ms <= now]
        self.renew(done[-1] if done else self.window_ms)


HISTORIES = settings(max_examples=extent(400, 20_000), deadline=None)
SEEDS = st.integers(0, 2**32)


@HISTORIES
@given(SEEDS)
def test_whatever_is_heard_nothing_is_lost_and_nothing_is_said_twice(seed: int) -> None:
    """Errors are made in the last 0.9 s only, and in words that are settled: age and agreement let none through."""
    history = History(seed)
    history.live()
    assert history._plain(history.draft.final) == history.said


@HISTORIES
@given(SEEDS, st.sampled_from([AGREE, AGE, StabilityOptions(clause_chars=1, clause_lookahead=1, longest_ms=1000)]))
def test_nor_by_other_rules(seed: int, rules: StabilityOptions) -> None:
    history = History(seed, rules=rules)
    history.live()
    assert history._plain(history.draft.final) == history.said


@HISTORIES
@given(SEEDS, st.sampled_from(["en", "zh"]), st.integers(1, 4), st.booleans(), st.floats(0, 1))
def test_settled_text_only_grows_however_alike_the_words_are(
    seed: int, language: str, vocabulary: int, times: bool, old_errors: float
) -> None:
    History(seed, language, vocabulary=vocabulary, times=times, old_errors=old_errors).live()


words = st.lists(st.sampled_from(["a", "b.", "c,", "…", ".", "...", "“", "字", "字。", " ", "\n", "é?"]), max_size=12)


@settings(max_examples=extent(300, 10_000), deadline=None)
@given(st.lists(st.tuples(words, st.sampled_from("rsdnx")), max_size=12), st.sampled_from(["en", "ja"]))
def test_settled_text_only_grows_whatever_an_engine_says(steps: list[tuple[list[str], str]], language: str) -> None:
    """Passes that have nothing to do with each other, and any order of calls."""
    history = History(0, language, StabilityOptions(clause_chars=2, clause_lookahead=0, longest_ms=500))
    for texts, step in steps:
        before = history.draft.final
        heard_words = tuple(Word(text, n * 100, n * 100 + 90, 1.0) for n, text in enumerate(texts))
        history.draft.revise(Transcript("".join(texts).strip(), language, words=heard_words), 2000)
        match step:
            case "r":
                history.take(history.draft.finalize_clauses())
            case "s":
                history.take(history.draft.finalize())
            case "d":
                history.draft.discard_tail()
            case "n":
                history.draft.renew()
        history.obey(before)
