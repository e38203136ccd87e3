"""Tables of number words in six languages, lower case and without accents. Pure."""

from __future__ import annotations

from fractions import Fraction

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def _row(first: int, step: int, names: str) -> dict[str, int]:
    """Return names by value, from `first` on; names with a slash between them are of one value."""
    return {name: first + step * n for n, names_of in enumerate(names.split()) for name in names_of.split("/")}


WORDS: dict[str, dict[str, int]] = {
    "en": {
        **_row(2, 1, "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"),
        **_row(17, 1, "seventeen eighteen nineteen"),
        **_row(20, 10, "twenty thirty forty/fourty fifty sixty seventy eighty ninety"),
        "zero": 0,
    },
    "es": {
        **_row(2, 1, "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis"),
        **_row(17, 1, "diecisiete dieciocho diecinueve veinte veintiuno/veintiun/veintiuna veintidos veintitres"),
        **_row(24, 1, "veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"),
        **_row(30, 10, "treinta cuarenta cincuenta sesenta setenta ochenta noventa cien/ciento"),
        **_row(200, 100, "doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas"),
        **_row(500, 100, "quinientos/quinientas seiscientos/seiscientas setecientos/setecientas"),
        **_row(800, 100, "ochocientos/ochocientas novecientos/novecientas"),
        "cero": 0,
    },
    "fr": {
        **_row(2, 1, "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"),
        **_row(20, 10, "vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante"),
        "zero": 0,
    },
    "de": {},
    "pt": {
        **_row(2, 1, "dois/duas tres quatro cinco seis sete oito nove dez onze doze treze quatorze/catorze quinze"),
        **_row(16, 1, "dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove"),
        **_row(20, 10, "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem/cento"),
        **_row(200, 100, "duzentos/duzentas trezentos/trezentas quatrocentos/quatrocentas quinhentos/quinhentas"),
        **_row(600, 100, "seiscentos/seiscentas setecentos/setecentas oitocentos/oitocentas novecentos/novecentas"),
        "zero": 0,
    },
    "it": {},
}
"""Words that are a number and hardly anything else, by language. German and Italian compounds: `compound`."""

