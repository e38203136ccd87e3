"""Profiles of runs: engines, turns of each kind, and calls at the same time. Pure.

Calls run side by side only where the machine has room for them: with the bundled and the scripted models, whose
jobs take milliseconds (two and four at once gave the same medians, within 4 ms), and in pairs that take turns with the
processor when a model of true size computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from testing import speech_material
from testing.spoken_turns import Turn

KINDS = ("single", "long", "cut")


@dataclass(frozen=True, slots=True)
class Load:
    """A number of turns over a number of calls at once. `patience`: seconds after a turn's end until it is given up."""

    turns: int
    calls: int
    patience: float = 6.0
    dtx: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A server's engines and its loads.

    With `script` its texts come from the script of the turns, so the server needs that folder.
    """

    name: str
    settings: Mapping[str, str]
    loads: Mapping[str, Load]
    script: bool = False
    size: str = ""
    short: bool = False
    """True if the recogniser of that size is spared the padding: for weights that are judged to bear it."""
    languages: tuple[str, ...] = ("en", "es")
    own_words: bool = False
    """True if the translation can't be known before; then the subtitles' text must be heard."""

    def material(self, kind: str) -> list[Turn]:
        """Return the turns of a kind."""
        make = {
            "single": speech_material.singles,
            "long": speech_material.long_turns,
            "cut": speech_material.hesitations,
        }[kind]
        return make(self.loads[kind].turns, self.languages)


STARTER = Profile(
    "starter",
    {"DRAGOMAN_MODELS": "starter"},
    {"single": Load(80, 4), "long": Load(20, 4, 12.0), "cut": Load(200, 8, 3.5, dtx=True)},
)
SCRIPTED = Profile("scripted", {}, {"single": Load(32, 4), "long": Load(6, 2, 12.0)}, script=True)
TRUE_SIZE = Profile(
    "true-size base short", {}, {"single": Load(14, 2), "long": Load(4, 2, 15.0)}, script=True, size="base", short=True
)
TRUE_SIZE_SMALL = replace(TRUE_SIZE, name="true-size small short", size="small", loads={"single": Load(8, 2)})
PADDED = tuple(
    replace(one, name=one.name.replace("short", "padded"), short=False, loads={"single": Load(8, 2, 12.0)})
    for one in (TRUE_SIZE, TRUE_SIZE_SMALL)
)
ALL = {profile.name: profile for profile in (SCRIPTED, STARTER, TRUE_SIZE, TRUE_SIZE_SMALL, *PADDED)}


def real(path: str) -> Profile:
    """Return the profile of a folder with real models, `stt/` (a Whisper) and `mt/`, in CTranslate2's format."""
    settings = {
        "DRAGOMAN_MODELS": "starter", "DRAGOMAN_STT": f"whisper:{path}/stt", "DRAGOMAN_MT": f"ctranslate:{path}/mt",
    }  # fmt: skip
    return replace(TRUE_SIZE, name="models", settings=settings, script=False, size="", own_words=True)


def quick(profile: Profile) -> Profile:
    """Return the same profile with a few turns of each kind."""
    least = 2 * len(profile.languages)
    loads = {
        kind: replace(load, turns=max(len(profile.languages), min(load.turns // 5, 3 * least)))
        for kind, load in profile.loads.items()
    }
    return replace(profile, loads=loads)
