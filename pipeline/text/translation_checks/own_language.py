"""Decides whether an answer is in the target language at all, or still in the source's or a model's own. Pure."""

from __future__ import annotations

import re

from pipeline.text.translation_checks.tokens import bare_words, words

_SCRIPTS = {
    "ar": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "hi": "\u0900-\u097f",
    "ja": "\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f\U00020000-\U0003ffff",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "ru": "\u0400-\u04ff",
    "zh": "\u3400-\u9fff\U00020000-\U0003ffff",
}
"""Scripts that are not Latin, by primary subtag."""
_OTHER = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_LATIN = re.compile(r"[a-z\u00df-\u024f]{2,}", re.IGNORECASE)
_TABLE = """
en the a an of to in is are am was were be and that it this these i you he she we they my your his her our their for
en at from by have has had do does did will would can could should not what where when how some any there please want if
en or but as on me him them us so can
es el la los las un una unos de del a al en es son soy esta estan estoy era fue y que esto este yo tu usted ella
es ellos mi su sus nuestro para con por se lo le les me te nos tengo tiene hay no donde cuando como algo muy si pero o
es quiero puede puedo sobre algunas algunos
fr le la les un une des de du au aux en est sont suis etait et que ce cette ces je j tu vous il elle nous ils mon ma mes
fr votre son sa ses notre leur pour avec dans par se ne pas qui ou quand comment c d l n s ai a avez avons y sur si mais
fr plus voudrais quelques votre
de der die das den dem des ein eine einen einem einer und ist sind bin war waren ich du sie er es wir ihr mein meine
de sein unser fur mit bei von zu zum zur im in auf aus an nicht kein was wo wann wie haben habe hat wird werden kann
de konnen bitte dass wenn oder aber auch noch mir mich uns ihnen
it il lo la gli le un una uno di del della dei a al alla in nel e sono che questo questa io tu lei lui noi loro mio mia
it sua nostro per con da si non dove quando come ho ha abbiamo hai c mi ti ci vi se ma piu anche vorrei
pt o a os as um uma uns de do da dos das em no na nos e sao sou esta estou era foi que isto este eu tu voce ele ela eles
pt meu minha seu sua nosso para com por se nao onde quando como tem tenho ha me te lhe mas ou mais quero pode posso
nl de het een en is zijn ben was waren ik jij je u hij zij ze we wij mijn jouw uw haar ons onze voor met bij van naar te
nl op aan niet geen wat waar wanneer hoe heb heeft hebben kan kunnen wil graag dat dit als of maar ook er
pl i w z na do jest sa jestem byl byla to ten ta te ja ty on ona my wy oni moj moja moje twoj pan pani dla od po za nie
pl gdzie kiedy jak czy mam ma mamy mozna moge prosze ze ale lub sie mi mnie
tr bir ve bu su o ben sen siz biz onlar benim senin sizin icin ile de da mi mu ne nerede nasil var yok degil evet hayir
tr lutfen daha cok ama gibi kadar her sey
"""
_COMMON: dict[str, frozenset[str]] = {
    tag: frozenset(word for line in _TABLE.split("\n") if line.startswith(f"{tag} ") for word in line.split()[1:])
    for tag in {line[:2] for line in _TABLE.split("\n") if line}
}
"""Words that hardly any sentence of the language does without, in lower case and without accents."""
_PARTICLES = frozenset(["de", "la", "el", "los", "las", "del", "du", "le", "von", "der", "den", "van", "di", "of"])
"""Common words that names are made of, too."""
_CAPITAL = r"[^\W\d_a-z]\w"
_BETWEEN = r"(?:(?:of|the|and|for|in|on|at|a|de|la|las|el|los|del|y|e|du|des|von|van|der|di|da|do|dos) )"
_NAME = re.compile(rf"\b{_CAPITAL}+(?:[ -]{_BETWEEN}{{0,2}}{_CAPITAL}*)+")
"""A name of several words, such as a title: "The Lord of the Rings"."""
_FEWEST_WORDS, _FEWEST_COMMON, _SHARE = 4, 3, 0.34
_FEWEST_OF_SAID, _SHARE_OF_SAID = 2, 0.2
"""The same for a text that is just what was said."""
_FEWEST_LATIN, _FEWEST_LETTERS = 3, 4


def is_foreign(text: str, said: str, source: str, target: str) -> bool:
    """Return True if the text is in the source language, in English or in another script, and not in the target's.

    The source in other letters, as in capitals, was changed on purpose: it is not judged. Names that were said are no
    evidence, nor are words of a third language that were.
    """
    if _in_another_script(text, said, source, target):
        return True
    known = target in _COMMON
    if words(text) == words(said):
        unchanged = _letters(text) == _letters(said)
        rest = _without_names(text, said)
        return unchanged and _is_in(rest, source, target, _FEWEST_OF_SAID if known else _FEWEST_COMMON, _SHARE_OF_SAID)
    if not known:
        return False
    rest = _without_names(text, said)
    if source != target and _is_in(rest, source, target, _FEWEST_COMMON, _SHARE):
        return True
    new = " ".join(word for word in words(rest) if word not in set(words(said)))
    return "en" not in (source, target) and _is_in(new, "en", target, _FEWEST_COMMON, _SHARE)


def _without_names(text: str, said: str) -> str:
    """Return the text without the names of several words that were said as well."""
    return _NAME.sub(lambda found: " " if found[0] in said else found[0], text)


def _letters(text: str) -> str:
    """Return the letters and digits alone, in their case but for the first."""
    kept = "".join(filter(str.isalnum, text))
    return kept[:1].lower() + kept[1:]


def _is_in(text: str, other: str, target: str, fewest: int, share: float) -> bool:
    """Return True if the text has words of the other language, and none of the target's."""
    theirs, ours = _COMMON.get(other, frozenset()), _COMMON.get(target, frozenset())
    found = bare_words(text)
    if len(found) < _FEWEST_WORDS or any(word in ours - theirs for word in found):
        return False
    count = sum(word in theirs - ours - _PARTICLES for word in found)
    return count >= fewest and count >= len(found) * share


def _in_another_script(text: str, said: str, source: str, target: str) -> bool:
    own = _SCRIPTS.get(target)
    if own is not None:
        latin = _LATIN.findall(text)
        foreign = len(latin) >= _FEWEST_LATIN and re.search(f"[{own}]", text) is None
        return foreign and not _names_only(text, said, source)
    others = _OTHER.findall(text)
    if len(others) < max(_FEWEST_LETTERS, sum(map(str.isalpha, text)) / 2):
        return False
    return source in _SCRIPTS or not set(others) <= set(said)


def _names_only(text: str, said: str, source: str) -> bool:
    """Return True if each word of the text was said, and none is a common one: names, numbers, an address."""
    common = _COMMON.get(source, frozenset()) | _COMMON["en"]
    return set(words(text)) <= set(words(said)) and not set(bare_words(text)) & common