HUNDREDS = {"en": {"hundred"}, "fr": {"cent", "cents"}}
SCALES: dict[str, dict[str, int]] = {
    "en": {"thousand": 10**3, "million": 10**6, "billion": 10**9},
    "es": {"mil": 10**3, "millon": 10**6, "millones": 10**6},
    "fr": {"mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    "de": {"million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    "pt": {"mil": 10**3, "milhao": 10**6, "milhoes": 10**6, "bilhao": 10**9, "bilhoes": 10**9},
    "it": {"milione": 10**6, "milioni": 10**6, "miliardo": 10**9, "miliardi": 10**9},
}
LINKS = {"en": {"and"}, "es": {"y"}, "fr": {"et"}, "de": {"und"}, "pt": {"e"}, "it": {"e"}}
"""Words that may stand inside a number."""


def _loose(names: str, *values: int | Fraction) -> dict[str, frozenset[Fraction]]:
    return {name: frozenset(map(Fraction, values)) for name in names.split()}


def _ordinals(first: int, names: str) -> dict[str, frozenset[Fraction]]:
    return {name: frozenset({Fraction(value)}) for value, name in enumerate(names.split(), first)}


LOOSE: dict[str, dict[str, frozenset[Fraction]]] = {
    "en": {
        **_loose("one once single first", 1),
        **_loose("second seconds twice both couple pair double", 2),
        **_loose("half", HALF, 30, 50),
        **_loose("quarter", QUARTER, 15, 4),
        **_ordinals(3, "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"),
        **_loose("fifteenth", 15),
        **_loose("twentieth", 20),
        **_loose("thirtieth", 30),
        **_loose("dozen dozens noon midday midnight", 12, 24, 0),
        **_loose("hundreds", 100),
        **_loose("thousands", 1000),
        **_loose("fortnight", 2, 14, 15),
        **_loose("thrice triple", 3),
    },
    "es": {
        **_loose("un una uno primer primero primera unos unas", 1),
        **_loose("segundo segunda segundos ambos ambas par doble", 2),
        **_loose("medio media mitad", HALF, 30, 50),
        **_loose("cuarto cuarta cuartos", QUARTER, 15, 4),
        **_loose("tercer tercero tercera triple", 3),
        **_loose("quinto quinta", 5),
        **_loose("sexto sexta", 6),
        **_loose("septimo septima", 7),
        **_loose("octavo octava", 8),
        **_loose("noveno novena", 9),
        **_loose("decimo decima", 10),
        **_loose("docena mediodia medianoche", 12, 24, 0),
        **_loose("cientos", 100),
        **_loose("miles", 1000),
    },
    "fr": {
        **_loose("un une premier premiere", 1),
        **_loose("second seconde secondes deuxieme double paire", 2),
        **_loose("demi demie moitie", HALF, 30, 50),
        **_loose("quart quarts", QUARTER, 15, 4),
        **_loose("troisieme triple", 3),
        **_loose("quatrieme", 4),
        **_loose("cinquieme", 5),
        **_loose("sixieme", 6),
        **_loose("septieme", 7),
        **_loose("huitieme", 8),
        **_loose("neuvieme", 9),
        **_loose("dixieme dizaine", 10),
        **_loose("douzaine midi minuit", 12, 24, 0),
        **_loose("centaine centaines", 100),
        **_loose("millier milliers", 1000),
        **_loose("quinzaine", 15, 14, 2),
    },
    "de": {
        **_loose("ein eine einen einem einer eines eins einmal erste ersten erster", 1),
        **_loose("zweite zweiten zweiter beide beiden doppelt paar", 2),
        **_loose("halb halbe halben halbes halfte", HALF, 30, 50),
        **_loose("viertel dreiviertel", QUARTER, 15, 45, 4, 3),
        **_loose("dritte dritten dritter", 3),
        **_loose("siebte siebten", 7),
        **_loose("achte achten", 8),
        **_loose("dutzend mittag mittags mitternacht", 12, 24, 0),
    },
    "pt": {
        **_loose("um uma primeiro primeira", 1),
        **_loose("segundo segunda segundos ambos ambas par dobro duplo", 2),
        **_loose("meia meio metade", HALF, 30, 50, 6),
        **_loose("quarto quarta quartos", QUARTER, 15, 4),
        **_loose("terceiro terceira terca triplo", 3),
        **_loose("quinto quinta", 5),
        **_loose("sexto sexta", 6),
        **_loose("setimo setima", 7),
        **_loose("oitavo oitava", 8),
        **_loose("nono nona", 9),
        **_loose("decimo decima", 10),
        **_loose("duzia meiodia", 12, 24, 0),
        **_loose("centenas centena", 100),
        **_loose("milhar milhares", 1000),
    },
    "it": {
        **_loose("un uno una primo prima", 1),
        **_loose("secondo seconda secondi entrambi entrambe paio doppio", 2),
        **_loose("sei", 6),
        **_loose("mezzo mezza meta", HALF, 30, 50),
        **_loose("quarto quarta quarti", QUARTER, 15, 4),
        **_loose("terzo terza triplo", 3),
        **_loose("quinto quinta", 5),
        **_loose("sesto sesta", 6),
        **_loose("settimo settima", 7),
        **_loose("ottavo ottava", 8),
        **_loose("nono nona", 9),
        **_loose("decimo decima decina", 10),
        **_loose("dozzina mezzogiorno mezzanotte", 12, 24, 0),
        **_loose("centinaio centinaia", 100),
        **_loose("migliaio migliaia", 1000),
    },
}
"""Words that may be a number, and may be something else: they explain one, and ask for none."""

_DE_UNITS = {
    **_row(1, 1, "ein/eins/eine zwei/zwo drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn"),
    **_row(15, 1, "funfzehn sechzehn siebzehn achtzehn neunzehn"),
}
_DE_TENS = _row(20, 10, "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")
_IT_UNITS = _row(1, 1, "un/uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici")
_IT_TEENS = _row(15, 1, "quindici sedici diciassette diciotto diciannove")
_IT_TENS = _row(20, 10, "venti trenta quaranta cinquanta sessanta settanta ottanta novanta")


def compound(word: str, language: str) -> int | None:
    """Return the value of a German or Italian number that is written as one word, or None."""
    if language == "de":
        return _german(word)
    return _italian(word) if language == "it" else None


def _german(word: str) -> int | None:
    if word == "null":
        return 0
    if word in _DE_UNITS:
        return _DE_UNITS[word]
    if word in _DE_TENS:
        return _DE_TENS[word]
    for name, scale in (("tausend", 1000), ("hundert", 100)):
        before, found, after = word.partition(name)
        if found:
            many = 1 if not before else _german(before)
            rest = 0 if not after else _german(after.removeprefix("und"))
            return None if many is None or rest is None else many * scale + rest
    unit_name, link, ten_name = word.partition("und")
    unit, ten = _DE_UNITS.get(unit_name), _DE_TENS.get(ten_name)
    return None if not link or unit is None or ten is None else unit + ten


def _italian(word: str) -> int | None:
    if word in _IT_UNITS:
        return _IT_UNITS[word]
    if word in _IT_TEENS:
        return _IT_TEENS[word]
    if word in ("zero", "mille"):
        return 0 if word == "zero" else 1000
    for name, value in _IT_TENS.items():
        if word == name:
            return value
        if word.startswith(name[:-1]):
            unit = _IT_UNITS.get(word.removeprefix(name)) or _IT_UNITS.get(word.removeprefix(name[:-1]))
            if unit is not None and unit < 10:
                return value + unit
    for names, scale in ((("mila", "mille"), 1000), (("cento", "cent"), 100)):
        for name in names:
            before, found, after = word.partition(name)
            if found:
                many = 1 if not before else _italian(before)
                rest = 0 if not after else _italian(after)
                if many is not None and rest is not None:
                    return many * scale + rest
    return None
