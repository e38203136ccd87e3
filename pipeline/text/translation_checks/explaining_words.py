"""Table of words in six languages that may be a number, and may be something else, without accents. Pure."""

from __future__ import annotations

from fractions import Fraction

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def _loose(names: str, *values: int | Fraction) -> dict[str, frozenset[Fraction]]:
    return {name: frozenset(map(Fraction, values)) for name in names.split()}


def _ordinals(first: int, names: str) -> dict[str, frozenset[Fraction]]:
    return {name: frozenset({Fraction(value)}) for value, name in enumerate(names.split(), first)}


EXPLAINING: dict[str, dict[str, frozenset[Fraction]]] = {
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

SURE = frozenset(EXPLAINING)
"""Languages whose other number words are nothing but numbers, as far as is known."""
