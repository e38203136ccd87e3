"""Configurations that come with models of others."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models import ModelError, lock
from pipeline.engines.translation.model_description import FILE, describe
from pipeline.engines.voices.coqui import architecture
from pipeline.engines.whisper.model import _config
from pipeline.errors import EngineError
from tests.operations.fuzz.target import Run, Target
from tests.operations.fuzz.words import NUMBERS

READERS: tuple[tuple[str, Callable[[Path], object]], ...] = (
    ("config.json", describe),
    ("shared_vocabulary.json", describe),
    (FILE, describe),
    ("tokenizer_config.json", describe),
    ("config.json", _config),
    ("config.json", architecture),
    (lock.FILE, lock.read),
)
"""Name of a file in a model's folder, and what reads it."""
WHOLE = {
    "model.bin": b"",
    "config.json": b'{"bos_token": "<s>", "model": "vits"}',
    "shared_vocabulary.json": b'["<unk>", "a", ">>spa<<", "eng_Latn", "spa_Latn"]',
    "source.spm": b"",
    "target.spm": b"",
    "tokenizer_config.json": b'{"source_lang": "en", "target_lang": "es"}',
}
"""A folder in which all is right."""


@contextmanager
def opened() -> Iterator[Run]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in WHOLE.items():
            (folder / file).write_bytes(content)

        def run(data: bytes) -> None:
            """Read a folder with one file that is another: the first byte says which."""
            file, read = READERS[data[0] % len(READERS) if data else 0]
            path = folder / file
            path.write_bytes(data[1:])
            try:
                read(folder)
            finally:
                if file in WHOLE:
                    path.write_bytes(WHOLE[file])
                else:
                    path.unlink()

        yield run


LOCK = b"""{"format": 1, "models": {"m": {"repository": "o/n", "revision": "main", "commit": "", "licence": "MIT",
"fetched": {"a.bin": {"size": 1, "sha256": "00"}}, "files": {}}}}"""
DESCRIPTION = b'{"family": "opus-mt", "pairs": [["fr", "en"]], "codes": {"fr": "fra"}, "one_sentence": true}'

TARGET = Target(
    "models",
    opened,
    (EngineError, ModelError),
    [
        b"\x00" + WHOLE["config.json"],
        b"\x01" + WHOLE["shared_vocabulary.json"],
        b"\x02" + DESCRIPTION,
        b'\x02{"pairs": [["fr", "en"]], "prefix": ["{source}"], "target_prefix": [], "source_pieces": "source.spm"}',
        b"\x03" + WHOLE["tokenizer_config.json"],
        b'\x04{"alignment_heads": [[1, 2]]}',
        b'\x05{"model": "xtts"}',
        b"\x06" + LOCK,
    ],
    [
        *(
            b'"family"',
            b'"pairs"',
            b'"codes"',
            b'"prefix"',
            b'"special"',
            b'"source_pieces"',
            b'"fr"',
            b'"nllb"',
            b"[]",
        ),
        *(b"null", b"NaN", b"[" * 1500, b'{"a":' * 700, *NUMBERS, b"\xff", b'"../x"', b"{}", b"{source}"),
    ],
    quick=500,
)
