"""Translation models of true architecture, small enough to be made by a test, in the folders that converters leave.

`random_model`: weights by chance, so that each token that goes in changes what comes out. `witness`: weights by hand,
so that what comes out names the tokens that went in.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ctranslate2.specs
import numpy as np
import sentencepiece
from ctranslate2.specs.common_spec import Activation

MARKS = ("<s>", "<pad>", "</s>", "<unk>")
SAID = [
    "the train station is near the old bridge",
    "where can I buy a ticket for tomorrow",
    "dónde está la estación de tren más cercana",
    "quisiera un billete para mañana por la mañana",
    "wo ist der Bahnhof und wann fährt der Zug",
    "où se trouve la gare s'il vous plaît",
    "one two three four five six seven eight nine ten",
]
PIECES = {
    "opus-mt": ("source.spm", "target.spm"),
    "m2m100": ("sentencepiece.bpe.model",),
    "nllb": ("sentencepiece.bpe.model",),
}


@cache
def sentence_pieces(*symbols: str) -> bytes:
    """A SentencePiece model that knows the letters of a few sentences, and these symbols as pieces of their own."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SAID), model_writer=model, vocab_size=90, hard_vocab_limit=False, minloglevel=2,
        user_defined_symbols=list(symbols),
    )  # fmt: skip
    return model.getvalue()


def pieces() -> list[str]:
    model = sentencepiece.SentencePieceProcessor(model_proto=sentence_pieces())
    return [model.id_to_piece(n) for n in range(3, model.get_piece_size())]


def random_model(folder: Path, family: str, tokens: Sequence[str], *, seed: int = 1, quantize: bool = False) -> Path:
    """`tokens` are those of the model's languages."""
    vocabulary = [*MARKS, *pieces(), *tokens]
    vocabulary += [f"▁more{n}" for n in range(-len(vocabulary) % 8)]  # int8 wants it in eights
    chance = np.random.default_rng(seed)
    width, inner = 32, 64

    def array(*shape: int) -> Any:
        return (chance.standard_normal(shape) * 0.5).astype(np.float32)

    spec = _spec(family, layers=2, heads=4)
    for side in (spec.encoder, spec.decoder):
        _layers(side, width, inner, array)
        side.position_encodings.encodings = array(600, width)
    words = array(len(vocabulary), width)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = words
    return _save(spec, folder, family, vocabulary, "int8" if quantize else None)


def witness(folder: Path, family: str, sources: Iterable[str], targets: Iterable[str], says: str = "") -> Path:
    """Its translation of anything tells which of these tokens stood in the source, and with which the target began
    ("from __en__ to __es__"); with `says` it says that, whatever it is given. OPUS-MT's `targets` are looked for in
    the source, where they belong."""
    reports = [_report(one, other) for one in sources for other in targets] or [says]
    choices = list(dict.fromkeys([*sources, *targets]))
    vocabulary = [*MARKS, *pieces(), *choices, *reports]
    place = {token: n for n, token in enumerate(vocabulary)}
    size = len(vocabulary)
    width = 2 * size  # the first half: what the decoder had last; the second: what stands in the source

    def zeros(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    spec = _spec(family, layers=1, heads=1)
    for side in (spec.encoder, spec.decoder):
        _layers(side, width, 8, zeros)
        side.position_encodings.encodings = zeros(600, width)
        side.scale_embeddings = False
    across = spec.decoder.layer[0].attention.linear
    across[1].weight[width:] = np.eye(width)  # values as they are, each token of the source alike
    across[2].weight[size:, :size] = 0.02 * np.eye(size)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = np.eye(size, width, dtype=np.float32)
    projection = zeros(size, width)
    for one in sources:
        for other in targets:
            report = place[_report(one, other)]
            projection[report, size + place[one]] += 10
            projection[report, place[other] + (size if family == "opus-mt" else 0)] += 10
    for report in reports:
        projection[place["</s>"], place[report]] += 1000
    if says:
        spec.decoder.projection.bias = zeros(size)
        spec.decoder.projection.bias[place[reports[0]]] = 1
    spec.decoder.projection.weight = projection
    return _save(spec, folder, family, vocabulary, None)


def _report(source: str, target: str) -> str:
    return f"from {source} to {target}"


def _spec(family: str, layers: int, heads: int) -> Any:
    marian = family == "opus-mt"
    spec = ctranslate2.specs.TransformerSpec.from_config(
        (layers, layers), heads, pre_norm=not marian, activation=Activation.SWISH if marian else Activation.RELU
    )
    spec.decoder.start_from_zero_embedding = marian
    spec.config.unk_token, spec.config.eos_token = "<unk>", "</s>"
    spec.config.decoder_start_token = "</s>"
    return spec


def _layers(side: Any, width: int, inner: int, array: Any) -> None:
    def norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def linear(part: Any, outputs: int, inputs: int) -> None:
        part.weight, part.bias = array(outputs, inputs), np.zeros(outputs, np.float32)

    if hasattr(side, "layer_norm"):
        norm(side.layer_norm)
    for layer in side.layer:
        norm(layer.self_attention.layer_norm)
        linear(layer.self_attention.linear[0], 3 * width, width)
        linear(layer.self_attention.linear[1], width, width)
        if hasattr(layer, "attention"):
            norm(layer.attention.layer_norm)
            linear(layer.attention.linear[0], width, width)
            linear(layer.attention.linear[1], 2 * width, width)
            linear(layer.attention.linear[2], width, width)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, inner, width)
        linear(layer.ffn.linear_1, width, inner)


def _save(spec: Any, folder: Path, family: str, vocabulary: list[str], quantization: str | None) -> Path:
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    for name in PIECES[family]:
        (folder / name).write_bytes(sentence_pieces())
    return folder


def say_pair(folder: Path, source: str, target: str) -> Path:
    """Name the pieces as the hub's OPUS-MT folders do."""
    told = {"source_lang": source, "target_lang": target, "tokenizer_class": "MarianTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    return folder
