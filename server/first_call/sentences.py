"""Says in plain sentences which engines a machine gets, what they can do, and what would be better. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from models.catalogue import Catalogue
from pipeline.engines.registry import Kind
from pipeline.engines.translation.apertium_pairs import Pair
from pipeline.text.language import ENGLISH_NAMES
from server.engine_choice.from_settings import KINDS
from server.first_call.debian import command
from server.first_call.facts import Facts
from server.first_call.ladder import Choice, Part, lacking_packages


def described(choice: Choice, facts: Facts, known: Catalogue, kinds: Collection[Kind] = KINDS) -> Iterator[str]:
    """Yield a sentence for each thing that people should know of the server that starts now.

    Engines of other kinds than `kinds` are set by hand, and nothing is said of them.
    """
    if "stt" in kinds:
        for recogniser in choice.recognisers:
            yield from _recogniser(recogniser, known)
        if choice.unheard:
            yield f"{_names(choice.unheard)}: not recognised here. Who speaks it types, and hears the other person."
    if "mt" in kinds:
        yield from _translator(choice.translator)
        yield from _untranslated(choice.untranslated, facts)
    if "tts" in kinds:
        yield from _voice(choice.voice, known)


def better(choice: Choice, facts: Facts) -> Iterator[str]:
    """Yield what would make it better."""
    if not facts.hub and not choice.translator.models:
        yield (
            "Better models are on huggingface.co: on a machine that reaches it, dragoman models pull standard; "
            "then bring that folder here, by --from (docs/models.md)."
        )
    if facts.hub and not facts.converts and not choice.translator.models:
        yield "Better translations: pip install 'dragoman[convert]', then start again; OPUS-MT is fetched then."
    if facts.hub and not facts.piper:
        yield "More natural voices: scripts/setup-piper, then start again; Piper's voices are fetched then."


def _recogniser(recogniser: Part, known: Catalogue) -> Iterator[str]:
    names = _names(recogniser.languages)
    if not recogniser.languages:
        return
    if not recogniser.models:
        yield f"{names}: recognised by the bundled phrasebook. It knows its own sentences; all else has to be typed."
        return
    model = known.models[recogniser.models[0]]
    note = f"; {model.note}" if model.note else ""
    yield f"{names}: recognised by {model.name} ({model.licence}), whatever is said{note}."


def _translator(part: Part) -> Iterator[str]:
    pairs = ", ".join(f"{one} → {other}" for one, other in part.pairs)
    if not pairs:
        return
    if part.engine == "apertium":
        yield f"{pairs}: translated by Apertium's rules, any text, but roughly: the gist is right, words may be wrong."
    elif part.models:
        yield f"{pairs}: translated by {', '.join(part.models)}."
    else:
        yield f"{pairs}: translated by the bundled phrasebook. Its own sentences come out right; others do not."


def _untranslated(pairs: Collection[Pair], facts: Facts) -> Iterator[str]:
    """Name the command for each pair that only packages would bring, once."""
    if not pairs:
        return
    yield f"Not translated here: {', '.join(f'{one} → {other}' for one, other in pairs)}."
    needed = lacking_packages(pairs, facts)
    if needed:
        yield f"Apertium translates them roughly. As root: {command(needed)}"


def _voice(part: Part, known: Catalogue) -> Iterator[str]:
    if not part.models:
        yield "Voices: espeak-ng, clear and robotic."
        return
    yield f"Voices: {', '.join(part.models)}."
    asked = [known.models[name] for name in part.models if known.models[name].commercial == "ask"]
    for model in asked:
        yield f"{model.name}: licence {model.licence}; read {model.repository}'s card before commercial use."


def _names(languages: Sequence[str]) -> str:
    return " and ".join(ENGLISH_NAMES.get(tag, tag) for tag in languages)
