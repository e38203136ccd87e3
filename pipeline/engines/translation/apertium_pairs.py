"""Decides which pairs Apertium's installed modes translate, by which way-station, and which Debian packages add one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]

_ISO_639_1 = {
    "afr": "af", "ara": "ar", "arg": "an", "bel": "be", "bre": "br", "bul": "bg", "cat": "ca", "cym": "cy",
    "dan": "da", "deu": "de", "eng": "en", "epo": "eo", "eus": "eu", "fra": "fr", "gla": "gd", "gle": "ga",
    "glg": "gl", "hin": "hi", "ind": "id", "isl": "is", "ita": "it", "kaz": "kk", "mkd": "mk", "mlt": "mt",
    "nld": "nl", "nno": "nn", "nob": "nb", "oci": "oc", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru",
    "slv": "sl", "spa": "es", "srd": "sc", "swe": "sv", "tat": "tt", "tur": "tr", "ukr": "uk", "urd": "ur",
    "zlm": "ms", "zsm": "ms",
}  # fmt: skip
"""Primary subtags of Apertium's names of languages. Older pairs are named by the subtag itself."""
_KNOWN = frozenset(_ISO_639_1.values())
_MODE = re.compile(r"([a-z]{2,3})([@_]\w+)?-([a-z]{2,3})([@_]\w+)?")

STATIONS = ("es", "en")
"""Languages by way of which a pair is translated that no mode knows, the best first; after them any other."""

PACKAGES: Mapping[Pair, str] = {
    ("en", "es"): "apertium-eng-spa",
    ("es", "fr"): "apertium-fr-es",
    ("es", "it"): "apertium-spa-ita",
    ("es", "pt"): "apertium-es-pt",
}
"""Debian packages for the promised languages. Each translates both ways; its pair is sorted."""


def modes(names: Iterable[str]) -> dict[Pair, str]:
    """Return the mode of each pair, by the names of all modes. A plain mode goes before a variant (`es-pt_BR`)."""
    found: dict[Pair, str] = {}
    for name in sorted(names, key=lambda name: (len(name), name)):
        match = _MODE.fullmatch(name)
        if match is None:
            continue  # a tagger, an analyser
        pair = _language(match[1]), _language(match[3])
        if pair[0] and pair[1] and pair[0] != pair[1]:
            found.setdefault(pair, name)
    return found


def ways(direct: Collection[Pair]) -> dict[Pair, str]:
    """Return the way-station of each pair that is not `direct` and can be translated in two steps."""
    languages = {language for pair in direct for language in pair}
    stations = [*(one for one in STATIONS if one in languages), *sorted(languages - set(STATIONS))]
    found: dict[Pair, str] = {}
    for station in stations:
        into = {source for source, target in direct if target == station}
        out_of = {target for source, target in direct if source == station}
        for source in into:
            for target in out_of - {source}:
                if (source, target) not in direct:
                    found.setdefault((source, target), station)
    return found


def packages(source: str, target: str) -> tuple[str, ...]:
    """Return the Debian packages that translate a pair (primary subtags), by a way-station if need be; else none."""
    known = {pair: name for (one, other), name in PACKAGES.items() for pair in ((one, other), (other, one))}
    if (source, target) in known:
        return (known[source, target],)
    station = ways(known).get((source, target))
    return () if station is None else (known[source, station], known[station, target])


def _language(code: str) -> str:
    """Return the primary subtag that Apertium's name of a language means, or nothing."""
    return _ISO_639_1.get(code, code if code in _KNOWN else "")
