"""Terms in translations: always said, with nothing lost but what they replace; with the bundled translator, and with
translators that do the worst."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import starter
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec, make
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.translation.term_placement import agrees, changed, occurrences
from pipeline.engines.translation.with_glossary import Glossed
from pipeline.lanes.local import LocalLane
from pipeline.speech import Translate, Translation
from pipeline.text.glossary import Glossary

TERMS = {
    "passport": "documento",
    "train station": "Estación Central",
    "coffee": "cortado",
    "bank": "Banco Azul",
    "Maria": "Mariví",
}


def glossary(terms: dict[str, str], source: str = "en", target: str = "es") -> Glossary:
    return Glossary([{source: (one,), target: (other,)} for one, other in terms.items()], "v1")


@pytest.fixture(scope="module")
def bundled() -> CTranslate:
    return CTranslate(str(starter.MT))


def ask(engine: Glossed, *texts: str, source: str = "en", target: str = "es") -> list[str]:
    told = engine.translate([Translate(text, source, target) for text in texts])
    return [one.text if isinstance(one, Translation) else f"error {one}" for one in told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I lost my passport.", "Perdí mi documento."),
        ("I would like a coffee, please.", "Quisiera cortado, por favor."),
        ("Where is the bank?", "¿Dónde está Banco Azul?"),
        ("Good evening, Maria.", "Buenas noches, Mariví."),
        ("I lost my passport. Where is the bank?", "Perdí mi documento. ¿Dónde está Banco Azul?"),
        ("Passport?", "Documento?"),
        ("I lost my bag.", "Perdí mi bolso."),
        ("", ""),
    ],
)
def test_with_the_bundled_translator(bundled: CTranslate, said: str, told: str) -> None:
    engine = Glossed(bundled, glossary(TERMS))
    assert ask(engine, said) == [told]


def test_jobs_with_and_without_terms_keep_their_order(bundled: CTranslate) -> None:
    engine = Glossed(bundled, glossary(TERMS))
    texts = ["I lost my bag.", "I lost my passport.", "", "Where is the bank? I lost my bag.", "Where is the market?"]
    assert ask(engine, *texts) == [ask(engine, text)[0] for text in texts]
    assert ask(engine, "¿Dónde está el Banco Azul?", source="es", target="en") == ["Where is the bank?"]


def test_what_it_is_and_can_is_the_inner_translators(bundled: CTranslate) -> None:
    engine = Glossed(bundled, glossary(TERMS))
    assert engine.pairs == bundled.pairs and engine.pivoted == bundled.pivoted == engine.gist == frozenset()
    assert engine.identity not in ("", bundled.identity)
    assert Glossed(Scripted(str.upper), glossary(TERMS)).identity == "", "what can't be remembered can't with it either"


# Translators that are told what to do ---------------------------------------------------------------------------------


class Scripted:
    """Translates a text by a function; keeps what it was asked."""

    pairs = frozenset({("en", "es"), ("en", "zh"), ("en", "ja"), ("zh", "en"), ("de", "en"), ("en", "ko")})

    def __init__(self, does: Callable[[str], str]) -> None:
        self._does = does
        self.asked: list[str] = []
        self.runs = 0

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]:
        self.runs += 1
        self.asked += [job.text for job in jobs]
        return [Translation(self._does(job.text), job.source, job.target) for job in jobs]


def wordwise(**words: str) -> Callable[[str], str]:
    """A good translator: word for word, what it doesn't know stays."""
    return lambda text: re.sub(r"\w+", lambda match: words.get(match[0].lower(), match[0]), text)


GOOD = {"the": "el", "cat": "gato", "sleeps": "duerme", "my": "mi", "sees": "ve", "dog": "perro", "a": "un"}


def enforced(terms: dict[str, str], does: Callable[[str], str], text: str, target: str = "es") -> str:
    (told,) = ask(Glossed(Scripted(does), glossary(terms, target=target)), text, target=target)
    return told


def test_what_is_right_already_stays_but_for_its_capitals() -> None:
    assert enforced({"cat": "gato"}, wordwise(**GOOD), "My cat sleeps.") == "mi gato duerme."
    assert enforced({"iPhone": "iPhone"}, str.lower, "My iPhone sleeps.") == "my iPhone sleeps."


