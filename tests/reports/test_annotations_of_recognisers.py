"""Annotations of a recogniser are never shown, translated or spoken; words in brackets that were said are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.scripted import ScriptedTranscriber
from pipeline.events import Transcribed
from pipeline.speech import Transcript, Word
from pipeline.text.characters import has_words
from pipeline.text.spoken_words import spoken
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene
from tests.kit.ordinary_sentences import JOINED, ORDINARY

HEARD = Transcript("", "en", 0.9)


def said(text: str) -> str:
    """Return what is left of a text of a recogniser; empty if nothing was said."""
    left = spoken(replace(HEARD, text=text))
    assert left.understood is bool(left.text) and left.confidence == (0.9 if left.text else 0.0)
    return left.text


def timed(text: str) -> Transcript:
    """Return a transcript whose words are timed, as Whisper gives them: each with the space before it."""
    parts = [f" {part}" for part in text.split()]
    return replace(HEARD, text=text, words=tuple(Word(p, 100 * n, 100 * n + 90, 0.9) for n, p in enumerate(parts)))


async def interpreted(text: str) -> tuple[list[str], list[str], list[tuple[str, str | None]]]:
    """Return the subtitles, the translations and the outcomes of a second of voice that is recognised as `text`."""
    async with Scene(stt=ScriptedTranscriber({"en": text})) as scene:
        await scene.tone(440, 1.5)
        await scene.silence(3)
        assert len(scene.tts.jobs) >= len(scene.ears[0].heard) > 0 or not scene.translations
        return sorted({event.text for event in scene.of(Transcribed)}), scene.translations, scene.outcomes


REPORTED = ["[Music]", "*coughs*", "<|nospeech|>", "(computerized voice)", "[BLANK_AUDIO]", "♪ ♪"]


@pytest.mark.parametrize("text", REPORTED)
@virtually
async def test_a_text_that_is_an_annotation_alone_is_nothing_said(text: str) -> None:
    assert await interpreted(text) == ([], [], [("nothing_said", None)])


@pytest.mark.parametrize("text", ["(beeps) Explain it.", "Explain it."])
@virtually
async def test_beside_words_it_is_taken_out(text: str) -> None:
    assert await interpreted(text) == (["Explain it."], ["Explain it."], [("spoken", None)])


ALONE = {
    "en": "[Music] (laughs) *sighs* [BLANK_AUDIO] [ Silence ] (upbeat music) [Applause] (coughing) {noise}",
    "es": "[Música] (risas) (aplausos) [Música de fondo] (tose)",
    "fr": "[Musique] (rires) (applaudissements) [bruit de porte] (tousse)",
    "de": "[Musik] (lacht) (Applaus) [leise Musik im Hintergrund] (Räuspern)",
    "it": "[Musica] (risate) (applausi) (tossisce) [musica di sottofondo]",
    "pt": "[Música] (risos) (aplausos) [Música ao fundo] (suspira)",
    "ru": "[музыка] (смех) (аплодисменты) [играет музыка] (кашель)",
    "ar": "[موسيقى] (ضحك) (تصفيق) (صوت موسيقى) [صمت]",
    "zh": "[音乐] （笑） （掌声） 【背景音乐】 （咳嗽）",
    "ja": "【音楽】 （笑） （拍手） （静かな音楽） （ため息）",
    "ko": "[음악] (웃음) (박수) [신나는 음악] (한숨)",
    "hi": "[संगीत] (हँसी) (तालियाँ) (खाँसी) [शोर]",
    "tr": "[Müzik] (gülme) (alkış) (öksürük) [hafif müzik]",
    "nl": "[Muziek] (gelach) (applaus) (zucht) [zachte muziek]",
    "pl": "[muzyka] (śmiech) (oklaski) (kaszel) [cicha muzyka]",
    "th": "[เสียงดนตรี] (หัวเราะ) [เพลง]",
}
"""Annotations of each language, apart by the gaps between brackets."""


def brackets(line: str) -> list[str]:
    """Return the annotations of a line."""
    ends = "])*}】）"
    found, start = [], 0
    for place, char in enumerate(line):
        if char in ends and place > start and (char != "*" or "*" in line[start:place]):
            found.append(line[start : place + 1].strip())
            start = place + 1
    return found


CASES = [(language, one) for language, line in ALONE.items() for one in brackets(line)]


def test_the_table_has_many() -> None:
    assert len(CASES) >= 75 and {language for language, _ in CASES} >= ORDINARY.keys()


@pytest.mark.parametrize(("language", "annotation"), CASES)
def test_in_every_language(language: str, annotation: str) -> None:
    sentence = ORDINARY.get(language, ["ที่นี่อยู่ไหน"])[0]
    assert said(annotation) == ""
    assert said(f"{annotation} {sentence}") == sentence
    assert said(f"{sentence} {annotation}") == sentence
    assert said(f"{annotation} {annotation}") == ""


TOKENS = [
    "<|nospeech|>", "<|en|>", "<|0.00|>", "<|startoftranscript|>", "<s>", "</s>", "<pad>", "<noise>", "<laugh>",
    "<sil>", "<hesitation>", "<v Ana>", "</v>", "<i>", "♪", "♫♬", "🎵", "🎶", "♪♪ ♪♪", "▁", "[00:00.000 --> 00:02.400]",
    "SPEAKER_00:", "[Speaker 1]", "(Speaker B):", "[SPEAKER_01]", ">>",
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_control_tokens_and_music_signs(token: str) -> None:
    assert said(token) == ""
    assert said(f"{token} It is red.") == "It is red."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("♪ la la la ♪", "la la la"),
        ("♪ upbeat music ♪", ""),
        ("♪ 音楽 ♪", ""),
        ("[(Music)]", ""),
        ("((laughs))", ""),
        ("[Music", ""),
        ("He said (laughs) no.", "He said no."),
        ("He said (laughs), no.", "He said, no."),
        ("Hello.[Applause]Goodbye.", "Hello.Goodbye."),
        ("你好（笑）再见。", "你好再见。"),
        ("Hi. [Speaker 2]: Who?", "Hi. Who?"),
        ("[Music]. Hello.", "Hello."),
        ("(coughs) -5 degrees and .5 more", "-5 degrees and .5 more"),
        ("(music playing in the background) It is red.", "It is red."),
        ("*laughs* I *really* mean it.", "I really mean it."),
        ("**Good morning.**", "Good morning."),
        ("* coughs *", ""),
        ("* * *", ""),
        ("…", ""),
        ("- -", ""),
        ("👍", ""),
        ("I \u00adam (la\u00adughs) here.", "I am here."),
    ],
)
def test_shapes(text: str, left: str) -> None:
    assert said(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "(c) 2024 by us",
        "f(x) equals two",
        "the 401(k) plan",
        "person(s) and (s)he",
        "call f() and a[0]",
        "item (a) and item (b)",
        "(555) 123-4567",
        "the UN (United Nations) says",
        "I met Ana (my sister) there.",
        "We heard it (the music) twice.",
        "It was (and is) red.",
        "turn left (not right!) here",
        "2 * 3 * 4 is 24",
        "a < b and c > d",
        "if x<3 and y>4",
        "C# is not C♯",
        "Music was my first love.",
        "he laughs and coughs",
        "the applause, the laughter",
        "Say it (in English) please.",
        "the latest (foreign) news",
        "speak up (speaking of which)",
        "see [1] and [2]",
    ],
)
def test_what_somebody_said_stays(text: str) -> None:
    assert spoken(replace(HEARD, text=text)) == replace(HEARD, text=text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("(Where is the bank?)", "Where is the bank?"),
        ("(and then we went home)", "and then we went home"),
        ("(2024)", "2024"),
        ("[I will be there at 5]", "I will be there at 5"),
        ("*Where are you?*", "Where are you?"),
        ("（我们明天去北京看电影）", "我们明天去北京看电影"),
        ("(¿Dónde está el baño?)", "¿Dónde está el baño?"),
        ("(Thank you.)", "Thank you."),
    ],
)
def test_a_sentence_in_brackets_was_said(text: str, left: str) -> None:
    assert said(text) == left


@pytest.mark.parametrize(
    "mark",
    ["(inaudible)", "[INAUDIBLE]", "[unintelligible]", "<unk>", "⁇", "[UNK]", "[NAME]", "(неразборчиво)",
     "(ininteligible)", "[unverständlich]", "(speaking Spanish)", "[speaks in foreign language]",
     "(incompréhensible)", "（听不清）"],
)  # fmt: skip
def test_lost_words_leave_a_gap_and_are_not_certain(mark: str) -> None:
    """ "I did (inaudible) send it" may be "I did not send it": it does not become a whole sentence."""
    left = spoken(replace(HEARD, text=f"I did {mark} send it."))
    assert left.text == "I did … send it." and left.understood and not left.certain
    assert said(mark) == ""


@pytest.mark.parametrize("text", [*(text for texts in ORDINARY.values() for text in texts), *JOINED])
def test_ordinary_sentences_are_left_alone(text: str) -> None:
    for heard in (replace(HEARD, text=text), timed(text)):
        assert spoken(heard) is heard


def test_times_of_the_words_that_are_left_are_kept() -> None:
    heard = timed("[upbeat music] He said (laughs softly) no, (inaudible) sir.")
    left = spoken(heard)
    assert left.text == "He said no, … sir." == "".join(word.text for word in left.words).strip()
    assert [(word.text.strip(), word.start_ms) for word in left.words] == [
        ("He", 200), ("said", 300), ("no,", 600), ("…", 700), ("sir.", 800),
    ]  # fmt: skip


WORDS = st.sampled_from(
    ["yes", "No,", "it's", "3.5%", "über", "да", "再见", "(my", "sister)", "f(x)", "a_b", "2", "*", "<", "-"]
)
MARKS = st.sampled_from([one for _, one in CASES] + ["<|en|>", "♪", "<noise>"])


@given(st.lists(WORDS | MARKS, max_size=12))
def test_what_is_left_is_left_alone_and_its_words_are_its_text(parts: list[str]) -> None:
    heard = timed(" ".join(parts))
    left = spoken(heard)
    assert spoken(left) == left
    assert "".join(word.text for word in left.words).strip() == left.text
    assert bool(left.text) == has_words(left.text)
    assert {word.start_ms for word in left.words} <= {word.start_ms for word in heard.words}
    assert not any(sign in left.text for sign in ("♪", "<|", "<noise>", "[Music]", "(laughs)", "【音楽】"))
