"""A server with the bench's own engines: the script for them, and the entry points by which it finds them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import weights
from bench.talk import sound_script, tone_language
from bench.talk.profiles import Profile
from bench.talk.server_process import FOLDER
from testing.spoken_turns import Turn

ROOT = Path(__file__).resolve().parent.parent.parent
ENTRY_POINTS = """[dragoman.engines]
bench-script-stt = bench.talk.scripted_engines:SCRIPTED_RECOGNISER
bench-true-stt = bench.talk.scripted_engines:TRUE_SIZE_RECOGNISER
bench-tones-mt = bench.talk.scripted_engines:TONE_TRANSLATOR
bench-true-mt = bench.talk.scripted_engines:TRUE_TRANSLATOR
bench-tones-tts = bench.talk.scripted_engines:TONE_VOICE
"""


def settings(profile: Profile, turns: Sequence[Turn]) -> dict[str, str]:
    """Return the environment of a server for this profile. Makes the script and the models that it names."""
    folder = write(f"script-{profile.size or 'tones'}", turns)
    path = [str(_plugin()), str(ROOT), os.environ.get("PYTHONPATH", "")]
    found = {"PYTHONPATH": os.pathsep.join(filter(None, path)), "DRAGOMAN_MODELS": "starter"}
    of_script = {"script": str(folder)}
    if not profile.size:
        return {
            **found,
            "DRAGOMAN_STT": f"bench-script:{json.dumps(of_script)}",
            "DRAGOMAN_MT": "bench-tones",
            "DRAGOMAN_TTS": "bench-tones",
        }
    stt = weights.whisper(profile.size, (FOLDER / f"whisper-{profile.size}").resolve())
    mt = weights.opus((FOLDER / "opus-mt").resolve())
    return {
        **found,
        "DRAGOMAN_STT": f"bench-true-size:{json.dumps({**of_script, 'model': str(stt), 'short': profile.short})}",
        "DRAGOMAN_MT": f"bench-true-size:{json.dumps({**of_script, 'model': str(mt)})}",
    }


def write(name: str, turns: Sequence[Turn]) -> Path:
    """Write a folder with the sound, the words and the translations of these turns, and return it."""
    folder = (FOLDER / name).resolve()
    sound_script.write(folder, turns)
    told = [(said.clause.text, said.clause.translation) for turn in turns for said in turn.said]
    (folder / "translations.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return folder


def in_tones(turns: Sequence[Turn]) -> list[Turn]:
    """Return the same turns, with translations in tones."""
    return [
        replace(
            turn,
            said=tuple(
                replace(said, clause=replace(said.clause, translation=tone_language.translation(said.clause.text)))
                for said in turn.said
            ),
        )
        for turn in turns
    ]


def _plugin() -> Path:
    """Return a folder that holds nothing but the metadata of an installed package."""
    folder = (FOLDER / "plugin").resolve()
    about = folder / "dragoman_bench-0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: dragoman-bench\nVersion: 0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    return folder
