"""Two sentences in each of the fifteen languages, to try engines on."""

from __future__ import annotations

SENTENCES = {
    "ar": ("صباح الخير.", "أين محطة القطار؟"),
    "de": ("Guten Morgen.", "Wo ist der Bahnhof?"),
    "en": ("Good morning.", "Where is the train station?"),
    "es": ("Buenos días.", "¿Dónde está la estación de tren?"),
    "fr": ("Bonjour.", "Où est la gare\u202f?"),
    "hi": ("सुप्रभात।", "रेलवे स्टेशन कहाँ है?"),
    "it": ("Buongiorno.", "Dov'è la stazione dei treni?"),
    "ja": ("おはようございます。", "駅はどこですか？"),
    "ko": ("좋은 아침입니다.", "기차역이 어디에 있습니까?"),
    "nl": ("Goedemorgen.", "Waar is het treinstation?"),
    "pl": ("Dzień dobry.", "Gdzie jest dworzec kolejowy?"),
    "pt": ("Bom dia.", "Onde fica a estação de trem?"),
    "ru": ("Доброе утро.", "Где находится железнодорожный вокзал?"),
    "tr": ("Günaydın.", "Tren istasyonu nerede?"),
    "zh": ("早上好。", "火车站在哪里？"),
}
"""“Good morning.” and “Where is the train station?”, by primary subtag."""

UNSPACED = frozenset({"zh", "ja"})
"""Languages in which no space stands between two sentences."""


def greeting(language: str) -> str:
    """Both sentences as one writes them; those in English for a language that we have no text in."""
    return ("" if language in UNSPACED else " ").join(SENTENCES.get(language, SENTENCES["en"]))
