"""Abbreviations whose full stop ends no sentence, by language.

Only those that stand *before* something as a rule: "etc." may end a sentence too, and two sentences that stay
together are the smaller harm beside one that is torn ("Dr." / "Smith is here.").
"""

from __future__ import annotations

import re

# Written without inner spaces, lower case, without the last full stop.
OPENING = {"dr", "mr", "mrs", "ms", "prof", "www"}
"""Those of every language behind which a name or the rest of an address follows: not even a text ends there."""
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

# They are so before a number only ("No. 5"): "No." is a sentence of its own otherwise.
NUMBERED = {"no", "nos", "nº", "№", "fig", "vol", "kap"}

ORDINALS = {"de", "pl", "tr", "cs", "sk", "da", "nb", "no", "fi", "hu", "sl", "hr"}
"""Languages in which a full stop behind a short number makes it an ordinal: "Am 3. Mai"."""


def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these, where no letter stands before; a space in a form is any space, or none."""
    shapes = (r"[\s\u00a0\u202f]*".join(map(re.escape, form.split())) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{'|'.join(shapes)})", re.IGNORECASE)


_PATTERNS = {language: _pattern(forms) for language, forms in _SPACED.items()}


def single(language: str) -> frozenset[str]:
    """The abbreviations of one word in a language (a primary subtag), case-folded, without their full stop."""
    return frozenset(OPENING | _SINGLE.get(language, set()))


def spans(text: str, language: str) -> list[tuple[int, int]]:
    """Return the spans of abbreviations of several words ("z. B."), in order."""
    pattern = _PATTERNS.get(language)
    return [match.span() for match in pattern.finditer(text)] if pattern else []
