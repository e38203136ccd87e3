"""Sixty spoken forms of numbers, each with another spelling and a sentence around it; what passes write of them."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.speech import Word

SENTENCES = {
    "en": ("Please write", "on the paper over there."),
    "es": ("Por favor escribe", "en el papel de la mesa."),
    "de": ("Bitte schreiben Sie", "auf das Papier da drüben."),
    "fr": ("Merci de noter", "sur la feuille devant nous."),
}
"""Words before a form and after it."""

FORMS = {
    "en": [
        ("six hundred", "600"), ("ninety five", "95"), ("one hundred and one", "101"), ("two million", "2,000,000"),
        ("one thousand two hundred thirty four", "1,234"), ("three point five", "3.5"), ("two point oh five", "2.05"),
        ("twelve point five percent", "12.5%"), ("fifty percent", "50%"), ("five dollars", "$5"),
        ("twenty euros", "€20"), ("five dollars and fifty cents", "$5.50"), ("half past two", "2:30"),
        ("quarter to three", "2:45"), ("two thirty", "2:30"), ("May third", "May 3"), ("twenty third", "23rd"),
        ("nineteen ninety five", "1995"), ("twenty twenty", "2020"), ("minus five", "-5"),
        ("two and a half", "2.5"), ("sixty kilometers per hour", "60 km/h"), ("version two point zero", "version 2.0"),
        ("five five five one two three four", "555-1234"), ("five or ten", "5 or 10"), ("one half", "1/2"),
        ("from ten to twelve", "from 10 to 12"),
    ],
    "es": [
        ("noventa y cinco", "95"), ("quinientos", "500"), ("mil doscientos treinta y cuatro", "1.234"),
        ("tres coma cinco", "3,5"), ("menos cinco", "-5"), ("cinco euros", "5 €"), ("cinco por ciento", "5 %"),
        ("veinte grados Celsius", "20 °C"), ("dos y media", "2:30"), ("dos menos cuarto", "1:45"),
        ("dos mil millones", "2.000.000.000"), ("primero de mayo", "1 de mayo"),
    ],
    "de": [
        ("fünfundneunzig", "95"), ("drei und zwanzig", "23"), ("drei Komma fünf", "3,5"), ("minus fünf", "-5"),
        ("fünf Euro", "5 €"), ("fünf Prozent", "5 %"), ("halb drei", "2:30"), ("vierzehn Uhr dreißig", "14:30 Uhr"),
        ("am dritten Mai", "am 3. Mai"), ("zwanzig Grad Celsius", "20 °C"), ("anderthalb", "1,5"),
    ],
    "fr": [
        ("quatre-vingt-quinze", "95"), ("soixante dix sept", "77"), ("mille deux cent trente-quatre", "1 234"),
        ("trois virgule cinq", "3,5"), ("moins cinq", "-5"), ("cinq euros", "5 €"), ("cinq euros cinquante", "5,50 €"),
        ("cinq pour cent", "5 %"), ("deux heures et demie", "2h30"), ("quatorze heures trente", "14h30"),
    ],
}  # fmt: skip
"""Pairs of a form as it is said, and as a recogniser may write it."""

ALONE = {
    "en": {
        "one": "1", "two": "2", "three": "3", "five": "5", "six": "6", "ten": "10", "twelve": "12", "twenty": "20",
        "nineteen": "19", "fifty": "50", "sixty": "60", "ninety": "90", "third": "3rd", "thirty": "30",
    },
    "es": {"noventa": "90", "cinco": "5", "mil": "1000", "tres": "3", "dos": "2", "veinte": "20", "primero": "1.º"},
    "de": {"drei": "3", "fünf": "5", "vierzehn": "14", "zwanzig": "20", "dreißig": "30"},
    "fr": {"soixante": "60", "mille": "1000", "trois": "3", "cinq": "5", "deux": "2", "quatorze": "14", "trente": "30"},
}  # fmt: skip
"""Spellings of a word that stands alone in a window: the rest of its number is not there."""


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A form in its sentence. `spoken` is said, `digits` is another spelling."""

    language: str
    spoken: str
    digits: str

    @property
    def sentence(self) -> str:
        """The sentence as it is said."""
        before, after = SENTENCES[self.language]
        return f"{before} {self.spoken} {after}"

    @property
    def first(self) -> int:
        """The place of its first word in the sentence."""
        return len(SENTENCES[self.language][0].split())

    @property
    def cuts(self) -> range:
        """The places of words behind which the number may be parted: from the one before it to its last."""
        return range(self.first - 1, self.first + len(self.spoken.split()))

    def in_digits(self, words: list[Word]) -> list[Word]:
        """Return a pass's words with what it heard of the form in digits, where that is a number by itself."""
        form = self.spoken.split()
        places = [n for n, word in enumerate(words) if word.text.strip(" .,") in form]
        if not places:
            return words
        first, last = places[0], places[-1]
        heard = [word.text.strip(" .,") for word in words[first : last + 1]]
        text = self.digits if heard == form else ALONE[self.language].get(heard[0]) if len(heard) == 1 else None
        if text is None:
            return words
        mark = words[last].text[len(words[last].text.rstrip(".,")) :]
        end = words[last].end_ms
        return [*words[:first], Word(f" {text}{mark}", words[first].start_ms, end, 0.9), *words[last + 1 :]]


NUMBERS = [SpokenNumber(language, spoken, digits) for language, forms in FORMS.items() for spoken, digits in forms]
