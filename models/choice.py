"""Chooses the models of a set that the wanted languages need, and says which of them are here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from models.catalogue import Catalogue, Model, ModelSet

PIVOT = "en"
"""The language by way of which a pair is translated that no model knows directly."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`stt` are alternatives, best first. `unspoken` are languages that no voice of the set speaks: espeak-ng does.
    `impossible` are pairs that no model of the set translates."""

    stt: tuple[Model, ...]
    mt: tuple[Model, ...]
    tts: tuple[Model, ...]
    unspoken: tuple[str, ...] = ()
    impossible: tuple[tuple[str, str], ...] = ()

    def to_pull(self, installed: Callable[[Model], bool]) -> list[Model]:
        """Return the models to fetch: the best recogniser if none is installed yet, translators and voices."""
        here = [model for model in self.stt if installed(model)]
        return [*(here[:1] or self.stt[:1]), *self.mt, *self.tts]


def choose(chosen: ModelSet, languages: Collection[str], catalogue: Catalogue) -> Choice:
    """Choose for people who speak `languages` (primary subtags), each with each."""
    recognisers = [catalogue.models[name] for name in chosen.stt]
    able = tuple(model for model in recognisers if set(languages) <= set(model.languages))
    translators, impossible = _translators(catalogue.of_family("mt", chosen.mt), languages)
    voices = catalogue.of_family("tts", chosen.tts)
    speaking = {language: _first(model for model in voices if language in model.languages) for language in languages}
    return Choice(
        able or tuple(recognisers),
        translators,
        tuple(voice for voice in speaking.values() if voice is not None),
        tuple(language for language, voice in speaking.items() if voice is None),
        impossible,
    )


def _translators(
    models: Collection[Model], languages: Collection[str]
) -> tuple[tuple[Model, ...], tuple[tuple[str, str], ...]]:
    """Into the pivot and out of it, for each language; both ways directly where one model knows all of it anyway."""
    needed = [pair for tag in languages if tag != PIVOT for pair in ((tag, PIVOT), (PIVOT, tag))]
    found: dict[str, Model] = {}
    impossible = []
    for pair in needed:
        model = _first(model for model in models if pair in model.pairs)
        if model is None:
            impossible.append(pair)
        else:
            found[model.name] = model
    return tuple(found.values()), tuple(impossible)


def _first(models: Iterable[Model]) -> Model | None:
    return next(iter(models), None)
