"""A repository as the catalogue's smallest recogniser has it, with other bytes."""

import random

from models.catalogue import catalogue

TINY = catalogue().models["whisper-tiny"].repository
TINY_COMMIT = catalogue().models["whisper-tiny"].revision
TINY_FILES = {
    "config.json": b"{}\n",
    "model.bin": random.Random(3).randbytes(300_000),
    "tokenizer.json": b'{"version": "1.0"}\n',
    "vocabulary.txt": b"a\nb\n",
}
