"""Decides whether a negation of what was said is lost in its translation, or a new one stands there. Pure."""

from __future__ import annotations

import re
import unicodedata

from pipeline.text.translation_checks.tokens import bare

_SURE_TABLE = """
en not cannot never nobody nothing none no neither nor nowhere
es no nunca jamas nadie ningun ninguno ninguna ningunos ningunas tampoco ni
fr ne n pas jamais aucun aucune non ni
de nicht nichts nie niemals niemand niemanden niemandem kein keine keinen keinem keiner keines nein weder nirgends
pt nao nunca jamais ninguem nenhum nenhuma nem tampouco
it non no nessun nessuno nessuna nemmeno neanche neppure
nl niet niets niks nooit niemand geen nergens noch nee neen
pl nie nigdy nikt nikogo nikomu nic niczego żaden żadna żadne żadnego żadnej żadnych nigdzie ani
ru не нет никогда никто никого никому никакой никакая никаких нигде никуда ни нельзя ничто
ar لا ولا فلا لم ولم فلم لن ولن ليس ليست ليسوا لست لسنا وليس
"""
_SOFT_TABLE = """
en without hardly barely scarcely only until unless except refuse refused refuses fail failed fails lack lacks lost miss
en missing offline otherwise anything anybody anyone stop avoid instead empty forbidden seldom rarely doubt wrong closed
es sin nada solo falta faltan apenas hasta salvo excepto fuera dejar evitar negar vacio siquiera
fr sans rien personne seulement hors manque sauf eviter faux vide guere nul perdu
de ohne nur fehlt fehlen ausser sonst kaum falsch leer statt verboten offline erst
pt sem nada so apenas falta faltam exceto fora evitar vazio
it senza niente nulla mai solo manca mancano tranne fuori evitare vuoto ne
nl zonder alleen maar pas tenzij behalve anders leeg ontbreekt ontbreken mist nauwelijks amper verkeerd fout
nl gesloten minder weinig weigeren stop stoppen vermijd verboden kwijt offline
pl bez tylko dopiero chyba oprócz ledwo brak brakuje pusty pusta inaczej niestety zły zła
pl zamknięty zabronione mało mniej
ru без только кроме едва лишь ничего пусто иначе мало вряд меньше закрыт закрыта закрыто запрещено
ru отсутствует хватит потеряно
ar تعذر تعذرت ضاع ضاعت فقد انقطاع يكتفي
ar ما غير بدون دون عدم فقط إلا ألا كلا سوى لولا أبدا خطأ مغلق فارغ ممنوع قليل أقل أليس أليست بلا دونما
"""


def _rows(table: str) -> dict[str, frozenset[str]]:
    """Return the words of each language."""
    lines = [line.split() for line in table.strip().split("\n")]
    return {tag: frozenset(bare(word) for line in lines if line[0] == tag for word in line[1:]) for tag, *_ in lines}


_UNDER_ACCENTS = frozenset({"hi", "ja", "ko", "zh"})
"""Languages in which marks over letters make other letters."""


def _plain(text: str, language: str) -> str:
    """Return the text in lower case, without accents where letters are the same without them."""
    if language in _UNDER_ACCENTS:
        return unicodedata.normalize("NFKC", text).casefold()
    return bare(text.replace("’", "'"))


def _patterns(parts: dict[str, tuple[str, ...]]) -> dict[str, re.Pattern[str]]:
    """Return the expressions of each language, as they are found in a plain text."""
    return {language: re.compile(_plain("|".join(part), language)) for language, part in parts.items()}


