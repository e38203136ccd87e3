"""Decides whether a negation of what was said is lost in its translation, or a new one stands there. Pure."""

from __future__ import annotations

import re

from pipeline.text.translation_checks.tokens import bare

_SURE_TABLE = """
en not cannot never nobody nothing none no neither nor nowhere
es no nunca jamas nadie ningun ninguno ninguna ningunos ningunas tampoco ni
fr ne n pas jamais aucun aucune non ni
de nicht nichts nie niemals niemand niemanden niemandem kein keine keinen keinem keiner keines nein weder nirgends
pt nao nunca jamais ninguem nenhum nenhuma nem tampouco
it non no nessun nessuno nessuna nemmeno neanche neppure
"""
_SOFT_TABLE = """
en without hardly barely scarcely only until unless except refuse refused refuses fail failed fails lack lacks lost miss
en missing offline otherwise anything anybody anyone stop avoid instead empty forbidden seldom rarely doubt wrong closed
es sin nada solo falta faltan apenas hasta salvo excepto fuera dejar evitar negar vacio siquiera
fr sans rien personne seulement hors manque sauf eviter faux vide guere nul perdu
de ohne nur fehlt fehlen ausser sonst kaum falsch leer statt verboten offline erst
pt sem nada so apenas falta faltam exceto fora evitar vazio
it senza niente nulla mai solo manca mancano tranne fuori evitare vuoto ne
"""


def _rows(table: str) -> dict[str, frozenset[str]]:
    """Return the words of each language."""
    lines = [line.split() for line in table.strip().split("\n")]
    return {tag: frozenset(word for line in lines if line[0] == tag for word in line[1:]) for tag, *_ in lines}


_SURE, _SOFT = _rows(_SURE_TABLE), _rows(_SOFT_TABLE)
_ROOTS = r"(?:util|valid|correct|corrett|visib|complet|sufficien|suficien|capa[bcz]|activ|ativ|sensib|segur|sicur)\w*"
_PREFIXED = {
    "en": rf"\bun(?!til|der|it|i[oqv])[a-z]{{3,}}|\bin{_ROOTS}|\bim(?:possib|perfect|patient)|less\b|"
    r"\bdis(?:abl|connect|agree|lik)",
    "es": rf"\bin{_ROOTS}|\bimpos|\bdes(?:conect|acuerdo|habilit|ocup)",
    "fr": rf"\bin{_ROOTS}|\bimpos|\bde(?:connect|sactiv)",
    "de": r"\bun(?!ter|d\b|s\b|ser|gef|iv|ion)[a-z]{3,}|[a-z]{3,40}los\b",
    "pt": rf"\bin{_ROOTS}|\bimpos|\bdes(?:conect|acord|ativ|ocup)",
    "it": rf"\bin{_ROOTS}|\bimpos|\b(?:scollega|disattiv|sconnes|scontent)",
}
"""Words that deny by their beginning or end. They explain a negation, and ask for none."""
_ASIDE = re.compile(
    r"\bde nada\b|\bde rien\b|\bdi niente\b|\bper niente\b|\bno\.? \d|\bwhy (?:not|don't)\b|\bnot only\b|\bno solo\b|"
    r"\bnicht nur\b|\bnon seulement\b|\bnao so\b|\bnon solo\b|[,¿]\s*(?:no|nicht wahr|non|nao e|n'est-ce pas)\s*\?"
)
"""Phrases whose negation denies nothing."""
_WORD = re.compile(r"[^\W\d_]+")


def differ(said: str, source: str, text: str, target: str) -> bool:
    """Return True if one side surely denies something, and nothing on the other may be its like."""
    if source not in _SURE or target not in _SURE:
        return False
    return {_denies(said, source), _denies(text, target)} == {True, False}


def _denies(text: str, language: str) -> bool | None:
    """Return True if the text surely denies something, False if nothing in it can, None if something may."""
    plain = bare(text.replace("’", "'"))
    kept = _ASIDE.sub(" ", plain)
    found = set(_WORD.findall(kept))
    if found & _SURE[language] or (language == "en" and re.search(r"n't\b", kept)):
        return True
    if kept != plain or found & _SOFT[language] or re.search(_PREFIXED[language], kept):
        return None
    return False