def test_a_placeholder_that_comes_through_carries_the_term() -> None:
    """The word alone is another than in the sentence, so nothing but the placeholder shows its place."""

    def does(text: str) -> str:
        return {"cat": "felino"}.get(text, wordwise(**GOOD)(text))

    assert enforced({"cat": "michi"}, does, "The cat sees my dog.") == "el michi ve mi perro."
    assert enforced({"cat": "michi"}, does, "My cat sees a cat.") == "mi michi ve un michi."


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: re.sub(r"[A-Z]{2}[A-Z]\b", "", text),  # dropped
        lambda text: re.sub(r"([A-Z]{2}[A-Z])\b", r"\1 \1", text),  # doubled
        lambda text: re.sub(r"([A-Z]{2}[A-Z])\b", r"\1s", text),  # inflected
        lambda text: re.sub(r"([A-Z])([A-Z])([A-Z])\b", r"\1 \2 \3", text),  # torn
        lambda text: re.sub(r"[A-Z]{2}[A-Z]\b", "QXZ", text),  # another
        lambda text: "Buenas noches." if re.search(r"[A-Z]{3}", text) else text,  # nonsense
        lambda text: text + " Y me gusta mucho." if re.search(r"[A-Z]{3}", text) else text,  # invented
        lambda text: re.sub(r"([A-Z]{3}).*", r"\1.", text),  # all behind it lost
    ],
)
def test_a_placeholder_that_does_not_come_through_is_not_used(spoil: Callable[[str], str]) -> None:
    def does(text: str) -> str:
        return spoil(wordwise(**GOOD)(text))

    told = enforced({"cat": "michi"}, does, "The cat sees my dog every day.")
    assert told == "el michi ve mi perro every day."


def test_a_placeholder_is_none_that_was_said() -> None:
    def does(text: str) -> str:  # of two that are the same it keeps one
        known = {"cat": "felino"}
        return known.get(text, re.sub(r"\b([A-Z]{2}A)\b(.*)\b\1\b", r"\1\2", wordwise(**GOOD)(text)))

    assert enforced({"cat": "michi"}, does, "The cat sees QXA.") == "el michi ve QXA."


def test_the_last_resort_is_to_say_the_term_behind_it() -> None:
    def does(text: str) -> str:  # no placeholder, no word alone, and everything changes with every change
        return "el gato duerme." if text == "The cat sleeps." else f"{len(text)} otra cosa {text[::-1].lower()}"

    assert enforced({"cat": "Michi Azul"}, does, "The cat sleeps.") == "el gato duerme. (Michi Azul)"
    assert enforced({"cat": "michi"}, lambda text: "", "The cat sleeps.") == "(michi)"


@pytest.mark.parametrize(
    "spoil", [str, str.lower, lambda text: text.replace("QX", ""), lambda text: text.replace("Q", "K")]
)
def test_every_plain_word_but_the_terms_is_kept(spoil: Callable[[str], str]) -> None:
    """By every way."""
    words = {"the": "el", "cat": "gato", "and": "y", "dog": "perro", "sleep": "duermen", "here": "aquí"}
    plain = "el gato y el perro duermen aquí."
    terms, said = {"cat": "Michi", "dog": "Toby"}, "The cat and the dog sleep here."
    told = enforced(terms, lambda text: spoil(wordwise(**words)(text)), said)
    assert told == plain.replace("gato", "Michi").replace("perro", "Toby")


def test_terms_that_look_like_patterns_and_placeholders_are_text() -> None:
    for name in ("c++ (new)", r"\1 $0 {x}", "QXA", "[[1]] a", "%s%n"):
        assert name in enforced({"cat": name}, wordwise(**GOOD), "My cat sleeps.")
    assert enforced({"QXA": "cosa"}, wordwise(**GOOD), "My QXA sees QXB.") == "mi cosa ve QXB."


