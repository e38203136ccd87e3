"""Speech that is not of the phrasebook, which the recogniser learns to refuse: other words, other languages.

None of these sentences is among the ones that refusal is tested with (`evaluate.py` has those, written by hand).
"""

from __future__ import annotations

import random

from starter.recipe.domain import draw

_WORDS = {
    "en": {
        "noun": "garden river engine dragon mountain candle lawyer prison bottle planet feather ladder village treasure "
        "soldier kingdom basket rabbit thunder island pocket shadow forest diamond hammer professor wizard "
        "government science history election parliament economy climate galaxy molecule hurricane volcano "
        "butterfly elephant penguin giraffe keyboard algorithm satellite newspaper orchestra violin poem novel "
        "furniture cupboard curtain staircase chimney carpenter blacksmith farmer harvest tractor".split(),
        "verb": "destroyed built discovered painted forgot described carried followed invented defended ignored "
        "measured polished borrowed whispered promised imagined delivered collected abandoned examined "
        "translated celebrated organized replaced buried climbed counted feared planted knitted".split(),
        "adjective": "gentle enormous curious ancient hollow purple clever silent stubborn fragile wooden invisible "
        "dangerous political electric frozen famous lonely golden ridiculous magnetic narrow".split(),
        "adverb": "yesterday  suddenly  perhaps  nevertheless  obviously  during winter  without mercy  for centuries  "
        "in secret  because of the war  although nobody noticed".split("  "),
        "pattern": [
            "The {adjective} {noun} {verb} the {noun}.",
            "Her {noun} {verb} every {adjective} {noun} {adverb}.",
            "{adverb} they {verb} our {noun} and his {noun}.",
            "Why has the {noun} never {verb} those {adjective} {noun}s?",
            "Nobody {verb} a {noun} between the {noun} and the {adjective} {noun}.",
            "If {noun}s were {adjective}, we should have {verb} them.",
            "He {verb} it {adverb}, said the {adjective} {noun}.",
            "These {noun}s are more {adjective} than any {noun}.",
        ],
    },
    "es": {
        "noun": "jardín río motor dragón cerro vela cárcel planeta pluma escalera pueblo tesoro soldado reino conejo "
        "trueno isla sombra bosque diamante martillo catedrático gobierno ciencia historia elección parlamento "
        "economía clima galaxia molécula huracán volcán mariposa elefante pingüino jirafa teclado satélite "
        "periódico orquesta violín poema novela mueble armario cortina chimenea carpintero herrero granjero "
        "cosecha tractor ejército abeja tortuga espejo".split(),
        "verb": "destruyó construyó descubrió pintó describió siguió inventó defendió ignoró midió prestó susurró "
        "prometió imaginó entregó recogió abandonó examinó tradujo celebró organizó enterró trepó contó "
        "temió plantó rompió escondió".split(),
        "adjective": "amable enorme curioso antiguo hueco morado listo callado terco frágil invisible peligroso "
        "político eléctrico helado famoso solitario dorado ridículo magnético estrecho salvaje".split(),
        "adverb": "ayer  de pronto  quizás  sin embargo  durante el invierno  sin piedad  en secreto  a causa de la "
        "guerra  aunque nadie lo notó  hace siglos".split("  "),
        "pattern": [
            "El {adjective} {noun} {verb} aquel {noun}.",
            "Su {noun} {verb} cada {noun} {adjective} {adverb}.",
            "{adverb} ellos vieron nuestro {noun} y su {noun}.",
            "¿Por qué nunca {verb} el {noun} esos {noun}s?",
            "Nadie {verb} un {noun} entre el {noun} y la {noun}.",
            "Si los {noun}s fueran menos {adjective}s, los habríamos visto.",
            "Lo {verb} {adverb}, dijo el {noun} {adjective}.",
            "Aquellos {noun}s parecen más {adjective}s que un {noun}.",
        ],
    },
}
_ONSETS = "b bl br ch d dr f fl fr g gl gr j k kl kr l m n p pl pr r s sh sk sl st str t tr v w y z".split()
_VOWELS = "a e i o u ai au ea ei ie oo ou".split()
_CODAS = ["", "", "", "b", "d", "g", "k", "l", "m", "n", "nd", "nt", "p", "r", "rt", "s", "st", "t", "x", "z"]


def _syllable(chance: random.Random) -> str:
    return chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)


def invented_word(chance: random.Random) -> str:
    return "".join(_syllable(chance) for _ in range(chance.choice((1, 2, 2, 3))))


def _natural(chance: random.Random, language: str) -> str:
    """A sentence of that language whose words are not the phrasebook's."""
    known = _WORDS[language]
    text: str = chance.choice(known["pattern"])
    for kind in ("noun", "verb", "adjective", "adverb"):
        while f"{{{kind}}}" in text:
            text = text.replace(f"{{{kind}}}", chance.choice(known[kind]), 1)
    return text


def _half_invented(chance: random.Random, language: str) -> str:
    """A sentence of the phrasebook with other words in place of at least a half of its own."""
    said = getattr(draw(chance), language).split()
    places = chance.sample(range(len(said)), max(2, round(len(said) * chance.uniform(0.5, 0.9))) if len(said) > 2 else 1)
    for place in places:
        nouns = _WORDS[language]["noun"] + _WORDS[language]["verb"]
        said[place] = chance.choice(nouns) if chance.random() < 0.4 else invented_word(chance)
    return " ".join(said)


def sentence(chance: random.Random, language: str) -> str:
    """Something to be refused, to be spoken in that language's voices (any of espeak-ng's languages)."""
    if language in _WORDS:
        kind = chance.random()
        if kind < 0.5:
            return _natural(chance, language)
        if kind < 0.75:
            return _half_invented(chance, language)
    return " ".join(invented_word(chance) for _ in range(chance.randrange(2, 9))) + "."
