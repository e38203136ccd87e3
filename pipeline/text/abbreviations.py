"""Abbreviations whose full stop ends no sentence, by language.

Only those that stand *before* something as a rule: "etc." may end a sentence too, and two sentences that stay
together are the smaller harm beside one that is torn ("Dr." / "Smith is here.").
"""

from __future__ import annotations

import re

# Written without inner spaces, lower case, without the last full stop.
_EVERYWHERE = {"dr", "mr", "mrs", "ms", "prof", "www"}
_SINGLE = {
    "en": {"st", "vs", "etc", "jr", "sr", "e.g", "i.e", "a.m", "p.m", "approx", "gen", "col", "sgt", "capt", "lt"},
    "es": {"sr", "sra", "sres", "srta", "dra", "ud", "uds", "vd", "vds", "etc", "núm", "pág", "av", "avda", "tel"}
    | {"p.ej", "ee.uu", "aprox", "prov", "lic", "ing", "arq", "gral", "dña"},
    "fr": {"m", "mm", "mme", "mmes", "mlle", "mlles", "etc", "p.ex", "av", "st", "ste", "bd", "env", "tél", "c.-à-d"},
    "de": {"hr", "fr", "usw", "bzw", "ca", "nr", "str", "z.b", "d.h", "u.a", "o.ä", "u.u", "v.a", "z.t", "evtl"}
    | {"ggf", "inkl", "exkl", "mio", "mrd", "st", "tel", "abs", "bspw", "vgl", "dipl", "ing", "sog"},
    "pt": {"sr", "sra", "srs", "srta", "dra", "etc", "av", "núm", "pág", "profa", "exmo", "exma", "p.ex", "tel"},
    "it": {"sig", "sig.ra", "sigg", "sig.na", "dott", "dott.ssa", "prof.ssa", "ecc", "pag", "av", "avv", "ing"}
    | {"p.es", "geom", "tel", "arch"},
    "ru": {"г", "гг", "ул", "д", "стр", "руб", "коп", "т.е", "т.д", "т.п", "т.к", "им", "др", "проф", "акад", "тыс"}
    | {"млн", "млрд", "кв", "пр", "обл", "гр", "см"},
    "ar": {"د", "أ", "م", "ص", "ا", "أ.د"},
    "hi": {"डॉ", "डा", "श्री", "श्रीमती", "सुश्री", "प्रो", "कु", "पं", "रु", "सं", "मि"},
    "nl": {"dhr", "mevr", "mw", "enz", "bijv", "nr", "blz", "o.a", "d.w.z", "m.b.t", "i.p.v", "t.a.v", "t.o.v", "a.u.b"}
    | {"drs", "ir", "ing", "st", "ca", "resp", "bv", "evt", "incl", "excl", "tel"},
    "pl": {"p", "np", "ul", "nr", "itd", "itp", "tzn", "tzw", "m.in", "pp", "al", "pl", "os", "tel", "godz", "św"}
    | {"inż", "mgr", "hab", "gen", "ks", "r", "w", "zob", "por", "t.j", "tj", "ww"},
    "tr": {"sn", "vb", "vs", "cad", "sok", "doç", "av", "mah", "apt", "no", "tel", "yrd", "öğr", "müh", "bkz", "örn"},
}

# Written with inner spaces.
_SPACED = {
    "es": ("p. ej.", "ee. uu.", "a. c.", "d. c.", "a. m.", "p. m.", "s. a.", "q. e. p. d."),
    "fr": ("p. ex.", "c. à d.", "c.-à-d.", "av. j.-c.", "apr. j.-c."),
    "de": (
        *("z. b.", "d. h.", "u. a.", "o. ä.", "u. u.", "v. a.", "z. t.", "s. o.", "s. u.", "i. d. r.", "o. g."),
        *("v. chr.", "n. chr.", "i. a.", "u. v. m.", "z. zt."),
    ),
    "pt": ("p. ex.", "a. c.", "d. c.", "v. ex.ª", "s. a."),
    "it": ("p. es.", "a. c.", "d. c.", "s. p. a."),
    "ru": ("т. е.", "т. д.", "т. п.", "т. к.", "т. н.", "н. э.", "до н. э.", "и др.", "и пр."),
    "nl": ("d. w. z.", "o. a.", "m. b. t."),
    "pl": ("m. in.", "t. j.", "n. e.", "p. n. e.", "b. r."),
}

# Titles as they are written before a name, behind which not even a text ends. None is a word or a unit: "prof.",
# "Fr." (Friday), "M." (a size) and "Av." are, so they are missing.
_TITLES = {
    "en": {"Dr", "Mr", "Mrs", "Ms", "St"},
    "es": {"Dr", "Dra", "Sr", "Sra", "Srta", "Sres", "Dña"},
    "fr": {"Dr", "Mme", "Mmes", "Mlle", "Mlles"},
    "de": {"Dr", "Hr"},
    "it": {"Dr", "Dott", "Dott.ssa", "Sig", "Sig.ra", "Sig.na", "Sigg"},
    "pt": {"Dr", "Dra", "Sr", "Sra", "Srta", "Srs"},
    "hi": {"डॉ"},
    "nl": {"Dr", "Dhr", "dhr", "Mevr", "mevr"},
    "pl": {"Dr"},
    "tr": {"Dr", "Sn"},
}
_FOREIGN_TITLES = {"Dr", "Mr", "Mrs"}
"""Those that a text of any other language may have."""
_STREETS = {"Dr", "St"}
"""Titles that are also words for a street, in English: "Oak Dr.", "5th St."."""

