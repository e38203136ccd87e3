"""A translator's answer is judged: what is no translation is held back, wrappers are stripped, doubts are marked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.speech import Translate, Translation
from pipeline.text.language import PROMISED
from pipeline.text.translation_checks import numbers
from pipeline.text.translation_checks.verdict import Doubt, HeldReason, Verdict, judged
from tests.kit.spellings import SAME
from tests.kit.translation_answers import BAD, SIX, Pair, aside, denied, good, numbered

GOOD = good()
EVERY = [pair for pairs in GOOD.values() for pair in pairs]


@cache  # several tests ask for the verdict on the same translation
def verdict(source: str, said: str, target: str, answer: str) -> Verdict:
    return judged(Translate(said, source, target), Translation(answer, source, target))


def of(pair: Pair) -> Verdict:
    return verdict(*pair)


@pytest.mark.parametrize(
    ("source", "said", "target", "answer", "becomes"), BAD, ids=[f"{n} {one[3][:30]!r}" for n, one in enumerate(BAD)]
)
def test_what_is_no_translation_is_held_back_and_wrappers_are_stripped(
    source: str, said: str, target: str, answer: str, becomes: str | HeldReason
) -> None:
    found = verdict(source, said, target, answer)
    if isinstance(becomes, HeldReason):
        assert (found.held, found.text) == (becomes, said), "the source stands in its place"
    else:
        assert (found.text, found.held, found.unsure) == (becomes, None, ())


def test_the_bad_answers_are_many() -> None:
    assert len(BAD) >= 130
    held = [one for one in BAD if isinstance(one[4], HeldReason)]
    assert len(held) >= 70 and {one[4] for one in held} == set(HeldReason)


def test_good_translations_pass_as_they_are() -> None:
    assert len(EVERY) >= 2000 and len({pair.source for pair in EVERY}) == len({pair.target for pair in EVERY}) == 15
    for name, pairs in GOOD.items():
        changed = [pair for pair in pairs if of(pair).held or of(pair).text != pair.text]
        assert len(changed) <= len(pairs) * 0.002, (name, len(pairs), changed[:20])


def test_good_translations_are_hardly_ever_marked() -> None:
    marked = [pair for pair in EVERY if of(pair).unsure]
    assert len(marked) <= len(EVERY) * 0.02, (len(EVERY), Counter(of(pair).unsure for pair in marked), marked[:40])


def test_the_page_of_each_pair_of_languages_is_hardly_ever_marked() -> None:
    """Free translations, of short labels and long sentences: harder than what an engine gives."""
    marked = [pair for pair in GOOD["the page"] if of(pair).unsure]
    assert len(marked) <= len(GOOD["the page"]) * 0.04, (len(GOOD["the page"]), marked[:40])


def test_a_changed_number_is_marked_in_each_pair_of_six_languages() -> None:
    pairs = numbered(changed=True)
    missed = [pair for pair in pairs if Doubt.NUMBER not in of(pair).unsure]
    assert len(pairs) >= 100 and len(missed) <= len(pairs) * 0.05, missed
    same = numbered(changed=False)
    wrong = [pair for pair in same if of(pair).unsure]
    assert len(wrong) <= len(same) * 0.02, wrong


def test_a_lost_or_new_negation_is_marked_in_each_pair_of_six_languages() -> None:
    pairs = denied(lost=True)
    missed = [pair for pair in pairs if Doubt.NEGATION not in of(pair).unsure]
    assert len(pairs) >= 100 and len(missed) <= len(pairs) * 0.05, missed
    same = denied(lost=False)
    wrong = [pair for pair in same if of(pair).unsure]
    assert len(wrong) <= len(same) * 0.02, wrong


def test_so_it_is_in_each_pair_of_fifteen_languages() -> None:
    pairs = denied(lost=True, languages=PROMISED)
    missed = [pair for pair in pairs if Doubt.NEGATION not in of(pair).unsure]
    assert len(pairs) >= 3000 and len(missed) <= len(pairs) * 0.05, missed[:20]
    same = denied(lost=False, languages=PROMISED)
    wrong = [pair for pair in same if Doubt.NEGATION in of(pair).unsure]
    assert len(wrong) <= len(same) * 0.02, wrong


@pytest.mark.parametrize("language", sorted(set(PROMISED) - set(SIX)))
def test_a_lost_negation_is_marked_in_each_language(language: str) -> None:
    pairs = [pair for pair in denied(lost=True, languages=PROMISED) if language in (pair.source, pair.target)]
    missed = [pair for pair in pairs if Doubt.NEGATION not in of(pair).unsure]
    assert len(pairs) >= 400 and len(missed) <= len(pairs) * 0.05, missed[:20]


def test_what_only_looks_as_if_it_denied_is_hardly_ever_marked() -> None:
    wrong = [pair for pair in aside() if Doubt.NEGATION in of(pair).unsure]
    assert len(aside()) >= 1400 and len(wrong) <= len(aside()) * 0.02, wrong


SAID = "I did not send 15, I sent 50 to Ms Ng."


@pytest.mark.parametrize(
    ("answer", "unsure"),
    [
        ("Envié 15.", {Doubt.NUMBER, Doubt.NEGATION, Doubt.INCOMPLETE}),
        ("Envié 15, envié 50 a la señora Ng.", {Doubt.NEGATION}),
        ("No envié 15, envié 15 a la señora Ng.", {Doubt.NUMBER}),
        ("No envié quince, envié cincuenta a la señora Ng.", set()),
        ("No envié 15, envié 50 a la señora Ng.", set()),
        ("No envié 15, envié 50 a la señora ⁇.", {Doubt.INCOMPLETE}),
    ],
)
def test_what_is_missing_is_marked_and_spoken(answer: str, unsure: set[Doubt]) -> None:
    found = verdict("en", SAID, "es", answer)
    assert found.held is None and set(found.unsure) == unsure
    assert "⁇" not in found.text


NUMBERS = [
    # (said, source, target, text, the same)
    ("It costs 95.", "en", "es", "Cuesta noventa y cinco.", True),
    ("It costs 3.5 euros.", "en", "de", "Es kostet 3,5 Euro.", True),
    ("It costs 3.5 euros.", "en", "de", "Es kostet 35 Euro.", False),
    ("It costs 1,234 euros.", "en", "es", "Cuesta 1.234 euros.", True),
    ("It costs 1234 euros.", "en", "fr", "Cela coûte 1\u202f234 euros.", True),
    ("It costs 1234 euros.", "en", "fr", "Cela coûte 1235 euros.", False),
    ("It costs one thousand two hundred thirty four euros.", "en", "es", "Cuesta 1234 euros.", True),
    ("At half past seven.", "en", "es", "A las siete y media.", True),
    ("At 7:30.", "en", "de", "Um 7.30 Uhr.", True),
    ("At three thirty.", "en", "de", "Um halb vier.", True),
    ("At 3 pm.", "en", "fr", "À 15 heures.", True),
    ("At 3 pm.", "en", "fr", "À 16 heures.", False),
    ("It is -5 degrees.", "en", "es", "Hace 5 grados bajo cero.", True),
    ("It is -5 degrees.", "en", "es", "Hace 5 grados.", False),
    ("My code is one two three four.", "en", "es", "Mi código es 1234.", True),
    ("My code is one two three four.", "en", "es", "Mi código es 1243.", False),
    ("Ninety-nine.", "en", "fr", "Quatre-vingt-dix-neuf.", True),
    ("Seventy-one.", "en", "fr", "Soixante et onze.", True),
    ("The third of June.", "en", "es", "El tres de junio.", True),
    ("The room is very cold.", "en", "es", "El cuarto está muy frío.", True),
    ("2.5 million people.", "en", "pt", "2,5 milhões de pessoas.", True),
    ("Twenty-one people.", "en", "it", "Ventuno persone.", True),
    ("Thirty seconds.", "en", "es", "Treinta segundos.", True),
    ("Take it twice a day.", "en", "es", "Tómelo dos veces al día.", True),
    ("15 people came.", "en", "zh", "来了15个人。", True),
    ("15 people came.", "en", "zh", "来了50个人。", False),
    ("15 people came.", "en", "zh", "来了十五个人。", True),
    ("15 people came.", "en", "zh", "来了五十个人。", False),
    ("She is ninety five years old.", "en", "ru", "Ей девяносто пять лет.", True),
    ("She is ninety five years old.", "en", "ru", "Ей пятьдесят девять лет.", False),
    ("Kosztuje piętnaście złotych.", "pl", "de", "Es kostet fünfzehn Zloty.", True),
    ("Kosztuje piętnaście złotych.", "pl", "de", "Es kostet fünfzig Zloty.", False),
    ("Het duurt 45 minuten.", "nl", "tr", "Kırk beş dakika sürer.", True),
    ("Het duurt 45 minuten.", "nl", "tr", "Elli dört dakika sürer.", False),
    ("50 आदमी आए।", "hi", "ko", "쉰 명이 왔습니다.", True),
    ("50 आदमी आए।", "hi", "ko", "열다섯 명이 왔습니다.", False),
    ("午後2時半に来てください。", "ja", "en", "Please come at half past two.", True),
    ("午後2時半に来てください。", "ja", "en", "Please come at half past three.", False),
    ("Two tickets, please.", "en", "ar", "تذكرتان من فضلك.", True),
    ("Six-digit code.", "en", "es", "Código de seis cifras.", True),
    ("Half past two.", "en", "de", "Halb drei.", True),
    ("Half past two.", "en", "de", "Halb vier.", False),
    ("From 10-15 people.", "en", "fr", "De 10 à 15 personnes.", True),
    ("30,000 yen.", "en", "ja", "3万円です。", True),
    ("Room 123.", "en", "ar", "غرفة ١٢٣.", True),
    ("Room 123.", "en", "ar", "غرفة ١٣٢.", False),
    ("Call 555 1234.", "en", "es", "Llame al 5551234.", True),
    ("On 3/5/2024.", "en", "de", "Am 3.5.2024.", True),
    ("It opens at noon.", "en", "fr", "Cela ouvre à 12 heures.", True),
]


@pytest.mark.parametrize(("said", "source", "target", "text", "same"), NUMBERS)
def test_numbers_are_compared_by_value(said: str, source: str, target: str, text: str, same: bool) -> None:
    assert (Doubt.NUMBER not in verdict(source, said, target, text).unsure) == same


@pytest.mark.parametrize("language", PROMISED)
def test_a_number_in_another_spelling_is_no_other_number(language: str) -> None:
    marked = [pair for pair in SAME[language] if numbers.differ(pair[0], language, pair[1], language)]
    assert len(SAME[language]) >= 8 and marked == []


@pytest.mark.parametrize("language", PROMISED)
def test_another_number_in_digits_is_marked_whatever_words_stand_for_it(language: str) -> None:
    """Each of the language's numbers in words against the digits of each other one."""
    spelled = [(int(one), words) for one, words in SAME[language] if one.isdecimal() and int(one) > 12]
    spelled = [(number, words) for number, words in spelled if not any(map(str.isdecimal, words))]
    assert spelled
    for number, words in spelled:
        assert not numbers.differ(str(number), "en", words, language)
        other = str(number + 1)
        assert numbers.differ(other, "en", words, language) and numbers.differ(words, language, other, "en")


