"""Links, addresses, files, emoji and signs: no translator sees them, no voice reads them, and they stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.translating import MOST_ASKED, words_translated
from pipeline.engines.scripted import ScriptedTranscriber, ScriptedTranslator
from pipeline.events import Speculated, Translated
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Translate, Translation
from pipeline.text.segmenter import LONGEST, chunks, segment
from pipeline.text.translation_checks.verdict import Doubt
from pipeline.text.untouched import Kind, links, parts, read_aloud
from testing.virtual_clock import virtually
from tests.kit.bundled_engines import bundled
from tests.kit.interpreter_scene import Scene
from tests.kit.ordinary_sentences import JOINED, ORDINARY

INVENTED = "Por favor."
"""The answer of a small model to what it has never seen."""

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WORDLESS = [
    "👍", FAMILY, "♪", "…", "?!", "🎉🎉", "→", "♥ ♥", "☎", "✓", "★★★★☆", "🇪🇸", "❤\ufe0f", ":-)", "<3", "^_^",
    "***", "---",
    "⠓⠑⠇⠇⠕", "#\ufe0f\u20e3", "。。。", "¿?", "« »", "€", "%", "🏴\U000e0067\U000e0062\U000e007f", "¯\\_(ツ)_/¯", "﷽",
]  # fmt: skip
LINKS = [
    "https://a.example/b?c=1&d=2#e", "http://a.example", "HTTPS://A.EXAMPLE/B", "www.example.com", "example.com",
    "sub.example.co.uk", "example.it/menu", "ftp://a.example/x.bin", "ana@example.com", "ana.maria+x@mail.example.org",
    "mailto:ana@example.com", "report_final.pdf", "foto.jpg", "отчёт.docx", "C:\\Users\\ana\\x.txt", "/etc/ssl/certs",
    "~/notes/today.md", "docs/plan.xlsx", "https://en.wikipedia.org/wiki/A_(b)", "https://ru.wikipedia.org/wiki/Москва",
    "https://user:pw@a.example:8080/p", "t.me/ana", "localhost.example", "sip:ana@example.com",
]  # fmt: skip


async def said(text: str, answer: Callable[[str], str] = lambda asked: INVENTED) -> tuple[str, list[str]]:
    """Return the translation of a segment, and what the translator was asked for it."""
    asked: list[str] = []

    async def engine(job: Translate) -> Translation:
        asked.append(job.text)
        return Translation(answer(job.text), job.source, job.target)

    async with InLoopLane[Translate, Translation](engine, pairs=frozenset({("en", "es")})) as lane:
        job = Translate(text, "en", "es", ("before",))
        made = await words_translated(lane, job, timeout=60.0, urgent=True)
        assert (made.source, made.target) == ("en", "es")
        return made.text, asked


def upper(asked: str) -> str:
    """Answer as a translator that keeps names: each word in capitals."""
    return asked.upper()


def named_away(asked: str) -> str:
    """Answer as a translator that writes names in its own letters."""
    return re.sub(r"QZ([A-Z])", r"КЗ\1", asked.upper())


# the input of the report: typed texts, and the bundled translator, which invents a sentence for each

REPORTED = ["👍", FAMILY, "♪", "…", "?!", "https://a.example/b?c=1&d=2#e"]


@pytest.mark.parametrize("text", REPORTED)
@virtually
async def test_the_bundled_translator_invents_nothing_for_it(text: str) -> None:
    async with Scene(mt=bundled("mt")) as scene:
        assert scene.interpreter.say(text, 0)
        await scene.silence(3)
        assert scene.translations == [text] and scene.tts.jobs == []
        assert scene.outcomes == [("subtitles_only", "nothing_to_say")]


@virtually
async def test_control_the_bundled_translator_translates_words() -> None:
    async with Scene(mt=bundled("mt")) as scene:
        assert scene.interpreter.say("Good morning.", 0)
        await scene.silence(3)
        assert scene.translations == ["Buenos días."] and scene.outcomes == [("spoken", None)]


@pytest.mark.parametrize(
    ("text", "kept", "unsure"),
    [
        ("🎉 won 2–1", "🎉", {Doubt.NUMBER}),
        ("see https://a.example/b?c=1&d=2#e", "https://a.example/b?c=1&d=2#e", set()),
        ("שלום (abc) 3.5%", "", {Doubt.NUMBER}),
        ("A B C 1 2 3", "", {Doubt.NUMBER}),
    ],
)
@virtually
async def test_signs_and_links_stay_beside_what_the_bundled_translator_invents_and_lost_numbers_are_marked(
    text: str, kept: str, unsure: set[Doubt]
) -> None:
    async with Scene(mt=bundled("mt")) as scene:
        assert scene.interpreter.say(text, 0)
        await scene.silence(6)
        (event,) = scene.of(Translated)
        assert kept in event.text and set(event.unsure) == unsure
        assert not kept or all(kept not in job.text for job in scene.tts.jobs)


# the whole interpreter


@pytest.mark.parametrize("text", REPORTED)
@virtually
async def test_typed_without_a_word_it_is_shown_as_it_is_and_not_spoken(text: str) -> None:
    async with Scene(mt=ScriptedTranslator(pattern=INVENTED)) as scene:
        assert scene.interpreter.say(text, 0)
        await scene.silence(1)
        assert (scene.finals, scene.translations) == ([text], [text])
        assert scene.mt.jobs == scene.tts.jobs == [] and scene.outcomes == [("subtitles_only", "nothing_to_say")]


@virtually
async def test_a_text_with_words_is_spoken_without_the_rest() -> None:
    async with Scene(mt=ScriptedTranslator()) as scene:
        assert scene.interpreter.say("🎉 won 2–1", 0)
        assert scene.interpreter.say("see https://a.example/b?c=1&d=2#e", 0)
        assert scene.interpreter.say("won 2–1", 0)
        await scene.silence(5)
        assert [job.text for job in scene.mt.jobs] == ["won 2–1", "see QZA", "won 2–1"]
        assert scene.translations == ["🎉 won 2–1", "see https://a.example/b?c=1&d=2#e", "won 2–1"]
        assert [job.text for job in scene.tts.jobs] == ["won 2–1", "see", "won 2–1"]
        assert scene.outcomes == [("spoken", None)] * 3


@virtually
async def test_what_is_prepared_ahead_is_what_is_spoken() -> None:
    stt = ScriptedTranscriber({"en": "Look at example.com/a now 👍."})
    async with Scene(stt=stt) as scene:
        await scene.tone(440, 1.0)
        await scene.silence(3)
        assert [event.hit for event in scene.of(Speculated)][-1:] == [True]
        assert set(scene.translations) == {"Look at example.com/a now. 👍"}
        assert {job.text for job in scene.tts.jobs} == {"Look at now."}


# what the translator is asked


@pytest.mark.parametrize("text", WORDLESS)
@virtually
async def test_without_a_word_nobody_is_asked(text: str) -> None:
    assert await said(text) == (text, [])
    assert read_aloud(text) == ""


@pytest.mark.parametrize("link", LINKS)
@virtually
async def test_a_link_comes_through_whatever_the_translator_does(link: str) -> None:
    assert await said(link) == (link, [])
    for text in (f"look at {link}", f"{link} is down", f"look at {link} now", f"see {link}.", f"see {link}, and go"):
        kept, asked = await said(text, upper)
        assert link in kept and len(asked) == 1 and link not in asked[0], text
        assert kept.replace(link, "") == text.upper().replace(link.upper(), "")
        lost, _ = await said(text, named_away)
        assert link in lost and "QZ" not in lost and "КЗ" not in lost
        invented, _ = await said(text)
        assert link in invented and INVENTED in invented
        assert link not in read_aloud(kept) and read_aloud(kept).replace(" ", "").strip(".,") != ""


@pytest.mark.parametrize("sign", [one for one in WORDLESS if parts(one)[0].kind is Kind.SIGN and len(parts(one)) == 1])
@virtually
async def test_a_sign_comes_through_whatever_the_translator_does(sign: str) -> None:
    for text in (f"well done {sign}", f"{sign} well done", f"hi {sign} well done"):
        kept, asked = await said(text, upper)
        assert kept == text.upper().replace(sign.upper(), sign) and all(sign not in one for one in asked)
        assert read_aloud(kept) == kept.replace(f" {sign}", "").replace(f"{sign} ", "")


@virtually
async def test_a_question_stays_a_question_before_its_sign() -> None:
    assert await said("Are you coming 🎉?", upper) == ("ARE YOU COMING? 🎉", ["Are you coming?"])
    assert read_aloud("¿Vienes 🎉?") == "¿Vienes?"
    assert read_aloud("¿Has visto https://a.example?") == "¿Has visto?"


@virtually
async def test_several_links_and_a_text_with_such_a_name() -> None:
    text = "from https://a.example/1 to https://a.example/2 and ana@example.com"
    kept, asked = await said(text, str.upper)
    assert asked == ["from QZA to QZB and QZC"]
    assert kept == "FROM https://a.example/1 TO https://a.example/2 AND ana@example.com"
    swapped, _ = await said("go from example.com to example.org", lambda asked: " ".join(reversed(asked.split())))
    assert swapped == "example.org to example.com from go"
    assert (await said("QZA is at example.com now", upper))[0] == "QZA IS AT example.com NOW"


@virtually
async def test_no_text_becomes_many_jobs() -> None:
    text = " ".join(f"word{n} 👍" for n in range(40))
    kept, asked = await said(text, upper)
    assert len(asked) == 1 and kept.count("👍") == 40 and all(f"WORD{n} " in kept for n in range(40))
    linked = " ".join(f"word{n} example.com/{n}" for n in range(40))
    kept, asked = await said(linked, upper)
    assert len(asked) <= MOST_ASKED and all(f"example.com/{n}" in kept for n in range(40))


@virtually
async def test_a_translation_is_clean() -> None:
    async with Scene(mt=ScriptedTranslator({"one and two": "u\u00adno\u202e y\n dos"})) as scene:
        assert scene.interpreter.say("one and two", 0)
        await scene.silence(3)
        assert scene.translations == ["uno y dos"]


@pytest.mark.parametrize("text", [*(text for texts in ORDINARY.values() for text in texts), *JOINED])
@virtually
async def test_ordinary_sentences_go_to_the_translator_as_they_are(text: str) -> None:
    assert await said(text, lambda asked: asked) == (text, [text])
    assert read_aloud(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "I booked it on Booking.com yesterday.", "He said so.It was late.", "At 7.30 p.m. or 12:30", "and/or he/she",
        "10 km/h on 1/2/2026", "e.g. this, i.e. that", "Mr. Smith's", "3.5 or 1.000,00", "version 3.11.2", "U.S.A.",
        "a.m.", "the ratio is 3:4", "@ana, come", "#MeToo", "No.5", "Node.js and C++", "it costs 5€/kg", "C♯ or D♭",
        "α.β", "AT&T", "O'Brien", "x = (a + b) / c", "1️⃣ first", "① ② ③", "❶ first", "bene.it va", "no.es bueno",
        "9.30:", "½ l",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_link_or_a_sign_is_text(text: str) -> None:
    (part,) = parts(text)
    assert part.kind is Kind.TEXT and part.worded and read_aloud(text) == text


PIECES = st.sampled_from([*LINKS, *WORDLESS, "word", "Two words.", "да", "3.5", "再见", ",", ".", "("])


@given(st.lists(PIECES, max_size=10), st.sampled_from([" ", ""]))
def test_parts_are_the_text_and_nothing_that_is_read_is_a_link(pieces: list[str], space: str) -> None:
    text = space.join(pieces)
    found = parts(text)
    assert "".join(part.text for part in found) == text and found
    assert all(part.text for part in found) or not text
    if space:
        assert not any(True for _ in links(read_aloud(text)))


# what is too long


@given(st.text(alphabet=st.sampled_from("ab c.,;。"), max_size=1500), st.sampled_from(["en", "ja"]))
def test_no_piece_for_a_voice_is_over_its_bound(text: str, language: str) -> None:
    pieces = chunks(text, language)
    assert "".join(pieces) == text
    assert all(len(piece.strip()) <= (LONGEST if language == "en" else LONGEST // 2) for piece in pieces)


def test_a_translation_without_any_mark_goes_to_a_voice_in_pieces() -> None:
    text = " ".join(["word"] * 500)
    pieces = chunks(text, "en")
    assert len(pieces) >= 8 and [piece.strip()[:4] for piece in pieces] == ["word"] * len(pieces)
    assert chunks("I'm sorry, " * 8, "en")[0].startswith("I'm sorry,")


def test_a_long_link_is_not_cut() -> None:
    link = "https://a.example/" + "x" * 700
    texts = [part.text.strip() for part in segment(f"See {link} and {'go ' * 150}", "en")]
    assert any(link in text for text in texts) and all(link in text or "xx" not in text for text in texts)
