"""Contract of a `Translator`: pairs, order, blank and odd texts, languages it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import ClassVar

from pipeline.engine_contract.checks import NOBODYS, UNPRONOUNCEABLE, Contract, demand, is_primary
from pipeline.engine_contract.texts import SENTENCES, greeting
from pipeline.engine_contract.transcriber import encodable
from pipeline.engines import Translator
from pipeline.speech import Begun, Translate, Translation

_LONGEST = 20_000  # characters of any answer: more would be spoken for a quarter of an hour


class TranslatorContract(Contract):
    """`pair` is what it is tried with, the engine's first where there is none. `known` are translations that it must
    give, (source, target, text) → text; none are needed."""

    pair: ClassVar[tuple[str, str] | None] = None
    known: ClassVar[Mapping[tuple[str, str, str], str]] = {}

    def tried(self) -> tuple[str, str]:
        """The pair that it is tried with."""
        pairs: frozenset[tuple[str, str]] = self.engine().pairs
        usual = [pair for pair in (("en", "es"), ("es", "en")) if pair in pairs]
        return self.pair or (*usual, min(pairs))[0]

    def jobs(self) -> Sequence[Translate]:
        source, target = self.tried()
        one, other = SENTENCES.get(source, SENTENCES["en"])
        return [Translate(text, source, target) for text in (other, one, f"{one} {other} {one}", f"{other} 7")]

    def impossible(self) -> Translate:
        return Translate(SENTENCES["en"][0], self.tried()[0], NOBODYS)

    def alike(self, one: Translation, other: Translation) -> bool:
        return one == other

    def translate(self, text: str, context: tuple[str, ...] = ()) -> Translation:
        """Its translation of this, checked for what every translation must be."""
        source, target = self.tried()
        return self._checked(Translate(text, source, target, context))

    def _checked(self, job: Translate) -> Translation:
        answer: Translation = self.one(job)
        demand(isinstance(answer, Translation), f"no Translation: {answer!r}")
        asked = (job.source, job.target)
        demand((answer.source, answer.target) == asked, f"asked {asked}, answered {(answer.source, answer.target)}")
        demand(isinstance(answer.text, str) and encodable(answer.text), f"no text that can be sent: {answer.text!r}")
        demand(answer.text == answer.text.strip(), f"space around the text: {answer.text!r}")
        demand(len(answer.text) <= _LONGEST, f"{len(answer.text)} characters for {len(job.text)}")
        return answer

    def test_it_tells_its_pairs(self) -> None:
        engine: Translator = self.engine()
        demand(isinstance(engine.pairs, Set) and engine.pairs, f"pairs: {engine.pairs!r}")
        strange = [pair for pair in engine.pairs if not (len(pair) == 2 and all(map(is_primary, pair)))]
        demand(not strange, f"not pairs of primary subtags: {strange}")
        same = [pair for pair in engine.pairs if pair[0] == pair[1]]
        demand(not same, f"nothing is translated from a language to itself: {same}")

    def test_regions_are_answered_with_those_regions(self) -> None:
        source, target = self.tried()
        tags = [(f"{source}-GB", target), (source, f"{target}-MX"), (f"{source}-001", f"{target}-419")]
        answer = self.ask(*(Translate(SENTENCES["en"][0], *pair) for pair in tags))
        back = [(one.source, one.target) for one in answer]
        demand(back == tags, f"{tags} came back as {back}")
        texts = {one.text for one in self.ask(*(Translate("One.", *pair) for pair in ((source, target), *tags)))}
        demand(len(texts) == 1, f"a region makes another translation: {texts}")

    def test_an_unknown_source_is_an_engine_error_that_names_it(self) -> None:
        with self.refused(NOBODYS):
            self.ask(Translate("One.", NOBODYS, self.tried()[1]))

    def test_a_language_to_itself_is_an_engine_error(self) -> None:
        source = self.tried()[0]
        with self.refused(source):
            self.ask(Translate("One.", source, source))

    def test_blank_text_is_blank(self) -> None:
        for text in ("", " ", "\n\t ", "\u3000"):
            answer = self.translate(text)
            demand(answer.text == "", f"{text!r} was translated as {answer.text!r}")

    def test_blank_text_among_others_moves_none_of_them(self) -> None:
        first, second, *_ = self.jobs()
        blank = Translate(" ", first.source, first.target)
        answer = self.ask(blank, first, blank, second)
        demand(
            self.alike(answer[1], self.one(first)) and self.alike(answer[3], self.one(second)),
            f"out of order: {answer}",
        )

    def test_odd_texts_do_no_harm(self) -> None:
        for text in UNPRONOUNCEABLE:
            self.translate(text)

    def test_very_long_text_does_no_harm(self) -> None:
        text = greeting(self.tried()[0])
        self.translate(" ".join([text] * 40))
        self.translate(text.replace(".", ",").replace("?", ",").replace("。", "、") * 40)

    def test_context_may_be_given(self) -> None:
        _, text = SENTENCES.get(self.tried()[0], SENTENCES["en"])
        self.translate(text, context=(text, "", "x" * 5000))

    def test_a_sentence_may_have_begun(self) -> None:
        """An engine that does not carry it on gives what it gives for the text by itself."""
        source, target = self.tried()
        first, text = SENTENCES.get(source, SENTENCES["en"])
        begun = Begun(first, self.translate(first).text)
        answer = self._checked(Translate(text, source, target, begun=begun))
        alone = self.translate(text)
        demand(not alone.carried_on, "carried on what was not begun")
        demand(answer.carried_on or self.alike(answer, alone), f"not carried on, but not as by itself: {answer}")

    def test_every_pair_is_translated(self) -> None:
        """All that it tells, if it tells of a few; else those from and to the languages that it is tried with."""
        source, target = self.tried()
        pairs = sorted(self.engine().pairs)
        if len(pairs) > 12:
            pairs = [pair for pair in pairs if pair[0] == source or pair[1] == target][:12]
        jobs = [Translate(SENTENCES.get(pair[0], SENTENCES["en"])[1], *pair) for pair in pairs]
        for job, answer in zip(jobs, self.ask(*jobs), strict=True):
            demand((answer.source, answer.target) == (job.source, job.target), f"asked {job}, answered {answer}")
            demand(answer.text, f"nothing came out for {job}")

    def test_known_translations(self) -> None:
        """Only for a suite that has `known`."""
        for (source, target, text), wanted in self.known.items():
            answer = self._checked(Translate(text, source, target))
            demand(answer.text == wanted, f"{text!r} became {answer.text!r}, not {wanted!r}")