KEEPS = [
    # what looks like a wrapper, a refusal or a loop, and was said so
    ("en", "I'm sorry, but I can't help you with that.", "es", "Lo siento, pero no puedo ayudarle con eso."),
    ("en", "Sorry, I cannot do that.", "de", "Es tut mir leid, das kann ich nicht machen."),
    ("en", 'He said: "Good morning."', "es", "Él dijo: «Buenos días.»"),
    ("en", "No, no, no, no, no, no, no, no, no!", "es", "¡No, no, no, no, no, no, no, no, no!"),
    ("en", "I love you, I love you, I love you.", "es", "Te quiero, te quiero, te quiero."),
    ("en", "Can you translate this sentence for me?", "es", "¿Puede traducirme esta frase?"),
    ("en", "Please send me the text.", "es", "Por favor, envíeme el texto."),
    ("es", "Por favor, envíeme el mensaje que quiere.", "en", "Please send me the message you would like."),
    ("en", "Sure, see you tomorrow.", "de", "Sure, bis morgen."),
    ("en", "Maria Gonzalez", "es", "Maria Gonzalez"),
    ("en", "Okay.", "es", "Okay."),
    ("en", "I have read The Lord of the Rings.", "es", "He leído The Lord of the Rings."),
    ("en", "The Lord of the Rings", "es", "The Lord of the Rings"),
    ("en", "Harry Potter and the Order of the Phoenix", "de", "Harry Potter and the Order of the Phoenix"),
    ("es", "Leí this is the end of the story.", "fr", "Lus this is the end of the story."),
    ("es", "Ayer vi One Flew Over the Cuckoo's Nest.", "fr", "Hier vis One Flew Over the Cuckoo's Nest."),
    ("en", "Hotel Central, Plaza Mayor", "es", "Hotel Central, Plaza Mayor"),
    ("en", "What's your name?", "es", "¿Cómo se llama?"),
    ("en", "Where is it?", "es", "Dónde está."),
    ("en", "1. Milk. 2. Bread.", "es", "1. Leche. 2. Pan."),
    ("en", "May 3rd was nice. May 4th was not.", "de", "Der 3. Mai war schön. Der 4. Mai nicht."),
    ("en", "and/or", "es", "y/o"),
    ("de", "Ich bin ein Sprachmodell.", "en", "I am a language model."),
    ("en", "Yes.", "zh", "是的。"),
    ("zh", "好。", "en", "All right, that sounds good to me."),
    ("ar", "السلام عليكم ورحمة الله وبركاته", "en", "Peace be upon you, and God's mercy and blessings."),
    ("en", "It costs 3 € (without breakfast).", "fr", "Cela coûte 3\u00a0€ (sans petit-déjeuner)."),
    ("ar", "ما تقوله لا يُترجَم.", "en", "What you say is not translated."),
    ("en", "Note: the shop is closed.", "es", "Nota: la tienda está cerrada."),
]


