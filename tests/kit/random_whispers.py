"""Small Whispers with random weights: the true architecture and the true layout of the vocabulary, not the true size.

Token ids are those of OpenAI's models: 51 865 tokens and 80 mel bins (v1, v2), 51 866 and 128 (v3, turbo and the models
distilled from it), 51 864 without languages (`.en`). They say nothing sensible, and always the same of the same audio.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ctranslate2.specs
import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH, HEADS, AUDIO_POSITIONS, TEXT_POSITIONS = 64, 2, 1500, 448
LONGEST = 40
"""Places of the decoder, the prompt's among them."""
MULTILINGUAL_WORDS = 50_257
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())


@dataclass(frozen=True, slots=True)
class Layout:
    mels: int
    encoder: int
    decoder: int
    languages: tuple[str, ...]
    """None of them is a token of an English-only model."""

    @property
    def words(self) -> int:
        """Tokens before the first special one."""
        return MULTILINGUAL_WORDS if self.languages else MULTILINGUAL_WORDS - 1


# In the order of the tokens; v3 added the last one.
_LANGUAGES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi
ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd
gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue
"""
V3 = tuple(_LANGUAGES.split())
V2 = V3[:-1]
LAYOUTS = {
    "multilingual": Layout(80, 2, 2, V2),
    "large-v3": Layout(128, 2, 2, V3),
    "turbo": Layout(128, 4, 1, V3),
    "english": Layout(80, 2, 2, ()),
    "distil-english": Layout(80, 4, 1, ()),
}


def specials(layout: Layout) -> list[str]:
    """From the end of text on."""
    names = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in layout.languages or V2)]
    names += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    return [*names, *(f"<|{step * 0.02:.2f}|>" for step in range(1501))]


@cache
def _words(count: int) -> dict[str, int]:
    """A vocabulary like GPT-2's in form: the bytes, then whole words with the space before them."""
    pieces = [*BYTES, *(f"Ġw{number}" for number in range(count - len(BYTES)))]
    if count == MULTILINGUAL_WORDS:
        pieces[-1] = ""  # by this token CTranslate2 knows a multilingual model
    return {piece: number for number, piece in enumerate(pieces)}


def _tokenizer(layout: Layout) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab=_words(layout.words), merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in specials(layout)])
    return tokenizer


class _Random:
    def __init__(self) -> None:
        self._chance = np.random.default_rng(5)

    def array(self, *shape: int) -> Any:
        return (self._chance.standard_normal(shape, np.float32) / np.float32(shape[-1] ** 0.5)).astype(np.float32)

    def linear(self, part: Any, outputs: int, inputs: int) -> None:
        part.weight, part.bias = self.array(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(self, part: Any) -> None:
        part.gamma, part.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def layer(self, part: Any, *, cross: bool) -> None:
        self.norm(part.self_attention.layer_norm)
        self.linear(part.self_attention.linear[0], 3 * WIDTH, WIDTH)
        self.linear(part.self_attention.linear[1], WIDTH, WIDTH)
        if cross:
            self.norm(part.attention.layer_norm)
            self.linear(part.attention.linear[0], WIDTH, WIDTH)
            self.linear(part.attention.linear[1], 2 * WIDTH, WIDTH)
            self.linear(part.attention.linear[2], WIDTH, WIDTH)
            part.attention.linear[2].weight *= 8  # what is heard decides, more than what was said last
        self.norm(part.ffn.layer_norm)
        self.linear(part.ffn.linear_0, 4 * WIDTH, WIDTH)
        self.linear(part.ffn.linear_1, WIDTH, 4 * WIDTH)


def make(name: str, folder: Path) -> Path:
    """A model folder of that layout, quantised to int8 as a server would."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in _files(name).items():
        (folder / file).write_bytes(content)
    return folder


@cache
def _files(name: str) -> dict[str, bytes]:
    """Return the files of a model, which is made once in this process."""
    with tempfile.TemporaryDirectory() as folder:
        _write(name, Path(folder))
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _write(name: str, folder: Path) -> None:
    layout, fill = LAYOUTS[name], _Random()
    spec = ctranslate2.specs.WhisperSpec(layout.encoder, HEADS, layout.decoder, HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = fill.array(WIDTH, layout.mels, 3) * 0.5, np.zeros(WIDTH, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = fill.array(WIDTH, WIDTH, 3) * 0.5, np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = fill.array(AUDIO_POSITIONS, WIDTH)
    for part in encoder.layer:
        fill.layer(part, cross=False)
    fill.norm(encoder.layer_norm)
    names = specials(layout)
    tokens = fill.array(layout.words + len(names), WIDTH)
    tokens[: layout.words] *= 2  # it says words, hardly ever a time
    places = fill.array(TEXT_POSITIONS, WIDTH)
    tokens[layout.words] *= 3
    places[LONGEST:] += 20 * tokens[layout.words]  # and it comes to an end
    decoder.embeddings.weight, decoder.position_encodings.encodings = tokens, places
    for part in decoder.layer:
        fill.layer(part, cross=True)
    fill.norm(decoder.layer_norm)
    decoder.projection.weight = decoder.embeddings.weight
    spec.register_vocabulary([*_words(layout.words), *names])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [layout.words]
    spec.config.lang_ids = [layout.words + 2 + place for place in range(len(layout.languages))]
    spec.config.alignment_heads = [[layout.decoder - 1, head] for head in range(HEADS)]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    _tokenizer(layout).save(str(folder / "tokenizer.json"))
    config = {"feature_size": layout.mels, "sampling_rate": 16000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(config))
