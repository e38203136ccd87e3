"""Whisper models: tiny to large-v3, turbo and the distilled ones.

Sizes: Radford et al. 2022, table 1, and the configurations that OpenAI and Hugging Face publish with the weights
(`large-v3` and what is made of it hear 128 mels and know one language more; turbo and the distilled ones have few
decoder layers). The special tokens are those of `whisper/tokenizer.py`, in its order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import ctranslate2.specs
import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import decoders, models, pre_tokenizers

from bench.weights.filling import Filling, end_after, quiet, save, tied, whole

AUDIO_POSITIONS, TEXT_POSITIONS = 1500, 448
TIMESTAMPS = 1501  # 0.00 to 30.00 s
_BYTES = 256
_TINY_WORDS = 300
_AT_EACH_PLACE = 8.0  # so loud that a transcript is not the same word again and again


@dataclass(frozen=True, slots=True)
class Size:
    """`text` is the number of tokens before the special ones. The last of them is the empty one in a model that knows
    more languages than English: that is how the libraries tell."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    mels: int = 80
    text: int = 50_257
    languages: int = 99
    multilingual: bool = True

    def small(self) -> Size:
        """The same architecture, a few narrow layers of it; fewer of them in the decoder, where that is so."""
        decoder_layers = 1 if self.decoder_layers < self.encoder_layers else 2
        return Size(64, 2, 2, decoder_layers, self.mels, _BYTES + _TINY_WORDS, self.languages, self.multilingual)


WHISPER = {
    "tiny": Size(384, 6, 4, 4),
    "base": Size(512, 8, 6, 6),
    "small": Size(768, 12, 12, 12),
    "medium": Size(1024, 16, 24, 24),
    "large-v3": Size(1280, 20, 32, 32, 128, languages=100),
    "turbo": Size(1280, 20, 32, 4, 128, languages=100),
    "distil-small.en": Size(768, 12, 12, 4, text=50_256, multilingual=False),
    "distil-large-v3": Size(1280, 20, 32, 2, 128, languages=100),
}


def specials(size: Size) -> list[str]:
    """The special tokens, in the order of their numbers; those of time follow."""
    languages = [f"<|{code}|>" for code in _codes(size.languages)]
    tasks = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    return ["<|endoftext|>", "<|startoftranscript|>", *languages, *tasks]


def prompt(size: Size, language: str) -> list[int]:
    """The tokens before a transcript without time, as ids."""
    names = specials(size)
    task = [f"<|{language}|>", "<|transcribe|>"] if size.multilingual else []
    return [size.text + names.index(name) for name in ("<|startoftranscript|>", *task, "<|notimestamps|>")]


def whisper(size: str, folder: Path, *, tiny: bool = False, says: int = 15) -> Path:
    """A Whisper of that size; made if it isn't there. It says `says` tokens about whatever it hears."""
    if (folder / "model.bin").is_file():
        return folder
    shape = WHISPER[size].small() if tiny else WHISPER[size]
    width = shape.width
    fill = Filling(1, 0.5 / width**0.5 if tiny else 0.02)
    spec = ctranslate2.specs.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    encoder, decoder = spec.encoder, spec.decoder
    fill.convolution(encoder.conv1, width, shape.mels)
    fill.convolution(encoder.conv2, width, width)
    encoder.position_encodings.encodings = fill.floats(AUDIO_POSITIONS, width)
    for part in encoder.layer:
        fill.layer(part, width, 4 * width, cross=False)
    fill.norm(encoder.layer_norm, width)
    tokens = vocabulary(shape)
    fill.weight(decoder.embeddings, len(tokens), width)
    if tiny:  # else words would be rare between so many other tokens
        quiet(decoder.embeddings, [*range(_BYTES), *range(shape.text + 1, len(tokens))])
    decoder.position_encodings.encodings = fill.floats(TEXT_POSITIONS, width) * _AT_EACH_PLACE
    end_after(decoder, len(prompt(shape, "en")) - 1 + says, shape.text)
    for part in decoder.layer:
        fill.layer(part, width, 4 * width, cross=True)
    fill.norm(decoder.layer_norm, width)
    tied(decoder.projection, decoder.embeddings)
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [shape.text]
    spec.config.lang_ids = [shape.text + 2 + number for number in range(shape.languages)]
    first = shape.decoder_layers // 2
    heads = range(shape.heads)
    spec.config.alignment_heads = [[layer, head] for layer in range(first, shape.decoder_layers) for head in heads]
    told = {"feature_size": shape.mels, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
    with whole(folder) as part:
        _tokenizer(shape, tokens).save(str(part / "tokenizer.json"))
        (part / "preprocessor_config.json").write_text(json.dumps(told), encoding="utf-8")
        save(spec, part, {"decoder/projection": "decoder/embeddings"})
    return folder


def vocabulary(size: Size) -> list[str]:
    """All tokens by number: single bytes, words that are none, special ones, times."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [f"Ġw{number}" for number in range(size.text - len(letters))]  # Ġ is the space
    if size.multilingual:
        words[-1] = ""
    times = [f"<|{number * 0.02:.2f}|>" for number in range(TIMESTAMPS)]
    return [*letters, *words, *specials(size), *times]


def _tokenizer(size: Size, tokens: list[str]) -> tokenizers.Tokenizer:
    texts = {token: number for number, token in enumerate(tokens[: size.text])}
    made = tokenizers.Tokenizer(models.BPE(texts, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([tokenizers.AddedToken(token, special=True) for token in tokens[size.text :]])
    return made


def _codes(count: int) -> list[str]:
    """The languages of Whisper's tokenizer: sorted here, by number of hours there, which matters to nobody."""
    known = sorted(_LANGUAGE_CODES)  # those of large-v3: Cantonese came with it
    return known if count == len(known) else [code for code in known if code != "yue"][:count]
