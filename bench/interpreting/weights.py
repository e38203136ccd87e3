"""Models of true size with random weights, in CTranslate2's format: for the time that they take, not for words.

The sizes are those of Whisper base and small (Radford et al. 2022, table 1) and of OPUS-MT (Marian's
"transformer-base" with Helsinki-NLP's vocabulary). Quantised to int8 as a server would.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2.specs
import numpy as np
from ctranslate2.specs.common_spec import Activation

MELS, AUDIO_POSITIONS, TEXT_POSITIONS = 80, 1500, 448
WHISPER_TOKENS = 51_865
END, START, TRANSCRIBE, NO_TIMESTAMPS = 50_257, 50_258, 50_359, 50_363
LANGUAGE = {"en": 50_259, "es": 50_262}
OPUS_TOKENS, OPUS_WIDTH, OPUS_LAYERS, OPUS_HEADS, OPUS_INNER = 65_001, 512, 6, 8, 2048


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    layers: int
    heads: int


WHISPER = {"base": Size(512, 6, 8), "small": Size(768, 12, 12)}


class _Random:
    """Fills the parts of a specification."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)

    def array(self, *shape: int) -> Any:
        return (self._chance.standard_normal(shape, np.float32) * np.float32(0.02)).astype(np.float32)

    def linear(self, part: Any, outputs: int, inputs: int) -> None:
        part.weight, part.bias = self.array(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(self, part: Any, width: int) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def layer(self, part: Any, width: int, inner: int, *, cross: bool) -> None:
        self.norm(part.self_attention.layer_norm, width)
        self.linear(part.self_attention.linear[0], 3 * width, width)
        self.linear(part.self_attention.linear[1], width, width)
        if cross:
            self.norm(part.attention.layer_norm, width)
            self.linear(part.attention.linear[0], width, width)
            self.linear(part.attention.linear[1], 2 * width, width)
            self.linear(part.attention.linear[2], width, width)
        self.norm(part.ffn.layer_norm, width)
        self.linear(part.ffn.linear_0, inner, width)
        self.linear(part.ffn.linear_1, width, inner)


def whisper(size: str, folder: Path) -> Path:
    """A Whisper of that size; made if it isn't there."""
    if (folder / "model.bin").is_file():
        return folder
    shape, fill = WHISPER[size], _Random(1)
    width = shape.width
    spec = ctranslate2.specs.WhisperSpec(shape.layers, shape.heads, shape.layers, shape.heads)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = fill.array(width, MELS, 3), np.zeros(width, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = fill.array(width, width, 3), np.zeros(width, np.float32)
    encoder.position_encodings.encodings = fill.array(AUDIO_POSITIONS, width)
    for part in encoder.layer:
        fill.layer(part, width, 4 * width, cross=False)
    fill.norm(encoder.layer_norm, width)
    decoder.embeddings.weight = fill.array(WHISPER_TOKENS, width)
    decoder.position_encodings.encodings = fill.array(TEXT_POSITIONS, width)
    for part in decoder.layer:
        fill.layer(part, width, 4 * width, cross=True)
    fill.norm(decoder.layer_norm, width)
    decoder.projection.weight = decoder.embeddings.weight
    names = {END: "<|endoftext|>", START: "<|startoftranscript|>", NO_TIMESTAMPS: "<|notimestamps|>"}
    names |= {number: f"<|{code}|>" for code, number in LANGUAGE.items()} | {TRANSCRIBE: "<|transcribe|>"}
    spec.register_vocabulary([names.get(number, f"t{number}") for number in range(WHISPER_TOKENS)])
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [END]
    spec.config.lang_ids = sorted(LANGUAGE.values())
    spec.config.alignment_heads = [[layer, 0] for layer in range(shape.layers // 2, shape.layers)]
    return _save(spec, folder)


def opus(folder: Path) -> Path:
    """An OPUS-MT model; made if it isn't there."""
    if (folder / "model.bin").is_file():
        return folder
    fill = _Random(2)
    spec = ctranslate2.specs.TransformerSpec.from_config(
        (OPUS_LAYERS, OPUS_LAYERS), OPUS_HEADS, pre_norm=False, activation=Activation.SWISH
    )
    words, places = fill.array(OPUS_TOKENS, OPUS_WIDTH), fill.array(512, OPUS_WIDTH)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = words
    spec.encoder.position_encodings.encodings = spec.decoder.position_encodings.encodings = places
    for part in spec.encoder.layer:
        fill.layer(part, OPUS_WIDTH, OPUS_INNER, cross=False)
    for part in spec.decoder.layer:
        fill.layer(part, OPUS_WIDTH, OPUS_INNER, cross=True)
    vocabulary = ["<s>", "</s>", "<unk>", *(f"t{number}" for number in range(3, OPUS_TOKENS))]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = vocabulary[:3]
    spec.config.decoder_start_token, spec.config.add_source_eos = "<s>", True
    return _save(spec, folder)


def _save(spec: Any, folder: Path) -> Path:
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    return folder
