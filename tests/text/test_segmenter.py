"""Segments: sentences of any script, and together exactly the text; marks, abbreviations, and chunks for a voice."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.segmenter import LONGEST, boundaries, chunks, is_sentence, joined, segment, sentences, unspaced


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("  \n", []),
        ("Hello", ["Hello"]),
        ("Hello there. How are you? Fine!", ["Hello there.", " How are you?", " Fine!"]),
        ("It costs 3.5 euros. Or 1,000.00.", ["It costs 3.5 euros.", " Or 1,000.00."]),
        ("See example.com/a?b=c now.", ["See example.com/a?b=c now."]),
        ("Well... I see. ", ["Well...", " I see. "]),
        ("Wait… what?! Yes.", ["Wait…", " what?!", " Yes."]),
        ('He said "Go!" Then left.', ['He said "Go!"', " Then left."]),
        ("(Really?) Yes.", ["(Really?)", " Yes."]),
        ("  Hi.  Yes.  ", ["  Hi.", "  Yes.  "]),
        ("...", ["..."]),
        ("One. two three", ["One.", " two three"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [part.text for part in segment(text)] == parts


LANGUAGES = {
    "en": [
        ("Mr. Smith met Dr. J. Watson. They spoke.", ["Mr. Smith met Dr. J. Watson.", " They spoke."]),
        ("Take fruit, e.g. apples, at 5 p.m. today. OK?", ["Take fruit, e.g. apples, at 5 p.m. today.", " OK?"]),
        ("“Is it?” she asked. It is.", ["“Is it?”", " she asked.", " It is."]),
        ("Take bus No. 5 there. No. I won't.", ["Take bus No. 5 there.", " No.", " I won't."]),
    ],
    "es": [
        ("¿Qué tal? ¡Muy bien!", ["¿Qué tal?", " ¡Muy bien!"]),
        ("Buenos días, Sr. García. ¿Cómo está Ud. hoy?", ["Buenos días, Sr. García.", " ¿Cómo está Ud. hoy?"]),
        ("Vea la pág. 3. Gracias.", ["Vea la pág. 3.", " Gracias."]),
        ("Son 1.250,50 euros. ¿Sí?", ["Son 1.250,50 euros.", " ¿Sí?"]),
    ],
    "fr": [
        ("M. Dupont est là. Et Mme. Petit ?", ["M. Dupont est là.", " Et Mme. Petit ?"]),
        ("Qu'est-ce que c'est ? Rien !", ["Qu'est-ce que c'est ?", " Rien !"]),
        ("Il a dit «Oui.» Elle part.", ["Il a dit «Oui.»", " Elle part."]),
        ("Il a dit « Oui. » Elle part.", ["Il a dit « Oui. »", " Elle part."]),
    ],
    "de": [
        ("Hr. Dr. Weiß kommt ca. um acht. Gut.", ["Hr. Dr. Weiß kommt ca. um acht.", " Gut."]),
        ("Das geht z.B. heute. Oder d.h. morgen.", ["Das geht z.B. heute.", " Oder d.h. morgen."]),
        ("Er sagte: „Komm!“ Sie kam.", ["Er sagte: „Komm!“", " Sie kam."]),
        ("Am 3. Mai ist es so weit. Ja.", ["Am 3. Mai ist es so weit.", " Ja."]),
    ],
    "pt": [
        ("O Sr. Silva e a Sra. Costa vêm. Bom!", ["O Sr. Silva e a Sra. Costa vêm.", " Bom!"]),
        ("Fica na Av. da Liberdade. Percebeu?", ["Fica na Av. da Liberdade.", " Percebeu?"]),
    ],
    "it": [
        ("Il Sig. Rossi e il Dott. Bianchi. Sì.", ["Il Sig. Rossi e il Dott. Bianchi.", " Sì."]),
        ("Pane, vino, ecc. sul tavolo. Va bene?", ["Pane, vino, ecc. sul tavolo.", " Va bene?"]),
    ],
    "ru": [
        ("В 1990 г. он жил на ул. Ленина. А потом?", ["В 1990 г. он жил на ул. Ленина.", " А потом?"]),
        ("А. С. Пушкин родился здесь. Да.", ["А. С. Пушкин родился здесь.", " Да."]),
    ],
    "ar": [
        ("كيف حالك؟ بخير.", ["كيف حالك؟", " بخير."]),
        ("نعم، شكراً. إلى اللقاء!", ["نعم، شكراً.", " إلى اللقاء!"]),
    ],
    "hi": [
        ("आप कैसे हैं? मैं ठीक हूँ। धन्यवाद।", ["आप कैसे हैं?", " मैं ठीक हूँ।", " धन्यवाद।"]),
        ("यह अंत है॥ फिर शुरू।", ["यह अंत है॥", " फिर शुरू।"]),
    ],
    "zh": [
        ("你好。你好吗？很好！", ["你好。", "你好吗？", "很好！"]),
        ("价格是3.5元。他说：“好！”然后走了。", ["价格是3.5元。", "他说：“好！”", "然后走了。"]),
    ],
    "ja": [
        ("「本当？」はい。", ["「本当？」", "はい。"]),
        ("今日は、いい天気ですね。そうですね！", ["今日は、いい天気ですね。", "そうですね！"]),
    ],
    "pl": [("Prof. Nowak mieszka na ul. Długiej. Tak.", ["Prof. Nowak mieszka na ul. Długiej.", " Tak."])],
    "nl": [("Dhr. Jansen koopt brood enz. voor ons. Ja.", ["Dhr. Jansen koopt brood enz. voor ons.", " Ja."])],
    "tr": [("Prof. Yılmaz geldi. Evet.", ["Prof. Yılmaz geldi.", " Evet."])],
}


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [(language, text, parts) for language, rows in LANGUAGES.items() for text, parts in rows],
)
def test_sentences_of_a_language(language: str, text: str, parts: list[str]) -> None:
    assert [part.text for part in segment(text, language)] == parts
    assert [part.text for part in segment(text, f"{language}-XX")] == parts, "a region changes nothing"


MORE = {
    "en": [
        ("Dr. Lee came at 3.30 p.m. yesterday. Fine.", ["Dr. Lee came at 3.30 p.m. yesterday.", " Fine."]),
        ("It is 3.5 % of 1,000.25. Right?", ["It is 3.5 % of 1,000.25.", " Right?"]),
        ("He is at No. 10. No. Never.", ["He is at No. 10.", " No.", " Never."]),
    ],
    "es": [
        ("Vive en EE. UU. desde 2001. ¿Y Ud.?", ["Vive en EE. UU. desde 2001.", " ¿Y Ud.?"]),
        ("Traiga algo, p. ej. pan. La Sra. Ruiz espera.", ["Traiga algo, p. ej. pan.", " La Sra. Ruiz espera."]),
        ("El Sr. D. Luis pagó 3.500,75 €. Bien.", ["El Sr. D. Luis pagó 3.500,75 €.", " Bien."]),
    ],
    "fr": [
        ("Prenez un fruit, p. ex. une pomme. M. Roy vient.", ["Prenez un fruit, p. ex. une pomme.", " M. Roy vient."]),
        ("Av. J.-C. ou apr. J.-C. ici ? Oui.", ["Av. J.-C. ou apr. J.-C. ici ?", " Oui."]),
    ],
    "de": [
        ("Das geht z. B. heute. Oder d. h. morgen.", ["Das geht z. B. heute.", " Oder d. h. morgen."]),
        ("Um 10.30 Uhr, i. d. R. am 3. Mai. Gut.", ["Um 10.30 Uhr, i. d. R. am 3. Mai.", " Gut."]),
        ("Er heißt Max. Sie heißt Eva.", ["Er heißt Max.", " Sie heißt Eva."]),
    ],
    "it": [("Il Dott. Neri, p. es. domani. Va bene.", ["Il Dott. Neri, p. es. domani.", " Va bene."])],
    "pt": [("A Dra. Lima traz algo, p. ex. pão. Certo.", ["A Dra. Lima traz algo, p. ex. pão.", " Certo."])],
    "ru": [
        ("Это стоит 3,5 млн. рублей, т. е. много. Да.", ["Это стоит 3,5 млн. рублей, т. е. много.", " Да."]),
        ("Проф. Иванов и др. учёные здесь. Хорошо.", ["Проф. Иванов и др. учёные здесь.", " Хорошо."]),
    ],
    "ar": [
        ("وصل د. أحمد اليوم. أين هو؟هنا.", ["وصل د. أحمد اليوم.", " أين هو؟", "هنا."]),
        ("السعر 3.5 دولار. شكراً!", ["السعر 3.5 دولار.", " شكراً!"]),
    ],
    "hi": [
        ("डॉ. शर्मा आए हैं।वे यहाँ हैं।", ["डॉ. शर्मा आए हैं।", "वे यहाँ हैं।"]),
        ("कीमत 3.5 रुपये है। ठीक है?", ["कीमत 3.5 रुपये है।", " ठीक है?"]),
    ],
    "zh": [
        ("好的!我们走吧?走!", ["好的!", "我们走吧?", "走!"]),
        ("价格是3.5元．对吗？对。", ["价格是3.5元．", "对吗？", "对。"]),
        ("用 Yahoo! 吗？", ["用 Yahoo!", " 吗？"]),
    ],
    "ja": [
        ("「行こう。」と言った。はい。", ["「行こう。」と言った。", "はい。"]),
        ("本当!?はい｡そうです｡", ["本当!?", "はい｡", "そうです｡"]),
    ],
    "ko": [
        ("안녕하세요. 3.5미터예요. 괜찮아요?", ["안녕하세요.", " 3.5미터예요.", " 괜찮아요?"]),
        ("Dr. 김이 왔어요. 네.", ["Dr. 김이 왔어요.", " 네."]),
    ],
    "tr": [("Sn. Demir 3. katta, No. 5 yanında. Tamam.", ["Sn. Demir 3. katta, No. 5 yanında.", " Tamam."])],
    "nl": [("Dhr. Bos koopt o.a. brood, d.w.z. veel. Ja.", ["Dhr. Bos koopt o.a. brood, d.w.z. veel.", " Ja."])],
    "pl": [("Są tu m. in. Anna i p. Nowak, tzn. oni. Tak.", ["Są tu m. in. Anna i p. Nowak, tzn. oni.", " Tak."])],
}


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [(language, text, parts) for language, rows in MORE.items() for text, parts in rows],
)
def test_abbreviations_decimals_and_marks_of_a_language(language: str, text: str, parts: list[str]) -> None:
    assert [part.text for part in segment(text, language)] == parts
    assert sentences(text, language) == [part.strip() for part in parts]


def test_sentences_are_joined_as_the_language_writes() -> None:
    assert joined(["One.", "", "Two."], "en-GB") == "One. Two."
    assert joined(["一。", "二。"], "zh-TW") == "一。二。"


def test_an_address_that_was_begun_goes_on() -> None:
    assert len(segment("Please visit www. example dot org.", "en")) == 1


def test_abbreviations_are_those_of_their_language() -> None:
    text = "Es gibt Brot usw. Danach nichts."
    assert len(segment(text, "de")) == 1 and len(segment(text, "en")) == 2


def test_what_ends_the_text_ends_the_sentence_abbreviation_or_not() -> None:
    assert is_sentence("We met at 5 p.m.", "en") and is_sentence("Brot usw.", "de")


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("en", "It takes 200 ms. Then it ends.", 2),
        ("en", "It takes 200 ms. or less.", 1),
        ("en", "This is Ms. Smith.", 1),
        ("en", "He is my prof. He teaches.", 2),
        ("en", "We met Prof. Smith.", 1),
        ("fr", "Je suis prof. J'enseigne.", 2),
        ("fr", "C'est mon prof. Elle est là.", 2),
        ("fr", "Voici le prof. Martin.", 1),
        ("fr", "C'est à 200 m. Ensuite à droite.", 2),
        ("fr", "Voici M. Martin.", 1),
        ("de", "Er ist mein Prof. Dann kam er.", 2),
        ("de", "Das ist Prof. Weiß.", 1),
        ("de", "Ich nehme 5 St. Danke.", 2),
        ("es", "Es para Ud. Gracias.", 2),
        ("it", "È il mio prof. Insegna bene.", 2),
        ("pt", "É o meu prof. Ensina bem.", 2),
        ("ru", "Это стоит 500 руб. Дорого.", 2),
        ("ru", "Это театр им. Чехова.", 1),
        ("nl", "Hij heeft een bv. Dat is goed.", 2),
        ("pl", "To jest gen. Tak.", 2),
        ("pl", "Mieszkam na ul. Długiej.", 1),
        ("tr", "Bu bir av. Evet.", 2),
        ("tr", "Av. Yılmaz geldi.", 1),
    ],
)
def test_a_word_or_a_unit_ends_a_sentence_before_a_capital_letter(language: str, text: str, count: int) -> None:
    assert len(segment(text, language)) == count


CLAUSES = [
    ("en", "When it rains, we stay; fine: yes.", ["When it rains,", " we stay;", " fine:", " yes."]),
    ("en", "At 12:30 we had 1,000 guests — all happy.", ["At 12:30 we had 1,000 guests —", " all happy."]),
    ("es", "Si llueve, nos quedamos.", ["Si llueve,", " nos quedamos."]),
    ("fr", "S'il pleut, on reste ; d'accord.", ["S'il pleut,", " on reste ;", " d'accord."]),
    ("de", "Ich weiß, dass du kommst.", ["Ich weiß,", " dass du kommst."]),
    ("pt", "Se chover, ficamos.", ["Se chover,", " ficamos."]),
    ("it", "Se piove, restiamo.", ["Se piove,", " restiamo."]),
    ("ru", "Если пойдёт дождь, мы останемся.", ["Если пойдёт дождь,", " мы останемся."]),
    ("ar", "إذا أمطرت، سنبقى؛ حسناً.", ["إذا أمطرت،", " سنبقى؛", " حسناً."]),
    ("hi", "अगर बारिश हुई, तो हम रुकेंगे।", ["अगर बारिश हुई,", " तो हम रुकेंगे।"]),
    ("zh", "如果下雨，我们就留下；好吗？", ["如果下雨，", "我们就留下；", "好吗？"]),
    ("ja", "雨が降ったら、家にいます。", ["雨が降ったら、", "家にいます。"]),
]


@pytest.mark.parametrize(("language", "text", "parts"), CLAUSES)
def test_boundaries_are_clauses_and_sentences_in_order(language: str, text: str, parts: list[str]) -> None:
    found = list(boundaries(text, language))
    cuts = [0, *(mark.end for mark in found)]
    assert [text[a:b] for a, b in pairwise(cuts)] == parts
    assert [mark.sentence for mark in found] == [False] * (len(parts) - 1) + [True]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("", "en", False),
        ("I think", "en", False),
        ("I think so.", "en", True),
        ("I think so. ", "en", True),
        ("I think so,", "en", False),
        ("One. Two", "en", False),
        ("Well...", "en", False),
        ("Well…", "en", False),
        ('He said "go."', "en", True),
        ("3.5", "en", False),
        ("I spoke to Dr.", "en", False),
        ("Vive en (la Dr.", "es", False),
        ("Please visit www.", "en", False),
        ("Please visit www.example.org.", "en", True),
        ("I spoke to the dr!", "en", True),
        ("Je suis prof.", "fr", True),
        ("C'est mon prof.", "fr", True),
        ("Er ist mein Prof.", "de", True),
        ("It takes 200 ms.", "en", True),
        ("She has MS.", "en", True),
        ("Thank you, Prof.", "en", True),
        ("I saw the Dr.", "en", True),
        ("He is my Dr.", "en", True),
        ("I live on Oak Dr.", "en", True),
        ("Turn into 5th St.", "en", True),
        ("Main St.", "en", True),
        ("We flew to St.", "en", False),
        ("Thank you, Dr.", "en", True),
        ("Good morning, Mrs.", "en", False),
        ("Sí, Sr.", "es", True),
        ("Yes. Dr.", "en", False),
        ("Have you seen Mrs.", "en-GB", False),
        ("And this is Ms.", "en", False),
        ("Prendo 200 ms.", "it", True),
        ("Gracias a Ud.", "es", True),
        ("Es mi Dr.", "es", True),
        ("Hablé con la Sra.", "es", False),
        ("Je fais du M.", "fr", True),
        ("C'est à 200 m.", "fr", True),
        ("J'ai vu Mme.", "fr", False),
        ("Bis Fr.", "de", True),
        ("Er macht seinen Dr.", "de", True),
        ("Ich muss zum Dr.", "de", True),
        ("Ich war bei Dr.", "de", False),
        ("È il mio prof.", "it", True),
        ("Ho visto il Sig.", "it", False),
        ("É o meu prof.", "pt", True),
        ("Falei com o Sr.", "pt", False),
        ("Это мой проф.", "ru", True),
        ("Я сказал им.", "ru", True),
        ("Он в классе д.", "ru", True),
        ("هو في الصف د.", "ar", True),
        ("这是 200 ms.", "zh", True),
        ("これは 200 ms.", "ja", True),
        ("저는 Dr.", "ko", False),
        ("मैं मिला डॉ.", "hi", False),
        ("वह मेरी श्रीमती.", "hi", True),
        ("Bu 5 sn.", "tr", True),
        ("O bir prof.", "tr", True),
        ("Dün Dr.", "tr", False),
        ("Hij is mijn prof.", "nl", True),
        ("Ik zie dr.", "nl", True),
        ("Ik sprak met dhr.", "nl", False),
        ("To jest ul.", "pl", True),
        ("To mój prof.", "pl", True),
        ("¿Vienes?", "es", True),
        ("Tu viens ?", "fr", True),
        ("Kommst du?", "de", True),
        ("Vens?", "pt", True),
        ("Vieni?", "it", True),
        ("Придёшь?", "ru", True),
        ("هل تأتي؟", "ar", True),
        ("هل تأتي،", "ar", False),
        ("ठीक है।", "hi", True),
        ("好的。", "zh", True),
        ("好的，", "zh", False),
        ("はい。」", "ja", True),
    ],
)
def test_what_is_a_sentence(text: str, language: str, expected: bool) -> None:
    assert is_sentence(text, language) is expected


@pytest.mark.parametrize(
    ("language", "expected"), [("zh", True), ("ja-JP", True), ("th", True), ("ko", False), ("en", False), ("", False)]
)
def test_scripts_without_spaces(language: str, expected: bool) -> None:
    assert unspaced(language) is expected


def test_segments_go_on_from_where_others_ended() -> None:
    first, second = segment(" Yes. No.", "en", base=40, first=3)
    assert (first.index, first.start, first.end, first.text) == (3, 40, 45, " Yes.")
    assert (second.index, second.start, second.end, second.text) == (4, 45, 49, " No.")


alphabet = "ab3 .!?…。？！؟۔।\"'»」)”\n\t\u200d🦊é,，、DrM"
languages = st.sampled_from(["", *LANGUAGES])
texts = st.text(alphabet=alphabet, max_size=80) | st.text(max_size=80) | st.text(alphabet="a ", max_size=900)


@given(texts, languages)
def test_segments_tile_the_text(text: str, language: str) -> None:
    segments = segment(text, language)
    assert [part.index for part in segments] == list(range(len(segments)))
    assert all(part.text == text[part.start : part.end] and part.text.strip() for part in segments)
    assert all(len(part.text.strip()) <= LONGEST for part in segments)
    if text.strip():
        assert "".join(part.text for part in segments) == text
        assert segments[0].start == 0 and segments[-1].end == len(text)
    else:
        assert segments == []


@given(texts, languages)
def test_boundaries_rise_and_each_ends_something(text: str, language: str) -> None:
    ends = [mark.end for mark in boundaries(text, language)]
    assert ends == sorted(set(ends))
    assert all(text[:end].strip() and not text[end - 1].isspace() for end in ends)


@given(texts, texts, languages)
def test_a_sentence_that_is_followed_by_another_is_cut_as_it_was_alone(one: str, other: str, language: str) -> None:
    """Segments given away do not depend on the text that follows, up to the last mark."""
    alone = [part.text for part in segment(one, language)]
    followed = [part.text for part in segment(one.rstrip() + " " + other, language)]
    assert followed[: max(0, len(alone) - 1)] == alone[:-1]


@pytest.mark.parametrize(
    "text", ["word " * 400, "字" * 2000, "a" * 299 + " " + "b" * 299, "x" * 300 + ".", "a." + " " * 700 + "b"]
)
def test_a_sentence_without_end_is_cut(text: str) -> None:
    segments = segment(text)
    assert "".join(part.text for part in segments) == text
    assert all(0 < len(part.text.strip()) <= LONGEST + 1 and part.text.strip() for part in segments)


# chunks for a voice

LONG = "When the rain had stopped at last, we went out into the garden; the grass was wet, and everything shone."


def test_what_is_short_is_spoken_whole() -> None:
    assert chunks("Yes, of course, I will.", "en") == ["Yes, of course, I will."]


def test_what_is_long_is_spoken_in_clauses() -> None:
    assert chunks(LONG, "en") == [
        "When the rain had stopped at last, we went out into the garden;",
        " the grass was wet, and everything shone.",
    ]


def test_no_chunk_is_a_scrap() -> None:
    assert chunks("I told you so many times that you should never come here without asking me first, dear.", "en") == [
        "I told you so many times that you should never come here without asking me first, dear."
    ]


@given(
    texts | st.lists(st.sampled_from(["word", "and,", "then.", "12:30;", "。"]), max_size=60).map(" ".join), languages
)
def test_chunks_are_the_text(text: str, language: str) -> None:
    pieces = chunks(text, language)
    assert "".join(pieces) == text
    assert len(pieces) == 1 or all(piece.strip() for piece in pieces)
