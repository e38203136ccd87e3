"""espeak-ng in every language that is promised: it speaks the language, in its sounds, and does not spell it."""

import subprocess
import unicodedata

import numpy as np
import pytest

from pipeline.engines import EngineError
from pipeline.engines.voices.espeak import Espeak
from pipeline.engines.voices.japanese_reading import read_aloud
from pipeline.speech import Synthesize
from pipeline.text.language import NATIVE_NAMES

# "Good morning, where is the station?", how it sounds in part (IPA as espeak-ng writes it), and its syllables.
SAID = {
    "en": ("Good morning, where is the station?", ["ɡʊd", "mɔːɹnɪŋ|mɔːnɪŋ", "steɪʃən"], 8),
    "es": ("Buenos días, ¿dónde está la estación?", ["bwenos", "ðias|dias", "estaθjon|estasjon"], 12),
    "fr": ("Bonjour, où est la gare ?", ["ʒuʁ", "ɡaʁ"], 6),
    "de": ("Guten Morgen, wo ist der Bahnhof?", ["ɡuːtən", "bɑːnhoːf"], 9),
    "it": ("Buongiorno, dov'è la stazione?", ["ɔrno", "statsione|statsjone"], 10),
    "pt": ("Bom dia, onde fica a estação?", ["dʒiæ", "estas"], 10),
    "ru": ("Доброе утро, где находится вокзал?", ["dobrʌ", "utrʌ", "vʌɡzɑɭ|vʌɡzal"], 12),
    "ar": ("صباح الخير، أين محطة القطار؟", ["sabaːħ|s̪abaːħ", "ʔajna", "qit̪aːr"], 11),
    "zh": ("早上好，请问火车站在哪里？", ["tsɑu", "tɕhi", "χuo", "lii|li"], 12),
    "ja": ("おはようございます、駅はどこですか？", ["ohäjoɯ", "eki", "wä", "doko"], 14),
    "ko": ("안녕하세요, 기차역이 어디예요?", ["ɐnnjʌŋ", "hɐsejo", "tʃhɐ"], 13),
    "hi": ("नमस्ते, रेलवे स्टेशन कहाँ है?", ["nəmʌsteː", "sʈeːʃən", "kʌh"], 11),
    "tr": ("Günaydın, tren istasyonu nerede?", ["ɟynajdɯn", "istasjon|ɪstasjon", "nede|neɾedɛ"], 12),
    "nl": ("Goedemorgen, waar is het station?", ["ɣud", "ʋaːr", "staːʃɔn"], 9),
    "pl": ("Dzień dobry, gdzie jest dworzec?", ["dʑɛɲ", "dɔbrɨ", "ɡdʑɛ"], 7),
}

_UNHEARD = "ˈˌ12345-ʲᵝ\u031e"
"""Stress, tones, joints and shades: of no account here."""


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


def sounds(espeak: Espeak, text: str, language: str) -> str:
    """Return espeak-ng's IPA without stress and tone, for the voice and the text of our engine."""
    voice = espeak._voice(Synthesize(text, language))
    said = read_aloud(text) if language == "ja" else text
    command = ["espeak-ng", "-q", "--ipa", "-b", "1", "-v", voice, "--stdin"]
    told = subprocess.run(command, input=said, capture_output=True, text=True, check=True).stdout
    composed = unicodedata.normalize("NFC", " ".join(told.split()))
    return "".join(char for char in composed if char not in _UNHEARD)


def test_all_that_are_promised_are_here(espeak: Espeak) -> None:
    assert set(SAID) == set(NATIVE_NAMES)
    assert set(SAID) <= espeak.languages


@pytest.mark.parametrize("language", SAID)
def test_it_speaks_the_language(espeak: Espeak, language: str) -> None:
    text, wanted, syllables = SAID[language]
    heard = sounds(espeak, text, language)
    for choice in wanted:
        assert any(sound in heard for sound in choice.split("|")), f"{choice} in {heard}"
    assert "(en)" not in heard, "a word was left to the English voice"
    (speech,) = espeak.synthesize([Synthesize(text, language)])
    assert 90 < speech.duration_ms / syllables < 330, "milliseconds for a syllable"
    samples = np.frombuffer(speech.pcm, np.int16)
    voiced = np.mean(np.abs(samples.astype(int)) > 300)
    assert voiced > 0.5


@pytest.mark.parametrize("language", SAID)
def test_its_tempo_is_to_be_had(espeak: Espeak, language: str) -> None:
    text = SAID[language][0]
    usual, fast = (len(espeak.synthesize([Synthesize(text, language, rate=rate)])[0].pcm) for rate in (1.0, 1.25))
    assert 0.7 * usual < fast < 0.93 * usual


def test_no_two_languages_sound_the_same(espeak: Espeak) -> None:
    """One line of numbers, which each language has words of its own for."""
    heard = {language: sounds(espeak, "3, 7, 12", language) for language in SAID}
    assert len(set(heard.values())) == len(SAID), heard


def test_chinese_characters_are_said_and_not_spelt(espeak: Espeak) -> None:
    """espeak-ng's own first choice for Chinese says the letters of its pinyin in English."""
    said = sounds(espeak, "早上好", "zh")
    assert said.replace(" ", "") == "tsɑus.aŋχɑu"
    spelt = len(espeak.synthesize([Synthesize("早上好", "zh", "cmn")])[0].pcm)
    assert len(espeak.synthesize([Synthesize("早上好", "zh")])[0].pcm) < spelt


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("駅はどこですか？", "エキワ ドコデスカ?"),
        ("学校へ行きます。", "ガッコウエ イキマス。"),
        ("これを見て", "コレオ ミテ"),
        ("カタカナ", "カタカナ"),
        ("1500円です", "1500 エンデス"),
        ("", ""),
    ],
)
def test_japanese_is_read_in_kana(written: str, read: str) -> None:
    assert read_aloud(written).replace("？", "?") == read


def test_no_kanji_is_a_chinese_letter(espeak: Espeak) -> None:
    text = "今日は東京駅で会いましょう。私の名前は田中です。"
    assert "tʃaɪniːz" not in sounds(espeak, text, "ja")
    assert (espeak.synthesize([Synthesize(text, "ja")])[0].duration_ms / 1000) < 8


def test_kanji_without_a_dictionary_are_refused_and_not_left_out(
    espeak: Espeak, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ImportError("sudachipy")

    monkeypatch.setattr("pipeline.engines.voices.japanese_reading._tokenizer", missing)
    with pytest.raises(EngineError, match=r"kanji can't be read aloud without the extra \[ja\]"):
        espeak.synthesize([Synthesize("駅はどこですか", "ja")])
    assert espeak.synthesize([Synthesize("えきはどこですか", "ja")])[0].duration_ms > 500
