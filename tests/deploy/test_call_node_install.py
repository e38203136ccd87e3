"""A call node whose engines are workers needs none of their libraries: it runs without, and its file names the rest."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINES = {"ctranslate2", "faster-whisper", "sentencepiece"}
"""Dependencies of engines alone. Of faster-whisper a node has the package's files, and not what it asks for."""
EXTRAS = "postgres", "redis", "trace", "denoise"
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"ctranslate2", "sentencepiece", "tokenizers", "huggingface_hub"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import server.serve, server.worker, nodes.running, remote.lane, remote.mixed
from pipeline.hearing.voice_activity import Silero
from server.engine_choice.from_settings import engine_set
from server.settings import read

stages = engine_set(read({"DRAGOMAN_REDIS_URL": "redis://127.0.0.1:1", **{f"DRAGOMAN_{k}": "redis" for k in KINDS}}))
Silero()
assert "faster_whisper" not in sys.modules
print([lane.spec.name for lane in stages.engines])
"""


def test_a_node_runs_without_the_libraries_of_engines() -> None:
    program = f"KINDS = 'STT', 'MT', 'TTS'\n{WITHOUT}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "['redis', 'redis', 'redis']\n"), done.stderr


def requirements() -> list[str]:
    lines = (ROOT / "deploy/node-requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_its_file_has_all_other_libraries_in_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[^\w-]", one)[0]: one for one in project["dependencies"]}
    assert named.keys() >= ENGINES
    wanted = [one for name, one in named.items() if name not in ENGINES]
    wanted += [one for extra in EXTRAS for one in project["optional-dependencies"][extra]]
    ours = [one for one in requirements() if not one.startswith("onnxruntime")]
    assert ours == wanted


def test_the_voice_detectors_file_is_of_the_version_that_we_know() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (wanted,) = [one for one in project["dependencies"] if one.startswith("faster-whisper")]
    for path in ("Dockerfile", "deploy/node-requirements.txt", "scripts/check-install"):
        assert wanted in (ROOT / path).read_text()