def test_a_word_within_a_word_is_left_alone() -> None:
    engine = Glossed(inner := Scripted(wordwise(**GOOD)), glossary({"cat": "michi"}))
    told = ask(engine, "The category sleeps.", "Concatenate the dog.")
    assert told == ["el category duerme.", "Concatenate el perro."]
    assert inner.asked == ["The category sleeps.", "Concatenate the dog."], "and nothing more is asked"


def test_a_term_at_the_beginning_is_as_large_as_what_stood_there() -> None:
    def does(text: str) -> str:
        return wordwise(**GOOD)(text)[:1].upper() + wordwise(**GOOD)(text)[1:]

    assert enforced({"cat": "michi"}, does, "Cat sleeps.") == "Michi duerme."
    assert enforced({"cat": "eBay"}, does, "My cat sleeps.") == "Mi eBay duerme."


def test_scripts_without_spaces() -> None:
    def does(text: str) -> str:
        known = {"My cat sleeps.": "我的猫睡觉。", "cat": "猫咪"}
        return known.get(text, re.sub(r"My (\w+) sleeps\.", r"我的 \1 睡觉。", text))

    assert enforced({"cat": "咪咪"}, does, "My cat sleeps.", "zh") == "我的咪咪睡觉。"
    assert enforced({"cat": "Kitty"}, does, "My cat sleeps.", "zh") == "我的Kitty睡觉。"
    assert enforced({"Mia": "美亚"}, lambda text: text, "Mia?", "zh") == "美亚？"
    back = Glossed(Scripted(lambda text: "my cat"), glossary({"咪咪": "Mimi"}, "zh", "en"))
    assert ask(back, "咪咪。", source="zh", target="en") == ["Mimi."]


def test_all_is_asked_in_one_batch() -> None:
    inner = Scripted(wordwise(**GOOD))
    engine = Glossed(inner, glossary({"cat": "michi", "dog": "chucho"}))
    ask(engine, "The cat sees my dog. My dog sleeps.", "A cat.", "a")
    assert inner.runs == 1
    assert len(inner.asked) <= 24


def test_many_terms_in_one_sentence() -> None:
    names = {f"term{n:02}": f"Wort{n:02}" for n in range(40)}
    told = enforced(names, wordwise(), " ".join(names) + ".")
    assert [name for name in names.values() if not occurrences(told, name, "es")] == []


def test_a_job_that_fails_is_that_job_alone() -> None:
    class Failing(Scripted):
        def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]:
            return [
                EngineError("no") if "bad" in job.text or "QX" in job.text else one
                for job, one in zip(jobs, super().translate(jobs), strict=True)
            ]

    engine = Glossed(Failing(wordwise(**GOOD)), glossary({"cat": "michi"}))
    told = ask(engine, "My cat sleeps.", "a bad cat", "bad", "my dog")
    assert told == ["mi michi duerme.", "error no", "error no", "mi perro"]


def test_what_changed_is_one_place() -> None:
    assert changed("Perdí mi pasaporte.", "Perdí mi maleta en las tres.", "es") == "pasaporte"
    assert changed("el gato duerme", "el gato duerme", "es") == ""
    assert changed("uno dos", "tres cuatro", "es") == ""
    assert changed("我的猫睡觉", "我的X睡觉", "zh") == "猫"


def test_agreement() -> None:
    plain = "el gato ve mi perro"
    assert agrees("la QXA ve mi perro", ["QXA"], plain, 1, "es"), "another article"
    assert not agrees("QXA ve", ["QXA"], plain + " todos los días", 1, "es")
    assert not agrees("el QXA ve mi perro y me gusta", ["QXA"], plain, 1, "es")


async def test_the_registry_puts_it_around_any_translator(tmp_path: Path) -> None:
    table = tmp_path / "terms.csv"
    table.write_text("en,es\npassport,documento\n")
    spec = EngineSpec("mt", "starter", {"glossary": str(table)})
    async with LocalLane[Translate, Translation](spec) as lane:
        await lane.wait_ready()
        assert (await lane.do(Translate("I lost my passport.", "en", "es"))).text == "Perdí mi documento."
    table.write_text("en,es\npassport\n")
    with pytest.raises(EngineError, match="line 2"):
        make(spec)