@pytest.mark.parametrize(("source", "said", "target", "text"), KEEPS)
def test_what_was_said_so_is_left_as_it_is(source: str, said: str, target: str, text: str) -> None:
    found = verdict(source, said, target, text)
    assert (found.text, found.held) == (text, None)


def test_what_an_engine_keeps_on_purpose_is_not_judged() -> None:
    said = "I want to ask you some questions."
    kept = Translation(said, "en", "es", kept=True)
    assert judged(Translate(said, "en", "es"), kept) == Verdict(said)
    assert verdict("en", "🙂", "es", "🙂") == Verdict("🙂"), "nor is what has no words"


WRAPS: list[Callable[[str], str]] = [
    lambda text: f"Here is the translation: {text}",
    lambda text: f"Translation:\n{text}",
    lambda text: f'"{text}"',
    lambda text: f"“{text}”",
    lambda text: f"**{text}**",
    lambda text: f"```\n{text}\n```",
    lambda text: json.dumps({"translation": text}),
    lambda text: json.dumps({"translation": text}, ensure_ascii=False),
    lambda text: f"```json\n{json.dumps({'text': text})}\n```",
    lambda text: f"<translation>{text}</translation>",
    lambda text: f"{text}</s>",
    lambda text: f"{text}\n\n(Note: this is polite.)",
    lambda text: f"<think></think>{text}",
]
PLAIN = [pair for pair in GOOD["phrasebook"] if pair.target == "es" and len(pair.text) > 8]


@given(pair=st.sampled_from(PLAIN), wraps=st.lists(st.sampled_from(WRAPS), min_size=1, max_size=1))
def test_any_wrapper_around_any_translation_is_stripped(pair: Pair, wraps: list[Callable[[str], str]]) -> None:
    answer = pair.text
    for wrap in wraps:
        answer = wrap(answer)
    found = verdict(pair.source, pair.said, pair.target, answer)
    assert (found.text, found.held) == (pair.text, None), answer


@given(pair=st.sampled_from(EVERY), times=st.integers(7, 40))
def test_any_translation_said_again_and_again_is_held_back(pair: Pair, times: int) -> None:
    if len(pair.text) < 5 or not any(map(str.isalpha, pair.text)):
        return
    found = verdict(pair.source, pair.said, pair.target, " ".join([pair.text] * times))
    assert found.held is not None


@given(st.text(max_size=60), st.text(max_size=400), st.sampled_from(SIX), st.sampled_from(SIX))
def test_any_texts_get_a_verdict(said: str, answer: str, source: str, target: str) -> None:
    found = verdict(source, said, target, answer)
    assert "<unk>" not in found.text or found.text in (said, said.strip(), answer)