_NEVER_ALONE = {"Mr", "Mrs", "Ms"}
"""Titles that address nobody without a name, as "Thank you, Dr." does."""

_GERMAN_ENDS = ("", "e", "em", "en", "er", "es")
# Words behind which a title is a noun: "Er ist mein Prof.", "I saw the Dr."
_OWNERS = {
    "en": {"a", "my", "your", "his", "her", "our", "their", "this", "that", "another"},
    "es": {"un", "una", "mi", "tu", "su", "nuestro", "nuestra", "este", "esta", "otro", "otra"},
    "fr": {"un", "une", "mon", "ma", "ton", "ta", "son", "sa", "notre", "votre", "leur", "ce", "cette"}
    | {"suis", "es", "est", "sommes", "êtes", "sont", "était", "comme"},
    "de": {f"{word}{end}" for word in ("ein", "kein", "mein", "dein", "sein", "ihr", "unser") for end in _GERMAN_ENDS}
    | {"euer", "eure", "eurem", "euren", "dieser", "diesem", "diesen"},
    "it": {"un", "una", "mio", "mia", "tuo", "tua", "suo", "sua", "nostro", "nostra", "vostro", "vostra", "loro"},
    "pt": {"um", "uma", "meu", "minha", "seu", "sua", "nosso", "nossa", "este", "esta", "outro", "outra"},
    "nl": {"een", "mijn", "jouw", "je", "zijn", "haar", "onze", "jullie", "hun", "deze", "die"},
    "pl": {"mój", "moja", "twój", "twoja", "jego", "jej", "nasz", "nasza", "ich", "ten", "ta", "to", "jest"},
    "tr": {"bir", "bu", "o"},
}
_ARTICLES = {
    "en": {"the"},
    "de": {"der", "die", "den", "dem", "zum", "zur", "beim", "vom"},
    "nl": {"de", "het"},
}
"""Articles that a title has seldom, where another word of that spelling has them."""

# Abbreviations that are a noun behind an owner, a unit behind a number, or a word by themselves. A sentence may end
# there, and does if a capital letter follows.
_NOUNS = {
    **{language: {"prof"} for language in ("en", "es", "fr", "de", "it", "pt")},
    **{"nl": {"prof", "bv"}, "pl": {"prof", "gen", "ul"}, "tr": {"prof"}},
}
_UNITS = {
    "fr": {"m", "mm"},
    "de": {"St"},
    "ru": {"см", "гр", "руб", "коп", "тыс", "млн", "млрд"},
    "nl": {"st"},
    "pl": {"os", "godz"},
    "tr": {"sn"},
}
_WORDS = {"es": {"Ud", "Uds", "Vd", "Vds", "ud", "uds", "vd", "vds"}, "tr": {"av", "sok"}}

# They are so before a number only ("No. 5"): "No." is a sentence of its own otherwise.
NUMBERED = {"no", "nos", "nº", "№", "fig", "vol", "kap"}

ORDINALS = {"de", "pl", "tr", "cs", "sk", "da", "nb", "no", "fi", "hu", "sl", "hr"}
"""Languages in which a full stop behind a short number makes it an ordinal: "Am 3. Mai"."""


def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these, where no letter stands before; a space in a form is any space, or none."""
    shapes = (r"[\s\u00a0\u202f]*".join(map(re.escape, form.split())) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{'|'.join(shapes)})", re.IGNORECASE)


_BETWEEN = re.compile(r"[\s(¿¡\"'’«„]")
_PATTERNS = {language: _pattern(forms) for language, forms in _SPACED.items()}


def last_words(text: str) -> tuple[str, str]:
    """The last word of a text and the one before it, as they are written; each may be empty."""
    *earlier, last = _BETWEEN.split(text)
    before = next((word for word in reversed(earlier) if word), "")
    return last, before


def calls_for_more(text: str, language: str) -> bool:
    """Return True if a text can't end in a full stop where it ends now, since a name or an address must follow.

    `language`: a primary subtag.
    """
    word, before = last_words(text)
    if word.casefold() == "www":
        return True
    if word not in _TITLES.get(language, _FOREIGN_TITLES) or before[-1:].isdigit():
        return False
    if before.endswith(",") and word not in _NEVER_ALONE:
        return False
    named = before[-1:].isalnum() and (before[0].isupper() or before[0].isdigit())
    if language == "en" and word in _STREETS and named:
        return False
    noun_behind = _OWNERS.get(language, set()) | _ARTICLES.get(language, set())
    return before.casefold() not in noun_behind


def ends_as_well(text: str, after: str, language: str) -> bool:
    """Return True if the abbreviation at the end of a text is a word or a unit that ends a sentence before `after`."""
    if not after.lstrip()[:1].isupper():
        return False
    word, before = last_words(text)
    if before[-1:].isdigit():
        return word == "ms" or word in _UNITS.get(language, set())
    owned = before.casefold() in _OWNERS.get(language, set())
    return word in _WORDS.get(language, set()) or (owned and word.casefold() in _NOUNS.get(language, set()))


def single(language: str) -> frozenset[str]:
    """The abbreviations of one word in a language (a primary subtag), case-folded, without their full stop."""
    return frozenset(_EVERYWHERE | _SINGLE.get(language, set()))


def spans(text: str, language: str) -> list[tuple[int, int]]:
    """Return the spans of abbreviations of several words ("z. B."), in order."""
    pattern = _PATTERNS.get(language)
    return [match.span() for match in pattern.finditer(text)] if pattern else []
