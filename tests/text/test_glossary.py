"""Glossaries: how the file is read and what is wrong with it, and which words of a text are its terms."""

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.glossary import FoundTerm, Glossary, GlossaryError, read

TABLE = """en,es,de
Dragoman,Dragoman,Dragoman
# what we sell
invoice|bill,factura,Rechnung
US,EE. UU.,
"tea, green",té verde,
"""


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "terms.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def wanted(glossary: Glossary, text: str, source: str = "en", target: str = "es") -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.wanted) for one in glossary.find(text, source, target)]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_a_table_as_spreadsheets_write_it(tmp_path: Path, mark: str, begin: str) -> None:
    table = begin + TABLE.replace(",", mark).replace(f"tea{mark} green", "tea, green").replace("\n", "\r\n")
    glossary = read(write(tmp_path, table))
    text = "Your bill, and a tea, green, from the US: Dragoman."
    assert wanted(glossary, text) == [
        ("bill", "factura"), ("tea, green", "té verde"), ("US", "EE. UU."), ("Dragoman", "Dragoman"),
    ]  # fmt: skip
    assert wanted(glossary, text, "en-GB", "de-AT") == [("bill", "Rechnung"), ("Dragoman", "Dragoman")]
    assert wanted(glossary, "Die Rechnung.", "de", "en") == [("Rechnung", "invoice")]
    assert wanted(glossary, text, "en", "fr") == wanted(glossary, text, "fr", "en") == []
    assert glossary.terms("en-US") == ("Dragoman", "invoice", "bill", "US", "tea, green")


def test_another_table_is_another_version(tmp_path: Path) -> None:
    one, same, other = (read(write(tmp_path, text)).version for text in (TABLE, TABLE, TABLE + "cat,gato,\n"))
    assert one == same != other


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "empty"),
        ("\n  \n", "empty"),
        ("en\n", "one language alone"),
        ("english,spanish\n", "line 1: 'english' is no language"),
        ("en,en-GB\n", "en has two columns"),
        ("en,es\ncat,gato,chat\n", "line 2: 3 cells for 2 languages"),
        ("en,es\n\ncat,\n", "line 3: a term in one language only"),
        ("en,es\ncat,|\n", "line 2: a term in one language only"),
        ("en,es\n...,gato\n", r"line 2: '\.\.\.' holds no letter"),
        ("en,es\nca\x01t,gato\n", "line 2"),
        ("en,es\n" + "x" * 101 + ",gato\n", "over 100 characters"),
        ('en,es\n"cat,gato\n', "line 2"),
        ("en,es\ncat,gato\ndog,perro\nCat,felino\ncat,felino\n", "lines 2 and 5: 'cat' is 'gato' and 'felino' in es"),
        ("en,es\n" + "cat,gato\n" * 10_001, "over 10000 rows"),
        (b"en,es\nni\xf1o,nina\n", "line 2: it is not UTF-8"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path: Path, table: str | bytes, told: str) -> None:
    path = write(tmp_path, table)
    with pytest.raises(GlossaryError, match=told) as refused:
        read(path)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match=r"gone\.csv can't be read: No such file"):
        read(tmp_path / "gone.csv")


def of(source: str, *names: str, target: str = "en") -> Glossary:
    return Glossary([{source: (name,), target: (f"<{name}>",)} for name in names])


@pytest.mark.parametrize(
    ("language", "names", "text", "found"),
    [
        ("en", ["cat"], "The cat, the category, the Cat's CAT: cat.", ["cat", "Cat", "CAT", "cat"]),
        ("en", ["US", "May"], "In May the US told us we may. MAY? mayor", ["May", "US", "MAY"]),
        ("en", ["New York", "York"], "New York, York and Newer York", ["New York", "York", "York"]),
        ("en", ["mail"], "e-mail, mail-order, mail", ["mail"]),
        ("en", ["mail"], "mail - or mail-", ["mail", "mail"]),
        ("en", ["rock 'n' roll"], "Rock ’n’ roll!", ["Rock ’n’ roll"]),
        ("en", ["5g", "c++"], "15G, 5G and C++ or AC++", ["5G", "C++"]),
        ("fr", ["hôtel"], "L'hôtel, l’hôtel, hôtels", ["hôtel", "hôtel"]),
        ("de", ["Straße"], "Straße, Hauptstraße, Straßen, STRASSE", ["Straße"]),
        ("tr", ["istanbul", "ışık"], "İstanbul'da IŞIK, ISTANBUL", ["İstanbul", "IŞIK"]),
        ("ru", ["счёт"], "Ваш счёт. Счёт! Счёта", ["счёт", "Счёт"]),
        ("ar", ["فاتورة"], "هذه فاتورة. الفاتورة", ["فاتورة"]),
        ("ar", ["كتب"], "كَتب كتب كتبَ", ["كتب"]),
        ("hi", ["दिल", "दिल्ली"], "दिल्ली में दिल", ["दिल्ली", "दिल"]),
        ("zh", ["发票", "北京"], "请在北京开发票。", ["北京", "发票"]),
        ("ja", ["請求書", "PC"], "PCで請求書を。PCX", ["PC", "請求書"]),
        ("ko", ["서울", "나"], "서울에서 서울은 서울대 나는 나무", ["서울", "서울", "나"]),
        ("th", ["ท"], "ที่ ท", ["ท"]),
        ("pl", ["kot"], "kot kota KOT", ["kot", "KOT"]),
    ],
)
def test_terms_are_whole_words_of_their_script(language: str, names: list[str], text: str, found: list[str]) -> None:
    said = wanted(of(language, *names, target="es" if language != "es" else "en"), text, language, "es")
    assert [one for one, _ in said] == found


def test_the_case_that_fits_better_wins() -> None:
    glossary = Glossary([{"en": ("polish",), "es": ("pulir",)}, {"en": ("Polish",), "es": ("polaco",)}])
    assert wanted(glossary, "Polish the Polish car; polish it.") == [
        ("Polish", "polaco"), ("Polish", "polaco"), ("polish", "pulir"),
    ]  # fmt: skip


alphabet = "abAB ,.'-éñßİı\u0301北京발은"


short = st.text(alphabet=alphabet, min_size=1, max_size=6)


@given(st.text(alphabet=alphabet, max_size=60), st.lists(short, max_size=6))
def test_what_is_found_is_in_order_and_in_the_text(text: str, names: list[str]) -> None:
    names = [" ".join(name.split()) for name in names if any(map(str.isalnum, name))]
    for language in ("en", "zh", "ko", "tr"):
        found = of(language, *names, target="es").find(text, language, "es")
        assert all(0 <= one.start < one.end <= len(text) for one in found)
        assert all(before.end <= after.start for before, after in pairwise(found))
        assert all(isinstance(one, FoundTerm) and one.wanted[1:-1] in names for one in found)


def test_many_terms_cost_a_sentence_next_to_nothing() -> None:
    chance = random.Random(1)
    names = {"".join(chance.choices("abcdefghij", k=chance.randint(3, 20))) for _ in range(10_000)}
    glossary = of("en", *names, target="es")
    text = " ".join(chance.sample(sorted(names), 5)) + " and what else was said in it"
    assert len(glossary.find(text, "en", "es")) == 5
    began = time.process_time()
    for _ in range(20):
        glossary.find(text, "en", "es")
    assert (time.process_time() - began) / 20 < 0.05