_SURE, _SOFT = _rows(_SURE_TABLE), _rows(_SOFT_TABLE)
_SURE_PARTS = _patterns(
    {
        "tr": (
            r"\b(?:değil|yok|yoktur|yoktu|hayır|asla)\b|\wm[ıiuü]yor|\wm[ae]d[ıi]|\wm[ae]y[ıi]n|\wm[ae]mal[ıi]",
            r"(?<!na)m[ae]z(?:s[ıi]n\w*|l[ae]r)?\b|\wm[ae]y[ae]c[ae]",
        ),
        "hi": (r"(?<![ऀ-ॿ])(?:नहीं|नही|मत)(?![ऀ-ॿ])",),
        "zh": ("[不没沒别]",),
        "ja": ("ません|ないで|なかった|ない(?:です)?(?=[。、！!?？よねのとし]|$)|いいえ",),
        "ko": (r"않|없|(?<!잘)못|아니|아닙|아닌|아뇨|지\s?(?:마|말)",),
    }
)
"""Parts of words that deny, where a word is not found by the spaces around it."""
_SOFT_PARTS = _patterns(
    {
        "tr": (
            r"s[ıiuü]z\b|s[ıiuü]zl|m[ae]d[ae]n|m[ae]m\b",
            r"\b(?:hiç|kimse|ne|sadece|ancak|yalnız|yanlış|boş|kapalı|az|daha)\b",
        ),
        "hi": (
            r"(?<![ऀ-ॿ])(?:न|ना|कम)(?![ऀ-ॿ])|बिना|बगैर|सिर्फ|केवल|अलावा|वरना|खाली|गलत|बंद|मना|इनकार",
            "असंभव|अनुपलब्ध|अमान्य|असमर्थ",
        ),
        "zh": ("[无無未非勿莫否只仅除空错假关關禁少]|失败|缺",),
        "ja": ("ない|なし|なく|ず|ぬ|だけ|しか|以外|[無不非未空閉]|禁止|間違|な(?=[。！!]|$)",),
        "ko": ("[안만밖무불비미틀닫몰]|외에|금지|잘못|모르|모를|모릅|싫|아직",),
    }
)
"""Parts of words that may deny, or explain a negation."""
_ASIDE_PARTS = _patterns(
    {
        "pl": (r"\bnie ma za co\b|\bnie ma sprawy\b|\bnieprawdaż\b|\bnie tylko\b|,\s*nie\s*\?|\bczy nie\b",),
        "ru": (r"\bне (?:за что|правда ли|так ли|только|подскажете)\b|\bне мог(?:ли|ла)? бы\b",),
        "nl": (r"\bniet waar\s*\?|\bnietwaar\b|\bniet alleen\b|\bwaarom niet\b|,\s*(?:toch )?niet\s*\?",),
        "ar": ("لا شكر على واجب|لا بأس|ليس فقط|لا يزال|لا تزال|لا زال|لا سيما|لا بد",),
        "tr": ("değil mi|hiç değilse|ne var ne yok|yok canım",),
        "hi": ("कोई बात नहीं|है न(?![ऀ-ॿ])|क्यों न|नहीं तो|ही नहीं",),
        "zh": (
            "对不起|對不起|不好意思|不客气|不客氣|不用谢|不谢|没关系|没事|没问题|不错|不过(?=[，,])|不仅|不但|不只|不管|不久",
            "不少|差不多|了不起|要不|不然|不得不|不如|不断|不时|不停|不同|不到|不是吗|有没有|(.)[不没]\\1|不加",
            "别人|别的|特别|分别|区别|级别|告别|性别",
        ),
        "ja": (
            "すみません|ませんか|かもしれ(?:ません|ない)|しか(?:ありません|ない)|じゃない(?:です)?か|じゃない[?？]|ではないか",
            "(?:なければ|なくては|ないと)(?:なりません|ならない|いけません|いけない)|もし(?:ません|ない)|仕方(?:が)?ない",
            "少ない|危ない|違いない|もったいない",
        ),
        "ko": (
            r"지 않(?:아요|나요|습니까|을까요|니|아)\s?\?|뿐만? 아니라|아니면|수밖에 없|틀림없|상관없|끊임없",
            "지 않으면 안|없이|문제없|괜찮",
        ),
    }
)
"""Phrases that deny nothing, though a part of them would."""
_ROOTS = r"(?:util|valid|correct|corrett|visib|complet|sufficien|suficien|capa[bcz]|activ|ativ|sensib|segur|sicur)\w*"
_PREFIXED = {
    "en": rf"\bun(?!til|der|it|i[oqv])[a-z]{{3,}}|\bin{_ROOTS}|\bim(?:possib|perfect|patient)|less\b|"
    r"\bdis(?:abl|connect|agree|lik)",
    "es": rf"\bin{_ROOTS}|\bimpos|\bdes(?:conect|acuerdo|habilit|ocup)",
    "fr": rf"\bin{_ROOTS}|\bimpos|\bde(?:connect|sactiv)",
    "de": r"\bun(?!ter|d\b|s\b|ser|gef|iv|ion)[a-z]{3,}|[a-z]{3,40}los\b",
    "pt": rf"\bin{_ROOTS}|\bimpos|\bdes(?:conect|acord|ativ|ocup)",
    "it": rf"\bin{_ROOTS}|\bimpos|\b(?:scollega|disattiv|sconnes|scontent)",
    "nl": r"\bon(?!der|s\b|ze\b|geveer|tv|tb|tm|lin)[a-z]{3,}|lo(?:os|ze)\b",
    "pl": r"\bnie[a-z]{3,}",
    "ru": r"\bне\w{3,}|\bбез\w{3,}",
}
"""Words that deny by their beginning or end. They explain a negation, and ask for none."""
_ASIDE = re.compile(
    r"\bde nada\b|\bde rien\b|\bdi niente\b|\bper niente\b|\bno\.? \d|\bwhy (?:not|don't)\b|\bnot only\b|\bno solo\b|"
    r"\bnicht nur\b|\bnon seulement\b|\bnao so\b|\bnon solo\b|[,¿]\s*(?:no|nicht wahr|non|nao e|n'est-ce pas)\s*\?"
)
"""Phrases whose negation denies nothing."""
_WORD = re.compile(r"[^\W\d_]+")
KNOWN = frozenset(_SURE) | frozenset(_SURE_PARTS)
"""Languages of which negations are known."""


def differ(said: str, source: str, text: str, target: str) -> bool:
    """Return True if one side surely denies something, and nothing on the other may be its like."""
    if not {source, target} <= KNOWN:
        return False
    return {_denies(said, source), _denies(text, target)} == {True, False}


def _denies(text: str, language: str) -> bool | None:
    """Return True if the text surely denies something, False if nothing in it can, None if something may."""
    plain = _plain(text, language)
    kept = _ASIDE.sub(" ", plain)
    if language in _ASIDE_PARTS:
        kept = _ASIDE_PARTS[language].sub(" ", kept)
    if language in _SURE_PARTS:
        sure, soft = _SURE_PARTS[language].search(kept), _SOFT_PARTS[language].search(kept)
        return True if sure else None if soft or kept != plain else False
    found = set(_WORD.findall(kept))
    if found & _SURE[language] or (language == "en" and re.search(r"n't\b", kept)):
        return True
    if kept != plain or found & _SOFT[language] or re.search(_PREFIXED.get(language, r"(?!)"), kept):
        return None
    return False
